"""What one agreement with Dukcapil (PKS) fixes: where, as whom and how to ask."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

DATE_FORMATS: Final = MappingProxyType(
    {"dd-MM-yyyy": "%d-%m-%Y", "dd/MM/yyyy": "%d/%m/%Y", "yyyy-MM-dd": "%Y-%m-%d"}
)
"""The ways a date of birth is written on the wire, and the same for `strftime`."""

LOWEST_THRESHOLD_IN_USE: Final = 80
_SHA256_BYTES: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class DukcapilSettings:
    """The settings of one Dukcapil connection. `repr` shows the address alone.

    `name_threshold` is the score, 0 to 100, from which Padan counts a name as the same. `threshold_sent` is
    the `TRESHOLD` of the wire, at which the registry turns its word; `None` sends 80, the lowest value known
    to be in use, or `name_threshold` where that is lower. `certificate_sha256` pins the server's
    certificate (the hash of its DER form) instead of verifying a chain, for servers on a bare IP address.
    `price` is in rupiah a question, `max_body` in bytes.

    Raises:
        ValueError: a setting cannot work; the text names it and the remedy.
    """

    base_url: str
    customer: str
    user_id: str
    password: str
    ip: str
    method: str = "CALL_VERIFY_BY_ELEMEN"
    region_segment: str | None = None
    date_format: str = "dd-MM-yyyy"
    threshold_sent: int | None = None
    name_threshold: int = 90
    deadline_s: float = 10
    price: int = 1000
    max_body: int = 1 << 20
    pool_size: int = 64
    certificate_sha256: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse at the start what would fail at the first question."""
        for name in ("customer", "user_id", "password", "ip", "method"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty; take it from the Dukcapil agreement")
        if not _is_plain_http_url(self.base_url):
            raise ValueError("base_url must be http(s)://host[:port][/path] without user, query or fragment")
        if self.date_format not in DATE_FORMATS:
            raise ValueError(f"date_format must be one of {', '.join(DATE_FORMATS)}")
        if not 0 <= self.threshold <= self.name_threshold <= 100:
            raise ValueError(
                "threshold_sent and name_threshold must be 0 to 100, the first not above the second"
            )
        if self.deadline_s <= 0 or self.max_body <= 0 or self.pool_size <= 0 or self.price < 0:
            raise ValueError("deadline_s, max_body and pool_size must be above 0, and price not below 0")
        if self.certificate_sha256 is not None and len(self.certificate_sha256) != _SHA256_BYTES:
            raise ValueError("certificate_sha256 must be 32 bytes: the SHA-256 of the certificate's DER form")

    def __repr__(self) -> str:
        return f"DukcapilSettings(base_url={self.base_url!r}, <hidden>)"

    @property
    def threshold(self) -> int:
        """The `TRESHOLD` of the wire."""
        lowest_in_use = min(LOWEST_THRESHOLD_IN_USE, self.name_threshold)
        return lowest_in_use if self.threshold_sent is None else self.threshold_sent

    @property
    def url(self) -> str:
        """Where questions are posted."""
        segments = [part for part in (self.region_segment, self.customer, self.method) if part]
        path = "/".join(quote(part, safe="") for part in segments)
        return f"{self.base_url.rstrip('/')}/dukcapil/get_json/{path}"


def _is_plain_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        reachable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return reachable and not (parts.query or parts.fragment or "@" in parts.netloc)
