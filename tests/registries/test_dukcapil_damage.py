"""Whatever arrives, nothing but a plainly readable verdict ever becomes a match."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from padan.domain.errors import RegistryError
from padan.domain.finding import Finding
from tests.registries.dukcapil_answers import VERDICTS, body, matches, page, read

GOOD = body(VERDICTS)
KEYS = st.text() | st.sampled_from([*VERDICTS, "content", "RESPONSE_CODE"])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(
    LEAVES | st.sampled_from(list(VERDICTS.values())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


def finding_or_none(answer: bytes) -> Finding | None:
    """What the answer became; any exception but a RegistryError fails the test."""
    with contextlib.suppress(RegistryError):
        return read(answer)
    return None


@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_match(answer: bytes) -> None:
    assert finding_or_none(answer) is None


@given(JSON)
def test_arbitrary_json_never_matches(value: Any) -> None:
    assert finding_or_none(json.dumps(value).encode()) is None


def literally_confirms(record: Any, field: str) -> bool:
    """An independent, naive reading of a verdict: its literal text and nothing else."""
    value = record.get(field)
    good = {"Sesuai"} if field != "NAMA_LGKP" else {f"Sesuai ({score})" for score in range(90, 101)}
    return isinstance(value, str) and value in good


@given(st.dictionaries(st.sampled_from([*VERDICTS, "RESPON", "RESPONSE_CODE"]), JSON))
def test_arbitrary_records_match_only_where_the_verdict_is_literal(record: dict[str, Any]) -> None:
    finding = finding_or_none(json.dumps(page(record)).encode())
    if finding is not None:
        assert all(literally_confirms(record, field) for field in matches(finding))


@given(st.integers(0, len(GOOD) - 1))
def test_a_cut_answer_never_becomes_a_finding(length: int) -> None:
    assert finding_or_none(GOOD[:length]) is None


@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=4))
def test_flipped_bytes_never_make_a_match_of_what_is_not_literally_one(flips: list[tuple[int, int]]) -> None:
    answer = bytearray(body({**VERDICTS, "TGL_LHR": "Tidak Sesuai", "NAMA_LGKP": "Tidak Sesuai (40)"}))
    for position, byte in flips:
        answer[position % len(answer)] = byte
    finding = finding_or_none(bytes(answer))
    if finding is not None:
        content = {key.lower(): value for key, value in json.loads(answer).items()}["content"][0]
        said = {key.upper(): " ".join(str(value).lower().split()) for key, value in content.items()}
        for field in matches(finding):
            assert said[field].startswith("sesuai")
