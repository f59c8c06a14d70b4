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


@dataclass(frozen=True, slots=True)
class Comparison:
    """How one field of a claim compares with the registry's.

    `score` is the registry's own similarity, 0 to 1, where it gives one.
    """

    matches: bool
    score: float | None = None


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

    def __post_init__(self) -> None:
        """Hold the rule that only a person who was found can match."""
        compared = (self.nik, self.full_name, self.date_of_birth, self.sex)
        if self.outcome is not Outcome.FOUND and any(c is not None and c.matches for c in compared):
            raise ValueError(f"a finding of {self.outcome} cannot carry a match")
