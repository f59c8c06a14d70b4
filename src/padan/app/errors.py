"""The ways a verb says no. Nothing has been stored when one is raised."""

from __future__ import annotations


class Invalid(Exception):
    """The request is malformed. `errors` maps each property to what is wrong and the remedy."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class NotYours(Exception):
    """There is no such thing in this environment. One answer for unknown, foreign and wrongly keyed."""


class NotLicensed(Exception):
    """The provider is not activated for Live use."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider
