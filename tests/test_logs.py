"""A line of the log: JSON with a name that is explained, and nothing of what libraries or people said."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from padan.logs import EVENTS
from tests.docs.pages import reference
from tests.support.wired import BANK, TOKENS
from tests.web.site import serving

SOURCE = Path(__file__).parents[1] / "src" / "padan"

PROGRAM = """
import logging
from padan.logs import configure_logs, report
configure_logs()
try:
    raise ValueError("3171010101900001")
except ValueError:
    logging.getLogger("uvicorn.error").exception("failed for %s", "Siti Kanaria")
logging.getLogger("python_multipart").warning("Expected %s", "Siti Kanaria")
report("verified", "found")
report("verified", "refused:credentials")
report("alarm", "refused:credentials")
report("defect", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00 ValueError")
"""


def logged(program: str) -> list[dict[str, Any]]:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "3171010101900001" not in done.stderr
    assert "Kanaria" not in done.stderr
    return [json.loads(line) for line in done.stderr.splitlines()]


def test_of_a_librarys_record_only_its_source_and_the_type_remain_and_every_line_is_json() -> None:
    lines = logged(PROGRAM)
    assert [(line["event"], line["detail"], line["level"]) for line in lines] == [
        ("library", "ValueError", "error"),
        ("library", "warning", "warning"),
        ("verified", "found", "info"),
        ("verified", "refused:credentials", "warning"),
        ("alarm", "refused:credentials", "error"),
        ("defect", "ValueError", "error"),
    ]
    assert lines[0]["logger"].startswith("uvicorn.error:")
    assert lines[-1]["trace_id"] == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_every_event_that_is_reported_is_named_and_no_other() -> None:
    texts = "\n".join(file.read_text("utf-8") for file in SOURCE.rglob("*.py"))
    reported = set(re.findall(r'\breport\(\s*"([a-z_]+)"', texts.replace("_report(", "report(")))
    assert reported | {"library"} == set(EVENTS)


def test_the_reference_explains_every_event_and_no_other() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", reference("logs.md").split("| Event |")[1], re.MULTILINE)
    assert sorted(rows) == sorted(EVENTS)


@pytest.mark.parametrize(
    ("given", "goes_on"),
    [
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", True),
        ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", False),
        ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01<script>", False),
        ("Kanaria", False),
    ],
)
def test_a_problem_goes_on_with_the_trace_of_its_request(given: str, goes_on: bool) -> None:
    async def work() -> str:
        async with serving() as site:
            answer = await site.api("POST", "/api/v1/sessions/widget", {}, headers={"traceparent": given})
            return str(answer.json["traceId"])

    told = asyncio.run(work())
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", told)
    assert (told.startswith(given[:36]) and told.endswith("-01")) is goes_on


def test_a_defects_line_carries_the_trace_id_of_its_answer() -> None:
    async def work() -> None:
        sent: list[Any] = []
        async with serving(clock=lambda: 1 // 0) as site:
            app = site.app

            async def noting(scope: Any, receive: Any, send: Any) -> None:
                async def note(message: Any) -> None:
                    sent.append(message)
                    await send(message)

                await app(scope, receive, note)

            with pytest.raises(ZeroDivisionError):
                await replace(site, app=noting).api("GET", "/api/v1/providers", token=TOKENS[BANK])
            [detail] = [detail for event, detail in site.wired.reports if event == "defect"]
            assert detail == f"{json.loads(sent[-1]['body'])['traceId']} ZeroDivisionError"

    asyncio.run(work())
