"""A registry's answer in our words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """What a registry holds under a NIK. Anything else a registry says is an error, never a match."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    DECEASED = "deceased"
    DUPLICATE = "duplicate"
    INACTIVE = "inactive"


class ComparedBy(StrEnum):
    """Who set the claim beside the record: the registry, which tells verdicts, or Padan, which read it."""

    REGISTRY = "registry"
    PADAN = "padan"


class NameVerdict(StrEnum):
    """What two names are to each other in Padan's own comparison, best first."""

    EXACT = "exact"
    VARIATION = "variation"
    PARTIAL = "partial"
    DIFFERENT = "different"

    def reaches(self, least: NameVerdict) -> bool:
        """Whether it is at least as good as another."""
        order = tuple(NameVerdict)
        return order.index(self) <= order.index(least)


@dataclass(frozen=True, slots=True, repr=False)
class NameReason:
    """One thing that was seen in two names: a code of `padan.names`, and the word of the claim it is about.

    It never holds a word of the record, so `word` is empty where the claim has none. `repr` shows the code.
    """

    code: str
    word: str = ""

    def __repr__(self) -> str:
        return f"NameReason({self.code!r})"


@dataclass(frozen=True, slots=True)
class NameJudgement:
    """What Padan's own comparison of names came to, by which model, and why."""

    verdict: NameVerdict
    model: str
    reasons: tuple[NameReason, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one field of a claim compares with the registry's.

    `score` is the similarity, 0 to 1, of who compared it, where there is one. `judgement` is there for a
    name that Padan compared.
    """

    matches: bool
    score: float | None = None
    judgement: NameJudgement | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question.

    A comparison is `None` where the registry compared nothing, as it does for every outcome but `found`;
    unknown is never a match. `quota_left` is the number of questions the registry still answers today.
    `sex` compares the sex that the NIK carries with the registry's, which may have been corrected since.
    """

    outcome: Outcome
    nik: Comparison | None = None
    full_name: Comparison | None = None
    date_of_birth: Comparison | None = None
    quota_left: int | None = None
    sex: Comparison | None = None
    compared_by: ComparedBy = ComparedBy.REGISTRY

    def __post_init__(self) -> None:
        """Hold the rule that only a person who was found can match."""
        compared = (self.nik, self.full_name, self.date_of_birth, self.sex)
        if self.outcome is not Outcome.FOUND and any(c is not None and c.matches for c in compared):
            raise ValueError(f"a finding of {self.outcome} cannot carry a match")
