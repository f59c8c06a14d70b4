"""Under which sounds the spellings of one word meet, as models since 2026.2 hear them.

``heard`` gives every key of a word; two words that share one are spellings of one name by rule. What is read
here as something else than it is written is read so on both sides or on one: JUSNJATI as YUSNYATI, KHOERIYAH
as KHOIRIYAH, RONGGO as RANGGA.
"""

import re

from padan.names import spelling

_SY_BEFORE_VOWEL = re.compile(r"SY(?=[AEIOU])")
# Vowels, glides and sounds of the throat come and go; of the others, those written for each other are one.
_FRAME = {**str.maketrans("BFVDZX", "PPPTSS"), **dict.fromkeys(map(ord, "AEIOUYWHKQC"))}
_SHORTEST_WITH_SI = 7
# Stands where no rule of vowels reaches it.
_FIRST_Y = "y"
_DOUBLED = re.compile(r"(.)\1+")
# DL is D, and TS is S.
_T_AND_MORE = re.compile(r"(?<=T)L+|T+(?=S)")
_E_SOUND = re.compile(r"A[EI]|EI")
_SCHWA = re.compile(r"(?<=^[^AEIOU])E(?=[^AEIOUW])")
# K before a consonant is the sound of an apostrophe, but not where a word begins: KRISTINA is not RISTINA.
_STOP = re.compile(r"(?<=[AEIOU])K(?=[BCDFGJKLMNPQRSTVWZ])")
_VOWELS = frozenset("AEIOU")
# Letters and endings that words of Arabic origin have, and words of other origin hardly ever.
_ARABIC = re.compile(r"Q|Z|KH|CH|SH|DH|DL|TH|TS|GH|SY|UDD?IN|ULL[AO]|[AO]H$|^M[UO][FHJKQS]")


def frame(key: str) -> str:
    """Return the consonants that no rule of spelling changes: two words with other ones are no variants."""
    rest = key.translate(_FRAME)
    if "T" in rest:
        rest = _T_AND_MORE.sub("", rest)
    return _DOUBLED.sub(r"\1", rest)


def consonants(key: str) -> str:
    """Return a fold with letters for one consonant or glide as one: NOVI, NOPI; WARSY, WARSI.

    A first Y before a vowel stays what it is: YERMINA is not ERMINA, YAN not IYAN.
    """
    if "SY" in key:
        key = _SY_BEFORE_VOWEL.sub("S", key).replace("SY", "SI")
    if key[0] == "Y" and key[1:2] in _VOWELS:
        key = _FIRST_Y + key[1:]
    return spelling.consonants_alike(key.replace("DS", "S"), si_as_s=False)


def readings(letters: str) -> tuple[str, ...]:
    """Return a word as it is, and as its old letters and glides may be read.

    J as Y, OE as the two sounds O and I, in a long word SY as S and I: ARDIANSYAH, ARDIANSIAH. In a short one
    these are two names: TASYA, TASIAH. And what is SI is never S alone: SIARA is not SARA.
    """
    found = [letters]
    if len(letters) >= _SHORTEST_WITH_SI:
        found += [letters.replace(old, "SI") for old in ("SY", "SJ") if old in letters]
    if "J" in letters:
        found.append(letters.replace("J", "Y"))
    if "OE" in letters:
        found.append(letters.replace("OE", "OI"))
    return tuple(found)


def _keys(letters: str) -> set[str]:
    plain = spelling.fold(letters)
    soft = spelling.throat_as_h(letters)
    key = plain if soft == letters else spelling.fold(soft)
    sounds = consonants(spelling.without_article(_STOP.sub("", key.replace("Q", "K"))))
    found = {_vowels(sounds)}
    if soft != letters:
        found.add(_vowels(consonants(plain)))
    if "O" in sounds:
        found.add(_vowels(spelling.arabic_vowels(sounds)))
        if _ARABIC.search(letters) or spelling.javanese_vowels(key):
            found.add(_vowels(sounds.replace("O", "A")))
    if "E" in sounds or "AI" in sounds:
        one_sound = _E_SOUND.sub("E", sounds)
        if "E" in one_sound:
            found.add(one_sound)
    return found


def _vowels(sounds: str) -> str:
    return spelling.vowels_alike(sounds).replace("IHA", "IA")


def heard(letters: str) -> frozenset[str]:
    """Return every key under which a word may be heard."""
    return frozenset(key for reading in readings(letters) for key in _keys(reading))


def heard_with_z(letters: str) -> frozenset[str]:
    """Return every key of a word whose J is read as Z: JAENAB, ZAENAB; AZIJAH, AZIZAH."""
    return heard(letters.replace("DJ", "J").replace("J", "Z"))


def without_schwa(key: str) -> str:
    """Return a fold without an E hardly said after the first letter: KETUT, KTUT; but MARETA stays."""
    return _SCHWA.sub("", key)
