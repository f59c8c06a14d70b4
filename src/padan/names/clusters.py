"""Which rows of letters a name can have: a word with another is hardly a name, but a slip of the keyboard."""

import re
from typing import Final

from padan.names.tables import read_toml

_Y_AS_I = re.compile(r"(?<=[^AEIOU])Y(?=$|[^AEIOU])")


def _one_of(place: str) -> str:
    rows = sorted(_ROWS[place].split(), key=len, reverse=True)
    return f"(?:{'|'.join(rows)})"


_ROWS: Final[dict[str, str]] = read_toml("clusters.toml")
_VOWELS = f"{_one_of('vowels')}(?![AEIOU])"
_POSSIBLE = re.compile(
    f"{_one_of('initial')}?{_VOWELS}(?:{_one_of('inside')}{_VOWELS})*{_one_of('final')}?|[^AEIOU]+"
).fullmatch


def is_possible(key: str) -> bool:
    """Whether a fold has only rows of letters that names have: SUTRISNO, and not SUTIRSNO.

    A word without a vowel is no word: a short form, of which this says nothing, is possible.
    """
    return _POSSIBLE(_Y_AS_I.sub("I", key) if "Y" in key else key) is not None
