"""The official SDK, pointed at a server; and a session carried through with it."""

from __future__ import annotations

import time
from datetime import date
from typing import Any

import trinsic_api
from trinsic_api.models.create_direct_provider_session_request import CreateDirectProviderSessionRequest
from trinsic_api.models.get_session_result_request import GetSessionResultRequest
from trinsic_api.models.indonesia_nik_input import IndonesiaNikInput
from trinsic_api.models.integration_capability import IntegrationCapability
from trinsic_api.models.provider_input import ProviderInput

from tests.support.server import Server

PROVIDER = "indonesia-nik-lookup"


def client(server: Server, token: str | None = None) -> Any:
    """An SDK client; only its host is changed."""
    configuration = trinsic_api.Configuration(
        host=server.url, access_token=token or server.ready["accessToken"]
    )
    return trinsic_api.ApiClient(configuration)


def nik_input(person: dict[str, str]) -> Any:
    """`providerInput` for a person as `padan dev` prints them."""
    return ProviderInput(
        indonesia_nik_lookup=IndonesiaNikInput(
            full_name=person["fullName"],
            date_of_birth=date.fromisoformat(person["dateOfBirth"]),
            nik_id_number=person["nikIdNumber"],
        )
    )


def direct_request(server: Server, person: dict[str, str]) -> Any:
    """A complete direct request."""
    return CreateDirectProviderSessionRequest(
        provider=PROVIDER,
        verification_profile_id=server.ready["verificationProfileId"],
        capabilities=[IntegrationCapability.POLLRESULT],
        provider_input=nik_input(person),
    )


def poll(sessions: Any, session_id: Any, key: str, *, seconds: float = 20.0) -> Any:
    """Poll until the session is done."""
    deadline = time.monotonic() + seconds
    while True:
        answer = sessions.get_session_result(session_id, GetSessionResultRequest(results_access_key=key))
        if answer.session.done or time.monotonic() > deadline:
            return answer
        time.sleep(0.05)


def verify(server: Server, person: dict[str, str], *, seconds: float = 20.0) -> Any:
    """Create a direct session for a person and poll it to its end."""
    with client(server) as api:
        sessions = trinsic_api.SessionsApi(api)
        created = sessions.create_direct_provider_session(direct_request(server, person))
        return poll(
            sessions, created.session_id, created.result_collection.results_access_key, seconds=seconds
        )
