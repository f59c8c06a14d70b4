"""The normalised identity data of the Trinsic API, as far as Padan's providers fill it.

Source: the models of the official SDK `trinsic-api` 3.2.1; what older SDKs insist on is kept as well.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from padan.domain.finding import Comparison


class Hidden(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """A type of the wire that holds personal data: `repr` shows none of it; absent values are left out."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<hidden>)"

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        """Show nothing to printers of tracebacks either."""
        return []


class DocumentType(StrEnum):
    """The kinds of documents a provider can name."""

    NATIONAL_ID = "NationalId"


class Person(Hidden, frozen=True):
    """Who was asked about, as claimed."""

    full_name: str
    date_of_birth: date


class Document(Hidden, frozen=True):
    """The number that was asked about, as claimed."""

    type: DocumentType
    number: str


class Match(Hidden, frozen=True):
    """Whether one field agrees, and the registry's similarity (0 to 1) where it gives one."""

    boolean_value: bool
    probability_value: float | None = None


class MatchData(Hidden, frozen=True):
    """What the registry says of each field."""

    national_id_number: Match
    full_name: Match
    date_of_birth: Match


ProviderOutput = TypeVar("ProviderOutput")


class IdentityData(Hidden, Generic[ProviderOutput], frozen=True):
    """`identityData` of the Trinsic API. `provider_output` holds one object under the provider's id."""

    originating_provider_id: str
    person: Person
    document: Document
    match: MatchData
    provider_output: dict[str, ProviderOutput]
    attachments: tuple[str, ...]


def to_match(comparison: Comparison | None) -> Match:
    """A comparison on the wire. What was not compared is not a match."""
    if comparison is None:
        return Match(boolean_value=False)
    return Match(comparison.matches, comparison.score)
