"""Reasons for somebody who knows one of the two names, and must not learn the other.

Whoever asks whether a name is the one on record could otherwise read the record by asking with a wrong name:
"'Budi' and 'Siti' are two different names". So a word is told only where it stands in the name that was
given; of the other name only what kind of word it is.
"""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from padan.names.reading import words_in
from padan.names.reasons import MESSAGES, Reason

# What stands in a sentence for a word that is not told: of the record, then of the name that was given.
_OF_THE_RECORD: Final = ("a word of the record", "satu kata pada data")
_OF_THE_NAME: Final = ("A word of the name given", "Satu kata dari nama yang diberikan")

# Where the sentence of both words does not do for one. The English, then the Indonesian one.
_WITH_A_WORD: Final = MappingProxyType(
    {
        "missing_word": ("'{}' is in only one of the names.", "'{}' hanya ada pada salah satu nama."),
        "missing_clan": (
            "The clan '{}' is in only one of the names.",
            "Marga '{}' hanya ada pada salah satu nama.",
        ),
        "missing_legal_title": (
            "'{}' is part of a name and is in only one of the two.",
            "'{}' adalah bagian nama dan hanya ada pada salah satunya.",
        ),
        "short_form": (
            "'{}' and a word of the record are a short form and the whole word.",
            "'{}' dan satu kata pada data adalah singkatan dan kata lengkapnya.",
        ),
        "sex": (
            "'{}' and a word of the record belong to different people: one is a man's name, one a woman's.",
            "'{}' dan satu kata pada data menunjuk orang yang berbeda: satu nama laki-laki, satu perempuan.",
        ),
        "initial": (
            "'{}' and a word of the record may be an initial and its word.",
            "'{}' dan satu kata pada data mungkin inisial dan katanya.",
        ),
        "truncated": (
            "'{}' and a word of the record are one word, cut off in one of the two.",
            "'{}' dan satu kata pada data adalah satu kata yang terpotong pada salah satunya.",
        ),
        "cut_short": (
            "'{}' and a word of the record may be one word, cut off in one of the two.",
            "'{}' dan satu kata pada data mungkin satu kata yang terpotong pada salah satunya.",
        ),
    }
)
_WITHOUT_A_WORD: Final = MappingProxyType(
    {
        "repeated": ("A word is repeated to fill a field.", "Satu kata diulang untuk mengisi kolom."),
        "title": ("A title is left out.", "Gelar tidak dicantumkan."),
        "noble_title": ("A noble title is left out.", "Gelar kebangsawanan tidak dicantumkan."),
        "balinese_prefix": ("A Balinese prefix is left out.", "Awalan Bali tidak dicantumkan."),
        "parent_left_out": ("A parent's name is left out.", "Nama orang tua tidak dicantumkan."),
        "alias": ("The record has another name of the person.", "Data memuat nama lain dari orang itu."),
        "missing_word": (
            "A word of the record is missing in the name given.",
            "Satu kata pada data tidak ada dalam nama yang diberikan.",
        ),
        "missing_clan": (
            "The clan of the record is missing in the name given.",
            "Marga pada data tidak ada dalam nama yang diberikan.",
        ),
        "missing_legal_title": (
            "A word of rank that is part of the name on record is missing in the name given.",
            "Gelar yang merupakan bagian nama pada data tidak ada dalam nama yang diberikan.",
        ),
        "unread": (
            "A word is not of letters that a register has; it was not compared.",
            "Satu kata bukan huruf yang ada dalam data kependudukan; tidak dibandingkan.",
        ),
    }
)

_MOST_WITH_WORDS: Final = 4


class Told(NamedTuple):
    """A reason without the words of the record: a code of ``MESSAGES``, and a word of the name given or none.

    The word is personal data, so ``repr`` leaves it out.
    """

    code: str
    word: str = ""

    def message(self, language: str = "en") -> str:
        """Return the sentence in ``en`` or ``id``; any other language gets English."""
        which = 1 if language == "id" else 0
        if self.word:
            sentence = _WITH_A_WORD.get(self.code, MESSAGES[self.code])[which]
            first = f"'{self.word.title()}'"
        else:
            sentence = _WITHOUT_A_WORD.get(self.code, _WITH_A_WORD.get(self.code, MESSAGES[self.code]))[which]
            first = _OF_THE_NAME[which]
        return sentence.replace("'{}'", first, 1).replace("'{}'", _OF_THE_RECORD[which])

    def __repr__(self) -> str:
        return f"Told({self.code!r})"


def told_of(reasons: Sequence[Reason], *, name: str) -> tuple[Told, ...]:
    """Leave out of reasons every word that does not stand in ``name``, the one that was given.

    Where there are many, no word is told and each code once: which of many words are wrong would say which
    are right.
    """
    if not any(reason.left or reason.right for reason in reasons):
        return tuple(Told(reason.code) for reason in reasons)
    if len(reasons) > _MOST_WITH_WORDS:
        return tuple(map(Told, dict.fromkeys(reason.code for reason in reasons)))
    plain = frozenset(name.upper().replace(".", "").replace(",", " ").split())
    return tuple(Told(reason.code, _known(reason, plain, name=name)) for reason in reasons)


def _known(reason: Reason, plain: frozenset[str], *, name: str) -> str:
    """Return the word of a reason that stands in the name; to read the name as a whole takes longer."""
    for text in (reason.left, reason.right):
        if text and plain.issuperset(text.replace(".", "").split()):
            return text
    if reason.left or reason.right:
        given = words_in(name)
        for text in (reason.left, reason.right):
            if text and given.issuperset(text.split()):
                return text
    return ""
