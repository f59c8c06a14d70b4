"""What the registry says: verdicts on the fields of a claim, or the whole record."""

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from padan.domain.finding import Outcome
from padan.nik import Sex
from padan.sandbox.person import Person
from padan.sandbox.pyramid import REFERENCE_DATE
from padan.sandbox.similarity import similarity
from padan.sandbox.wire import CODES, BadQuestion, date_of, error_object, threshold_of

_FUZZY: Final[Mapping[str, Callable[[Person], str]]] = MappingProxyType(
    {
        "NAMA_LGKP": lambda p: p.full_name,
        "NAMA_LGKP_IBU": lambda p: p.mother_name,
        "TMPT_LHR": lambda p: p.birth_place,
        "ALAMAT": lambda p: p.street,
    }
)
_NEITHER: Final = frozenset({"USER_ID", "PASSWORD", "IP_USER", "TRESHOLD"})
_SEXES: Final = MappingProxyType({Sex.MALE: "LAKI-LAKI", Sex.FEMALE: "PEREMPUAN"})


def verdicts(person: Person | None, question: Mapping[str, str]) -> dict[str, str]:
    """The answer of ``CALL_VERIFY_BY_ELEMEN``: one key a field sent, or an error object.

    Raises ``BadQuestion`` for a field that the service does not know, or a value it cannot read.
    """
    threshold = threshold_of(question)
    if person is None or person.outcome is not Outcome.FOUND:
        return error_object(CODES[Outcome.NOT_FOUND if person is None else person.outcome])
    known = record(person)
    told = {}
    for name, value in question.items():
        if name in _NEITHER:
            continue
        if name not in known:
            raise BadQuestion("07")
        told[name] = _verdict(person, known, name, value, threshold=threshold)
    return told


def _verdict(person: Person, known: Mapping[str, str], name: str, value: str, *, threshold: int) -> str:
    if name in _FUZZY:
        score = similarity(_FUZZY[name](person), value)
        return f"{_word(score >= threshold)} ({score})"
    if name == "TGL_LHR":
        return _word(date_of(value) == person.date_of_birth)
    return _word(value.upper() == known[name].upper())


def _word(matches: bool) -> str:
    return "Sesuai" if matches else "Tidak Sesuai"


def whole_record(person: Person | None) -> dict[str, str]:
    """The answer of ``CALL_NIK``: the record in plain text, or an error object."""
    if person is None or person.outcome is not Outcome.FOUND:
        return error_object(CODES[Outcome.NOT_FOUND if person is None else person.outcome])
    return record(person)


def record(person: Person, today: datetime.date = REFERENCE_DATE) -> dict[str, str]:
    """Everything the registry holds of a person, under the names of the wire."""
    community = person.neighbourhood
    return {
        "EKTP_STATUS": "CARD_SHIPPED",
        "NO_KK": person.family_card_number,
        "NIK": person.nik,
        "NAMA_LGKP": person.full_name,
        "TMPT_LHR": person.birth_place,
        "TGL_LHR": person.date_of_birth.isoformat(),
        "JENIS_KLMIN": _SEXES[person.sex],
        "GOL_DARAH": person.blood_group,
        "AGAMA": person.religion,
        "STATUS_KAWIN": person.marital_status(today),
        "STAT_HBKEL": person.family_position(today),
        "PDDK_AKH": person.education(today),
        "JENIS_PKRJN": person.occupation(today),
        "NAMA_LGKP_IBU": person.mother_name,
        "NAMA_LGKP_AYAH": person.father_name,
        "NO_AKTA_LHR": "",
        "ALAMAT": person.street,
        "NO_RT": community[0],
        "NO_RW": community[1],
        "DUSUN": "",
        "KODE_POS": "",
        **_place(person),
    }


def _place(person: Person) -> dict[str, str]:
    place = person.region
    regency = (place.regency_or_city or "").removeprefix("Kabupaten ").upper()
    return {
        "NO_PROP": place.province_code,
        "PROP_NAME": (place.province or "").upper(),
        "NO_KAB": str(int(place.regency_or_city_code[2:])),
        "KAB_NAME": regency,
        "NO_KEC": str(int(place.district_code[4:])),
        "KEC_NAME": (place.district or "").upper(),
        "NO_KEL": person.village_number,
        "KEL_NAME": f"DESA {person.village_number}",
    }
