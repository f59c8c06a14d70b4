"""What leaves the process besides answers: logs, one JSON object a line, never anything personal."""

from __future__ import annotations

import logging
import resource
import sys
from collections.abc import Mapping
from types import MappingProxyType

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


EVENTS: Mapping[str, str] = MappingProxyType(
    {
        "verified": "a run of a session ended",
        "used_up": "a quota, a budget or the hours of access stop questions",
        "alarm": "the registry refuses everybody, or is not understood",
        "swept": "sessions ran out, were redacted, or forgotten",
        "store": "the store cannot be written, or a defect in the worker's own loops",
        "agreement": "the registered agreement cannot be used",
        "feedback": "data balikan was sent, or not taken",
        "audit": "the audit log cannot be written, or can again",
        "lines": "a defect while processes share what they know of a line to a registry",
        "process": "a process of a supervisor ended, fell silent, or was renewed",
        "defect": "a defect while a request was answered",
        "library": "a library warns; of its text only the type of an error is kept",
    }
)
"""Every event that is logged."""

_ERRORS = frozenset({"defect", "alarm"})
_WRONG = ("defect", "not_taken", "unavailable", "store_unavailable", "refused", "protocol_error")
_STAMP = structlog.processors.TimeStamper(fmt="iso", utc=True)


class _Record(logging.Formatter):
    """A library's record as a line like ours."""

    def __init__(self, render: structlog.typing.Processor) -> None:
        super().__init__()
        self._render = render

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        event: structlog.typing.EventDict = {
            "event": "library",
            "detail": record.getMessage(),
            "logger": f"{record.name}:{record.lineno}",
            "level": record.levelname.lower(),
        }
        return str(self._render(None, "", _STAMP(None, "", event)))


def configure_logs() -> None:
    """Send our events, and what libraries warn of, to standard error: JSON, or words on a terminal."""
    terminal = sys.stderr.isatty()
    render = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(NothingPersonal())
    handler.setFormatter(_Record(render))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    structlog.configure(
        processors=[structlog.processors.add_log_level, _STAMP, render],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


_LOG = structlog.get_logger()


def report(event: str, detail: str) -> None:
    """What happened: one of `EVENTS`, and a code, never data of a person.

    A detail that begins with a trace id (`traceparent`) has it as a field of its own: that of the answer.
    """
    fields = {"detail": detail}
    trace, space, rest = detail.partition(" ")
    if space and trace.startswith("00-"):
        fields = {"detail": rest, "trace_id": trace}
    log = _LOG
    if event in _ERRORS:
        log.error(event, **fields)
    elif detail.startswith(_WRONG):
        log.warning(event, **fields)
    else:
        log.info(event, **fields)
