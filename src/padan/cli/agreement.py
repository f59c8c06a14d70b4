"""The file that `padan provider activate` reads: what an agreement (PKS) says, in TOML."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Any

import msgspec

from padan.domain.activation import Activation, Terms
from padan.settings import Settings, read_setting

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
SETTING_OF = {
    "customer": "dukcapil_customer",
    "method": "dukcapil_method",
    "address": "dukcapil_ip",
    "fields": "dukcapil_fields",
}
"""The keys of the file that hold what a setting holds as well, and are read by its rule."""

Rupiah = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


class AgreementWrong(ValueError):
    """The file says something that cannot be; the text names the key and what is expected."""


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The keys of the file. What is left out comes from the settings, or is without limit.

    `quota` is questions a day, `per_second` questions a second; `tariff` is what the registry charges for a
    question, `price` what you charge for it, in rupiah.
    """

    number: Text
    holder: Text
    valid_from: date
    valid_until: date
    customer: Text | None = None
    method: Text | None = None
    address: Text | None = None
    fields: tuple[Text, ...] | None = None
    quota: Annotated[int, msgspec.Meta(ge=0)] | None = None
    per_second: Annotated[float, msgspec.Meta(gt=0, le=100_000)] | None = None
    tariff: Rupiah | None = None
    price: Rupiah | None = None

    def activation(self, provider: str, settings: Settings, *, now: int) -> Activation:
        """What is registered: the file, completed from the settings."""
        tariff = settings.dukcapil_price if self.tariff is None else self.tariff
        price = tariff if self.price is None else self.price
        return Activation(
            provider=provider,
            agreement=self.number,
            holder=self.holder,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            customer=self.customer or settings.dukcapil_customer,
            method=self.method or settings.dukcapil_method,
            fields=self.fields or settings.dukcapil_fields,
            address=self.address or settings.dukcapil_ip,
            registered_at=now,
            terms=Terms(self.quota, self.per_second, tariff, price),
        )


def read_agreement(raw: dict[str, Any]) -> Agreement:
    """The agreement in a file's keys. Raises AgreementWrong."""
    try:
        agreed = msgspec.convert(raw, Agreement)
    except msgspec.ValidationError as error:
        raise AgreementWrong(str(error).replace("$.", "").replace("Object", "the file")) from None
    if agreed.valid_until < agreed.valid_from:
        raise AgreementWrong("valid_until is before valid_from")
    if agreed.per_second is not None and not math.isfinite(agreed.per_second):
        raise AgreementWrong("per_second must be a number above 0, and at most 100,000")
    return msgspec.structs.replace(agreed, **_read_as_settings(agreed))


def _read_as_settings(agreed: Agreement) -> dict[str, Any]:
    """What the settings can hold as well, by their rules."""
    read = {}
    for key, setting in SETTING_OF.items():
        value = getattr(agreed, key)
        if value is None:
            continue
        try:
            read[key] = read_setting(setting, list(value) if key == "fields" else value)
        except ValueError as error:
            raise AgreementWrong(f"{key} is wrong: expected {error}") from None
    return read
