"""What the file of an agreement may say."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from padan.cli.agreement import Agreement, AgreementWrong, read_agreement

PLAIN: dict[str, Any] = {
    "number": "PKS 7/2026",
    "holder": "PT Bank Contoh",
    "valid_from": "2026-01-01",
    "valid_until": "2027-12-31",
}


def agreement(lines: str) -> Agreement:
    return read_agreement(PLAIN | tomllib.loads(lines))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('customer = "a/b"', "customer is wrong: expected letters"),
        ('customer = ".."', "customer is wrong: expected letters"),
        ('method = "CALL VERIFY"', "method is wrong: expected 1 to 64 letters"),
        ('method = "../NIK"', "method is wrong: expected 1 to 64 letters"),
        ('address = "registry.example"', "address is wrong: expected an IP address"),
        ('address = "192.0.2.256"', "address is wrong: expected an IP address"),
        ("per_second = 0.0", "per_second"),
        ("per_second = nan", "per_second"),
        ("per_second = inf", "per_second"),
        ("per_second = 100_001", "per_second"),
        ('fields = ["NIK", "NO_KK"]', "fields is wrong: expected NIK and any of NAMA_LGKP, TGL_LHR"),
        ('fields = ["NAMA_LGKP"]', "fields is wrong: expected NIK and any of NAMA_LGKP, TGL_LHR"),
        ("fields = []", "fields is wrong: expected NIK and any of NAMA_LGKP, TGL_LHR"),
    ],
)
def test_what_could_only_fail_at_the_registry_is_refused_by_its_key(line: str, told: str) -> None:
    with pytest.raises(AgreementWrong, match=told):
        agreement(line)


def test_what_can_be_is_taken() -> None:
    agreed = agreement(
        'customer = "123456789012345"\nmethod = "CALL_NIK"\naddress = "192.0.2.10"\n'
        'per_second = 100_000\nfields = ["TGL_LHR", "NIK"]\n'
    )
    assert (agreed.customer, agreed.method, agreed.address) == ("123456789012345", "CALL_NIK", "192.0.2.10")
    assert (agreed.per_second, agreed.fields) == (100_000, ("NIK", "TGL_LHR"))
