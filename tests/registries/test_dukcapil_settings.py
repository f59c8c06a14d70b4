from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from padan.domain.rules import NameRules
from padan.registries.dukcapil_settings import unpinned_in_live_problem
from padan.registries.dukcapil_wire import to_question
from tests.registries.dukcapil_answers import CLAIM, SETTINGS


def test_the_url_has_the_customer_and_the_method() -> None:
    assert SETTINGS.url == "http://127.0.0.1:1/ws/dukcapil/get_json/bank-contoh/CALL_VERIFY_BY_ELEMEN"


def test_the_url_has_the_region_segment_of_older_services() -> None:
    older = replace(SETTINGS, region_segment="31-71", customer="a b/c", method="call_verify")
    assert older.url == "http://127.0.0.1:1/ws/dukcapil/get_json/31-71/a%20b%2Fc/call_verify"


@pytest.mark.parametrize(
    ("changes", "own", "threshold"),
    [
        ({}, None, 80),
        ({"name_threshold": 100}, None, 80),
        ({"name_threshold": 70}, None, 70),
        ({"threshold_sent": 90}, None, 90),
        ({"threshold_sent": 95}, None, 90),
        ({}, 95, 80),
        ({}, 60, 60),
        ({"threshold_sent": 0}, 60, 0),
    ],
)
def test_the_threshold_sent_is_never_above_the_one_that_the_name_is_judged_by(
    changes: dict[str, int], own: int | None, threshold: int
) -> None:
    settings = replace(SETTINGS, **changes)  # type: ignore[arg-type]
    assert to_question(CLAIM, settings, names=NameRules(own)).threshold_sent == threshold


@pytest.mark.parametrize("method", ["CALL_NIK", "call_nik", "NIK", "GET_NIK", "bynik"])
def test_the_names_of_the_full_data_lookup_are_told_from_the_others(method: str) -> None:
    assert replace(SETTINGS, method=method).asks_for_record
    assert not SETTINGS.asks_for_record
    assert not replace(SETTINGS, method="nik_verifby_elemen").asks_for_record


def test_repr_hides_the_password_and_the_user() -> None:
    assert repr(SETTINGS) == "DukcapilSettings(base_url='http://127.0.0.1:1/ws/', <hidden>)"
    assert str(SETTINGS) == repr(SETTINGS)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"base_url": "dukcapil"}, "base_url"),
        ({"base_url": "ftp://10.0.0.1"}, "base_url"),
        ({"base_url": "https://user:secret@10.0.0.1"}, "base_url"),
        ({"base_url": "https://10.0.0.1/?key=secret"}, "base_url"),
        ({"base_url": "https://10.0.0.1:99999"}, "base_url"),
        ({"customer": " "}, "customer"),
        ({"user_id": ""}, "user_id"),
        ({"password": ""}, "password"),
        ({"ip": ""}, "ip"),
        ({"method": ""}, "method"),
        ({"date_format": "%d"}, "date_format"),
        ({"threshold_sent": 101}, "threshold_sent"),
        ({"fields": ("NAMA_LGKP",)}, "fields"),
        ({"fields": ("NIK", "NO_KK")}, "fields"),
        ({"key_case": "mixed"}, "key_case"),
        ({"basic_auth": True, "user_id": "a:secret"}, "user_id"),
        ({"threshold_sent": -1}, "threshold_sent"),
        ({"name_threshold": 101}, "name_threshold"),
        ({"deadline_s": 0}, "deadline_s"),
        ({"certificate_sha256": b"short"}, "certificate_sha256"),
    ],
)
def test_a_setting_that_cannot_work_is_refused_by_name(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named) as refused:
        replace(SETTINGS, **change)
    assert "secret" not in str(refused.value)


PIN = bytes(32)


@pytest.mark.parametrize(
    ("url", "pin"),
    [
        ("https://10.0.0.7", PIN),
        ("https://dukcapil.example.go.id.:8443/ws", PIN),
        ("http://127.0.0.1:8090", None),
        ("http://[::1]:8090", None),
        ("https://localhost", None),
    ],
)
def test_a_line_that_a_certificate_protects_or_that_stays_on_the_machine_may_go_live(
    url: str, pin: bytes | None
) -> None:
    settings = replace(SETTINGS, base_url=url, certificate_sha256=pin)
    assert unpinned_in_live_problem(settings, accept_unpinned=False) is None


@pytest.mark.parametrize(
    ("url", "pin"),
    [
        ("http://10.0.0.7", None),
        ("http://10.0.0.7", PIN),
        ("http://dukcapil.example.go.id", PIN),
        ("https://10.0.0.7", None),
        ("https://dukcapil.example.go.id", None),
        ("https://[2001:db8::7]", None),
        ("https://203.0.113.7", None),
        ("https://registry", None),
        ("https://dukcapil.internal", None),
        ("https://dukcapil.local.", None),
        ("https://1.2.3", None),
        ("http://127.0.0.1.example.id", None),
    ],
)
def test_any_other_line_may_not_go_live_until_it_is_accepted_in_as_many_words(
    url: str, pin: bytes | None
) -> None:
    settings = replace(SETTINGS, base_url=url, certificate_sha256=pin)
    problem = unpinned_in_live_problem(settings, accept_unpinned=False)
    assert problem is not None
    assert "PADAN_DUKCAPIL_UNPINNED=accept" in problem
    assert "PADAN_DUKCAPIL_CERTIFICATE" in problem
    assert unpinned_in_live_problem(settings, accept_unpinned=True) is None
