"""What is asserted about a person: NIK, full name, date of birth."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date
from enum import StrEnum


class ClaimField(StrEnum):
    """The fields of a claim, named as relying parties send them."""

    NIK = "nikIdNumber"
    FULL_NAME = "fullName"
    DATE_OF_BIRTH = "dateOfBirth"


@dataclass(frozen=True, slots=True, repr=False)
class Claim:
    """A complete claim, ready to be asked: each field already has its lawful form."""

    nik: str
    full_name: str
    date_of_birth: date

    def __repr__(self) -> str:
        return "Claim(<hidden>)"


@dataclass(frozen=True, slots=True, repr=False)
class PartialClaim:
    """The part of a claim that is known so far; `None` is what the person still has to give."""

    nik: str | None = None
    full_name: str | None = None
    date_of_birth: date | None = None

    def __repr__(self) -> str:
        return "PartialClaim(<hidden>)"

    @property
    def missing(self) -> tuple[ClaimField, ...]:
        """The fields still to be asked for, in the order a form asks them."""
        given = {ClaimField.NIK: self.nik, ClaimField.FULL_NAME: self.full_name}
        return tuple(
            field
            for field, value in {**given, ClaimField.DATE_OF_BIRTH: self.date_of_birth}.items()
            if value is None
        )

    def completed_by(self, later: PartialClaim) -> PartialClaim:
        """This claim with its gaps filled from `later`; what is already known is never overwritten."""
        gaps = {f.name: getattr(later, f.name) for f in fields(self) if getattr(self, f.name) is None}
        return replace(self, **gaps)

    def complete(self) -> Claim:
        """The complete claim.

        Raises:
            ValueError: a field is still missing.
        """
        if self.nik is None or self.full_name is None or self.date_of_birth is None:
            raise ValueError("the claim is incomplete: " + ", ".join(self.missing))
        return Claim(self.nik, self.full_name, self.date_of_birth)
