from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from trinsic_api.models.get_session_result_response import GetSessionResultResponse
from trinsic_api.models.identity_data import IdentityData as SdkIdentityData

from padan.domain.claim import Claim
from padan.domain.finding import (
    ComparedBy,
    Comparison,
    Finding,
    NameJudgement,
    NameReason,
    NameVerdict,
    Outcome,
)
from padan.domain.provider import Availability, Capability
from padan.providers import PROVIDERS
from padan.providers.explanations import SENTENCES, Agreement
from padan.providers.next_steps import STEPS

ID = "indonesia-nik-lookup"
PROVIDER = PROVIDERS[ID]
TODAY = date(2026, 6, 1)
PAGE = Path(__file__).parents[2] / "docs/reference/provider-indonesia-nik-lookup.md"
CLAIM = Claim("3273015705900001", "Siti Rahayu", date(1990, 5, 17))
YES, NO = Comparison(True), Comparison(False)
MATCHED = Finding(Outcome.FOUND, YES, Comparison(True, 0.97), YES)
PERSON_FIELDS = ("nationalIdNumber", "fullName", "dateOfBirth")
COMPARED_HERE = Comparison(
    True, 0.95, NameJudgement(NameVerdict.VARIATION, "2026.1", (NameReason("short_form", "SIT"),))
)
FINDINGS = [
    MATCHED,
    Finding(Outcome.FOUND, YES, COMPARED_HERE, YES, compared_by=ComparedBy.PADAN),
    Finding(Outcome.FOUND, YES, Comparison(False, 0.41), NO),
    Finding(Outcome.FOUND),
    *(Finding(outcome) for outcome in Outcome if outcome is not Outcome.FOUND),
]


def identity(finding: Finding, claim: Claim = CLAIM) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(PROVIDER.identity_data(claim, finding, today=TODAY))
    return data


def output(finding: Finding, claim: Claim = CLAIM) -> dict[str, Any]:
    data: dict[str, Any] = identity(finding, claim)["providerOutput"][ID]
    return data


def test_a_match_is_true_in_every_field() -> None:
    assert identity(MATCHED)["match"] == {
        "nationalIdNumber": {"booleanValue": True},
        "fullName": {"booleanValue": True, "probabilityValue": 0.97},
        "dateOfBirth": {"booleanValue": True},
    }
    assert output(MATCHED)["failedFields"] == output(MATCHED)["nextSteps"] == []


def test_person_and_document_are_the_claim() -> None:
    data = identity(MATCHED)
    assert data["originatingProviderId"] == ID
    assert data["person"] == {"fullName": "Siti Rahayu", "dateOfBirth": "1990-05-17"}
    assert data["document"] == {"type": "NationalId", "number": "3273015705900001"}
    assert data["attachments"] == []


def test_a_name_that_differs_fails_alone_and_keeps_its_score() -> None:
    finding = Finding(Outcome.FOUND, YES, Comparison(False, 0.4), YES)
    assert identity(finding)["match"]["fullName"] == {"booleanValue": False, "probabilityValue": 0.4}
    assert output(finding)["failedFields"] == ["fullName"]
    assert output(finding)["nextSteps"][0]["code"] == "check_full_name"
    assert output(finding)["fullName"] == {"content": "Siti Rahayu", "matchValue": False}
    assert output(finding)["dateOfBirth"] == {"content": "1990-05-17", "matchValue": True}


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome is not Outcome.FOUND])
def test_nothing_matches_unless_the_person_was_found(outcome: Outcome) -> None:
    finding = Finding(outcome)
    assert all(match == {"booleanValue": False} for match in identity(finding)["match"].values())
    assert not any(output(finding)[field]["matchValue"] for field in PERSON_FIELDS)
    assert output(finding)["registryOutcome"] == outcome.value
    assert output(finding)["nextSteps"]


def test_of_a_nik_that_is_not_registered_the_nik_is_what_failed() -> None:
    assert output(Finding(Outcome.NOT_FOUND))["failedFields"] == ["nationalIdNumber"]
    assert output(Finding(Outcome.DECEASED))["failedFields"] == []


def test_what_the_registry_did_not_compare_is_not_a_match() -> None:
    match = identity(Finding(Outcome.FOUND))["match"]
    assert match == {field: {"booleanValue": False} for field in PERSON_FIELDS}


def test_the_number_is_explained() -> None:
    explained = output(MATCHED)
    assert {key: explained[key] for key in explained if "Code" in key or "region" in key} == {
        "provinceCode": "32",
        "regencyOrCityCode": "3273",
        "districtCode": "327301",
        "regionGrade": "current",
    }
    assert (explained["province"], explained["regencyOrCity"]) == ("Jawa Barat", "Kota Bandung")
    assert explained["sexNationalIdNumber"] == "Female"
    assert explained["serialNumber"] == "0001"
    assert explained["dateOfBirthNationalIdNumber"] == "1990-05-17"
    assert explained["dateOfBirthAgreesWithNationalIdNumber"] is True
    assert explained["dateOfBirthNationalIdNumberIsGuess"] is False


