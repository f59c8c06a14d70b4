"""Why two names are, or are not, of one person: a code, and a sentence in English and Indonesian."""

from types import MappingProxyType
from typing import Final, NamedTuple

# The English sentence, then the Indonesian one; ``{}`` is a word of the first name, then one of the second.
MESSAGES: Final = MappingProxyType(
    {
        "same": ("The names are the same.", "Kedua nama sama."),
        "folded": (
            "'{}' and '{}' are one word in two spellings.",
            "'{}' dan '{}' adalah satu kata dengan dua ejaan.",
        ),
        "repeated": ("'{}' is repeated to fill a field.", "'{}' diulang untuk mengisi kolom."),
        "title": ("The title '{}' is left out.", "Gelar '{}' tidak dicantumkan."),
        "noble_title": ("The noble title '{}' is left out.", "Gelar kebangsawanan '{}' tidak dicantumkan."),
        "balinese_prefix": ("The Balinese prefix '{}' is left out.", "Awalan Bali '{}' tidak dicantumkan."),
        "parent_left_out": ("The parent's name '{}' is left out.", "Nama orang tua '{}' tidak dicantumkan."),
        "alias": ("'{}' is another name of the same person.", "'{}' adalah nama lain dari orang yang sama."),
        "word_order": ("The words stand in another order.", "Urutan kata berbeda."),
        "joined": ("'{}' and '{}' differ in spaces alone.", "'{}' dan '{}' hanya berbeda spasi."),
        "truncated": ("'{}' is '{}' cut off.", "'{}' adalah potongan dari '{}'."),
        "cut_short": (
            "'{}' may be the beginning of '{}'.",
            "'{}' mungkin awal dari '{}'.",
        ),
        "same_name": (
            "'{}' and '{}' are spellings of one name.",
            "'{}' dan '{}' adalah ejaan dari satu nama.",
        ),
        "short_form": ("'{}' is a short form of '{}'.", "'{}' adalah singkatan dari '{}'."),
        "same_sounds": ("'{}' and '{}' sound the same.", "'{}' dan '{}' berbunyi sama."),
        "vowels": (
            "'{}' and '{}' differ in a vowel that people write either way.",
            "'{}' dan '{}' berbeda pada vokal yang biasa ditulis dengan dua cara.",
        ),
        "javanese_vowel": (
            "'{}' and '{}' are the Javanese o and a of one name.",
            "'{}' dan '{}' adalah o dan a Jawa dari satu nama.",
        ),
        "arabic_spelling": (
            "'{}' and '{}' are two spellings of one Arabic name.",
            "'{}' dan '{}' adalah dua ejaan dari satu nama Arab.",
        ),
        "old_spelling": (
            "'{}' and '{}' are old and new spelling.",
            "'{}' dan '{}' adalah ejaan lama dan baru.",
        ),
        "sound_alike": (
            "'{}' and '{}' are spellings of one name by several rules together.",
            "'{}' dan '{}' adalah ejaan dari satu nama menurut beberapa aturan sekaligus.",
        ),
        "misread": (
            "'{}' and '{}' look alike to a reading machine.",
            "'{}' dan '{}' tampak sama bagi mesin pembaca.",
        ),
        "slip": (
            "'{}' and '{}' are a slip of the keyboard apart.",
            "'{}' dan '{}' berbeda karena salah ketik.",
        ),
        "slip_or_name": (
            "'{}' and '{}' are a letter apart: a slip of the keyboard, or two names.",
            "'{}' dan '{}' berbeda satu huruf: salah ketik, atau dua nama.",
        ),
        "two_slips": (
            "'{}' and '{}' are two slips of the keyboard apart.",
            "'{}' dan '{}' berbeda karena dua salah ketik.",
        ),
        "one_letter": (
            "'{}' and '{}' differ in a letter; they may be two names.",
            "'{}' dan '{}' berbeda satu huruf; mungkin dua nama yang berbeda.",
        ),
        "initial": ("'{}' may be the initial of '{}'.", "'{}' mungkin inisial dari '{}'."),
        "birth_word": (
            "'{}' and '{}' are different words for the same place in the order of birth.",
            "'{}' dan '{}' adalah kata berbeda untuk urutan lahir yang sama.",
        ),
        "missing_word": ("'{}' is missing.", "'{}' tidak ada."),
        "missing_clan": ("The clan '{}' is missing.", "Marga '{}' tidak ada."),
        "missing_legal_title": (
            "'{}' is part of the name and is missing.",
            "'{}' adalah bagian nama dan tidak ada.",
        ),
        "many_differences": ("There are too many small differences.", "Terlalu banyak perbedaan kecil."),
        "sex": (
            "'{}' and '{}' are different people: one name is a man's, the other a woman's.",
            "'{}' dan '{}' adalah orang yang berbeda: satu nama laki-laki, satu nama perempuan.",
        ),
        "sibling_number": (
            "'{}' and '{}' are names of different children of one family.",
            "'{}' dan '{}' adalah nama anak yang berbeda dalam satu keluarga.",
        ),
        "birth_order": (
            "'{}' and '{}' are different places in the Balinese order of birth.",
            "'{}' dan '{}' adalah urutan lahir Bali yang berbeda.",
        ),
        "clan": ("'{}' and '{}' are different clans.", "'{}' dan '{}' adalah marga yang berbeda."),
        "twins": (
            "'{}' and '{}' are names of twins or siblings.",
            "'{}' dan '{}' adalah nama kembar atau saudara.",
        ),
        "parent": ("'{}' and '{}' are different parents.", "'{}' dan '{}' adalah orang tua yang berbeda."),
        "two_names": (
            "'{}' and '{}' are two different names.",
            "'{}' dan '{}' adalah dua nama yang berbeda.",
        ),
        "different_words": (
            "'{}' and '{}' have nothing to do with each other.",
            "'{}' dan '{}' tidak berhubungan.",
        ),
        "many_words": (
            "Too many words are in only one of the names.",
            "Terlalu banyak kata hanya ada pada satu nama.",
        ),
        "too_common": (
            "What the names share is too common to tell people apart.",
            "Yang sama terlalu umum untuk membedakan orang.",
        ),
        "unread": (
            "'{}' is not of letters that a register has; it was not compared.",
            "'{}' bukan huruf yang ada dalam data kependudukan; tidak dibandingkan.",
        ),
        "empty": ("A name has no Latin letters.", "Salah satu nama tidak berisi huruf Latin."),
        "too_long": (
            "A name is longer than any that a register has.",
            "Salah satu nama lebih panjang daripada nama mana pun dalam data kependudukan.",
        ),
    }
)


class Reason(NamedTuple):
    """One thing that was seen in two names.

    ``code`` is stable and stands in ``docs/reference/names.md``. ``left`` and ``right`` are the words of the
    first and the second name, or empty; they are personal data, so ``repr`` leaves them out.
    """

    code: str
    left: str = ""
    right: str = ""

    def message(self, language: str = "en") -> str:
        """Return the sentence for a person in ``en`` or ``id``; any other language gets English."""
        english, indonesian = MESSAGES[self.code]
        words = [part.title() for part in (self.left, self.right) if part]
        if self.code in _THE_SHORTER_FIRST:
            words.sort(key=len)
        return (indonesian if language == "id" else english).format(*words)

    def __repr__(self) -> str:
        return f"Reason({self.code!r})"


_THE_SHORTER_FIRST = frozenset({"short_form", "initial", "truncated", "cut_short"})
