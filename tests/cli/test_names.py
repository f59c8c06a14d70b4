from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PADAN = str(Path(sys.executable).with_name("padan"))


def names_compare(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [PADAN, "names", "compare", *arguments]
    return subprocess.run(command, input=given, capture_output=True, timeout=30, check=False)


def test_two_names_are_answered_with_one_json_object() -> None:
    done = names_compare("Moch. Agus", "Muhammad Agus", "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["verdict"], list(answer)) == (
        0,
        "variation",
        ["verdict", "score", "reasons"],
    )
    assert answer["reasons"][0]["code"] == "short_form"


def test_pairs_on_standard_input_are_answered_a_line_each_and_a_bad_line_is_named() -> None:
    long = b"A" * 40_000
    done = names_compare(given=b"Budi\tBudi\nBudi\n\xff\tBudi\n" + long + b"\nSiti\tSitti\r\n")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer.get("verdict") for answer in answers] == ["exact", None, None, None, "exact"]
    assert [answer.get("line") for answer in answers] == [None, 2, 3, 4, None]
    assert "Line 2 has 0 tabs" in answers[1]["error"]
    assert "UTF-8" in answers[2]["error"]
    assert done.returncode == 2


def test_good_lines_alone_end_with_status_0() -> None:
    assert names_compare(given=b"Budi\tAndi\n").returncode == 0


def test_each_line_is_answered_before_the_next_is_written() -> None:
    with subprocess.Popen(
        [PADAN, "names", "compare"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write("Budi\tBudi\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == "exact"
        process.stdin.close()


def test_one_name_alone_is_refused() -> None:
    done = names_compare("Budi")
    assert done.returncode == 2
    assert b"two names" in done.stderr