def test_a_corrected_date_of_birth_is_told_and_does_not_fail() -> None:
    corrected = output(MATCHED, Claim(CLAIM.nik, CLAIM.full_name, date(1991, 5, 17)))
    assert corrected["dateOfBirthAgreesWithNationalIdNumber"] is False
    assert corrected["dateOfBirthNationalIdNumberIsGuess"] is True
    assert corrected["failedFields"] == []


def test_a_region_no_list_has_is_graded_and_has_no_names() -> None:
    explained = output(MATCHED, Claim("9999995705900001", CLAIM.full_name, CLAIM.date_of_birth))
    assert explained["regionGrade"] == "unknown"
    assert not {"province", "regencyOrCity", "district"} & set(explained)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: finding.outcome)
def test_the_official_sdk_reads_it(finding: Finding) -> None:
    session = {"id": "019be000-0000-7000-8000-000000000000", "done": True, "success": True}
    session |= {"verificationProfileId": session["id"], "created": 1, "updated": 1}
    answer = GetSessionResultResponse.from_dict({"session": session, "identityData": identity(finding)})
    data = answer.identity_data
    nik = data.provider_output.indonesia_nik_lookup
    assert data.match.national_id_number.boolean_value is (finding.nik == YES)
    assert data.document.type.value == "NationalId"
    assert data.person.date_of_birth == date(1990, 5, 17)
    assert nik.full_name.content == "Siti Rahayu"
    assert nik.date_of_birth_national_id_number == date(1990, 5, 17)
    # Models before 3.2.1 insist on both members of these.
    assert all(set(output(finding)[field]) == {"content", "matchValue"} for field in PERSON_FIELDS)
    assert SdkIdentityData.from_json(json.dumps(identity(finding))) == data


COMPARISONS = st.none() | st.builds(Comparison, st.booleans(), st.none() | st.floats(0, 1))
FOUND = st.builds(Finding, st.just(Outcome.FOUND), COMPARISONS, COMPARISONS, COMPARISONS)
OTHERWISE = st.builds(Finding, st.sampled_from([o for o in Outcome if o is not Outcome.FOUND]))
NIKS = st.from_regex(r"[0-9]{6}(0[1-9]|4[1-9])(0[1-9]|1[0-2])[0-9]{5}[1-9]", fullmatch=True)
DATES = st.dates(date(1850, 1, 1), TODAY)


@given(FOUND | OTHERWISE, DATES, NIKS)
def test_every_finding_has_one_shape_and_matches_only_what_the_registry_confirmed(
    finding: Finding, born: date, nik: str
) -> None:
    data = identity(finding, Claim(nik, "Siti", born))
    compared = dict(zip(PERSON_FIELDS, (finding.nik, finding.full_name, finding.date_of_birth), strict=True))
    for field, comparison in compared.items():
        confirmed = comparison is not None and comparison.matches
        assert data["match"][field]["booleanValue"] is confirmed
        assert data["providerOutput"][ID][field]["matchValue"] is confirmed
    for scope, availability in PROVIDER.contract.attributes:
        part, _, name = scope.partition(".")
        assert availability is Availability.ALWAYS
        assert data[part][name] is not None


def test_the_contract_is_that_of_a_database_lookup() -> None:
    contract = PROVIDER.contract
    assert (contract.id, contract.countries, contract.regions) == (ID, ("ID",), ("Asia",))
    assert contract.needed_capabilities == {Capability.POLL_RESULT}
    assert contract.requires_input
    assert [language.code for language in contract.languages] == ["id", "en"]
    assert len(contract.attributes) == 7


def test_repr_hides_the_person() -> None:
    from rich.pretty import pretty_repr

    from padan.providers.indonesia_nik_output import identity_data

    data = identity_data(ID, CLAIM, finding=MATCHED, today=TODAY)
    for part in (data, data.person, data.document, data.match, data.provider_output[ID]):
        shown = repr(part) + str(part) + pretty_repr(part)
        assert not any(canary in shown for canary in ("Siti", "3273", "1990"))


def keys_of(value: Any, prefix: str = "") -> set[str]:
    if isinstance(value, dict):
        named = {f"{prefix}{key}" for key in value}
        return named.union(*(keys_of(inner, f"{prefix}{key}.") for key, inner in value.items()))
    if isinstance(value, list):
        return set().union(*(keys_of(inner, f"{prefix.removesuffix('.')}[].") for inner in value))
    return set()


def test_every_key_that_is_produced_stands_in_the_reference() -> None:
    page = PAGE.read_text()
    produced = set().union(*(keys_of(identity(finding)) for finding in FINDINGS))
    relative = {key.removeprefix(f"providerOutput.{ID}.") for key in produced}
    # The three explanations have the same keys, which stand in a table of their own.
    relative = {re.sub(r"explanations\.\w+\.", "", key) for key in relative}
    assert not {key for key in relative if f"`{key}`" not in page}


def test_every_next_step_and_outcome_stands_in_the_reference() -> None:
    page = PAGE.read_text()
    assert not {code for code in (*STEPS, *Outcome) if f"`{code}`" not in page}
    assert all(english != indonesian for english, indonesian in STEPS.values())


def test_every_code_of_an_explanation_stands_in_the_reference() -> None:
    page = PAGE.read_text()
    assert not {code for code in (*SENTENCES, *ComparedBy, *Agreement) if f"`{code}`" not in page}
    assert all(english != indonesian for english, indonesian in SENTENCES.values())
