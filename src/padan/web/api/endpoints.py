"""Every endpoint of the API in one table: the routes and the OpenAPI document are both made from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from padan.app.ports import Ports
from padan.domain.environment import Environment
from padan.domain.hosting import ResultPage
from padan.web.api import profiles, providers, redirect_uris, sessions, types

Handler = Callable[[Ports, Environment, Request], Awaitable[Any]]
Query = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One operation. Without an `answer` the response is empty."""

    method: str
    path: str
    tag: str
    operation: str
    handler: Handler
    status: int = 200
    body: type[types.Wire] | None = None
    answer: type[types.Wire] | None = None
    query: tuple[Query, ...] = ()
    form: tuple[Query, ...] = ()

    @property
    def summary(self) -> str:
        """The handler's first line."""
        return (self.handler.__doc__ or "").splitlines()[0].rstrip(".")


def _whole(low: int, high: int, default: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high, "default": default}


_PAGES: tuple[Query, ...] = (("page", _whole(1, 1_000_000, 1)), ("pageSize", _whole(1, 100, 20)))
_SESSION_QUERY: tuple[Query, ...] = (
    ("OrderBy", {"type": "string", "enum": ["Created", "Updated", "State"], "default": "Created"}),
    ("OrderDirection", {"type": "string", "enum": ["Ascending", "Descending"], "default": "Descending"}),
    ("PageSize", _whole(1, 50, 10)),
    ("Page", _whole(1, 1_000_000, 1)),
)
_PROFILE_FORM: tuple[Query, ...] = (
    ("Alias", {"type": "string", "minLength": 1, "maxLength": 255}),
    ("BrandName", {"type": "string", "minLength": 1, "maxLength": 2500}),
    ("PrimaryColor", {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}),
    ("ExternalId", {"type": "string", "maxLength": 255}),
    ("Providers", {"type": "array", "items": {"type": "string"}}),
    ("Logo", {"type": "string", "contentMediaType": "application/octet-stream"}),
    ("RedactionPeriod", {"type": "string"}),
    ("SessionExpiration", {"type": "string"}),
    ("IsProductionUsage", {"type": "boolean"}),
    ("AllowedOrigins", {"type": "array", "items": {"type": "string"}}),
    ("ShowKnownData", {"type": "boolean"}),
    ("ResultPage", {"type": "string", "enum": list(ResultPage)}),
    ("Purpose", {"type": "string", "maxLength": 300}),
    ("PrivacyUrl", {"type": "string", "maxLength": 2048}),
    ("ReturnResultsAccessKey", {"type": "boolean"}),
    ("ReturnCanceled", {"type": "boolean"}),
)

_S, _P, _V, _R = "Sessions", "Providers", "VerificationProfiles", "RedirectUris"
_ONE = "/api/v1/sessions/{session_id}"
_PROFILES = "/api/valpha/verification-profiles"
_URIS = "/api/valpha/redirect-uris"

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("POST", "/api/v1/sessions/provider/direct", _S, "CreateDirectProviderSession",
             sessions.create_direct, body=types.CreateDirectSession, answer=types.DirectSessionCreated),
    Endpoint("POST", "/api/v1/sessions/provider/hosted", _S, "CreateHostedProviderSession",
             sessions.create_hosted, body=types.CreateHostedSession, answer=types.HostedSessionCreated),
    Endpoint("POST", "/api/v1/sessions/widget", _S, "CreateWidgetSession",
             sessions.create_widget, body=types.CreateWidgetSession, answer=types.HostedSessionCreated),
    Endpoint("POST", "/api/v1/sessions/providers/recommend", _S, "RecommendProviders",
             providers.recommend, body=types.RecommendRequest, answer=types.Recommendation),
    Endpoint("GET", _ONE, _S, "GetSession", sessions.get_session, answer=types.SessionAnswer),
    Endpoint("POST", _ONE + "/results", _S, "GetSessionResult",
             sessions.get_results, body=types.ResultsRequest, answer=types.ResultsAnswer),
    Endpoint("POST", _ONE + "/cancel", _S, "CancelSession",
             sessions.cancel_session, answer=types.SessionAnswer),
    Endpoint("POST", _ONE + "/redact", _S, "RedactSession", sessions.redact_session),
    Endpoint("POST", _ONE + "/step/refresh", _S, "RefreshStepContent",
             sessions.refresh_step, body=types.ResultsRequest, answer=types.StepAnswer),
    Endpoint("POST", _ONE + "/native-challenge/submit", _S, "SubmitNativeChallengeResponse",
             sessions.submit_native_challenge,
             body=types.NativeChallengeResponse, answer=types.ResultsAnswer),
    Endpoint("POST", _ONE + "/attachments/{attachment_id}/get", _S, "GetAttachment",
             sessions.get_attachment, body=types.ResultsRequest, answer=types.AttachmentAnswer),
    Endpoint("GET", "/api/v1/verification-profiles/{profile_id}/sessions", _S, "ListSessions",
             sessions.list_of_profile, answer=types.SessionList, query=_SESSION_QUERY),
    Endpoint("GET", "/api/v1/providers", _P, "ListProviders", providers.list_providers,
             answer=types.ProviderList, query=(("licensed", {"type": "boolean"}),)),
    Endpoint("GET", "/api/v1/providers/{provider_id}", _P, "GetProvider",
             providers.get_provider, answer=types.ProviderAnswer),
    Endpoint("GET", _PROFILES, _V, "ListVerificationProfiles",
             profiles.list_profiles, answer=types.ProfileList, query=_PAGES),
    Endpoint("POST", _PROFILES, _V, "CreateVerificationProfile",
             profiles.create_profile, status=201, answer=types.CreatedId, form=_PROFILE_FORM),
    Endpoint("GET", _PROFILES + "/external-ids/{external_id}", _V, "GetVerificationProfileByExternalId",
             profiles.get_profile_by_external_id, answer=types.ProfileBody),
    Endpoint("GET", _PROFILES + "/{id}", _V, "GetVerificationProfileById",
             profiles.get_profile, answer=types.ProfileBody),
    Endpoint("GET", _URIS, _R, "ListRedirectUris",
             redirect_uris.list_redirect_uris, answer=types.RedirectUriList, query=_PAGES),
    Endpoint("POST", _URIS, _R, "AddRedirectUri",
             redirect_uris.add_redirect_uri, status=201, body=types.AddRedirectUri, answer=types.CreatedId),
    Endpoint("DELETE", _URIS + "/{id}", _R, "RemoveRedirectUri",
             redirect_uris.remove_redirect_uri, status=204),
)  # fmt: skip
