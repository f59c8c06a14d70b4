from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.registries.dukcapil_answers import SETTINGS


def test_the_url_has_the_customer_and_the_method() -> None:
    assert SETTINGS.url == "http://127.0.0.1:1/ws/dukcapil/get_json/bank-contoh/CALL_VERIFY_BY_ELEMEN"


def test_the_url_has_the_region_segment_of_older_services() -> None:
    older = replace(SETTINGS, region_segment="31-71", customer="a b/c", method="call_verify")
    assert older.url == "http://127.0.0.1:1/ws/dukcapil/get_json/31-71/a%20b%2Fc/call_verify"


@pytest.mark.parametrize(
    ("changes", "threshold"),
    [({}, 80), ({"name_threshold": 100}, 80), ({"name_threshold": 70}, 70), ({"threshold_sent": 90}, 90)],
)
def test_the_threshold_sent_is_80_unless_names_are_judged_below_it(
    changes: dict[str, int], threshold: int
) -> None:
    assert replace(SETTINGS, **changes).threshold == threshold  # type: ignore[arg-type]


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
        ({"threshold_sent": 95}, "threshold_sent"),
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
