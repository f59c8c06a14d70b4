"""The operator's own register as a registry: the record is compared with the claim here, and let go of.

Nothing of the record leaves this module: not in a finding, not in an exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from padan.app.ports.registers import Register, RegisterDamaged, RegisterMissing, RegisterUnavailable
from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.register import Record, Status
from padan.nik import Nik
from padan.registries.dukcapil_record import CompareNames, same_name

_OUTCOMES: Final[Mapping[Status, Outcome]] = MappingProxyType(
    {
        Status.ALIVE: Outcome.FOUND,
        Status.DECEASED: Outcome.DECEASED,
        Status.INACTIVE: Outcome.INACTIVE,
        Status.DUPLICATE: Outcome.DUPLICATE,
    }
)


@dataclass(frozen=True, slots=True)
class RegisterSettings:
    """What the registry is made of.

    `name_threshold` is the similarity, in percent, from which a name that got a score counts as matching.
    """

    register: Register
    compare_names: CompareNames = same_name
    name_threshold: int = 90


def to_finding(
    record: Record | None, claim: Claim, *, compare_names: CompareNames, name_threshold: int
) -> Finding:
    """Compare what the register holds under the claim's NIK with the claim.

    Only the living are compared. The sex is unknown unless the register has another one than the NIK carries.
    Raises RegistryProtocolError where it is the record of another NIK.
    """
    if record is None:
        return Finding(Outcome.NOT_FOUND)
    if record.nik != claim.nik:
        raise RegistryProtocolError("the register's record is not that of the NIK it was asked for")
    outcome = _OUTCOMES[record.status]
    if outcome is not Outcome.FOUND:
        return Finding(outcome)
    name = compare_names(claim.full_name, record.full_name)
    if name.score is not None:
        name = Comparison(name.score * 100 >= name_threshold, name.score)
    return Finding(
        outcome,
        nik=Comparison(True),
        full_name=name,
        date_of_birth=Comparison(record.date_of_birth == claim.date_of_birth),
        sex=None if record.sex is None else Comparison(record.sex is Nik(claim.nik).sex),
    )


class RegisterRegistry:
    """Asks the operator's own register. A question costs nothing."""

    name = "register"

    def __init__(self, settings: RegisterSettings) -> None:
        self._settings = settings

    async def ask(
        self,
        claim: Claim,
        *,
        request_id: str,  # noqa: ARG002 - a question that costs nothing may be asked twice
        name_threshold: int | None = None,
    ) -> Finding:
        """Look the claim's NIK up in the newest data, and compare.

        Raises RegistryUnavailable where the register cannot be read now, RegistryRefused where nothing was
        loaded, RegistryProtocolError where what it holds is damaged.
        """
        settings = self._settings
        try:
            await settings.register.refresh()
            record = await settings.register.look(claim.nik)
        except RegisterMissing as error:
            raise RegistryRefused(str(error), reason=RefusalReason.INSTITUTION) from None
        except RegisterDamaged as error:
            raise RegistryProtocolError(str(error)) from None
        except RegisterUnavailable as error:
            raise RegistryUnavailable(str(error), may_be_charged=False) from None
        threshold = settings.name_threshold if name_threshold is None else name_threshold
        return to_finding(record, claim, compare_names=settings.compare_names, name_threshold=threshold)

    async def reachable(self) -> bool:
        """Whether the register can be read."""
        try:
            await self._settings.register.refresh()
            await self._settings.register.count()
        except RegisterUnavailable:
            return False
        return True

    async def close(self) -> None:
        """Let go of the register."""
        await self._settings.register.close()
