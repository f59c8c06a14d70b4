from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from pyarrow import parquet

from padan.web.api.endpoints import ENDPOINTS
from tests.docs.test_reference_is_complete import COMMANDS
from tests.register.people import HEADER, line, nik_of, write
from tests.support.postgres import new_database, sql

PADAN = str(Path(sys.executable).with_name("padan"))
CANARY = "CANARY NAME"


def padan(
    data: Path, *words: str, status: int = 0, given: str | None = None, register: str | None = None
) -> str:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PADAN_")}
    environment = {**clean, "PADAN_DATA": str(data)}
    if register is not None:
        environment["PADAN_REGISTER"] = register
    done = subprocess.run(
        [PADAN, *words], capture_output=True, text=True, check=False, env=environment, input=given
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout if status in {0, 1} and done.stdout else done.stderr


def loaded(data: Path, *words: str, register: str | None = None) -> dict[str, Any]:
    said = padan(data, "register", "load", *words, "--json", register=register)
    figures: dict[str, Any] = json.loads(said)
    return figures


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write(tmp_path / "people.csv", HEADER, *map(line, range(100)), line(100, name=CANARY))


def test_a_register_is_loaded_asked_and_thinned(tmp_path: Path, table: Path) -> None:
    figures = loaded(tmp_path, str(table))
    assert (figures["people"], figures["registerPeople"], figures["sealed"]) == (101, 101, True)
    info = json.loads(padan(tmp_path, "register", "info", "--json"))
    assert (info["people"], info["source"], info["version"]) == (101, "csv", figures["version"])
    found = json.loads(padan(tmp_path, "register", "look", nik_of(100), "--json"))
    assert found == {
        "nikIdNumber": nik_of(100),
        "found": True,
        "fullName": CANARY,
        "dateOfBirth": "1990-01-01",
        "status": "alive",
        "sex": None,
    }
    assert padan(tmp_path, "register", "remove", nik_of(100)) == "1 person is removed.\n"
    assert "nobody" in padan(tmp_path, "register", "look", nik_of(100), status=1)
    assert json.loads(padan(tmp_path, "register", "remove", "--everybody", "--json")) == {"removed": 100}
    assert "padan register load" in padan(tmp_path, "register", "info", status=1)


def test_a_stolen_register_gives_no_name_and_no_nik_and_a_plain_one_does(tmp_path: Path, table: Path) -> None:
    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in (tmp_path / "register").glob("*"))

    loaded(tmp_path, str(table))
    number = int(nik_of(100)).to_bytes(8, "big")
    secrets = (CANARY.encode(), number, number[::-1], nik_of(100).encode())
    assert not any(secret in stored() for secret in secrets)
    loaded(tmp_path, str(table), "--unsealed")
    assert CANARY.encode() in stored()
    assert number in stored()


def test_a_sealed_register_without_its_key_says_so(tmp_path: Path, table: Path) -> None:
    loaded(tmp_path, str(table))
    key = tmp_path / "keys" / "register.key"
    text = key.read_text()
    key.unlink()
    assert "register.key" in padan(tmp_path, "register", "look", nik_of(1), status=3)
    key.write_text(text[:-9] + "deadbeef\n")
    key.chmod(0o600)
    assert "another key" in padan(tmp_path, "register", "look", nik_of(1), status=3)
    key.chmod(0o644)
    assert "chmod 600" in padan(tmp_path, "register", "look", nik_of(1), status=3)


def test_an_update_keeps_the_form_and_the_others(tmp_path: Path, table: Path) -> None:
    loaded(tmp_path, str(table), "--unsealed")
    changes = write(tmp_path / "changes.csv", HEADER, line(3, status="deceased"), line(200))
    figures = loaded(tmp_path, str(changes), "--update")
    assert (figures["people"], figures["registerPeople"], figures["sealed"]) == (2, 102, False)
    assert "deceased" in padan(tmp_path, "register", "look", nik_of(3))


def test_an_update_of_nothing_is_refused(tmp_path: Path, table: Path) -> None:
    assert "holds nothing yet" in padan(tmp_path, "register", "load", str(table), "--update", status=1)


