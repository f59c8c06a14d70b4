"""What a person can do after a check that did not match in everything."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

import msgspec

from padan.domain.finding import Outcome

STEPS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "check_national_id_number": (
            "Compare all 16 digits with the identity card (KTP) or the family card (KK) and try again.",
            "Cocokkan ke-16 angka NIK dengan KTP atau Kartu Keluarga (KK), lalu coba lagi.",
        ),
        "check_full_name": (
            "Enter the full name exactly as it is printed on the identity card (KTP), without adding or "
            "leaving out words, titles or abbreviations.",
            "Isi nama lengkap persis seperti tercetak di KTP, tanpa menambah atau menghilangkan kata, gelar, "
            "atau singkatan.",
        ),
        "check_date_of_birth": (
            "Enter the date of birth as it is printed on the identity card (KTP), even where the NIK shows "
            "another date.",
            "Isi tanggal lahir seperti tercetak di KTP, meskipun NIK menunjukkan tanggal lain.",
        ),
        "ask_dukcapil_for_the_record": (
            "If everything is as printed on the card, ask the population office (Dinas Dukcapil) to check "
            "the record of this NIK.",
            "Jika semua sudah sesuai dengan KTP, minta Dinas Dukcapil memeriksa data NIK ini.",
        ),
        "correct_death_record": (
            "The registry lists the holder of this NIK as deceased. If that is wrong, the holder goes to the "
            "population office (Dinas Dukcapil) with the identity card and the family card.",
            "Pemilik NIK ini tercatat meninggal dunia. Jika keliru, pemilik NIK perlu datang ke Dinas "
            "Dukcapil dengan membawa KTP dan Kartu Keluarga.",
        ),
        "resolve_duplicate_record": (
            "The registry holds this person more than once. The population office (Dinas Dukcapil) has to "
            "settle which record is valid.",
            "Data orang ini tercatat ganda. Dinas Dukcapil perlu menetapkan data yang berlaku.",
        ),
        "reactivate_record": (
            "The record of this NIK is not active. The population office (Dinas Dukcapil) can say why and "
            "activate it again.",
            "Data NIK ini tidak aktif. Dinas Dukcapil dapat menjelaskan sebabnya dan mengaktifkannya "
            "kembali.",
        ),
    }
)
"""The English sentence, then the Indonesian one, by code."""

_AFTER_OUTCOME: Final[Mapping[Outcome, tuple[str, ...]]] = MappingProxyType(
    {
        Outcome.NOT_FOUND: ("check_national_id_number", "ask_dukcapil_for_the_record"),
        Outcome.DECEASED: ("check_national_id_number", "correct_death_record"),
        Outcome.DUPLICATE: ("resolve_duplicate_record",),
        Outcome.INACTIVE: ("reactivate_record",),
    }
)
_AFTER_FIELD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "nationalIdNumber": "check_national_id_number",
        "fullName": "check_full_name",
        "dateOfBirth": "check_date_of_birth",
    }
)


class Sentence(msgspec.Struct, frozen=True):
    """A sentence to show, in English and Indonesian."""

    en: str
    id: str


class NextStep(msgspec.Struct, frozen=True):
    """One thing the person can do: a stable code, and what to tell them."""

    code: Annotated[str, msgspec.Meta(examples=["check_full_name"])]
    text: Sentence


def next_steps(outcome: Outcome, failed_fields: tuple[str, ...]) -> tuple[NextStep, ...]:
    """The steps after an outcome, most promising first; none where everything matched."""
    codes = _AFTER_OUTCOME.get(outcome, ())
    if outcome is Outcome.FOUND and failed_fields:
        codes = (*(_AFTER_FIELD[field] for field in failed_fields), "ask_dukcapil_for_the_record")
    return tuple(NextStep(code, Sentence(*STEPS[code])) for code in codes)
