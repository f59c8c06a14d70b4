"""Count what is owed to the registry as the report of a semester."""

from __future__ import annotations

from padan.app.ports import Clock, Directory, Ledger
from padan.app.times import jakarta_date, span_of_months
from padan.domain.environment import EnvironmentKind
from padan.domain.usage import Semester, UsageReport, by_purpose


async def usage_report(
    ledger: Ledger, directory: Directory, *, semester: Semester, provider: str, clock: Clock
) -> UsageReport:
    """What was asked in Live environments; questions of Test environments are not the registry's business.

    A purpose is what the profile tells people now, else its alias.
    """
    span = span_of_months(semester.year, semester.first_month, count=6)
    costs = [c for c in await ledger.costs(span) if c.environment is EnvironmentKind.LIVE]
    purposes = {}
    for profile_id in {cost.profile_id for cost in costs}:
        profile = await directory.brand(profile_id)
        purposes[profile_id] = str(profile_id) if profile is None else profile.purpose
    activation = await directory.activation(provider)
    return UsageReport(semester, activation, jakarta_date(clock()), by_purpose(costs, purposes))
