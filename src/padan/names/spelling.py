"""The letters of one word: which spellings are folded into one, and under which sounds two spellings meet.

All functions take a word of capital Latin letters. ``fold`` is what normalisation does silently; the others
are keys that a comparison may use at a cost. Each is a list of rewritings, done in their order.
"""

import re
from typing import Final

_OLD_LETTERS = re.compile(r"OE|TJ|DJ|SJ|^NJ")
_OLD_PAIRS = re.compile(r"OE|[DTS]J|CH|IE|^NJ")
_SILENT_H = re.compile(r"(?<=[^AEIOUH])H")
_DOUBLED = re.compile(r"(.)\1+")
_BARE_J = re.compile(r"(?<![DTSN])J")
_Y_AFTER_I = re.compile(r"IY(?=[AEOU])")
_SY_AS_SI = re.compile(r"SI(?=[AEOU])")
_W_AFTER_U = re.compile(r"UW(?=[AEIO])")
_SAME_SOUNDS: Final = (("DZ", "Z"), ("TS", "S"), ("DL", "D"), ("SY", "S"), ("KS", "X"))
_LIKE_LETTERS: Final = str.maketrans("FVZQC", "PPSKK")
_LIKE_VOWELS: Final = str.maketrans("EOYW", "IUIU")
_HARD_ENDS: Final = str.maketrans("BD", "PT")
_GLIDES: Final = str.maketrans("YW", "IU")
_ARTICLE = re.compile(r"^ABDU(?:L(?=[^AEIOU]))?")
_STOP_BEFORE_CONSONANT = re.compile(r"K(?=[BCDFGJKLMNPQRSTVWZ])")
_OPEN_O = re.compile(
    r"O(?=H)|(?<=^R)O|(?<=^S)O(?=[BDLM])|(?<=^[KGFTH])O(?=[LTHFDNSI])|(?<=UL)O$|(?<=[SRM])O(?=[BFHPKN])"
)
_LOOKALIKES: Final = str.maketrans("015826I", "OLSBZGL")
_PAIRS_THAT_LOOK_LIKE_ONE: Final = (("RN", "M"), ("CL", "D"), ("VV", "W"))


def fold(word: str) -> str:
    """Fold the spelling of before 1972, doubled letters and silent h: SOEKARNO, SUKARNO; ANNISA, ANISA."""
    if "O" in word or "J" in word or "CH" in word or "IE" in word:
        word = word.replace("OE", "U").replace("DJ", "J").replace("TJ", "C").replace("SJ", "SY")
        word = word.replace("CH", "KH").replace("IE", "I")
        if word.startswith("NJ"):
            word = "NY" + word[2:]
    word = _undoubled(word)
    if "H" in word[1:]:
        word = word[0] + _SILENT_H.sub("", word)[1:]
        if word[-1] == "H" and len(word) > 2:
            word = word[:-1]
        word = _undoubled(word)
    # What went may have stood between two old letters: a fold is its own fold.
    return fold(word) if ("J" in word or "E" in word) and _OLD_PAIRS.search(word) else word


def _undoubled(word: str) -> str:
    return _DOUBLED.sub(r"\1", word) if _DOUBLED.search(word) else word


def old_j_as_y(word: str) -> str | None:
    """Return the fold with a lone J read as Y, where other old letters show that it may be: SOERJO, SURYO."""
    if "J" in word and _OLD_LETTERS.search(word):
        return fold(_BARE_J.sub("Y", word))
    return None


def consonants_alike(key: str, *, si_as_s: bool = True) -> str:
    """Return a fold with f, p, v as one, and z, s; q, c, k; dz, z; ts, s; glides: NOVI, NOPI.

    With ``si_as_s`` si before a vowel is read as sy, and so as s: SIARIF, SYARIF, SARIF.
    """
    for pair, one in _SAME_SOUNDS:
        if pair in key:
            key = key.replace(pair, one)
    if "Y" in key or "W" in key:
        key = _W_AFTER_U.sub("U", _Y_AFTER_I.sub("I", key)).translate(_GLIDES)
    if si_as_s and "SI" in key:
        key = _SY_AS_SI.sub("S", key)
    return _undoubled(key.translate(_LIKE_LETTERS))


def vowels_alike(sounds: str) -> str:
    """Return the sounds with e and i, o and u, ai, ae and ei as one: ZAINUDIN, ZAENUDIN."""
    if "A" in sounds or "E" in sounds or "OI" in sounds:
        sounds = sounds.replace("AE", "AI").replace("EI", "AI").replace("OI", "AI").replace("IHA", "IA")
    return _undoubled(sounds.translate(_LIKE_VOWELS))


def javanese_vowels(key: str) -> str | None:
    """Return a word that ends in the Javanese o or a with its o read as a: COKRO, CAKRA; else nothing."""
    if len(key) > 4 and key[-1] in "OA" and key[-2] not in "IEH":
        return key.replace("O", "A")
    return None


def arabic_vowels(sounds: str) -> str:
    """Return the sounds with the o that Arabic names get in Java read as a: ROHMAN, RAHMAN."""
    return _OPEN_O.sub("A", sounds) if "O" in sounds else sounds


def without_stop(key: str) -> str:
    """Return a fold without k before a consonant, the sound of an apostrophe: MAKRUF, MARUF."""
    return _STOP_BEFORE_CONSONANT.sub("", key) if "K" in key else key


def throat_as_h(word: str) -> str:
    """Return a word with ch and kh as h, and a hard end as its soft one: FAKHRUL, FAHRUL; YAKUB, YAKUP."""
    word = word.replace("CH", "H").replace("KH", "H")
    return word[:-1] + word[-1].translate(_HARD_ENDS)


def without_article(key: str) -> str:
    """Return a fold with one form of the article after Abd: ABDULRAHMAN, ABDURAHMAN."""
    return _ARTICLE.sub("ABD-", key) if len(key) > 6 and key.startswith("ABDU") else key


def as_seen(word: str) -> str:
    """Return a word with those signs as one that a reading machine takes for each other: 5ITI, SITI."""
    for pair, one in _PAIRS_THAT_LOOK_LIKE_ONE:
        if pair in word:
            word = word.replace(pair, one)
    return word.translate(_LOOKALIKES)
