"""What the simulated registry says about a person: verdicts per field, or the whole record."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

from padan.domain.finding import Outcome
from padan.nik import NikInvalid, Sex, parse
from padan.sandbox.person import Person
from padan.sandbox.similarity import similarity
from padan.sandbox.wire import FUZZY_FIELDS, Method, Question, read_date, write_date

REFUSED_OUTCOMES: Final[Mapping[Outcome, str]] = MappingProxyType(
    {
        Outcome.DECEASED: "11",
        Outcome.DUPLICATE: "12",
        Outcome.NOT_FOUND: "13",
        Outcome.INACTIVE: "14",
    }
)
"""The outcomes that come as an error object, and its code."""

BAD_PARAMETERS: Final = "07"
NOT_A_NIK: Final = "15"

_FORCED_NAME_SCORE: Final = 30
_SEX_WORDS: Final = MappingProxyType({Sex.MALE: "LAKI-LAKI", Sex.FEMALE: "PEREMPUAN"})
_SEX_SHORT: Final = MappingProxyType({"L": "LAKI-LAKI", "P": "PEREMPUAN"})

_OUTCOMES_BY_NAME: Final = MappingProxyType({outcome.value: outcome for outcome in Outcome})

_Field = Callable[[Person, datetime.date], str]

RECORD: Final[Mapping[str, _Field]] = MappingProxyType(
    {
        "EKTP_STATUS": lambda p, day: "Sudah Rekam" if p.age_on(day) >= 17 else "Belum Rekam",
        "NO_KK": lambda p, _: p.family_card_number,
        "NIK": lambda p, _: p.nik,
        "NAMA_LGKP": lambda p, _: p.full_name,
        "TMPT_LHR": lambda p, _: p.birth_place,
        "TGL_LHR": lambda p, _: write_date(p.date_of_birth),
        "JENIS_KLMIN": lambda p, _: _SEX_WORDS[p.sex],
        "GOL_DARAH": lambda p, _: p.blood_group,
        "AGAMA": lambda p, _: p.religion,
        "STATUS_KAWIN": lambda p, day: p.marital_status(day),
        "STAT_HBKEL": lambda p, day: p.family_position(day),
        "PDDK_AKH": lambda p, day: p.education(day),
        "JENIS_PKRJN": lambda p, day: p.occupation(day),
        "NAMA_LGKP_IBU": lambda p, _: p.mother_name,
        "NAMA_LGKP_AYAH": lambda p, _: p.father_name,
        "NO_AKTA_LHR": lambda p, _: f"{p.nik[:4]}-LT-{write_date(p.date_of_birth)}-{p.nik[12:]}",
        "ALAMAT": lambda p, _: p.street,
        "NO_RT": lambda p, _: p.neighbourhood[0],
        "NO_RW": lambda p, _: p.neighbourhood[1],
        "DUSUN": lambda _, __: "-",
        "KODE_POS": lambda _, __: "00000",
        "NO_PROP": lambda p, _: p.nik[:2],
        "PROP_NAME": lambda p, _: (p.region.province or "").upper(),
        "NO_KAB": lambda p, _: p.nik[2:4],
        "KAB_NAME": lambda p, _: (p.region.regency_or_city or "").upper(),
        "NO_KEC": lambda p, _: p.nik[4:6],
        "KEC_NAME": lambda p, _: (p.region.district or "").upper(),
        "NO_KEL": lambda p, _: p.village_number,
        "KEL_NAME": lambda p, _: f"DESA {p.village_number}",
    }
)
"""Every field of a full record, in the order of the wire."""

VERIFIABLE_FIELDS: Final = frozenset(RECORD) - {
    "EKTP_STATUS", "NAMA_LGKP_AYAH", "NO_AKTA_LHR", "DUSUN", "KODE_POS",
}  # fmt: skip
"""The fields a verification may send."""


class _Nation(Protocol):
    def person(self, nik: str) -> Person | None: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Either a code, or the object that stands in ``content``; ``counted_as`` names it in the counts."""

    counted_as: str
    code: str | None = None
    content: Mapping[str, str] | None = None

    def __repr__(self) -> str:
        """Show what was counted, never what was said about a person."""
        return f"Answer({self.counted_as})"


