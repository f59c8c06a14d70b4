"""What relying parties may ask for, one line each."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from padan.app.ports import Provider
from padan.providers.indonesia_nik_lookup import IndonesiaNikLookup

_ALL: Final[tuple[Provider, ...]] = (IndonesiaNikLookup(),)

PROVIDERS: Final[Mapping[str, Provider]] = MappingProxyType({p.contract.id: p for p in _ALL})
"""Each provider by its id."""

__all__ = ["PROVIDERS", "IndonesiaNikLookup"]
