"""A person's record in plain text beside a claim: the one comparison of every registry that gives data.

Nothing of the record leaves this module: not in a finding, not in an exception. A finding says which word of
the claim a reason is about, never what the record has in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from math import floor

from padan.domain.claim import Claim
from padan.domain.errors import RegistryProtocolError
from padan.domain.finding import (
    ComparedBy,
    Comparison,
    Finding,
    NameJudgement,
    NameReason,
    NameVerdict,
    Outcome,
)
from padan.domain.rules import NameRules
from padan.nik import NikInvalid, Sex, parse


@dataclass(frozen=True, slots=True, repr=False)
class Held:
    """What a registry holds of a person, as far as it may be compared; None is not known.

    It is personal data: `repr` shows nothing of it.
    """

    nik: str
    full_name: str | None
    date_of_birth: date | None
    sex: Sex | None = None

    def __repr__(self) -> str:
        return "Held(<hidden>)"


def compare_record(held: Held, claim: Claim, *, names: NameRules) -> Finding:
    """Compare the record of somebody who is found with the claim about them.

    What is not known stays unknown. The sex compared is the one that the NIK carries.
    Raises RegistryProtocolError where it is the record of another NIK.
    """
    if held.nik != claim.nik:
        raise RegistryProtocolError("the registry's record is not that of the NIK it was asked for")
    name = born = None
    if held.full_name is not None:
        name = compare_names(claim.full_name, held.full_name, rules=names)
    if held.date_of_birth is not None:
        born = Comparison(held.date_of_birth == claim.date_of_birth)
    return Finding(
        Outcome.FOUND,
        nik=Comparison(True),
        full_name=name,
        date_of_birth=born,
        sex=_sex(held),
        compared_by=ComparedBy.PADAN,
    )


def compare_names(claimed: str, held: str, *, rules: NameRules) -> Comparison:
    """Compare a name claimed with the name held, by the newest model of `padan.names`."""
    # At the first name: its tables take 6 MB and 50 ms, for nothing where registries tell verdicts.
    from padan import names as padan_names

    found = padan_names.compare(claimed, held)
    verdict = NameVerdict(found.verdict.value)
    score = _told_score(found.score, verdict)
    high_enough = rules.threshold is None or score * 100 >= rules.threshold
    told = padan_names.told_of(found.reasons, name=claimed)
    reasons = tuple(NameReason(one.code, one.word) for one in told)
    return Comparison(
        verdict.reaches(rules.verdict) and high_enough,
        score,
        NameJudgement(verdict, padan_names.DEFAULT.name, reasons),
    )


def _told_score(score: float, verdict: NameVerdict) -> float:
    """Say no more than it takes: what lies behind the second digit tells how rare the record's words are.

    Rounded down, so that no threshold is reached by rounding. How different names differ is nobody's concern.
    """
    return 0.0 if verdict is NameVerdict.DIFFERENT else floor(score * 100 + 1e-9) / 100


def _sex(held: Held) -> Comparison | None:
    if held.sex is None:
        return None
    try:
        return Comparison(parse(held.nik).sex is held.sex)
    except NikInvalid:
        return None
