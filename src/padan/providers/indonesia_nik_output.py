"""The output of `indonesia-nik-lookup`: what a finding says about a claim, in the Trinsic API's shape."""

from __future__ import annotations

from datetime import date

from padan import nik
from padan.domain.claim import Claim
from padan.domain.finding import Comparison, Finding, Outcome
from padan.providers.explanations import Explanations, explain
from padan.providers.identity import Document, DocumentType, Hidden, IdentityData, MatchData, Person, to_match
from padan.providers.next_steps import NextStep, next_steps


class IndonesiaNikField(Hidden, frozen=True):
    """A field as it was claimed, and whether the registry confirmed it."""

    content: str
    match_value: bool


class IndonesiaNikOutput(Hidden, frozen=True):
    """`providerOutput["indonesia-nik-lookup"]`.

    The fields up to `serial_number` are the SDK's; those from `registry_outcome` on are Padan's own, and SDKs
    ignore them. `docs/reference/provider-indonesia-nik-lookup.md` describes each.
    """

    full_name: IndonesiaNikField
    date_of_birth: IndonesiaNikField
    national_id_number: IndonesiaNikField
    province_code: str
    regency_or_city_code: str
    district_code: str
    sex_national_id_number: nik.Sex
    serial_number: str
    registry_outcome: Outcome
    failed_fields: tuple[str, ...]
    next_steps: tuple[NextStep, ...]
    explanations: Explanations
    region_grade: nik.RegionGrade
    date_of_birth_agrees_with_national_id_number: bool
    date_of_birth_national_id_number: date | None = None
    date_of_birth_national_id_number_is_guess: bool | None = None
    province: str | None = None
    regency_or_city: str | None = None
    district: str | None = None


def identity_data(
    provider_id: str, claim: Claim, *, finding: Finding, today: date
) -> IdentityData[IndonesiaNikOutput]:
    """What the relying party reads of a check that ran."""
    return IdentityData(
        originating_provider_id=provider_id,
        person=Person(claim.full_name, claim.date_of_birth),
        document=Document(DocumentType.NATIONAL_ID, claim.nik),
        match=MatchData(
            national_id_number=to_match(finding.nik),
            full_name=to_match(finding.full_name),
            date_of_birth=to_match(finding.date_of_birth),
        ),
        provider_output={provider_id: _output(claim, finding, today=today)},
        attachments=(),
    )


def _output(claim: Claim, finding: Finding, *, today: date) -> IndonesiaNikOutput:
    number = nik.parse(claim.nik)
    region = nik.region(number)
    born = nik.birth_date(number, today=today, claimed=claim.date_of_birth)
    failed = _failed_fields(finding)
    return IndonesiaNikOutput(
        full_name=_field(claim.full_name, finding.full_name),
        date_of_birth=_field(claim.date_of_birth.isoformat(), finding.date_of_birth),
        national_id_number=_field(claim.nik, finding.nik),
        province_code=number.province_code,
        regency_or_city_code=number.regency_or_city_code,
        district_code=number.district_code,
        date_of_birth_national_id_number=born.date if born else None,
        sex_national_id_number=number.sex,
        serial_number=number.serial_number,
        registry_outcome=finding.outcome,
        failed_fields=failed,
        next_steps=next_steps(finding.outcome, failed),
        explanations=explain(finding),
        province=region.province,
        regency_or_city=region.regency_or_city,
        district=region.district,
        region_grade=region.grade,
        date_of_birth_agrees_with_national_id_number=bool(born and born.agrees),
        date_of_birth_national_id_number_is_guess=born.is_guess if born else None,
    )


def _field(content: str, comparison: Comparison | None) -> IndonesiaNikField:
    return IndonesiaNikField(content, comparison is not None and comparison.matches)


def _failed_fields(finding: Finding) -> tuple[str, ...]:
    """The fields the registry contradicts; where it knows no such NIK, that is the NIK alone."""
    if finding.outcome is Outcome.NOT_FOUND:
        return ("nationalIdNumber",)
    compared = {
        "nationalIdNumber": finding.nik,
        "fullName": finding.full_name,
        "dateOfBirth": finding.date_of_birth,
    }
    return tuple(name for name, comparison in compared.items() if comparison and not comparison.matches)
