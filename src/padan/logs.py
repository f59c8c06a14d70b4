"""What leaves the process besides answers: logs, one JSON object a line, never anything personal."""

from __future__ import annotations

import logging
import resource
import sys

import structlog


def keep_no_cores() -> None:
    """A crash must not write the process's memory, keys and claims in it, to a file."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class NothingPersonal(logging.Filter):
    """Of a library's record only its source and an exception's type remain: texts may quote a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record, and keep it."""
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        record.msg, record.args = kind or "warning", ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


def configure_logs() -> None:
    """Send our events, and what libraries warn of, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NothingPersonal())
    handler.setFormatter(logging.Formatter("%(levelname)s %(name)s:%(lineno)d %(message)s"))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
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
    wrong = event in {"defect", "alarm"} or detail.startswith(("defect", "not_taken"))
    (log.warning if wrong else log.info)(event, detail=detail)
