"""The systems of record that can answer, one line each; `docs/how-to/add-a-registry.md` adds one."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from padan.app.ports import Registry
from padan.registries.data_balikan import (
    DataBalikan,
    DataBalikanSettings,
    read_params,
    unprotected_feedback_problem,
)
from padan.registries.dukcapil import DukcapilRegistry
from padan.registries.dukcapil_probe import LineReport
from padan.registries.dukcapil_settings import DukcapilSettings, unpinned_in_live_problem
from padan.registries.register import RegisterRegistry

REGISTRIES: Final[Mapping[str, Callable[[Any], Registry]]] = MappingProxyType(
    {
        DukcapilRegistry.name: DukcapilRegistry,
        RegisterRegistry.name: RegisterRegistry,
    }
)
"""Each registry by its name, made from its own settings."""

__all__ = [
    "REGISTRIES",
    "DataBalikan",
    "DataBalikanSettings",
    "DukcapilRegistry",
    "DukcapilSettings",
    "LineReport",
    "RegisterRegistry",
    "read_params",
    "unpinned_in_live_problem",
    "unprotected_feedback_problem",
]
