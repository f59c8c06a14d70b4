"""The provider `indonesia-nik-lookup`: name, date of birth and NIK matched against the registry."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import msgspec

from padan.domain.claim import Claim, PartialClaim
from padan.domain.finding import Finding
from padan.domain.provider import (
    Availability,
    CollectionMethod,
    Language,
    LaunchMethod,
    ProviderContract,
)
from padan.providers.indonesia_nik_input import IndonesiaNikInput, read_input
from padan.providers.indonesia_nik_output import IndonesiaNikOutput, identity_data

_ATTRIBUTES: Final = (
    "person.fullName",
    "person.dateOfBirth",
    "document.type",
    "document.number",
    "match.nationalIdNumber",
    "match.fullName",
    "match.dateOfBirth",
)

CONTRACT: Final = ProviderContract(
    id="indonesia-nik-lookup",
    name="Indonesia NIK",
    subtext="National identity number (NIK)",
    description=(
        "Matches a full name, a date of birth and a NIK against Indonesia's population registry (Dukcapil), "
        "and says which of them agree."
    ),
    information_url="https://dukcapil.kemendagri.go.id/page/read/data-kependudukan",
    regions=("Asia",),
    countries=("ID",),
    launch_method=LaunchMethod.NONE,
    collection_method=CollectionMethod.POLL_RESULT,
    requires_input=True,
    attributes=tuple((scope, Availability.ALWAYS) for scope in _ATTRIBUTES),
    languages=(Language("id", "Bahasa Indonesia"), Language("en", "English")),
    logo_path="/assets/providers/indonesia-nik-lookup.svg",
)


class IndonesiaNikLookup:
    """Implements `padan.app.ports.Provider`."""

    contract = CONTRACT
    input_type: type = IndonesiaNikInput
    output_type: type = IndonesiaNikOutput

    def read_input(self, raw: Mapping[str, Any], *, today: date, language: str = "en") -> PartialClaim:
        """The claim in the provider's input. Missing, null and empty fields are left open.

        Raises InputInvalid for fields that are given and malformed.
        """
        return read_input(raw, today=today, language=language)

    def identity_data(self, claim: Claim, finding: Finding, *, today: date) -> bytes:
        """The `identityData` of the Trinsic API as JSON."""
        return msgspec.json.encode(identity_data(CONTRACT.id, claim, finding=finding, today=today))
