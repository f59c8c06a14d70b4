"""Taking off what people and forms put between the digits: a step of its own, and a visible one."""

import unicodedata
from typing import Final

_SEPARATORS: Final = frozenset(".,:;/\\'`|·")
# Spaces of all kinds, line breaks and tabs, invisible formatting, dashes, low lines.
_SEPARATOR_CATEGORIES: Final = frozenset(("Zs", "Zl", "Zp", "Cc", "Cf", "Pd", "Pc"))


def clean(text: str) -> str:
    """Return the text in NFKC without spaces, dots, dashes and other separators.

    Full-width and superscript digits become ASCII digits. Letters and digits of other scripts stay,
    so that ``parse`` still refuses them. ``parse`` never calls this: whoever does shows the result to
    the person who typed the number.
    """
    kept = "".join(
        character
        for character in unicodedata.normalize("NFKC", text)
        if character not in _SEPARATORS and unicodedata.category(character) not in _SEPARATOR_CATEGORIES
    )
    # A letter and an accent that a separator kept apart are now neighbours, and NFKC joins them.
    return unicodedata.normalize("NFKC", kept)
