"""The languages of the pages: gettext catalogues, English in the templates, one `.po` file for each other.

A new language is one file in `locales/`: `docs/how-to/add-a-language.md`.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from babel import Locale

SOURCE = "en"
LOCALES = files("padan.web.pages") / "locales"
# Whose readers understand another language better than English: what is not translated falls back to it, one
# text or the whole language.
_NEXT_BEST = {"jv": "id", "su": "id"}
# Providers and `padan.nik` word their own faults, in two languages.
_PROVIDERS_SPEAK = ("id", "en")


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "a text to be translated later"
    """Mark a text for translation, which happens where it is shown."""
    return text


@dataclass(frozen=True, slots=True, repr=False)
class PageLanguage:
    """One language of the pages. `label` is its own name for itself."""

    code: str
    label: str
    catalogue: NullTranslations
    for_providers: str

    def __call__(self, text: str) -> str:
        """The text in this language, or the next best that it was translated to."""
        return self.catalogue.gettext(text)

    def plural(self, one: str, many: str, *, n: int) -> str:
        """The text that fits a number."""
        return self.catalogue.ngettext(one, many, n)

    @property
    def locale(self) -> Locale:
        """Names of months and countries, and how dates are written."""
        return _locale(self.code)


@cache
def languages() -> Mapping[str, PageLanguage]:
    """Every language of the pages, English first."""
    return read_languages(LOCALES)


def read_languages(folder: Traversable) -> Mapping[str, PageLanguage]:
    """Every language that a folder has a catalogue for, English first."""
    codes = sorted(file.name.removesuffix(".po") for file in folder.iterdir() if file.name.endswith(".po"))
    return {code: _load(folder, code) for code in (SOURCE, *codes)}


def choose_language(preferred: Sequence[str], accept_language: str) -> PageLanguage:
    """The first language, of the relying party's list, then the browser's, that the pages speak.

    A language without a catalogue counts as the one that its readers understand best, where we know that.
    """
    known = languages()
    for tag in (*preferred, *_in_order(accept_language[:500])):
        code = tag.lower().partition("-")[0]
        # Browsers still send the old code of Indonesian now and then.
        code = "id" if code == "in" else code
        spoken = code if code in known else _NEXT_BEST.get(code, code)
        if spoken in known:
            return known[spoken]
    return known[SOURCE]


def _in_order(accept_language: str) -> list[str]:
    """The tags of an `Accept-Language` header, most wanted first (RFC 9110, section 12.5.4)."""
    weighted: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, parameters = part.partition(";")
        name, _, weight = parameters.strip().partition("=")
        try:
            quality = float(weight) if name.strip() == "q" else 1.0
        except ValueError:
            quality = 0.0
        if tag.strip() and quality > 0:
            weighted.append((-quality, tag.strip()))
    # Stable: among equals the header's own order holds.
    return [tag for _, tag in sorted(weighted, key=lambda item: item[0])]


def _load(folder: Traversable, code: str) -> PageLanguage:
    catalogue = _catalogue(folder, code)
    chain = (code, _NEXT_BEST.get(code, SOURCE))
    speaks = next(known for known in (*chain, SOURCE) if known in _PROVIDERS_SPEAK)
    # A catalogue translates "English" with the name of its own language.
    return PageLanguage(code, catalogue.gettext(N_("English")), catalogue, speaks)


def _catalogue(folder: Traversable, code: str) -> NullTranslations:
    if code == SOURCE:
        return NullTranslations()
    # Imported with the first page: a server that only answers the API starts without it.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with (folder / f"{code}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=code))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_catalogue(folder, _NEXT_BEST.get(code, SOURCE)))
    return translations


@cache
def _locale(code: str) -> Locale:
    from babel import Locale

    return Locale.parse(code)
