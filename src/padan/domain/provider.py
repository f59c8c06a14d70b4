"""A provider's public contract, and what a relying party's integration can do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Capability(StrEnum):
    """What a relying party's integration declares it can do in a direct session."""

    LAUNCH_BROWSER = "LaunchBrowser"
    DEEPLINK_TO_MOBILE = "DeeplinkToMobile"
    SHOW_CONTENT = "ShowContent"
    REFRESH_STEP_CONTENT = "RefreshStepContent"
    CAPTURE_REDIRECT = "CaptureRedirect"
    POLL_RESULT = "PollResult"
    POLL_AFTER_REDIRECT = "PollAfterRedirect"
    NATIVE_CHALLENGE = "NativeChallenge"


class LaunchMethod(StrEnum):
    """How a direct session is launched on the person's device."""

    LAUNCH_BROWSER = "LaunchBrowser"
    NONE = "None"
    DEEPLINK_TO_MOBILE = "DeeplinkToMobile"
    SHOW_CONTENT = "ShowContent"
    PERFORM_NATIVE_CHALLENGE = "PerformNativeChallenge"


class CollectionMethod(StrEnum):
    """How the results of a direct session are collected."""

    POLL_RESULT = "PollResult"
    CAPTURE_REDIRECT = "CaptureRedirect"
    SUBMIT_NATIVE_CHALLENGE_RESPONSE = "SubmitNativeChallengeResponse"


class Availability(StrEnum):
    """When an attribute stands in the results."""

    NEVER = "Never"
    SOMETIMES = "Sometimes"
    ALWAYS = "Always"


class Health(StrEnum):
    """Whether a verification can be expected to run now."""

    ONLINE = "Online"
    OFFLINE = "Offline"


@dataclass(frozen=True, slots=True)
class Language:
    """A language of the hosted pages: BCP 47 code and its own name."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class ProviderContract:
    """What a provider promises to everyone, independent of who asks."""

    id: str
    name: str
    subtext: str
    description: str
    information_url: str
    regions: tuple[str, ...]
    countries: tuple[str, ...]
    launch_method: LaunchMethod
    collection_method: CollectionMethod
    requires_input: bool
    attributes: tuple[tuple[str, Availability], ...]
    languages: tuple[Language, ...]
    logo_path: str
    subdivisions: tuple[str, ...] = ()

    @property
    def needed_capabilities(self) -> frozenset[Capability]:
        """What an integration must declare to run this provider without a hosted page."""
        needed = {Capability(self.collection_method.value)}
        if self.launch_method is not LaunchMethod.NONE:
            needed.add(Capability(self.launch_method.value))
        return frozenset(needed)
