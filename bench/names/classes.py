"""The classes of variants: their numbers in the facts of names, how they are to be handled, their
generators."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from bench.names import form, spelling
from bench.names.people import Person

Generator = Callable[[Person, Random], Person | None]

LAWFUL, APART = "lawful", "apart"


@dataclass(frozen=True, slots=True)
class VariantClass:
    """One class. ``handling`` is F, E, P, or U: no spelling leads there, or only a caller that reads by OCR
    does.

    ``stage`` says when it is applied where several are: words first, then order and spaces, titles, cutting,
    padding.
    """

    code: str
    title: str
    handling: str
    generate: Generator
    stage: int = 1

    @property
    def group(self) -> str:
        """Lawful variants count for the goals; the others are reported apart."""
        return LAWFUL if self.handling in "FE" else APART


CLASSES = (
    VariantClass("1", "spelling reform", "F", spelling.spelling_reform),
    VariantClass("2", "Arabic spellings", "E", spelling.arabic_spelling),
    VariantClass("3", "short forms", "E", spelling.short_form, stage=2),
    VariantClass("5", "doubled letters", "F", spelling.doubled_letter),
    VariantClass("6", "silent h", "F", spelling.silent_h),
    VariantClass("7", "f/p/v, z/s/j, y/i, c/k", "E", spelling.consonant),
    VariantClass("8", "vowels", "E", spelling.vowel),
    VariantClass("9", "Javanese -o/-a, glide", "E", spelling.javanese_ending),
    VariantClass("10", "academic titles", "F", form.academic_title, stage=4),
    VariantClass("11", "ranks", "F", form.rank, stage=5),
    VariantClass("12", "religious titles", "F", form.religious_title, stage=4),
    VariantClass("13", "nobility, optional", "E", form.nobility, stage=4),
    VariantClass("14", "bin, binti, alias", "E", form.descent, stage=4),
    VariantClass("15", "one word, padded", "F", form.padding, stage=6),
    VariantClass("16", "Balinese forms", "E", form.balinese_form, stage=2),
    VariantClass("17", "clan moved, boru", "E", form.clan_form, stage=3),
    VariantClass("20", "word order", "E", form.word_order, stage=3),
    VariantClass("21", "joined, split", "E", form.joined, stage=2),
    VariantClass("22", "apostrophe, hyphen", "F", spelling.apostrophe),
    VariantClass("23", "OCR digits", "F", spelling.ocr_digit, stage=6),
    VariantClass("24", "cut in the last word", "E", form.truncated, stage=6),
    VariantClass("25", "keyboard slips", "E", spelling.slip),
    VariantClass("26", "forms of address", "F", form.form_of_address, stage=5),
    VariantClass("4", "initials", "P", form.initials, stage=4),
    VariantClass("13P", "legal nobility missing", "P", form.nobility_missing, stage=2),
    VariantClass("17P", "clan missing", "P", form.clan_missing, stage=3),
    VariantClass("19", "middle word missing", "P", form.middle_missing, stage=2),
    VariantClass("24P", "cut by more than that", "P", form.cut_short, stage=6),
    VariantClass("26P", "husband's name added", "P", form.husband_added, stage=4),
    VariantClass("18", "dual Chinese names", "U", form.dual_name, stage=1),
    VariantClass("23U", "OCR letters", "U", spelling.ocr_letters, stage=6),
)

BY_CODE = {variant.code: variant for variant in CLASSES}

# Two of these on one name undo or hide one another, or make a name that nobody writes.
TOGETHER_NEVER = (
    {"10", "11", "12", "13", "14", "15", "24", "26", "24P", "26P"},
    {"17", "20", "15", "16"},
    {"23", "24", "15", "25"},
    {"3", "20", "17"},
    {"21", "20", "17", "3", "24", "22"},
    {"2", "1", "6", "5"},
    {"7", "8", "9"},
    {"17P", "17", "20"},
    {"4", "3", "20", "17", "23", "22", "21"},
    {"24P", "20", "17", "23", "25"},
    {"26P", "20", "15"},
)


def compatible(codes: list[str], code: str) -> bool:
    """Whether a class may be added to those already chosen."""
    return code not in codes and not any(
        code in group and group.intersection(codes) for group in TOGETHER_NEVER
    )
