"""`padan profile show` and `set`: what a profile's pages look like and do, without a restart."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from typer.testing import CliRunner

from padan.cli.main import app

DEFAULTS = {
    "alias": "shop",
    "brandName": "Bank Contoh",
    "enabledProviders": ["indonesia-nik-lookup"],
    "primaryColor": "#1F4E8C",
    "logo": False,
    "allowedOrigins": [],
    "purpose": None,
    "privacyUrl": None,
    "resultPage": "Nothing",
    "showKnownData": False,
    "returnResultsAccessKey": False,
    "returnCanceled": False,
    "acceptance": "Report",
    "nameThreshold": None,
    "nameVerdict": "Variation",
    "whenUsedUp": "Fail",
    "whenOffline": "Wait",
    "monthlyBudget": None,
    "answersKept": 0,
}


def padan(*arguments: str, **settings: str) -> Any:
    """Run a command in this process, with exactly these settings."""
    unset: dict[str, str | None] = {name: None for name in os.environ if name.startswith("PADAN_")}
    return CliRunner().invoke(app, arguments, env={**unset, **settings})


def lines(done: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


class Home:
    """A folder with one environment and one profile."""

    def __init__(self, folder: Path) -> None:
        self.settings = {"PADAN_DATA": str(folder)}
        assert padan("migrate", **self.settings).exit_code == 0
        assert padan("environment", "create", "Bank Contoh", **self.settings).exit_code == 0
        [made] = lines(
            padan("profile", "create", "shop", "--brand", "Bank Contoh", "--json", **self.settings)
        )
        self.profile = made["id"]

    def shown(self) -> dict[str, Any]:
        [row] = lines(padan("profile", "show", self.profile, "--json", **self.settings))
        assert row.pop("id") == self.profile
        return row

    def set(self, *changes: str) -> Any:
        return padan("profile", "set", self.profile, *changes, "--json", **self.settings)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


def test_what_is_named_is_changed_and_what_is_not_stays(home: Home) -> None:
    assert home.shown() == DEFAULTS
    changes = {
        "Purpose": ("purpose", "untuk membuka rekening"),
        "ResultPage": ("resultPage", "NextSteps"),
        "ShowKnownData": ("showKnownData", True),
        "ReturnCanceled": ("returnCanceled", True),
        "ReturnResultsAccessKey": ("returnResultsAccessKey", True),
        "PrivacyUrl": ("privacyUrl", "https://bank.example/privasi?a=b"),
        "PrimaryColor": ("primaryColor", "#AA0000"),
        "BrandName": ("brandName", "Bank <Baru> = Contoh"),
        "Acceptance": ("acceptance", "Refuse"),
        "NameThreshold": ("nameThreshold", 85),
        "WhenUsedUp": ("whenUsedUp", "Wait"),
        "WhenOffline": ("whenOffline", "Fail"),
        "MonthlyBudget": ("monthlyBudget", 5_000_000),
        "AnswersKept": ("answersKept", 60),
    }
    expected = dict(DEFAULTS)
    for name, (shown, value) in changes.items():
        done = home.set(f"{name}={str(value).lower() if value is True else value}")
        assert done.exit_code == 0, done.stderr
        expected[shown] = value
        assert home.shown() == expected
        assert lines(done)[0]["id"] == home.profile
    several = home.set("AllowedOrigins=https://bank.example", "AllowedOrigins=http://localhost:*")
    assert lines(several)[0]["allowedOrigins"] == ["https://bank.example", "http://localhost:*"]
    defaults = [
        "AllowedOrigins=",
        "ResultPage=",
        "Purpose=",
        "PrivacyUrl=",
        "ShowKnownData=",
        "PrimaryColor=",
    ]
    defaults += [f"{name}=" for name in list(changes)[-6:]]
    assert home.set(*defaults, "ReturnCanceled=false", "ReturnResultsAccessKey=").exit_code == 0
    assert home.shown() == {**DEFAULTS, "brandName": "Bank <Baru> = Contoh"}
    assert home.set("BrandName=Bank Contoh").exit_code == 0


def test_a_logo_is_read_from_its_file_and_taken_off_again(home: Home, tmp_path: Path) -> None:
    logo = tmp_path / "logo.png"
    Image.new("RGB", (10, 10), "red").save(logo)
    assert lines(home.set(f"Logo={logo}"))[0]["logo"] is True
    assert lines(home.set("Purpose=x"))[0]["logo"] is True
    assert lines(home.set("Logo=", "Purpose="))[0]["logo"] is False


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("Purpose", "NAME=VALUE"),
        ("Alias=x", "NAME=VALUE"),
        ("purpose=x", "NAME=VALUE"),
        ("SessionExpiration=01:00:00", "NAME=VALUE"),
        ("BrandName=", "BrandName is required"),
        ("BrandName=" + "x" * 2_501, "2500 characters"),
        ("PrimaryColor=red", "PrimaryColor must be #"),
        ("ResultPage=Everything", "Nothing, Verdict, NextSteps"),
        ("ShowKnownData=maybe", "true or false"),
        ("AllowedOrigins=http://bank.example", "must use https"),
        ("AllowedOrigins=*", "must be an origin"),
        ("PrivacyUrl=javascript:alert(1)", "https://"),
        ("Purpose=two\nlines", "control characters"),
        ("Logo=/nowhere/logo.png", "cannot be read"),
        ("Acceptance=Sometimes", "Acceptance"),
        ("NameThreshold=101", "NameThreshold"),
        ("WhenUsedUp=Pray", "WhenUsedUp"),
        ("MonthlyBudget=-1", "MonthlyBudget"),
        ("AnswersKept=much", "AnswersKept"),
    ],
)
def test_a_wrong_change_is_named_and_changes_nothing(home: Home, change: str, told: str) -> None:
    before = home.shown()
    done = home.set("Purpose=kept?", change)
    assert (done.exit_code, done.stdout) == (2, "")
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert home.shown() == before


def test_a_logo_that_is_none_is_refused_with_what_to_send(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "logo.svg"
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    done = home.set(f"Logo={file}")
    assert done.exit_code == 2
    assert "send it as PNG" in " ".join(done.stderr.split())


@pytest.mark.parametrize("arguments", [("show",), ("set", "Purpose=x")])
def test_a_profile_that_does_not_exist_is_said_so(home: Home, arguments: tuple[str, ...]) -> None:
    command, *changes = arguments
    done = padan("profile", command, str(UUID(int=1)), *changes, "--json", **home.settings)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "padan profile list" in done.stderr


def test_people_read_it_line_by_line(home: Home) -> None:
    told = padan("profile", "show", home.profile, **home.settings).stdout
    assert "brandName                Bank Contoh" in told
    assert json.dumps(home.profile)[1:-1] in told
