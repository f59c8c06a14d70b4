"""What is left over of one name and told elsewhere: a title within it, a name said twice, a clan's mark."""

from padan.names import tables
from padan.names.alignment import Alignment
from padan.names.reading import Name
from padan.names.words import Role, Word

_SHORTEST_TITLE = 4


def take_told_elsewhere(found: Alignment, a: Name, *, b: Name) -> None:
    """Leave out what is missing on one side only because it was read as something else than a word."""
    left_over, own, other = (found.left, a, b) if found.left else (found.right, b, a)
    beside = {item.key for item in (*other.titles, *other.noble, *other.prefix)}
    for item in tuple(left_over):
        if item.key in beside or item.role & Role.CLAN_MARK.value:
            left_over.remove(item)
        elif len(item.key) >= _SHORTEST_TITLE and item.key in tables.NOBLE:
            left_over.remove(item)
            found.note("noble_title", item.text)
    if left_over and all(_said_twice(item, own) for item in left_over):
        found.note("repeated", left_over[0].text)
        left_over.clear()


def _said_twice(item: Word, name: Name) -> bool:
    return sum([other.key == item.key for other in name.words]) > 1
