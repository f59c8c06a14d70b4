"""The operator's own register as a registry: the record is looked up, compared, and let go of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from padan.app.ports.registers import (
    RegisterDamaged,
    RegisterMissing,
    RegisterReader,
    RegisterUnavailable,
)
from padan.domain.claim import Claim
from padan.domain.errors import RefusalReason, RegistryProtocolError, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Finding, Outcome
from padan.domain.register import Record, Status
from padan.domain.rules import USUAL_NAMES, NameRules
from padan.registries.record import Held, compare_record

_OUTCOMES: Final[Mapping[Status, Outcome]] = MappingProxyType(
    {
        Status.ALIVE: Outcome.FOUND,
        Status.DECEASED: Outcome.DECEASED,
        Status.INACTIVE: Outcome.INACTIVE,
        Status.DUPLICATE: Outcome.DUPLICATE,
    }
)


def to_finding(record: Record | None, claim: Claim, *, names: NameRules) -> Finding:
    """Compare what the register holds under the claim's NIK with the claim.

    Only the living are compared. The sex is unknown unless the register has another one than the NIK carries.
    Raises RegistryProtocolError where it is the record of another NIK.
    """
    if record is None:
        return Finding(Outcome.NOT_FOUND)
    outcome = _OUTCOMES[record.status]
    if outcome is not Outcome.FOUND:
        return Finding(outcome)
    held = Held(record.nik, record.full_name, record.date_of_birth, record.sex)
    return compare_record(held, claim, names=names)


class RegisterRegistry:
    """Asks the operator's own register. A question costs nothing."""

    name = "register"

    def __init__(self, register: RegisterReader) -> None:
        self._register = register

    async def ask(
        self,
        claim: Claim,
        *,
        request_id: str,  # noqa: ARG002 - a question that costs nothing may be asked twice
        names: NameRules = USUAL_NAMES,
    ) -> Finding:
        """Look the claim's NIK up in the newest data, and compare.

        Raises RegistryUnavailable where the register cannot be read now, RegistryRefused where nothing was
        loaded, RegistryProtocolError where what it holds is damaged.
        """
        try:
            await self._register.refresh()
            record = await self._register.look(claim.nik)
        except RegisterMissing as error:
            raise RegistryRefused(str(error), reason=RefusalReason.INSTITUTION) from None
        except RegisterDamaged as error:
            raise RegistryProtocolError(str(error)) from None
        except RegisterUnavailable as error:
            raise RegistryUnavailable(str(error), may_be_charged=False) from None
        return to_finding(record, claim, names=names)

    async def reachable(self) -> bool:
        """Whether the register can be read."""
        try:
            await self._register.refresh()
            await self._register.count()
        except RegisterUnavailable:
            return False
        return True

    async def close(self) -> None:
        """Let go of the register."""
        await self._register.close()
