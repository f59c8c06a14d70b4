"""The JSON of the Trinsic API v1, as the SDKs 3.0.1 to 3.2.1 read and write it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from uuid import UUID

from msgspec import Raw, Struct, field

from padan.domain.hosting import ResultPage
from padan.domain.provider import Availability, Capability, CollectionMethod, Health, LaunchMethod


class Wire(Struct, rename="camel"):
    """A body. Names are camelCase on the wire; unknown properties are ignored, as Trinsic does."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(hidden)"


class CreateDirectSession(Wire):
    """`providerInput` holds one object a provider; properties that are null count as not given."""

    provider: str
    verification_profile_id: UUID
    capabilities: list[Capability]
    redirect_url: str | None = None
    fallback_to_hosted_ui: bool | None = field(default=None, name="fallbackToHostedUI")
    browser_languages: list[str] | None = None
    provider_input: dict[str, Any] | None = None


class CreateHostedSession(Wire):
    """A session that runs on Padan's hosted page."""

    provider: str
    verification_profile_id: UUID
    redirect_url: str
    browser_languages: list[str] | None = None
    provider_input: dict[str, Any] | None = None


class RecommendationInfo(Wire):
    """What is known of the person, to put the likeliest providers first."""

    phone_number: str | None = None
    countries: list[str] | None = None
    subdivisions: list[str] | None = None
    ip_addresses: list[str] | None = None


class CreateWidgetSession(Wire):
    """A session in which the person chooses the provider (SDK 3.0.x)."""

    verification_profile_id: UUID
    redirect_url: str | None = None
    providers: list[str] | None = None
    recommendation_info: RecommendationInfo | None = None


class ResultCollection(Wire):
    """How the results are collected, and the key that opens them."""

    method: CollectionMethod
    results_access_key: str


class NextStep(Wire):
    """What the relying party has to do next; `content` is a URL for `LaunchBrowser`, empty for `None`."""

    method: LaunchMethod
    content: str
    refresh: None = None


class DirectSessionCreated(Wire):
    """Answer to the creation of a direct session."""

    session_id: UUID
    result_collection: ResultCollection
    next_step: NextStep


class HostedSessionCreated(Wire):
    """Answer to the creation of a hosted or widget session. Both secrets are handed out once."""

    session_id: UUID
    launch_url: str
    results_access_key: str


class ConsentBody(Wire):
    """That the person agreed on the hosted page: when (Unix seconds), to which text, in which language."""

    given: int
    text_version: str
    language: str


class SessionBody(Wire):
    """A session. `created` and `updated` are Unix seconds. `consent` is Padan's own: SDKs ignore it."""

    id: UUID
    done: bool
    success: bool
    error_code: str | None
    created: int
    updated: int
    consent: ConsentBody | None = None


class SessionAnswer(Wire):
    """One session."""

    session: SessionBody


class ResultsRequest(Wire):
    """The key handed out at creation."""

    results_access_key: str


class ResultsAnswer(Wire):
    """The session and, once it succeeded, what was found."""

    session: SessionBody
    identity_data: Raw | None


class NativeChallengeResponse(Wire):
    """Answer to a native challenge; no provider here issues one."""

    results_access_key: str
    response_token: str


class StepAnswer(Wire):
    """A refreshed step; no provider here has one."""

    next_step: NextStep


class AttachmentAnswer(Wire):
    """An attachment; no provider here has one."""

    content: str
    content_type: str


class SessionList(Wire):
    """A page of sessions."""

    sessions: list[SessionBody]
    total: int
    more: bool


class HealthFilter(StrEnum):
    """Which providers to recommend."""

    ONLINE = "Online"
    OFFLINE = "Offline"
    ALL = "All"


class RecommendRequest(Wire):
    """A question: which providers suit this person."""

    verification_profile_id: UUID
    recommendation_info: RecommendationInfo | None = None
    health: HealthFilter | None = None


class RecommendedProvider(Wire):
    """A provider in a recommendation."""

    id: str
    name: str
    logo_url: str
    subtext: str
    health: Health
    regions: list[str]
    countries: list[str]
    subdivisions: list[str]
    sub_providers: list[str] = []


class Recommendation(Wire):
    """The likeliest providers, and the others of the profile."""

    recommended_providers: list[RecommendedProvider]
    remainder: list[RecommendedProvider]


class Attribute(Wire):
    """An attribute of the results."""

    scope: str
    outputted: Availability


class LanguageBody(Wire):
    """A language of the hosted page."""

    code: str
    label: str | None = None


class ProviderBody(Wire):
    """A provider. `description` and `geography` are there for SDKs before 3.2.1."""

    id: str
    name: str
    logo_url: str
    subtext: str
    description: str
    geography: list[str]
    regions: list[str]
    countries: list[str]
    subdivisions: list[str]
    licensed: bool
    launch_method: LaunchMethod
    collection_method: CollectionMethod
    results_may_be_delayed_after_redirect: bool
    has_refreshable_content: bool
    requires_input: bool
    has_trinsic_interface: bool
    supports_direct_provider_sessions: bool
    supported_languages: list[LanguageBody]
    available_attributes: list[Attribute]
    available_attachments: list[Attribute]
    sub_providers: list[str]
    live_health: Health
    test_health: Health


class ProviderAnswer(Wire):
    """One provider."""

    provider: ProviderBody


class ProviderList(Wire):
    """All providers."""

    providers: list[ProviderBody]


class ProfileBody(Wire):
    """A verification profile; periods are .NET time spans (`01:00:00`, `31.00:00:00`).

    From `allowedOrigins` on, the properties are Padan's own, and SDKs ignore them.
    """

    id: UUID
    alias: str
    brand_name: str
    external_id: str | None
    logo_url: str
    primary_color: str
    enabled_providers: list[str]
    session_expiration: str
    redaction_period: str
    is_production_usage: bool
    allowed_origins: list[str]
    show_known_data: bool
    result_page: ResultPage
    purpose: str | None
    privacy_url: str | None
    return_results_access_key: bool
    return_canceled: bool


class ProfileList(Wire):
    """A page of profiles."""

    verification_profiles: list[ProfileBody]
    more: bool


class CreatedId(Wire):
    """The id of what was created."""

    id: UUID


class AddRedirectUri(Wire):
    """A URI for the allow-list; `*` stands for one run of characters in a host label or path segment."""

    uri: str


class RedirectUriBody(Wire):
    """An entry of the allow-list."""

    id: UUID
    uri: str


class RedirectUriList(Wire):
    """A page of the allow-list."""

    uris: list[RedirectUriBody]
    more: bool
