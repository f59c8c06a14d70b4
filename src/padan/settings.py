"""One typed object with every setting, built once from a file and the environment.

A setting `database` is read from the environment as `PADAN_DATABASE` and from a TOML file as `database`; the
environment wins. `docs/reference/settings.md` lists them all, and a test holds it to that.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from padan import settings_values as values

PREFIX = "PADAN_"
_PORTS = {"http": 80, "https": 443}


class SettingsError(Exception):
    """A setting is wrong. The text names it, where it came from and what is expected, never a secret."""


def _setting(read: Callable[[Any], Any], default: Any, help_text: str, *, secret: bool = False) -> Any:
    metadata = {"read": read, "help": help_text, "secret": secret}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, with its default."""

    data: Path = _setting(
        values.path, Path("padan-data"), "Folder for the embedded database and the vault's keys."
    )
    database: str | None = _setting(
        values.database,
        None,
        "Where sessions are stored: `sqlite:///PATH` or `postgresql://…`. Default: `padan.db` in `data`.",
        secret=True,
    )
    keys: Path | None = _setting(values.path, None, "Folder of the vault's keys. Default: `keys` in `data`.")
    audit: Path | None = _setting(values.path, None, "Folder of the audit log. Default: `audit` in `data`.")
    register: str | None = _setting(
        values.register,
        None,
        "Where the own register lies: a folder, or `postgresql://…`. Default: `register` in `data`.",
        secret=True,
    )
    live_registry: str = _setting(
        values.one_of("dukcapil", "register"),
        "dukcapil",
        "Who answers in Live environments: `dukcapil`, or the own `register`.",
    )
    test_registry: str = _setting(
        values.one_of("sandbox", "register"),
        "sandbox",
        "Who answers in Test environments: the `sandbox`, or the own `register`.",
    )
    host: str = _setting(values.text, "127.0.0.1", "Address to listen on.")
    port: int = _setting(values.port, 8080, "Port to listen on; 0 picks a free one.")
    metrics_port: int | None = _setting(
        values.port, None, "Port for Prometheus, or the first free one after it. Default: no metrics."
    )
    metrics_host: str = _setting(values.text, "127.0.0.1", "Address of the metrics' port.")
    otlp_endpoint: str | None = _setting(
        values.url, None, "Where OpenTelemetry traces are sent (OTLP over HTTP). Default: none are made."
    )
    public_url: str | None = _setting(
        values.url,
        None,
        "How browsers reach this server; launch URLs begin with it. Default: the address listened on.",
    )
    operator: str | None = _setting(
        values.text,
        None,
        "Who runs this server, as told to people when they agree. Default: the environment's organisation.",
    )
    refusals_per_session: int = _setting(
        values.count, 50, "A session ends after so many forms that could not be taken."
    )
    guesses_per_environment: int = _setting(
        values.count,
        5,
        "Different details that hosted pages take for one NIK within a day, in one environment.",
    )
    guesses_per_server: int = _setting(values.count, 20, "The same, in all environments together.")
    keep_sessions: int | None = _setting(
        values.count, None, "Days for which a session's row is kept after its redaction. Default: for ever."
    )
    keep_backups: int = _setting(
        values.count, 30, "Days for which backups live, and for which it is known what was redacted since."
    )
    redactions: Path | None = _setting(
        values.path, None, "Folder where redactions are written down. Default: `redactions` in `data`."
    )
    workers: int = _setting(
        values.count, 1, "Processes that serve at one address; from 2 on, a supervisor keeps them."
    )
    work: str = _setting(
        values.one_of("here", "elsewhere"),
        "here",
        "Whether a server asks registries itself, or leaves that to `padan work`: `here` or `elsewhere`.",
    )
    drain_notice: int = _setting(
        values.pause,
        0,
        "Seconds for which a server that was told to stop says so and still accepts, for a load balancer.",
    )
    health_port: int | None = _setting(
        values.port, None, "Port on which `padan work` answers `/live` and `/ready`. Default: none."
    )
    concurrency: int = _setting(
        values.count, 64, "Questions asked of registries at the same time by one process."
    )
    sandbox_url: str | None = _setting(
        values.url, None, "Registry that Test environments ask. Default: a simulator inside the process."
    )
    dukcapil_url: str | None = _setting(
        values.url,
        None,
        "Base URL of Dukcapil's web service. Without it, Live environments have no provider.",
    )
    dukcapil_standby_url: str | None = _setting(
        values.url, None, "A second way to the same service, asked while the first gives no answer."
    )
    dukcapil_customer: str = _setting(
        values.customer, "padan-sandbox", "Customer id in the URL, from the agreement."
    )
    dukcapil_user: str = _setting(values.text, "sandbox", "USER_ID, from the agreement.")
    dukcapil_password: str = _setting(values.text, "sandbox", "PASSWORD, from the agreement.", secret=True)
    dukcapil_password_file: Path | None = _setting(
        values.path,
        None,
        "A file that holds PASSWORD alone, readable by its owner; wins over `dukcapil_password`.",
    )
    dukcapil_ip: str = _setting(values.ip, "127.0.0.1", "IP_USER: the address declared in the agreement.")
    dukcapil_method: str = _setting(values.method, "CALL_VERIFY_BY_ELEMEN", "The method's name in the URL.")
    dukcapil_region: str | None = _setting(
        values.region,
        None,
        "Region segment `pp-kk` before the customer in the URL, where the agreement has one.",
    )
    dukcapil_date_format: str = _setting(
        values.date_format,
        "dd-MM-yyyy",
        "How TGL_LHR is written: `dd-MM-yyyy`, `dd/MM/yyyy` or `yyyy-MM-dd`.",
    )
    dukcapil_fields: tuple[str, ...] = _setting(
        values.fields,
        ("NIK", "NAMA_LGKP", "TGL_LHR"),
        "Fields that the agreement permits to compare: `NIK`, and any of `NAMA_LGKP`, `TGL_LHR`.",
    )
    dukcapil_key_case: str | None = _setting(
        values.one_of("upper", "lower"),
        None,
        "How the keys of a question are written: `upper` or `lower`. Default: as the method's clients do.",
    )
    dukcapil_http_basic: str = _setting(
        values.one_of("off", "on"),
        "off",
        "Whether user and password are sent as HTTP Basic too: `off` or `on`.",
    )
    dukcapil_unpinned: str = _setting(
        values.one_of("refuse", "accept"),
        "refuse",
        "Whether Live may ask over a line that no certificate protects: `refuse` or `accept`.",
    )
    dukcapil_certificate: bytes | None = _setting(
        values.fingerprint,
        None,
        "SHA-256 of the server's certificate (DER), in hexadecimal: trust that one alone.",
    )
    dukcapil_deadline: float = _setting(values.seconds, 10.0, "Seconds for one question, all in all.")
    dukcapil_most_unknown_charges: int = _setting(
        values.count,
        10,
        "A session fails after so many questions without an answer that may have been charged.",
    )
    dukcapil_name_threshold: int = _setting(
        values.name_threshold, 90, "Similarity, in percent, from which a name counts as matching."
    )
    dukcapil_threshold_sent: int = _setting(
        values.percent,
        80,
        "TRESHOLD of the wire, in percent; never sent above the one that names are judged by.",
    )
    dukcapil_price: int = _setting(values.rupiah, 1000, "Rupiah a question costs (PP 10/2023: 1,000).")

    dukcapil_feedback_url: str | None = _setting(
        values.url,
        None,
        "Where data balikan is sent after each success in Live. Without it, none is kept or sent.",
    )
    dukcapil_feedback_token: str | None = _setting(
        values.secret, None, "Bearer token for data balikan, from the agreement.", secret=True
    )
    dukcapil_feedback_institution: str | None = _setting(values.text, None, "`id_lembaga` of data balikan.")
    dukcapil_feedback_name: str | None = _setting(values.text, None, "`nama_lembaga` of data balikan.")
    dukcapil_feedback_params: str = _setting(
        values.feedback_params,
        "TUJUAN=purpose,HASIL=outcome,TANGGAL=date",
        "What stands in `param` of data balikan: names, and which of purpose, outcome and date under each.",
    )
    dukcapil_feedback_certificate: bytes | None = _setting(
        values.fingerprint, None, "SHA-256 of the certificate (DER) of that server: trust that one alone."
    )

    @property
    def database_url(self) -> str:
        """The database, with its default filled in."""
        return self.database or f"sqlite:///{self.data / 'padan.db'}"

    @property
    def redactions_folder(self) -> Path:
        """The folder where redactions are written down, with its default filled in."""
        return self.redactions or self.data / "redactions"

    @property
    def keys_folder(self) -> Path:
        """The folder of the vault's keys, with its default filled in."""
        return self.keys or self.data / "keys"

    @property
    def asks_register_in_live(self) -> bool:
        """Whether the own register answers in Live environments."""
        return self.live_registry == "register"

    @property
    def asks_register_in_test(self) -> bool:
        """Whether the own register answers in Test environments, and no sandbox."""
        return self.test_registry == "register"

    @property
    def register_place(self) -> str:
        """Where the register lies, with its default filled in."""
        return self.register or str(self.data / "register")

    @property
    def audit_folder(self) -> Path:
        """The folder of the audit log, with its default filled in."""
        return self.audit or self.data / "audit"


