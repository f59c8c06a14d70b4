"""How a question is counted: against a day's quota, a second's rate, a month's budget; in every store alike.

A counter is a number under a name and a period. All counters of a question are read and written in the
transaction that writes the question down.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol
from uuid import UUID

from padan.domain.attempt import Allowance, Begun, Refusal

BURST = 2_000
"""Milliseconds of questions that may be asked at once after a pause."""

FURTHEST_AHEAD = 60_000
"""Milliseconds by which the clock of another machine may be ahead."""


class Counters(Protocol):
    """A store's counters, inside one transaction."""

    def get(self, name: str, period: str) -> int:
        """The number; 0 where there is none."""

    def put(self, name: str, period: str, *, number: int) -> None:
        """Store the number."""


def take(counters: Counters, allowance: Allowance, *, now: int) -> Begun:
    """Count one question, or say what it would exceed; then nothing is counted."""
    used = counters.get(quota_name(allowance.account), allowance.day)
    if allowance.quota is not None and used >= allowance.quota:
        return Begun(Refusal.QUOTA)
    spent = counters.get(budget_name(allowance.profile_id), allowance.month)
    if allowance.budget is not None and spent + allowance.price > allowance.budget:
        return Begun(Refusal.BUDGET)
    if allowance.per_second is not None:
        begun = _pace(counters, allowance.account, now=now, interval=1_000_000 / allowance.per_second)
        if begun.refusal is not None:
            return begun
    counters.put(quota_name(allowance.account), allowance.day, number=used + 1)
    counters.put(budget_name(allowance.profile_id), allowance.month, number=spent + allowance.price)
    return Begun()


def give_back(counters: Counters, allowance: Allowance) -> None:
    """Count a question back that was not charged."""
    used = counters.get(quota_name(allowance.account), allowance.day)
    spent = counters.get(budget_name(allowance.profile_id), allowance.month)
    counters.put(quota_name(allowance.account), allowance.day, number=max(0, used - 1))
    left = max(0, spent - allowance.price)
    counters.put(budget_name(allowance.profile_id), allowance.month, number=left)


def counters_of(allowances: Iterable[Allowance]) -> set[tuple[str, str]]:
    """The names and periods of all counters that `take` and `give_back` may touch for these."""
    names = set[tuple[str, str]]()
    for allowance in allowances:
        names.add((quota_name(allowance.account), allowance.day))
        names.add((budget_name(allowance.profile_id), allowance.month))
        if allowance.per_second is not None:
            names.add((rate_name(allowance.account), ""))
    return names


def quota_name(account: str) -> str:
    """The name of an account's questions of a day."""
    return f"quota {account}"


def budget_name(profile_id: UUID) -> str:
    """The name of a profile's prices of a month."""
    return f"budget {profile_id.hex}"


def rate_name(account: str) -> str:
    """The name of the instant up to which an account's questions are given out."""
    return f"rate {account}"


def _pace(counters: Counters, account: str, *, now: int, interval: float) -> Begun:
    """The generic cell rate algorithm (ITU-T I.371): one number, the instant questions are given out up to.

    It is kept in microseconds, as `interval` is, so that rates above a thousand a second keep their fraction.
    """
    given_out = max(counters.get(rate_name(account), ""), now * 1_000)
    if given_out > (now + BURST + FURTHEST_AHEAD) * 1_000 + interval:
        # More than can have been given out: the clock was ahead when it was. Begin anew, without a burst.
        given_out = (now + BURST) * 1_000
    if given_out - BURST * 1_000 > now * 1_000:
        return Begun(Refusal.RATE, ready_at=given_out // 1_000 - BURST + 1)
    counters.put(rate_name(account), "", number=given_out + round(interval))
    return Begun()
