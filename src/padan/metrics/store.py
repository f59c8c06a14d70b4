"""The store, counted: every session and every question passes here, so nothing else needs to count them."""

from __future__ import annotations

from collections.abc import Awaitable
from time import perf_counter
from typing import Any, TypeVar, cast

from padan.app.ports import Receipt, Store, StoreUnavailable
from padan.domain.attempt import Allowance, Attempt, Begun
from padan.domain.feedback import Feedback
from padan.domain.session import Session
from padan.metrics.meters import REGISTRY_SECONDS, Histogram, Meters

T = TypeVar("T")


class MeteredStore:
    """A store that counts what is written through it; everything else is the store's own."""

    def __init__(self, store: Store, meters: Meters) -> None:
        self._store = store
        self._meters = meters

    @classmethod
    def over(cls, store: Store, meters: Meters) -> Store:
        """The store itself, to whoever uses it."""
        return cast("Store", cls(store, meters))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def add(self, session: Session, *, receipt: Receipt | None = None) -> None:
        """See `SessionStore`."""
        await self._timed("create", self._store.add(session, receipt=receipt))
        kind = session.environment_kind.value
        self._meters.created[kind, session.kind.value, session.provider or "widget"] += 1

    async def begin(
        self, before: Session, after: Session, *, attempt: Attempt, allowance: Allowance, now: int
    ) -> Begun:
        """See `SessionStore`."""
        work = self._store.begin(before, after, attempt=attempt, allowance=allowance, now=now)
        return await self._timed("begin", work)

    async def change(
        self,
        before: Session,
        after: Session,
        *,
        attempt: Attempt | None = None,
        refund: Allowance | None = None,
        feedback: Feedback | None = None,
    ) -> bool:
        """See `SessionStore`."""
        work = self._store.change(before, after, attempt=attempt, refund=refund, feedback=feedback)
        changed = await self._timed("change", work)
        if changed and after.done and not before.done:
            outcome = "Success" if after.success else after.error_code or "Redacted"
            self._meters.ended[after.environment_kind.value, str(outcome)] += 1
        if changed and attempt is not None:
            self._answered(attempt)
        return changed

    async def record(self, attempt: Attempt, *, refund: Allowance | None = None) -> None:
        """See `SessionStore`."""
        await self._timed("record", self._store.record(attempt, refund=refund))
        self._answered(attempt)

    async def _timed(self, write: str, work: Awaitable[T]) -> T:
        began = perf_counter()
        try:
            done = await work
        except StoreUnavailable:
            self._meters.store_refused[write] += 1
            raise
        self._meters.stored(write, perf_counter() - began)
        return done

    def _answered(self, attempt: Attempt) -> None:
        meters, registry, charge = self._meters, attempt.registry, attempt.charge.value
        # What follows a colon may be a code of the registry's or the type of a defect: too many for a label.
        outcome = (attempt.outcome or "unheard").partition(":")[0]
        meters.questions[registry, outcome, charge] += 1
        meters.rupiah[registry, charge] += attempt.tariff
        histogram = meters.question_seconds.get(registry)
        if histogram is None:
            histogram = meters.question_seconds[registry] = Histogram(REGISTRY_SECONDS)
        if attempt.ended_at is not None:
            histogram.observe((attempt.ended_at - attempt.started_at) / 1000)
