"""The official SDK, with only its host changed, through every call it has."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
import trinsic_api
from trinsic_api.exceptions import BadRequestException, ForbiddenException, UnauthorizedException
from trinsic_api.models.add_redirect_uri_request import AddRedirectUriRequest
from trinsic_api.models.create_direct_provider_session_request import CreateDirectProviderSessionRequest
from trinsic_api.models.create_hosted_provider_session_request import CreateHostedProviderSessionRequest
from trinsic_api.models.get_attachment_request import GetAttachmentRequest
from trinsic_api.models.get_session_result_request import GetSessionResultRequest
from trinsic_api.models.integration_capability import IntegrationCapability
from trinsic_api.models.order_direction import OrderDirection
from trinsic_api.models.recommend_providers_request import RecommendProvidersRequest
from trinsic_api.models.recommendation_info import RecommendationInfo
from trinsic_api.models.refresh_step_content_request import RefreshStepContentRequest
from trinsic_api.models.session_ordering import SessionOrdering
from trinsic_api.models.submit_native_challenge_response_request import SubmitNativeChallengeResponseRequest

from tests.support import browser
from tests.support.sdk import PROVIDER, client, direct_request, nik_input, poll, verify
from tests.support.server import Server, running

# scenario: registry's outcome, and whether NIK, name and date of birth match
ANSWERED = {
    "match": ("found", True, True, True),
    "name_mismatch": ("found", True, False, True),
    "birth_date_mismatch": ("found", True, True, False),
    "not_found": ("not_found", False, False, False),
    "deceased": ("deceased", False, False, False),
    "duplicate": ("duplicate", False, False, False),
    "inactive": ("inactive", False, False, False),
    "retired_region": ("found", True, True, True),
    "corrected_birth": ("found", True, True, True),
}
# fault of the registry: the session's error code
FAILED = {
    "html": "InvalidResponse",
    "truncated": "InvalidResponse",
    "empty_content": "InvalidResponse",
    "unknown_code": "InvalidResponse",
    "quota_exhausted": "Internal",
    "outside_hours": "Internal",
    "wrong_credentials": "Internal",
}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running() as ready:
        yield ready


@pytest.fixture
def sessions(server: Server) -> Iterator[Any]:
    with client(server) as api:
        yield trinsic_api.SessionsApi(api)


@pytest.mark.parametrize("scenario", ANSWERED)
def test_each_scenario_ends_as_the_registry_answers(server: Server, scenario: str) -> None:
    _, nik, name, born = ANSWERED[scenario]
    person = server.person(scenario)
    answer = verify(server, person)
    assert answer.session.done
    assert answer.session.success
    assert answer.session.error_code is None
    data = answer.identity_data
    assert data.originating_provider_id == PROVIDER
    assert data.person.full_name == person["fullName"]
    assert data.person.date_of_birth.isoformat() == person["dateOfBirth"]
    assert data.document.number == person["nikIdNumber"]
    assert data.attachments == []
    assert data.match.national_id_number.boolean_value is nik
    assert data.match.full_name.boolean_value is name
    assert data.match.date_of_birth.boolean_value is born
    output = data.provider_output.indonesia_nik_lookup
    assert output.national_id_number.match_value is nik
    assert output.district_code == person["nikIdNumber"][:6]
    assert output.serial_number == person["nikIdNumber"][12:]


@pytest.mark.parametrize("scenario", ANSWERED)
def test_the_output_tells_what_the_sdk_has_no_field_for(server: Server, scenario: str) -> None:
    person = server.person(scenario)
    given = {name: person[name] for name in ("nikIdNumber", "fullName", "dateOfBirth")}
    body = {
        "provider": PROVIDER,
        "verificationProfileId": server.ready["verificationProfileId"],
        "capabilities": ["PollResult"],
        "providerInput": {PROVIDER: given},
    }
    root, token = f"{server.url}/api/v1/sessions", server.ready["accessToken"]
    created = browser.post(f"{root}/provider/direct", body, token)
    key = {"resultsAccessKey": created["resultCollection"]["resultsAccessKey"]}
    answer = browser.until(
        lambda: browser.post(f"{root}/{created['sessionId']}/results", key, token),
        lambda told: bool(told["session"]["done"]),
    )
    output = answer["identityData"]["providerOutput"][PROVIDER]
    outcome, *matches = ANSWERED[scenario]
    assert output["registryOutcome"] == outcome
    compared = outcome in {"found", "not_found"}
    assert bool(output["failedFields"]) == (compared and not all(matches))
    assert bool(output["nextSteps"]) == (not all(matches))
    assert (output["regionGrade"] == "retired") == (scenario == "retired_region")
    born, number = date.fromisoformat(person["dateOfBirth"]), person["nikIdNumber"]
    agrees = number[6:12] in {f"{day:02}{born:%m%y}" for day in (born.day, born.day + 40)}
    assert agrees or scenario != "match"
    assert not (agrees and scenario in {"corrected_birth", "birth_date_mismatch"})
    assert output["dateOfBirthAgreesWithNationalIdNumber"] == agrees


def test_the_score_of_the_registry_is_told(server: Server) -> None:
    answer = verify(server, server.person("name_mismatch"))
    assert 0 <= answer.identity_data.match.full_name.probability_value < 0.9


@pytest.mark.parametrize("fault", FAILED)
def test_each_fault_of_the_registry_ends_in_its_error_code(server: Server, fault: str) -> None:
    answer = verify(server, server.person(fault))
    assert answer.session.done
    assert not answer.session.success
    assert answer.session.error_code == FAILED[fault]
    assert answer.identity_data is None


@pytest.mark.parametrize("fault", ["server_error", "reset"])
def test_while_the_registry_is_down_the_session_waits(server: Server, fault: str) -> None:
    answer = verify(server, server.person(fault), seconds=2)
    assert not answer.session.done


def test_a_slow_registry_is_waited_for(server: Server) -> None:
    assert verify(server, server.person("slow")).session.success


def test_sessions_are_read_listed_cancelled_and_redacted(server: Server, sessions: Any) -> None:
    created = sessions.create_direct_provider_session(direct_request(server, server.person("match")))
    key = created.result_collection.results_access_key
    assert created.next_step.method == "None"
    assert created.next_step.content == ""
    assert created.result_collection.method == "PollResult"
    assert re.fullmatch(r"[A-Za-z0-9_-]+", key)
    assert poll(sessions, created.session_id, key).session.success
    assert sessions.get_session(created.session_id).session.success
    assert sessions.cancel_session(created.session_id).session.success
    profile = UUID(server.ready["verificationProfileId"])
    page = sessions.list_sessions(
        profile,
        order_by=SessionOrdering.CREATED,
        order_direction=OrderDirection.DESCENDING,
        page_size=1,
        page=1,
    )
    assert [session.id for session in page.sessions] == [str(created.session_id)]
    assert page.total >= 1
    sessions.redact_session(created.session_id)
    with pytest.raises(ForbiddenException):
        sessions.get_session_result(created.session_id, GetSessionResultRequest(results_access_key=key))


def test_a_session_that_waits_is_cancelled(server: Server, sessions: Any) -> None:
    created = sessions.create_direct_provider_session(direct_request(server, server.person("server_error")))
    cancelled = sessions.cancel_session(created.session_id).session
    assert cancelled.done
    assert cancelled.error_code == "Canceled"


def test_what_nik_has_not_is_a_clear_400(server: Server, sessions: Any) -> None:
    created = sessions.create_direct_provider_session(direct_request(server, server.person("match")))
    key = created.result_collection.results_access_key
    with pytest.raises(BadRequestException):
        sessions.refresh_step_content(created.session_id, RefreshStepContentRequest(results_access_key=key))
    with pytest.raises(BadRequestException):
        sessions.submit_native_challenge_response(
            created.session_id,
            SubmitNativeChallengeResponseRequest(results_access_key=key, response_token="none"),
        )
    with pytest.raises(BadRequestException):
        sessions.get_attachment(created.session_id, uuid4(), GetAttachmentRequest(results_access_key=key))


def test_a_hosted_session_is_finished_by_the_person(server: Server, sessions: Any) -> None:
    created = sessions.create_hosted_provider_session(
        CreateHostedProviderSessionRequest(
            provider=PROVIDER,
            verification_profile_id=server.ready["verificationProfileId"],
            redirect_url=server.ready["redirectUri"],
            browser_languages=["id"],
        )
    )
    assert f"?sessionId={created.session_id}" in created.launch_url
    returned = browser.fill_in(created.launch_url, server.person("match"))
    assert returned == f"{server.ready['redirectUri']}?success=true&sessionId={created.session_id}"
    answer = poll(sessions, created.session_id, created.results_access_key)
    assert answer.identity_data.match.full_name.boolean_value is True
    assert browser.status(created.launch_url) == 403


@pytest.mark.parametrize("known", [[], ["nikIdNumber"], ["fullName", "dateOfBirth"]])
def test_the_fallback_asks_only_for_what_is_missing(server: Server, sessions: Any, known: list[str]) -> None:
    person = server.person("match")
    body = {
        "provider": PROVIDER,
        "verificationProfileId": server.ready["verificationProfileId"],
        "redirectUrl": server.ready["redirectUri"],
        "capabilities": ["LaunchBrowser", "CaptureRedirect", "PollResult"],
        "fallbackToHostedUI": True,
        "providerInput": {PROVIDER: {name: person[name] for name in known}},
    }
    created = browser.post(f"{server.url}/api/v1/sessions/provider/direct", body, server.ready["accessToken"])
    assert created["nextStep"]["method"] == "LaunchBrowser"
    assert created["resultCollection"]["method"] == "CaptureRedirect"
    browser.fill_in(created["nextStep"]["content"], person, already_known=known)
    answer = poll(sessions, created["sessionId"], created["resultCollection"]["resultsAccessKey"])
    assert answer.identity_data.match.full_name.boolean_value is True
    assert answer.identity_data.document.number == person["nikIdNumber"]


def test_the_starter_set_of_capabilities_falls_back_even_with_complete_input(
    server: Server, sessions: Any
) -> None:
    created = sessions.create_direct_provider_session(
        CreateDirectProviderSessionRequest(
            provider=PROVIDER,
            verification_profile_id=server.ready["verificationProfileId"],
            redirect_url=server.ready["redirectUri"],
            capabilities=[IntegrationCapability.LAUNCHBROWSER, IntegrationCapability.CAPTUREREDIRECT],
            fallback_to_hosted_ui=True,
            provider_input=nik_input(server.person("match")),
        )
    )
    assert created.next_step.method == "LaunchBrowser"
    browser.fill_in(created.next_step.content, {}, already_known=["nikIdNumber", "fullName", "dateOfBirth"])
    assert poll(sessions, created.session_id, created.result_collection.results_access_key).session.success


def test_providers_are_listed_read_and_recommended(server: Server, sessions: Any) -> None:
    with client(server) as api:
        providers = trinsic_api.ProvidersApi(api)
        listed = providers.list_providers(licensed=True).providers
        one = providers.get_provider(PROVIDER).provider
    assert [provider.id for provider in listed] == [PROVIDER]
    assert one.launch_method == "None"
    assert one.collection_method == "PollResult"
    assert one.requires_input
    assert one.test_health == "Online"
    assert one.live_health == "Offline"
    assert {attribute.outputted.value for attribute in one.available_attributes} == {"Always"}
    advice = sessions.recommend_providers(
        RecommendProvidersRequest(
            verification_profile_id=server.ready["verificationProfileId"],
            recommendation_info=RecommendationInfo(countries=["ID"]),
        )
    )
    assert [provider.id for provider in advice.recommended_providers] == [PROVIDER]
    assert advice.remainder == []


def test_verification_profiles_are_created_read_and_listed(server: Server) -> None:
    with client(server) as api:
        profiles = trinsic_api.VerificationProfilesApi(api)
        external = f"shop-{uuid4()}"
        created = profiles.create_verification_profile(
            "Shop",
            "Toko Contoh",
            primary_color="#0A7F42",
            external_id=external,
            providers=[PROVIDER],
            redaction_period="2.00:00:00",
            session_expiration="00:30:00",
        )
        profile = profiles.get_verification_profile_by_id(created.id)
        assert profile == profiles.get_verification_profile_by_external_id(external)
        assert profile.brand_name == "Toko Contoh"
        assert profile.enabled_providers == [PROVIDER]
        assert profile.session_expiration == "00:30:00"
        listed = profiles.list_verification_profiles(page=1, page_size=100).verification_profiles
        assert created.id in [item.id for item in listed]
        with pytest.raises(BadRequestException):
            profiles.create_verification_profile("Shop", "Toko Contoh", external_id=external)


def test_redirect_uris_are_added_listed_and_removed(server: Server) -> None:
    with client(server) as api:
        uris = trinsic_api.RedirectUrisApi(api)
        added = uris.add(AddRedirectUriRequest(uri="https://shop.example/return"))
        assert added.id in [entry.id for entry in uris.list().uris]
        uris.delete(added.id)
        assert added.id not in [entry.id for entry in uris.list().uris]
        with pytest.raises(ForbiddenException):
            uris.delete(added.id)


def test_a_wrong_token_is_401_and_a_wrong_key_403(server: Server, sessions: Any) -> None:
    created = sessions.create_direct_provider_session(direct_request(server, server.person("match")))
    with client(server, "padan_test_no-such-token") as api, pytest.raises(UnauthorizedException):
        trinsic_api.SessionsApi(api).get_session(created.session_id)
    with pytest.raises(ForbiddenException):
        sessions.get_session_result(created.session_id, GetSessionResultRequest(results_access_key="rak1_x"))


def test_the_openapi_document_and_its_reference_page_are_served(server: Server) -> None:
    with urllib.request.urlopen(f"{server.url}/openapi.json", timeout=10) as answer:
        assert b"CreateDirectProviderSession" in answer.read()
    with urllib.request.urlopen(f"{server.url}/reference", timeout=10) as answer:
        assert b"/api/v1/sessions/provider/direct" in answer.read()
