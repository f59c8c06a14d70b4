"""The ways a registry fails to answer. The type says whether to ask again."""

from __future__ import annotations

from enum import StrEnum


class RefusalReason(StrEnum):
    """Why a registry refuses a question it understood."""

    CREDENTIALS = "credentials"
    ADDRESS = "address"
    QUOTA = "quota"
    HOURS = "hours"
    PARAMETERS = "parameters"
    INSTITUTION = "institution"
    UNPROCESSABLE_NIK = "unprocessable_nik"


class RegistryError(Exception):
    """A question that got no finding. Messages name codes and causes, never what was asked.

    `may_be_charged` is true when the registry may count the question.
    """

    may_be_charged: bool = True


class RegistryUnavailable(RegistryError):
    """The registry could not be reached or did not answer in time: ask again later.

    `may_be_charged` is true when the question may have arrived, so that asking again may be paid twice.
    `retry_after_s` is how many seconds the registry itself wants to be left alone, where it says so.
    """

    def __init__(self, message: str, *, may_be_charged: bool, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.may_be_charged = may_be_charged
        self.retry_after_s = retry_after_s


class RegistryRefused(RegistryError):
    """The registry refuses: configuration, quota, or a NIK it cannot process. Never ask again by itself."""

    def __init__(self, message: str, *, reason: RefusalReason, may_be_charged: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.may_be_charged = may_be_charged


class RegistryProtocolError(RegistryError):
    """The answer cannot be understood. Never ask again; raise an alarm. It was answered, so it may cost."""