def load_settings(environment: Mapping[str, str], *, file: Path | None = None, **defaults: Any) -> Settings:
    """Read every setting once.

    Args:
        environment: of the process.
        file: a TOML file with settings by name.
        defaults: take the place of a setting's default where neither source gives it.

    Raises:
        SettingsError: a value is wrong, a name is unknown, or the file cannot be read.
    """
    from_file = _read_file(file)
    known = {item.name: item for item in fields(Settings)}
    for name in from_file:
        if name not in known:
            raise SettingsError(f"{name} in {file} is not a setting; see docs/reference/settings.md")
    for name in environment:
        if name.startswith(PREFIX) and name.removeprefix(PREFIX).lower() not in known:
            raise SettingsError(f"{name} in the environment is not a setting; see docs/reference/settings.md")
    given = dict(defaults)
    for name, item in known.items():
        variable = PREFIX + name.upper()
        if variable in environment:
            given[name] = _read(
                item.metadata["read"], environment[variable], f"{variable} in the environment"
            )
        elif name in from_file:
            given[name] = _read(item.metadata["read"], from_file[name], f"{name} in {file}")
    settings = _with_password(Settings(**given))
    _require_together(settings)
    return settings


def read_setting(name: str, value: Any) -> Any:
    """A value as the setting of that name takes it; ValueError says what is expected."""
    return next(item for item in fields(Settings) if item.name == name).metadata["read"](value)


