"""One person of the nation, and all that the registry would hold on them."""

import datetime
from dataclasses import dataclass, field
from typing import Final

from padan.domain.finding import Outcome
from padan.nik import Region, Sex, region
from padan.sandbox import names
from padan.sandbox.hashing import mix, pick

_STREETS: Final = (
    "MELATI", "MAWAR", "ANGGREK", "KENANGA", "CEMPAKA", "FLAMBOYAN", "MERDEKA", "PAHLAWAN", "PEMUDA",
    "VETERAN", "KARTINI", "DIPONEGORO", "SUDIRMAN", "GATOT SUBROTO", "RAYA", "MASJID", "PASAR BARU",
    "PENDIDIKAN", "PRAMUKA", "KELAPA", "MANGGA", "RAMBUTAN", "CENDANA", "JATI", "BERINGIN",
    "NUSA INDAH", "TERATAI", "DAHLIA", "GARUDA",
)  # fmt: skip
_SCHOOLING: Final = (
    "TIDAK/BELUM SEKOLAH", "TAMAT SD/SEDERAJAT", "TAMAT SD/SEDERAJAT", "SLTP/SEDERAJAT", "SLTA/SEDERAJAT",
    "SLTA/SEDERAJAT", "SLTA/SEDERAJAT", "AKADEMI/DIPLOMA III/S. MUDA", "DIPLOMA IV/STRATA I",
)  # fmt: skip
_WORK: Final = (
    "KARYAWAN SWASTA", "WIRASWASTA", "PETANI/PEKEBUN", "BURUH HARIAN LEPAS", "PEDAGANG", "GURU", "PERAWAT",
    "NELAYAN/PERIKANAN", "SOPIR", "PEGAWAI NEGERI SIPIL", "BURUH TANI/PERKEBUNAN", "KARYAWAN HONORER",
)  # fmt: skip
_BLOOD_GROUPS: Final = ("A", "B", "AB", "O", "TIDAK TAHU", "TIDAK TAHU", "TIDAK TAHU")
_ADULT_AGE: Final = 20
_MARRIED_FROM_AGE: Final = 25
_PARENT_AGE: Final = 27

_SPOUSE, _MOTHER, _FATHER, _CARD, _PLACE = range(20, 25)


@dataclass(frozen=True, slots=True)
class Person:
    """A synthetic person as the registry holds them.

    ``date_of_birth`` and ``sex`` are the registry's, which may have been corrected since the NIK was
    issued; the NIK keeps the old ones. ``outcome`` is never ``not_found``. ``fault`` names how the
    simulator misbehaves when asked about this person, None for nearly everybody. Everything else is
    worked out when asked for. ``repr`` shows the outcome alone.
    """

    nik: str = field(repr=False)
    date_of_birth: datetime.date = field(repr=False)
    sex: Sex = field(repr=False)
    outcome: Outcome
    regency_code: str = field(repr=False)
    """The regency or city of first registration, as it is coded today."""
    draw: int = field(repr=False)
    """What the person's other traits are drawn from."""
    fault: str | None = None

    @property
    def group(self) -> str:
        """The people whose names this person bears: javanese, batak, chinese and so on."""
        return names.group_of(self.regency_code, self.draw)

    @property
    def full_name(self) -> str:
        """The name on the card: upper-case, at most 60 letters and spaces, titles included."""
        return names.full_name(self.group, self.sex, self.date_of_birth, self.draw)

    @property
    def mother_name(self) -> str:
        """The mother's name; every person's parents are invented apart."""
        return names.full_name(self.group, Sex.FEMALE, self._parents_birth(), mix(self.draw, _MOTHER))

    @property
    def father_name(self) -> str:
        """The father's name."""
        return names.full_name(self.group, Sex.MALE, self._parents_birth(), mix(self.draw, _FATHER))

    @property
    def birth_place(self) -> str:
        """The place of birth: the regency of first registration without its kind, upper-case."""
        name = self.region.regency_or_city or ""
        return name.removeprefix("Kabupaten ").removeprefix("Kota ").removeprefix("Administrasi ").upper()

    @property
    def region(self) -> Region:
        """The region of the NIK, which may be retired; the nation does not move house."""
        return region(self.nik[:6])

    @property
    def religion(self) -> str:
        """The religion as a card writes it, such as ``ISLAM`` or ``KATOLIK``."""
        return names.religion_of(self.group, self.draw)

    @property
    def blood_group(self) -> str:
        """``A``, ``B``, ``AB``, ``O`` or ``TIDAK TAHU`` (unknown)."""
        return pick(_BLOOD_GROUPS, self.draw, 30)

    @property
    def family_card_number(self) -> str:
        """The 16 digits of the family card (KK): a district, a date of issue, a serial."""
        day, month, year = (mix(self.draw, _CARD, part) for part in range(3))
        issued = f"{1 + day % 28:02}{1 + month % 12:02}{5 + year % 20:02}"
        return f"{self.nik[:6]}{issued}{1 + mix(self.draw, _CARD, 3) % 60:04}"

    @property
    def street(self) -> str:
        """The address (ALAMAT) without neighbourhood and region."""
        kind = "JL." if mix(self.draw, 31) % 3 else "DUSUN"
        return f"{kind} {pick(_STREETS, self.draw, 32)} NO. {1 + mix(self.draw, 33) % 120}"

    @property
    def neighbourhood(self) -> tuple[str, str]:
        """The numbers of neighbourhood (RT) and community (RW), without leading zeros."""
        return str(1 + mix(self.draw, 34) % 12), str(1 + mix(self.draw, 35) % 9)

    @property
    def village_number(self) -> str:
        """The village's four digits; villages are numbers here, without real names."""
        return f"{2001 + mix(self.draw, _PLACE) % 12}"

    def age_on(self, day: datetime.date) -> int:
        """Return the age in whole years."""
        born = self.date_of_birth
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def marital_status(self, day: datetime.date) -> str:
        """Return the marital status on a day, as a card writes it."""
        married = self.age_on(day) >= _MARRIED_FROM_AGE and mix(self.draw, _SPOUSE) % 10 < 9
        return "KAWIN" if married else "BELUM KAWIN"

    def occupation(self, day: datetime.date) -> str:
        """Return the occupation on a day, as a card writes it."""
        if self.age_on(day) < _ADULT_AGE:
            return "PELAJAR/MAHASISWA" if self.age_on(day) > 5 else "BELUM/TIDAK BEKERJA"
        if self.sex is Sex.FEMALE and mix(self.draw, 36) % 2:
            return "MENGURUS RUMAH TANGGA"
        return pick(_WORK, self.draw, 37)

    def education(self, day: datetime.date) -> str:
        """Return the last schooling finished on a day, as a card writes it."""
        return pick(_SCHOOLING, self.draw, 38) if self.age_on(day) >= _ADULT_AGE else _SCHOOLING[0]

    def family_position(self, day: datetime.date) -> str:
        """Return the relation to the head of the family on a day, as a card writes it."""
        if self.marital_status(day) != "KAWIN":
            return "ANAK"
        return "KEPALA KELUARGA" if self.sex is Sex.MALE else "ISTRI"

    def _parents_birth(self) -> datetime.date:
        return datetime.date(self.date_of_birth.year - _PARENT_AGE, 6, 30)
