"""The only place that wires the rooms together."""

from padan.main.auditing import open_audit, operator, write_down
from padan.main.lines import (
    LIVE_ACCOUNT,
    LIVE_PROVIDER,
    LiveLines,
    dukcapil,
    feedback_settings,
    live_lines,
    register_line,
    register_registry,
    sandbox_line,
    test_line,
    test_register_line,
    unprotected_lines,
)
from padan.main.opening import VERSION, clock, database, open_keys, open_store, today
from padan.main.registers import (
    open_register,
    register_form,
    register_of,
    register_problem,
    register_reader,
    source_of,
    stored_form,
)
from padan.main.service import Role, Service, build_service, new_owner
from padan.main.simulating import Simulator

__all__ = [
    "LIVE_ACCOUNT",
    "LIVE_PROVIDER",
    "VERSION",
    "LiveLines",
    "Role",
    "Service",
    "Simulator",
    "build_service",
    "clock",
    "database",
    "dukcapil",
    "feedback_settings",
    "live_lines",
    "new_owner",
    "open_audit",
    "open_keys",
    "open_register",
    "open_store",
    "operator",
    "register_form",
    "register_line",
    "register_of",
    "register_problem",
    "register_reader",
    "register_registry",
    "sandbox_line",
    "source_of",
    "stored_form",
    "test_line",
    "test_register_line",
    "today",
    "unprotected_lines",
    "write_down",
]
