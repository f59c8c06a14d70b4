"""The families that a scrape shows, made of the numbers of this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector as PrometheusCollector

from padan.metrics.meters import Histogram, Meters

FAMILIES: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "padan_build_info": ("The version that runs.", ("version",)),
    "padan_http_requests_total": ("Requests answered.", ("operation", "status")),
    "padan_http_request_seconds": ("From the head of a request to the end of its answer.", ("operation",)),
    "padan_sessions_created_total": ("Sessions stored.", ("environment", "kind", "provider")),
    "padan_sessions_ended_total": ("Sessions that ended.", ("environment", "outcome")),
    "padan_sessions_under_way": ("Sessions that this process works on.", ()),
    "padan_registry_questions_total": ("Questions that ended.", ("registry", "outcome", "charge")),
    "padan_registry_question_seconds": ("From asking to the answer, or to giving up.", ("registry",)),
    "padan_registry_rupiah_total": ("The tariff of questions that ended.", ("registry", "charge")),
    "padan_registry_online": ("1 while it may be asked, else 0.", ("environment", "line")),
    "padan_registry_quota": ("Questions a day that the agreement allows.", ("environment",)),
    "padan_registry_quota_used": ("Questions of today that count against it.", ("environment",)),
    "padan_store_write_seconds": ("Until a write was acknowledged.", ("write",)),
    "padan_store_unavailable_total": ("Writes that the store refused.", ("write",)),
    "padan_events_total": ("Events of the log.", ("event", "detail")),
    "padan_audit_unavailable": ("1 while the audit log cannot be written.", ()),
    "padan_event_loop_lag_seconds": ("How late timers of the event loop fire.", ()),
}  # fmt: skip
"""Every family: what it says, and its labels. `process_` families of the client stand beside them."""


@dataclass(slots=True)
class Now:
    """What is read at the moment of a scrape, by the labels of its family."""

    under_way: int = 0
    audit_unavailable: bool = False
    online: Sequence[tuple[str, str, bool]] = ()
    quota: Mapping[str, int] = field(default_factory=dict)
    quota_used: Mapping[str, int] = field(default_factory=dict)


class Collector(PrometheusCollector):
    """Turns meters into families. `now` is set before each scrape."""

    def __init__(self, meters: Meters, *, version: str) -> None:
        self._meters = meters
        self._version = version
        self.now = Now()

    def describe(self) -> Iterable[Metric]:
        """Nothing: the families are known by their names alone."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Every family."""
        meters = self._meters
        yield _gauge("padan_build_info", {(self._version,): 1})
        yield _counter("padan_http_requests_total", meters.requests)
        yield _histogram("padan_http_request_seconds", _by_one(meters.request_seconds))
        yield _counter("padan_sessions_created_total", meters.created)
        yield _counter("padan_sessions_ended_total", meters.ended)
        yield _counter("padan_registry_questions_total", meters.questions)
        yield _histogram("padan_registry_question_seconds", _by_one(meters.question_seconds))
        yield _counter("padan_registry_rupiah_total", meters.rupiah)
        yield _histogram("padan_store_write_seconds", _by_one(meters.store_seconds))
        yield _counter("padan_store_unavailable_total", {(w,): n for w, n in meters.store_refused.items()})
        yield _counter("padan_events_total", meters.events)
        yield _histogram("padan_event_loop_lag_seconds", {(): meters.lag})
        yield from self._of_now()

    def _of_now(self) -> Iterator[Metric]:
        now = self.now
        yield _gauge("padan_sessions_under_way", {(): now.under_way})
        yield _gauge("padan_audit_unavailable", {(): int(now.audit_unavailable)})
        yield _gauge("padan_registry_online", {(kind, line): int(up) for kind, line, up in now.online})
        yield _gauge("padan_registry_quota", {(kind,): n for kind, n in now.quota.items()})
        yield _gauge("padan_registry_quota_used", {(kind,): n for kind, n in now.quota_used.items()})


def _by_one(histograms: Mapping[str, Histogram]) -> Mapping[tuple[str, ...], Histogram]:
    return {(label,): one for label, one in histograms.items()}


def _counter(name: str, values: Mapping[Any, int]) -> Metric:
    text, labels = FAMILIES[name]
    family = CounterMetricFamily(name, text, labels=labels)
    for key, value in tuple(values.items()):
        family.add_metric(key, value)
    return family


def _gauge(name: str, values: Mapping[tuple[str, ...], float]) -> Metric:
    text, labels = FAMILIES[name]
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _histogram(name: str, values: Mapping[tuple[str, ...], Histogram]) -> Metric:
    text, labels = FAMILIES[name]
    family = HistogramMetricFamily(name, text, labels=labels)
    for key, one in tuple(values.items()):
        total, buckets = 0, []
        for bound, count in zip([*map(str, one.bounds), "+Inf"], one.counts, strict=True):
            total += count
            buckets.append((bound, float(total)))
        family.add_metric(key, buckets, one.total)
    return family
