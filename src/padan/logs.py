"""What leaves the process besides answers: logs, one JSON object a line, never anything personal."""

from __future__ import annotations

import logging
import resource
import sys

import structlog


def keep_no_cores() -> None:
    """A crash must not write the process's memory, keys and claims in it, to a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def configure_logs() -> None:
    """Send our events, and warnings of libraries, to standard error."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def report(event: str, detail: str) -> None:
    """What happened; only what went wrong is worth a warning. `detail` is a code, never data of a person."""
    log = structlog.get_logger()
    (log.warning if event == "defect" or detail.startswith("defect") else log.info)(event, detail=detail)