def answer(question: Question, nation: _Nation, today: datetime.date, *, forced: str | None = None) -> Answer:
    """Answer a question whose credentials are right.

    ``forced`` is a scenario that the side door set for this NIK, which then holds whether the
    person exists or not.
    """
    if not is_valid(question):
        return Answer("invalid_parameters", BAD_PARAMETERS)
    try:
        parse(question.nik)
    except NikInvalid:
        return Answer("not_a_nik", NOT_A_NIK)
    person = nation.person(question.nik)
    outcome = _outcome(person, forced)
    if outcome in REFUSED_OUTCOMES:
        return Answer(outcome.value, REFUSED_OUTCOMES[outcome])
    if question.method is Method.RECORD:
        return _record(person, today)
    if forced is not None:
        return Answer(outcome.value, content=_forced_verdicts(question, forced))
    if person is None:
        return Answer(Outcome.NOT_FOUND.value, REFUSED_OUTCOMES[Outcome.NOT_FOUND])
    return Answer(outcome.value, content=_verdicts(question, person, today))


def is_valid(question: Question) -> bool:
    """Tell whether a question has what its service needs, and nothing that it does not know."""
    elements = question.elements
    if not question.nik:
        return False
    if question.method is Method.RECORD:
        return True
    has_threshold = question.threshold is not None or not FUZZY_FIELDS.intersection(elements)
    date_is_read = "TGL_LHR" not in elements or read_date(elements["TGL_LHR"]) is not None
    return VERIFIABLE_FIELDS.issuperset(elements) and has_threshold and date_is_read


def _outcome(person: Person | None, forced: str | None) -> Outcome:
    if forced is None:
        return person.outcome if person else Outcome.NOT_FOUND
    return _OUTCOMES_BY_NAME.get(forced, Outcome.FOUND)


def _record(person: Person | None, today: datetime.date) -> Answer:
    if person is None:  # forced to be found, but there is nothing to tell
        return Answer(Outcome.NOT_FOUND.value, REFUSED_OUTCOMES[Outcome.NOT_FOUND])
    return Answer(Outcome.FOUND.value, content={key: read(person, today) for key, read in RECORD.items()})


def _verdicts(question: Question, person: Person, today: datetime.date) -> dict[str, str]:
    threshold = question.threshold or 0
    verdicts = {}
    for key, sent in question.elements.items():
        held = RECORD[key](person, today)
        if key in FUZZY_FIELDS:
            score = similarity(sent, held)
            verdicts[key] = f"{_word(score >= threshold)} ({score})"
        else:
            verdicts[key] = _word(_comparable(key, sent) == _comparable(key, held))
    return verdicts


def _forced_verdicts(question: Question, scenario: str) -> dict[str, str]:
    threshold = question.threshold or 0
    verdicts = {}
    for key in question.elements:
        if key in FUZZY_FIELDS:
            score = _FORCED_NAME_SCORE if scenario == "name_mismatch" and key == "NAMA_LGKP" else 100
            verdicts[key] = f"{_word(score >= threshold)} ({score})"
        else:
            verdicts[key] = _word(not (scenario == "birth_date_mismatch" and key == "TGL_LHR"))
    return verdicts


def _word(agrees: bool) -> str:
    return "Sesuai" if agrees else "Tidak Sesuai"


def _comparable(key: str, value: str) -> str:
    text = " ".join(value.upper().split())
    if key == "TGL_LHR":
        day = read_date(value)
        return day.isoformat() if day else ""
    if key == "JENIS_KLMIN":
        return _SEX_SHORT.get(text, text)
    if key.startswith("NO_"):
        return text.lstrip("0")
    return text
