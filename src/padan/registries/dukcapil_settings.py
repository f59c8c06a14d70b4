"""What one agreement with Dukcapil (PKS) fixes: where, as whom and how to ask."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import quote, urlsplit

DATE_FORMATS: Final = MappingProxyType(
    {"dd-MM-yyyy": "%d-%m-%Y", "dd/MM/yyyy": "%d/%m/%Y", "yyyy-MM-dd": "%Y-%m-%d"}
)
"""The ways a date of birth is written on the wire, and the same for `strftime`."""

RECORD_METHODS: Final = frozenset({"CALL_NIK", "NIK", "GET_NIK", "BYNIK"})
"""The methods, in any case, that answer with the whole record; every other one verifies by element."""

FIELDS: Final = ("NIK", "NAMA_LGKP", "TGL_LHR")
"""The fields of the wire that a claim can fill."""

LOWEST_THRESHOLD_IN_USE: Final = 80
_SHA256_BYTES: Final = 32


@dataclass(frozen=True, slots=True, repr=False)
class DukcapilSettings:
    """The settings of one Dukcapil connection. `repr` shows the address alone.

    `method` decides which of the two services is asked. `fields` are those that the agreement permits;
    `NIK` is always among them, and what is not permitted is never sent nor compared. `key_case` is `upper`
    or `lower`; `None` is what most clients of the service write. `basic_auth` sends user and password as
    HTTP Basic too.

    `name_threshold` is the score, 0 to 100, from which Padan counts a name as the same. `threshold_sent` is
    the `TRESHOLD` of the wire, at which the registry turns its word; 80 is the lowest value known to be
    in use. It is never sent above the threshold that a name is judged by.
    `certificate_sha256` pins the server's certificate (the hash of its DER form) instead of verifying a
    chain, for servers on a bare IP address. `max_body` is in bytes.

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
    fields: tuple[str, ...] = FIELDS
    key_case: str | None = None
    basic_auth: bool = False
    date_format: str = "dd-MM-yyyy"
    threshold_sent: int = LOWEST_THRESHOLD_IN_USE
    name_threshold: int = 90
    deadline_s: float = 10
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
        if "NIK" not in self.fields or not set(self.fields) <= set(FIELDS):
            raise ValueError(f"fields must be NIK and any of {', '.join(FIELDS[1:])}")
        if self.key_case not in {None, "upper", "lower"}:
            raise ValueError("key_case must be upper or lower")
        if self.basic_auth and ":" in self.user_id:
            raise ValueError("user_id must have no colon where basic_auth is on; HTTP Basic ends it there")
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("threshold_sent", "name_threshold"):
            if not 0 <= getattr(self, name) <= 100:
                raise ValueError(f"{name} must be 0 to 100")
        if self.deadline_s <= 0 or self.max_body <= 0 or self.pool_size <= 0:
            raise ValueError("deadline_s, max_body and pool_size must be above 0")
        if self.certificate_sha256 is not None and len(self.certificate_sha256) != _SHA256_BYTES:
            raise ValueError("certificate_sha256 must be 32 bytes: the SHA-256 of the certificate's DER form")

    def __repr__(self) -> str:
        return f"DukcapilSettings(base_url={self.base_url!r}, <hidden>)"

    @property
    def asks_for_record(self) -> bool:
        """Whether the method answers with the whole record instead of verdicts."""
        return self.method.upper() in RECORD_METHODS

    @property
    def keys_are_lower(self) -> bool:
        """Whether the keys of a question are written in lower case."""
        return self.asks_for_record if self.key_case is None else self.key_case == "lower"

    @property
    def url(self) -> str:
        """Where questions are posted."""
        segments = [part for part in (self.region_segment, self.customer, self.method) if part]
        path = "/".join(quote(part, safe="") for part in segments)
        return f"{self.base_url.rstrip('/')}/dukcapil/get_json/{path}"


def unpinned_in_live_problem(settings: DukcapilSettings, *, accept_unpinned: bool) -> str | None:
    """Say why a Live environment must not ask over this line, with the remedy; None where it may.

    A line is fit for people's data where it pins the server's certificate, or does not leave the machine.
    `accept_unpinned` is the operator's word that another line will do: a VPN of their own, or an authority
    that they trust. It never switches verification off: without a pin, `https` verifies its chain as ever.
    """
    parts = urlsplit(settings.base_url)
    host = parts.hostname or ""
    if accept_unpinned or is_loopback(host):
        return None
    if parts.scheme != "https":
        return (
            "The line to Dukcapil is plain HTTP: whoever is on its way reads the password and every claim. "
            "Give PADAN_DUKCAPIL_URL with https and PADAN_DUKCAPIL_CERTIFICATE; or, where a VPN of your own "
            "protects it, say PADAN_DUKCAPIL_UNPINNED=accept."
        )
    if settings.certificate_sha256 is None:
        return (
            "The line to Dukcapil is not pinned to the server's certificate. "
            "Give PADAN_DUKCAPIL_CERTIFICATE, the SHA-256 of the server's certificate (padan doctor "
            "shows it; compare it with Dukcapil's); or, where you trust the authority that vouches for it, "
            "say PADAN_DUKCAPIL_UNPINNED=accept."
        )
    return None


def _is_plain_http_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        reachable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return reachable and not (parts.query or parts.fragment or "@" in parts.netloc)


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
