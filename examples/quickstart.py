"""One verification with the official SDK, `trinsic-api`; only its host is changed.

Run: python examples/quickstart.py BASE_URL ACCESS_TOKEN PROFILE_ID NIK NAME BORN

`padan dev` prints all six. Status 0: everything matches; 1: something does not; 3: the session failed.
"""

import sys

# quick start: begin
import time

import trinsic_api


def verify(host, token, profile, person):
    configuration = trinsic_api.Configuration(host=host, access_token=token)
    request = {"provider": "indonesia-nik-lookup", "verificationProfileId": profile}
    request |= {"capabilities": ["PollResult"], "providerInput": {"indonesia-nik-lookup": person}}
    with trinsic_api.ApiClient(configuration) as client:
        sessions = trinsic_api.SessionsApi(client)
        created = sessions.create_direct_provider_session(request)
        key = {"resultsAccessKey": created.result_collection.results_access_key}
        while not (answer := sessions.get_session_result(created.session_id, key)).session.done:
            time.sleep(0.5)
    return answer


# quick start: end


def main(host, token, profile, *claim):
    nik, name, born = claim
    answer = verify(host, token, profile, {"nikIdNumber": nik, "fullName": name, "dateOfBirth": born})
    if not answer.session.success:
        print(f"the session failed: {answer.session.error_code.value}")
        return 3
    match = answer.identity_data.match
    fields = {"NIK": match.national_id_number, "full name": match.full_name, "born": match.date_of_birth}
    for field, part in fields.items():
        print(f"{field:<10} {'matches' if part.boolean_value else 'does not match'}")
    return 0 if all(part.boolean_value for part in fields.values()) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]) if len(sys.argv) == 7 else __doc__)
