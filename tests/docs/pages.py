"""The documentation as text: its files, links, headings and shown commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def pages() -> list[Path]:
    """Every Markdown page of the project."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def reference(name: str) -> str:
    """A page of the reference."""
    return (DOCS / "reference" / name).read_text("utf-8")


def links(page: Path) -> list[str]:
    """Where a page links to, but for addresses elsewhere."""
    text = _CODE.sub("", page.read_text("utf-8"))
    return [target for target in _LINK.findall(text) if "://" not in target]


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return [body for kind, body in _FENCE.findall(page.read_text("utf-8")) if kind == language]


def shown(page: Path) -> Iterator[tuple[str, str]]:
    """Each command in a console block, and the output shown for it."""
    for block in blocks(page, "console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield command, output


def table_cells(text: str) -> set[str]:
    """What stands in backticks in the first two cells of each row of a page's tables."""
    rows = [line.split("|")[1:3] for line in text.splitlines() if line.startswith("|")]
    return {code for row in rows for cell in row for code in re.findall(r"`([^`]+)`", cell)}
