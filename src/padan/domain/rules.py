"""What a profile makes of a registry's answers, and of their absence. Every default fails closed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from padan.domain.finding import Finding, NameVerdict, Outcome


class Acceptance(StrEnum):
    """What becomes of a session whose person does not match in everything."""

    REPORT = "Report"
    """A check ran: the session succeeds, and its match fields say what did not agree."""
    REFUSE = "Refuse"
    """The session fails with `AssuranceLevelNotMet`."""


class Patience(StrEnum):
    """What becomes of a session that must not be asked now."""

    WAIT = "Wait"
    FAIL = "Fail"


@dataclass(frozen=True, slots=True)
class NameRules:
    """When a name counts as the same.

    `threshold` (0 to 100) is the score from which it does, in place of the registry's own setting. Where
    Padan compares the names itself, `verdict` is the weakest that counts, and the score has to reach
    `threshold` besides, where there is one.
    """

    threshold: int | None = None
    verdict: NameVerdict = NameVerdict.VARIATION

    def __post_init__(self) -> None:
        """Refuse what would accept anybody."""
        if self.threshold is not None and not 0 <= self.threshold <= 100:
            raise ValueError("the threshold for names must be 0 to 100")
        if self.verdict is NameVerdict.DIFFERENT:
            raise ValueError("different names are never the same")


USUAL_NAMES: Final = NameRules()
"""Names are judged so where no profile says otherwise."""


@dataclass(frozen=True, slots=True)
class RegistryRules:
    """One profile's rules.

    `name_threshold` (0 to 100) and `name_verdict` judge names: see `NameRules`. `when_used_up`: the quota,
    the budget, or outside the hours of access. `when_offline`: while the registry gives no answer; `Fail`
    refuses new sessions. `monthly_budget` is in rupiah, of the prices. `answers_kept` is for how many minutes
    the answer to an identical claim is taken from memory instead of asking again; the agreement has to permit
    that, so it is 0.
    """

    acceptance: Acceptance = Acceptance.REPORT
    name_threshold: int | None = None
    name_verdict: NameVerdict = NameVerdict.VARIATION
    when_used_up: Patience = Patience.FAIL
    when_offline: Patience = Patience.WAIT
    monthly_budget: int | None = None
    answers_kept: int = 0

    @property
    def names(self) -> NameRules:
        """When a name counts as the same."""
        return NameRules(self.name_threshold, self.name_verdict)


def accepted(finding: Finding, rules: RegistryRules) -> bool:
    """Whether the session may succeed. What was not compared does not match."""
    if rules.acceptance is Acceptance.REPORT:
        return True
    compared = (finding.nik, finding.full_name, finding.date_of_birth)
    return finding.outcome is Outcome.FOUND and all(one is not None and one.matches for one in compared)
