"""The permission that a provider needs before its first Live session: the agreement with a registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

WARNING_DAYS = 30
"""Days before the end of an agreement from which everybody who looks is warned."""


class ActivationState(StrEnum):
    """Whether an agreement permits questions today."""

    ACTIVE = "active"
    ENDING = "ending"
    NOT_YET = "not_yet"
    EXPIRED = "expired"
    SUSPENDED = "suspended"
    MISSING = "missing"

    @property
    def permits(self) -> bool:
        """Whether questions may be asked."""
        return self in {ActivationState.ACTIVE, ActivationState.ENDING}


@dataclass(frozen=True, slots=True)
class Terms:
    """What an agreement allows and costs.

    `quota` is questions a day (Jakarta), `per_second` questions a second; `None` is without limit. `tariff`
    is what the registry charges for a question, `price` what the operator charges for it, in rupiah.
    """

    quota: int | None = None
    per_second: float | None = None
    tariff: int = 0
    price: int = 0


@dataclass(frozen=True, slots=True)
class Activation:
    """One agreement (PKS), as registered by the operator. Both dates are Jakarta's and included.

    `fields` are those of the registry's wire that may be sent, `address` the one declared in the agreement.
    Credentials are not part of it: they come from the settings, and are stored nowhere.
    """

    provider: str
    agreement: str
    holder: str
    valid_from: date
    valid_until: date
    customer: str
    method: str
    fields: tuple[str, ...]
    address: str
    registered_at: int
    terms: Terms = field(default_factory=Terms)
    suspended_at: int | None = None
    suspended_because: str | None = None


def activation_state(activation: Activation | None, today: date) -> ActivationState:
    """Whether an agreement permits questions on a day (Jakarta)."""
    if activation is None:
        return ActivationState.MISSING
    if activation.suspended_at is not None:
        return ActivationState.SUSPENDED
    if today < activation.valid_from:
        return ActivationState.NOT_YET
    left = (activation.valid_until - today).days
    if left < 0:
        return ActivationState.EXPIRED
    return ActivationState.ENDING if left <= WARNING_DAYS else ActivationState.ACTIVE
