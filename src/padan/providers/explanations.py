"""Why each field of a claim counts as matching or not, and how sure that is, for who reads the result.

Nothing here tells what a registry holds: a reason about names has words of the claim alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from padan.domain.finding import ComparedBy, Comparison, Finding, NameVerdict, Outcome
from padan.providers.identity import Hidden
from padan.providers.next_steps import Sentence

SENTENCES: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "on_record": ("The NIK is on record.", "NIK tercatat."),
        "not_found": ("The registry has no such NIK.", "NIK tidak tercatat."),
        "deceased": (
            "The holder of the NIK is on record as deceased; nothing was compared.",
            "Pemilik NIK tercatat meninggal dunia; tidak ada yang dibandingkan.",
        ),
        "duplicate": (
            "The person is on record more than once; nothing was compared.",
            "Data orang ini tercatat ganda; tidak ada yang dibandingkan.",
        ),
        "inactive": (
            "The record of the NIK is not active; nothing was compared.",
            "Data NIK ini tidak aktif; tidak ada yang dibandingkan.",
        ),
        "same_date": ("The dates are the same.", "Kedua tanggal sama."),
        "another_date": ("The record has another date.", "Tanggal pada data berbeda."),
        "registry_agrees": (
            "The registry says that it agrees.",
            "Menurut data kependudukan, isian ini sesuai.",
        ),
        "registry_disagrees": (
            "The registry says that it does not agree.",
            "Menurut data kependudukan, isian ini tidak sesuai.",
        ),
        "below_the_threshold": (
            "The similarity is below what is asked for.",
            "Kemiripan di bawah batas yang diminta.",
        ),
        "not_permitted": (
            "The agreement with the registry does not permit to compare it.",
            "Perjanjian dengan instansi tidak mengizinkan perbandingan isian ini.",
        ),
    }
)
"""The English sentence, then the Indonesian one, of the codes that are not those of `padan.names`."""


class Agreement(StrEnum):
    """What came of one field."""

    AGREES = "agrees"
    DIFFERS = "differs"
    UNKNOWN = "unknown"


class Explanation(Hidden, frozen=True):
    """One reason: a stable code and a sentence. Words in it are the claim's."""

    code: Annotated[str, msgspec.Meta(examples=["short_form"])]
    text: Sentence


class FieldExplanation(Hidden, frozen=True):
    """How one field was judged.

    `compared_by` says whose judgement it is; `score` (0 to 1) is its own measure of likeness, where it has
    one. `verdict` and `model` are there for a name that Padan compared.
    """

    agreement: Agreement
    reasons: tuple[Explanation, ...]
    compared_by: ComparedBy | None = None
    score: float | None = None
    verdict: NameVerdict | None = None
    model: str | None = None


class Explanations(Hidden, frozen=True):
    """Every field of the claim, under the names that `match` has for them."""

    national_id_number: FieldExplanation
    full_name: FieldExplanation
    date_of_birth: FieldExplanation


def explain(finding: Finding) -> Explanations:
    """Explain a finding, field by field."""
    if finding.outcome is not Outcome.FOUND:
        unknown = FieldExplanation(Agreement.UNKNOWN, (_sentence(finding.outcome.value),))
        nik = unknown
        if finding.outcome is Outcome.NOT_FOUND:
            nik = FieldExplanation(Agreement.DIFFERS, unknown.reasons, finding.compared_by)
        return Explanations(nik, unknown, unknown)
    by_padan = finding.compared_by is ComparedBy.PADAN
    dates = ("same_date", "another_date") if by_padan else _BY_THE_REGISTRY
    return Explanations(
        national_id_number=_exact(
            finding.nik, finding.compared_by, codes=("on_record", "registry_disagrees")
        ),
        full_name=_name(finding.full_name, finding.compared_by),
        date_of_birth=_exact(finding.date_of_birth, finding.compared_by, codes=dates),
    )


_BY_THE_REGISTRY: Final = ("registry_agrees", "registry_disagrees")


def _exact(comparison: Comparison | None, by: ComparedBy, *, codes: tuple[str, str]) -> FieldExplanation:
    if comparison is None:
        return FieldExplanation(Agreement.UNKNOWN, (_sentence("not_permitted"),))
    code = codes[0] if comparison.matches else codes[1]
    return FieldExplanation(_agreement(comparison), (_sentence(code),), by, comparison.score)


def _name(comparison: Comparison | None, by: ComparedBy) -> FieldExplanation:
    if comparison is None or comparison.judgement is None:
        return _exact(comparison, by, codes=_BY_THE_REGISTRY)
    # Whoever judged the name has it in memory already; nobody else needs it.
    from padan.names import Told

    judged = comparison.judgement
    told = [Told(reason.code, reason.word) for reason in judged.reasons]
    reasons = [Explanation(one.code, Sentence(one.message("en"), one.message("id"))) for one in told]
    if not comparison.matches and judged.verdict is not NameVerdict.DIFFERENT:
        reasons.append(_sentence("below_the_threshold"))
    return FieldExplanation(
        _agreement(comparison), tuple(reasons), by, comparison.score, judged.verdict, judged.model
    )


def _agreement(comparison: Comparison) -> Agreement:
    return Agreement.AGREES if comparison.matches else Agreement.DIFFERS


@cache
def _sentence(code: str) -> Explanation:
    return Explanation(code, Sentence(*SENTENCES[code]))
