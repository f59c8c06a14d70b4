"""Prometheus metrics: plain numbers while the server runs, families when somebody asks."""

from padan.metrics.collector import FAMILIES, Collector
from padan.metrics.exposition import metrics_app
from padan.metrics.http import MeteredApp
from padan.metrics.lag import watch_loop
from padan.metrics.meters import Histogram, Meters
from padan.metrics.store import MeteredStore

__all__ = [
    "FAMILIES",
    "Collector",
    "Histogram",
    "MeteredApp",
    "MeteredStore",
    "Meters",
    "metrics_app",
    "watch_loop",
]
