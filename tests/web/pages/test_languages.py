"""Which language a page speaks, and that each catalogue says all that the pages say."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po
from hypothesis import given
from hypothesis import strategies as st

from padan.web.pages.languages import (
    LOCALES,
    PageLanguage,
    choose_language,
    languages,
    read_languages,
)

ROOT = Path(__file__).parents[3]
PO = sorted(Path(str(LOCALES)).glob("*.po"))
KEYWORDS = {**DEFAULT_KEYWORDS, "N_": None, "plural": (1, 2)}


@cache
def texts() -> frozenset[str | tuple[str, ...]]:
    """What `tools/catalogues` extracts: the same mapping, the same keywords."""
    with (ROOT / "tools" / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = extract_from_dir(
        str(ROOT / "src" / "padan"), methods, options, keywords=KEYWORDS, directory_filter=lambda _: True
    )
    return frozenset(message if isinstance(message, str) else tuple(message) for _, _, message, _, _ in found)


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem)


def placeholders(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\([a-z_]+\)[sd]|%[sd]|<[^>]*>", text))


def entries(path: Path) -> list[Any]:
    return [message for message in catalogue(path) if message.id]


def test_the_keywords_are_those_of_the_tool() -> None:
    tool = (ROOT / "tools" / "catalogues").read_text("utf-8")
    assert "-F tools/babel.cfg -k N_ -k plural:1,2 " in tool
    assert len(texts()) > 60
    assert "Confirm who you are" in texts()
    assert ("%(n)s day", "%(n)s days") in texts()


@pytest.mark.parametrize("path", PO, ids=lambda path: path.stem)
def test_a_catalogue_holds_the_texts_of_the_pages_and_no_others(path: Path) -> None:
    known = {message.id if isinstance(message.id, str) else tuple(message.id) for message in entries(path)}
    assert texts() - known == set(), "tools/catalogues brings them in"
    assert known - texts() == set(), "tools/catalogues takes them out"


@pytest.mark.parametrize("path", PO, ids=lambda path: path.stem)
def test_a_catalogue_is_complete_and_nobody_guessed(path: Path) -> None:
    assert [message.id for message in entries(path) if message.fuzzy] == []
    assert list(catalogue(path).obsolete) == []
    for message in entries(path):
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        assert said
        assert all(text.strip() for text in said), message.id


@pytest.mark.parametrize("path", PO, ids=lambda path: path.stem)
def test_a_translation_has_the_placeholders_of_its_text(path: Path) -> None:
    for message in entries(path):
        asked = [message.id] if isinstance(message.id, str) else list(message.id)
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        for text in said:
            assert placeholders(text) in [placeholders(one) for one in asked], message.id


@pytest.mark.parametrize("path", PO, ids=lambda path: path.stem)
def test_a_language_names_itself_and_no_two_by_one_name(path: Path) -> None:
    labels = [language.label for language in languages().values()]
    assert languages()[path.stem].label != "English"
    assert len(set(labels)) == len(labels)


@pytest.fixture
def javanese(tmp_path: Path) -> dict[str, PageLanguage]:
    """The languages with a made-up catalogue beside the real ones: one file more."""
    for path in PO:
        (tmp_path / path.name).write_bytes(path.read_bytes())
    made_up = Catalog(locale="jv")
    made_up.add("English", "Basa Jawa")
    made_up.add("Full name", "Jeneng gawean")
    made_up.add("Cancel", "")
    with (tmp_path / "jv.po").open("wb") as file:
        write_po(file, made_up)
    return dict(read_languages(tmp_path))


def test_a_new_language_is_one_file(javanese: dict[str, PageLanguage]) -> None:
    assert set(javanese) == {"en", *(path.stem for path in PO), "jv"}
    assert javanese["jv"].label == "Basa Jawa"
    assert javanese["jv"]("Full name") == "Jeneng gawean"
    assert javanese["jv"].locale.language == "jv"
    assert javanese["jv"].for_providers == "id"


@pytest.mark.parametrize("text", ["Cancel", "Date of birth", "Confirm who you are"])
def test_what_javanese_does_not_say_yet_is_said_in_indonesian(
    javanese: dict[str, PageLanguage], text: str
) -> None:
    assert javanese["jv"](text) == languages()["id"](text) != text
    plural = javanese["jv"].plural("%(n)s day", "%(n)s days", n=3)
    assert plural == languages()["id"].plural("%(n)s day", "%(n)s days", n=3)


def test_another_language_falls_back_to_english(tmp_path: Path) -> None:
    with (tmp_path / "tl.po").open("wb") as file:
        write_po(file, Catalog(locale="tl"))
    tagalog = read_languages(tmp_path)["tl"]
    assert tagalog("Cancel") == "Cancel"
    assert tagalog.for_providers == "en"


@pytest.mark.parametrize(
    ("preferred", "accepted", "chosen"),
    [
        ((), "", "en"),
        ((), "*", "en"),
        ((), "id", "id"),
        ((), "ID-id", "id"),
        ((), "in-ID", "id"),
        ((), "fr, en;q=0.3, id;q=0.9", "id"),
        ((), "en, id", "en"),
        ((), "jv", "id"),
        ((), "su-ID, en;q=0.9", "id"),
        ((), "en, jv;q=0.9", "en"),
        ((), "id;q=0, en", "en"),
        ((), "id;q=0", "en"),
        ((), "id;q=x, en;q=0.1", "en"),
        ((), "id;q=nan", "en"),
        ((), "xx," * 1_000 + "id", "en"),
        (("fr", "id-ID"), "en", "id"),
        (("", "xx", "en"), "id", "en"),
        (("jv-ID",), "en", "id"),
    ],
)
def test_the_first_language_that_the_pages_speak_is_spoken(
    preferred: tuple[str, ...], accepted: str, chosen: str
) -> None:
    assert choose_language(preferred, accepted).code == chosen


@given(st.lists(st.text(max_size=20), max_size=4), st.text(max_size=80))
def test_whatever_a_browser_sends_some_language_is_spoken(preferred: list[str], accepted: str) -> None:
    assert choose_language(preferred, accepted).code in languages()


def test_every_language_the_provider_offers_is_spoken() -> None:
    from padan.providers import PROVIDERS

    offered = {one.code for provider in PROVIDERS.values() for one in provider.contract.languages}
    assert offered <= set(languages())
