"""The ledger of questions, counted in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from padan.app.times import jakarta_month
from padan.domain.attempt import Attempt, Charge
from padan.domain.cost import Cost, Span, Tally, total
from padan.domain.session import Session


class MemoryLedger:
    """Counts the questions of the sessions in memory."""

    def __init__(
        self, sessions: Mapping[UUID, Session], attempts: Mapping[tuple[UUID, int], Attempt]
    ) -> None:
        self._known = sessions
        self._asked = attempts

    async def costs(self, span: Span, *, profile_id: UUID | None = None) -> Sequence[Cost]:
        """What the questions begun in a span cost, by month, profile and outcome."""
        groups: dict[tuple[str, UUID, str | None], list[Cost]] = {}
        for attempt in self._asked.values():
            session = self._known[attempt.session_id]
            in_span = span.since <= attempt.started_at < span.until
            if in_span and profile_id in {None, session.profile_id}:
                cost = self._cost(attempt, session)
                groups.setdefault((cost.month, cost.profile_id, cost.outcome), []).append(cost)
        together = [replace(own[0], tally=total(cost.tally for cost in own)) for own in groups.values()]
        return sorted(together, key=lambda cost: cost.key)

    def _cost(self, attempt: Attempt, session: Session) -> Cost:
        charge, maybe = attempt.charge, attempt.charge is not Charge.NOT_CHARGED
        tally = Tally(
            questions=1,
            charged=int(charge is Charge.CHARGED),
            not_charged=int(charge is Charge.NOT_CHARGED),
            unknown=int(charge is Charge.UNKNOWN),
            possibly_twice=int(self._ends_a_repetition(attempt)),
            tariff_charged=attempt.tariff if charge is Charge.CHARGED else 0,
            tariff_at_most=attempt.tariff if maybe else 0,
            price_charged=attempt.price if charge is Charge.CHARGED else 0,
            price_at_most=attempt.price if maybe else 0,
        )
        month = jakarta_month(attempt.started_at)
        return Cost(month, session.environment_kind, session.profile_id, attempt.outcome, tally)

    def _ends_a_repetition(self, attempt: Attempt) -> bool:
        numbers = [
            other.number
            for other in self._asked.values()
            if other.session_id == attempt.session_id and other.charge is not Charge.NOT_CHARGED
        ]
        return len(numbers) > 1 and attempt.number == max(numbers)
