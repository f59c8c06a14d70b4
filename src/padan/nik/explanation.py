"""Everything a NIK says, in one object: for the command line, a form, or a support desk."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from padan.nik.birth import BirthDate, birth_date
from padan.nik.number import Nik, Sex, parse
from padan.nik.reasons import NikInvalid, Reason
from padan.nik.regions import Region, region


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a text says when it is read as a NIK; ``repr`` leaves the personal data out.

    ``reasons`` is empty where the text is a NIK. A part that could not be read is None; a text of 16
    digits that is not a NIK still has its region. ``language`` is that of the messages.
    """

    text: str = field(repr=False)
    reasons: tuple[Reason, ...]
    region: Region | None = field(repr=False)
    sex: Sex | None = field(repr=False)
    birth_date: BirthDate | None = field(repr=False)
    serial_number: str | None = field(repr=False)
    language: str = "en"

    @property
    def valid(self) -> bool:
        """Whether the text is a well-formed NIK."""
        return not self.reasons

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object of ``padan nik --json``, null where a part is unknown."""
        place, birth = self.region, self.birth_date
        return {
            "nik": self.text,
            "valid": self.valid,
            "reasons": [
                {"code": reason.code, "message": reason.message(self.language)} for reason in self.reasons
            ],
            "provinceCode": place.province_code if place else None,
            "province": place.province if place else None,
            "regencyOrCityCode": place.regency_or_city_code if place else None,
            "regencyOrCity": place.regency_or_city if place else None,
            "districtCode": place.district_code if place else None,
            "district": place.district if place else None,
            "regionGrade": place.grade.value if place else None,
            "sex": self.sex.value if self.sex else None,
            "dateOfBirth": birth.date.isoformat() if birth else None,
            "dateOfBirthIsGuess": birth.is_guess if birth else None,
            "serialNumber": self.serial_number,
        }


def explain(text: str, *, today: date, claimed: date | None = None, language: str = "en") -> Explanation:
    """Read a text as a NIK and say all it says, or why it is none; raises nothing for any text.

    ``claimed`` is the date of birth given by the person or the registry, if any: it settles the
    century (see ``birth_date``). ``language`` is ``en`` or ``id``. The text is not cleaned.
    """
    try:
        nik = parse(text)
    except NikInvalid as refusal:
        place = region(text[:6]) if re.fullmatch("[0-9]{16}", text) else None
        return Explanation(text, refusal.reasons, place, None, None, None, language)
    return _explain_valid(nik, today, claimed=claimed, language=language)


def _explain_valid(nik: Nik, today: date, *, claimed: date | None, language: str) -> Explanation:
    return Explanation(
        text=nik.digits,
        reasons=(),
        region=region(nik),
        sex=nik.sex,
        birth_date=birth_date(nik, today=today, claimed=claimed),
        serial_number=nik.serial_number,
        language=language,
    )
