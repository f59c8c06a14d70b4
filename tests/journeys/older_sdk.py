"""A relying party on an older SDK, with it on the path: `python older_sdk.py URL TOKEN PROFILE PERSON`.

It uses nothing but the SDK, so it also shows what the shapes of 3.0.1 to 3.2.0 need.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

PROVIDER = "indonesia-nik-lookup"


def main() -> None:
    import trinsic_api

    url, token, profile, person = sys.argv[1:]
    with trinsic_api.ApiClient(trinsic_api.Configuration(host=url, access_token=token)) as api:
        sessions = trinsic_api.SessionsApi(api)
        told = verified(sessions, profile, json.loads(person))
        told["launchUrl"], told["widget"] = launched(sessions, profile)
        told["providers"] = [item.id for item in trinsic_api.ProvidersApi(api).list_providers().providers]
    print(json.dumps(told))


def verified(sessions: Any, profile: str, person: dict[str, str]) -> dict[str, Any]:
    """A direct session, polled to its end."""
    from trinsic_api.models import create_direct_provider_session_request as direct
    from trinsic_api.models import get_session_result_request as results

    given = {name: person[name] for name in ("fullName", "dateOfBirth", "nikIdNumber")}
    request: dict[str, Any] = {"provider": PROVIDER, "verificationProfileId": profile}
    request["capabilities"] = ["PollResult"]
    request["providerInput"] = {PROVIDER: given}
    created = sessions.create_direct_provider_session(
        direct.CreateDirectProviderSessionRequest.from_dict(request)
    )
    key = results.GetSessionResultRequest(results_access_key=created.result_collection.results_access_key)
    answer = sessions.get_session_result(created.session_id, key)
    for _ in range(200):
        if answer.session.done:
            break
        time.sleep(0.05)
        answer = sessions.get_session_result(created.session_id, key)
    return {
        "success": answer.session.success,
        "name": answer.identity_data.match.full_name.boolean_value,
    }


def launched(sessions: Any, profile: str) -> tuple[str, str | None]:
    """The launch URLs of a hosted session and, where the SDK has it, of the widget."""
    from trinsic_api.models import create_hosted_provider_session_request as hosted

    request = {"provider": PROVIDER, "verificationProfileId": profile}
    request["redirectUrl"] = "http://localhost:3000/callback"
    page = sessions.create_hosted_provider_session(
        hosted.CreateHostedProviderSessionRequest.from_dict(request)
    )
    if not hasattr(sessions, "create_widget_session"):
        return page.launch_url, None
    from trinsic_api.models import create_widget_session_request as widgets

    widget = sessions.create_widget_session(
        widgets.CreateWidgetSessionRequest.from_dict({"verificationProfileId": profile})
    )
    return page.launch_url, widget.launch_url


if __name__ == "__main__":
    main()
