"""Why a text is not a NIK: one code and one sentence for each rule, in English and Indonesian."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

# The English sentence, then the Indonesian one. ``{}`` is filled with the values of the reason.
MESSAGES: Final = MappingProxyType(
    {
        "not_sixteen_digits": (
            "A NIK has exactly 16 digits; this has {}. Copy all 16 from the identity card.",
            "NIK terdiri dari tepat 16 angka; yang diisi {} angka. Salin ke-16 angka dari KTP.",
        ),
        "not_ascii_digits": (
            "A NIK is written with the digits 0 to 9 only; remove spaces, dots, letters and other signs.",
            "NIK hanya ditulis dengan angka 0 sampai 9; hapus spasi, titik, huruf, dan tanda lain.",
        ),
        "month_impossible": (
            "The month in the NIK is {}; a month is 01 to 12. Check digits 9 and 10.",
            "Bulan dalam NIK adalah {}; bulan hanya 01 sampai 12. Periksa angka ke-9 dan ke-10.",
        ),
        "day_impossible": (
            "The day in the NIK is {}; it is 01 to 31 for men and 41 to 71 for women. Check digits 7 and 8.",
            "Tanggal dalam NIK adalah {}; tanggal hanya 01 sampai 31 untuk laki-laki dan 41 sampai 71 untuk "
            "perempuan. Periksa angka ke-7 dan ke-8.",
        ),
        "date_impossible": (
            "The date in the NIK, day {} of month {} of year {}, does not exist. Check digits 7 to 12.",
            "Tanggal lahir dalam NIK, tanggal {} bulan {} tahun {}, tidak ada. Periksa angka ke-7 sampai 12.",
        ),
        "serial_zero": (
            "The NIK ends in 0000; serial numbers start at 0001. Check the last four digits.",
            "NIK berakhir dengan 0000; nomor urut dimulai dari 0001. Periksa empat angka terakhir.",
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that a text breaks.

    ``code`` is stable and stands in ``docs/reference/nik.md``. ``values`` are the parts of the text
    that the sentence quotes; they may be personal data, so ``repr`` leaves them out.
    """

    code: str
    values: tuple[str, ...] = field(default=(), repr=False)

    def message(self, language: str = "en") -> str:
        """Return the sentence for a person in ``en`` or ``id``; any other language gets English."""
        english, indonesian = MESSAGES[self.code]
        return (indonesian if language == "id" else english).format(*self.values)


class NikInvalid(ValueError):
    """The text is not a NIK; ``reasons`` says why, most basic first.

    The text of the exception is the codes alone: it may be logged, the number may not.
    """

    def __init__(self, reasons: tuple[Reason, ...]) -> None:
        super().__init__(reasons)
        self.reasons = reasons

    def __str__(self) -> str:
        return ", ".join(reason.code for reason in self.reasons)
