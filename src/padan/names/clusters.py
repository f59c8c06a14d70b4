"""Which rows of letters a name can have: a word with another is hardly a name, but a slip of the keyboard."""

import re
from typing import Final

from padan.names.tables import read_toml

_ROWS: Final = {place: frozenset(rows.split()) for place, rows in read_toml("clusters.toml").items()}
_INITIAL, _INSIDE, _FINAL, _VOWELS = (_ROWS[place] for place in ("initial", "inside", "final", "vowels"))
_Y_AS_I = re.compile(r"(?<=[^AEIOU])Y(?=$|[^AEIOU])")
_A_ROW = re.compile(r"[AEIOU]+|[^AEIOU]+")


def is_possible(key: str) -> bool:
    """Whether a fold has only rows of letters that names have: SUTRISNO, and not SUTIRSNO.

    A word without a vowel is no word: a short form, of which this says nothing, is possible.
    """
    rows = _A_ROW.findall(_Y_AS_I.sub("I", key))
    last = len(rows) - 1
    if last < 1:
        return True
    for place, row in enumerate(rows):
        if row[0] in "AEIOU":
            allowed = _VOWELS
        elif place == 0:
            allowed = _INITIAL
        else:
            allowed = _FINAL if place == last else _INSIDE
        if row not in allowed:
            return False
    return True
