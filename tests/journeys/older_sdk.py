"""A relying party on an older SDK, with it on the path: `python older_sdk.py URL TOKEN PROFILE PERSON`.

It uses nothing but the SDK, so it also shows what the shapes of 3.0.1 to 3.2.0 need.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main() -> None:
    import trinsic_api
    from trinsic_api.models import create_direct_provider_session_request as direct
    from trinsic_api.models import create_hosted_provider_session_request as hosted
    from trinsic_api.models import get_session_result_request as results

    url, token, profile, person_text = sys.argv[1:]
    person = json.loads(person_text)
    provider = "indonesia-nik-lookup"
    given = {name: person[name] for name in ("fullName", "dateOfBirth", "nikIdNumber")}
    base = {"provider": provider, "verificationProfileId": profile}
    complete = {**base, "capabilities": ["PollResult"], "providerInput": {provider: given}}
    with trinsic_api.ApiClient(trinsic_api.Configuration(host=url, access_token=token)) as api:
        sessions = trinsic_api.SessionsApi(api)
        created = sessions.create_direct_provider_session(
            direct.CreateDirectProviderSessionRequest.from_dict(complete)
        )
        key = results.GetSessionResultRequest(results_access_key=created.result_collection.results_access_key)
        answer: Any = None
        for _ in range(200):
            answer = sessions.get_session_result(created.session_id, key)
            if answer.session.done:
                break
            time.sleep(0.05)
        launched = sessions.create_hosted_provider_session(
            hosted.CreateHostedProviderSessionRequest.from_dict(
                {**base, "redirectUrl": "http://localhost:3000/callback"}
            )
        )
        widget = None
        if hasattr(sessions, "create_widget_session"):
            from trinsic_api.models import create_widget_session_request as widgets

            widget = sessions.create_widget_session(
                widgets.CreateWidgetSessionRequest.from_dict({"verificationProfileId": profile})
            ).launch_url
        providers = trinsic_api.ProvidersApi(api).list_providers().providers
    print(
        json.dumps(
            {
                "success": answer.session.success,
                "name": answer.identity_data.match.full_name.boolean_value,
                "launchUrl": launched.launch_url,
                "widget": widget,
                "providers": [item.id for item in providers],
            }
        )
    )


if __name__ == "__main__":
    main()
