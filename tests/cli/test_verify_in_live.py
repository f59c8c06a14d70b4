"""`padan verify` over a registry that is not the sandbox: held to what holds for a server in Live."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_commands import VALID, lines, padan
from tests.support.server import Server, running

CLAIM = ("--nik", VALID, "--name", "Siti", "--born", "1945-08-17")


@pytest.fixture(scope="module")
def registry() -> Iterator[Server]:
    """A simulator that plays Dukcapil."""
    with running() as server:
        yield server


@pytest.fixture
def home(registry: Server, tmp_path: Path) -> dict[str, str]:
    settings = {"PADAN_DATA": str(tmp_path / "data"), "PADAN_DUKCAPIL_URL": registry.ready["registryUrl"]}
    assert padan("migrate", **settings).returncode == 0
    return settings


def agree(home: dict[str, str], *, quota: int = 5, until: str = "2099-12-31") -> None:
    file = Path(home["PADAN_DATA"]) / "agreement.toml"
    file.write_text(
        f'number = "PKS 7/2026"\nholder = "PT Bank Contoh"\nvalid_from = 2020-01-01\n'
        f"valid_until = {until}\nquota = {quota}\n"
    )
    done = padan("provider", "activate", str(file), **home)
    assert done.returncode == 0, done.stderr


def used(home: dict[str, str]) -> int:
    [shown] = lines(padan("provider", "show", "--json", **home))
    return int(shown["usedToday"])


def test_nothing_is_asked_over_a_line_that_nothing_protects() -> None:
    done = padan("verify", *CLAIM, PADAN_DUKCAPIL_URL="http://registry.invalid")
    assert (done.returncode, done.stdout) == (2, "")
    assert "PADAN_DUKCAPIL_UNPINNED" in done.stderr


def test_a_question_counts_against_the_quota_and_ends_with_it(home: dict[str, str]) -> None:
    agree(home, quota=1)
    assert padan("verify", *CLAIM, **home).returncode in {0, 1}
    assert used(home) == 1
    done = padan("verify", *CLAIM, **home)
    assert (done.returncode, done.stdout) == (3, "")
    assert "quota of 1" in done.stderr
    assert used(home) == 1


def test_nothing_is_asked_while_the_agreement_permits_nothing(home: dict[str, str]) -> None:
    agree(home, until="2020-12-31")
    done = padan("verify", *CLAIM, **home)
    assert (done.returncode, done.stdout) == (3, "")
    assert "PKS 7/2026 is expired" in done.stderr
    assert used(home) == 0


def test_without_an_agreement_the_first_question_may_be_asked(home: dict[str, str]) -> None:
    assert padan("verify", *CLAIM, **home).returncode in {0, 1}
