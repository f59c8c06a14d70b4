"""The ways a verb says no. Nothing has been stored when one is raised."""

from __future__ import annotations

from collections.abc import Mapping

from padan.domain.activation import ActivationState


class Invalid(Exception):
    """The request is malformed. `errors` maps each property to what is wrong and the remedy.

    `codes` maps properties to the stable names of the same faults, for whoever words them for a person.
    """

    def __init__(self, errors: dict[str, list[str]], *, codes: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors
        self.codes = codes or {}


class NotYours(Exception):
    """There is no such thing in this environment. One answer for unknown, foreign and wrongly keyed."""


class NotLicensed(Exception):
    """The provider is not activated for Live use; `state` says how its agreement stands."""

    def __init__(self, provider: str, *, state: ActivationState) -> None:
        super().__init__(provider)
        self.provider = provider
        self.state = state


class TooManyTries(Exception):
    """A NIK was tried with too many different details within a day. Try again tomorrow."""


class KeyReused(Exception):
    """An `Idempotency-Key` came again with another request, or from the holder of another access token."""