def _with_password(settings: Settings) -> Settings:
    """The settings with the password that lies in a file of its own."""
    file = settings.dukcapil_password_file
    if file is None:
        return settings
    try:
        if file.stat().st_mode & 0o077:
            raise SettingsError(f"dukcapil_password_file {file} can be read by others: chmod 600 it")
        password = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"dukcapil_password_file {file} cannot be read: {error}") from None
    if not password:
        raise SettingsError(f"dukcapil_password_file {file} is empty: write the password into it")
    return replace(settings, dukcapil_password=password)


def _require_together(settings: Settings) -> None:
    """Settings that are right alone and wrong together."""
    if settings.asks_register_in_live and settings.dukcapil_url is not None:
        raise SettingsError("PADAN_LIVE_REGISTRY=register and PADAN_DUKCAPIL_URL are both set: one answers")
    if settings.dukcapil_http_basic == "on" and ":" in settings.dukcapil_user:
        raise SettingsError("PADAN_DUKCAPIL_USER has a colon, where PADAN_DUKCAPIL_HTTP_BASIC=on allows none")
    first, standby = settings.dukcapil_url, settings.dukcapil_standby_url
    if first is not None and standby is not None and _same_place(first, standby):
        raise SettingsError(
            "PADAN_DUKCAPIL_STANDBY_URL is PADAN_DUKCAPIL_URL again: expected another way there, or none"
        )
    needed = ("dukcapil_feedback_token", "dukcapil_feedback_institution", "dukcapil_feedback_name")
    missing = [PREFIX + name.upper() for name in needed if getattr(settings, name) is None]
    if settings.dukcapil_feedback_url is not None and missing:
        raise SettingsError(f"PADAN_DUKCAPIL_FEEDBACK_URL is set, so {', '.join(missing)} must be, too")


def _same_place(one: str, other: str) -> bool:
    """Whether two URLs are the same but for the case of a host and a port that goes without saying."""

    def place(url: str) -> tuple[str, str | None, int | None, str]:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or _PORTS.get(parts.scheme), parts.path

    return place(one) == place(other)


def _read(read: Callable[[Any], Any], value: Any, source: str) -> Any:
    try:
        return read(value)
    except ValueError as error:
        raise SettingsError(f"{source} is wrong: expected {error}") from None


def _read_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        read, mode = tomllib.loads(file.read_text("utf-8")), file.stat().st_mode
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"the settings file {file} cannot be read: {error}") from None
    secrets = [name for name in ("dukcapil_password", "dukcapil_feedback_token") if name in read]
    if secrets and mode & 0o077:
        raise SettingsError(f"{file} holds {' and '.join(secrets)} and is open to others: chmod 600 it")
    return read