def test_bad_rows_are_told_in_a_file_and_their_number_on_the_screen(tmp_path: Path) -> None:
    table = write(tmp_path / "people.csv", HEADER, line(1), f"1,{CANARY},1990-01-01,alive,")
    said = padan(tmp_path, "register", "load", str(table))
    assert said.startswith("1 person is loaded, sealed, in ")
    assert "1 bad row was left out" in said
    two = write(tmp_path / "two.csv", HEADER, "a", "b", line(1), line(2))
    assert "2 bad rows were left out" in padan(tmp_path, "register", "load", str(two))
    assert CANARY not in (tmp_path / "register-rejects.csv").read_text()


def test_what_cannot_be_loaded_is_told_in_one_sentence(tmp_path: Path) -> None:
    wrong = write(tmp_path / "wrong.csv", "a,b,c", "1,2,3")
    said = padan(tmp_path, "register", "load", str(wrong), status=1)
    assert said.startswith("padan: ")
    assert said.count("\n") == 1


def test_looking_is_in_the_audit_log_without_the_person(tmp_path: Path, table: Path) -> None:
    loaded(tmp_path, str(table))
    padan(tmp_path, "register", "look", given=f"{nik_of(100)}\n{nik_of(5)}\n")
    said = padan(tmp_path, "audit", "export", "--json")
    events = [json.loads(row) for row in said.splitlines()]
    assert [(e.get("action"), e.get("outcome")) for e in events[:2]] == [
        ("register.load", "101 loaded"),
        ("register.look", "2 asked"),
    ]
    assert nik_of(100) not in said
    assert CANARY not in said


def test_a_parquet_file_with_types_is_loaded(tmp_path: Path) -> None:
    columns = {
        "nik": [int(nik_of(n)) for n in range(5)],
        "nama": ["SITI", "BUDI", None, "ANI", "ADI"],
        "tanggal_lahir": pyarrow.array([7305] * 5, pyarrow.date32()),
        "status": ["alive"] * 5,
    }
    parquet.write_table(pyarrow.table(columns), tmp_path / "p.parquet", row_group_size=2)
    figures = loaded(tmp_path, str(tmp_path / "p.parquet"))
    assert (figures["people"], figures["rejected"]) == (4, 1)
    assert json.loads(padan(tmp_path, "register", "look", nik_of(4), "--json"))["dateOfBirth"] == "1990-01-01"
    whole = (tmp_path / "p.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(whole[:-40])
    said = padan(tmp_path, "register", "load", str(tmp_path / "cut.parquet"), status=1)
    assert "no whole Parquet file" in said


def test_a_table_of_postgresql_goes_into_a_register_in_postgresql(tmp_path: Path) -> None:
    url = new_database()
    sql(
        url,
        "CREATE TABLE citizens AS SELECT (3171010101900000 + n)::text AS nik, 'CITIZEN ' || n AS nama, "
        "date '1990-01-01' AS tgl_lhr, 'alive' AS status FROM generate_series(1, 500) n; SELECT 1",
    )
    figures = loaded(tmp_path, url, "--table", "citizens", register=url)
    assert (figures["people"], figures["registerPeople"]) == (500, 500)
    asked = padan(tmp_path, "register", "look", "3171010101900007", register=url)
    assert "CITIZEN 7" in asked
    table = sql(url, "SELECT people_table FROM padan_register.current")[0][0]
    stored = sql(url, f"SELECT string_agg(encode(value, 'escape'), '') FROM {table}")  # noqa: S608
    assert "CITIZEN" not in str(stored)
    assert "no such table" in padan(tmp_path, "register", "load", url, "--table", "nobody", status=1)


def test_nothing_finds_people_by_name() -> None:
    """The question is always whether somebody is the person of a NIK: no command and no endpoint searches."""
    searching = {"search", "find", "query", "like", "list", "browse", "export"}
    register = {
        name.removeprefix("padan register ") for name in COMMANDS if name.startswith("padan register")
    }
    assert register == {"load", "info", "look", "remove"}
    assert not register & searching
    for name in ("look", "remove", "info"):
        options = {option for item in COMMANDS[f"padan register {name}"].params for option in item.opts}
        assert options <= {"niks", "--config", "--json", "--everybody"}
    asked = {query for endpoint in ENDPOINTS for query, _ in endpoint.query}
    assert not any("name" in query.lower() or "born" in query.lower() for query in asked)
