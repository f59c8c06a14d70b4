"""Settings: read once, the environment before the file, every mistake named with its source and remedy."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from padan.settings import PREFIX, Settings, SettingsError, load_settings

SECRET = "s3cret-of-the-agreement"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "padan.toml"


def test_without_any_source_every_setting_has_its_default() -> None:
    assert load_settings({}) == Settings()


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(file: Path) -> None:
    file.write_text('port = 1000\nhost = "::1"\nconcurrency = 8\n', "utf-8")
    read = load_settings({"PADAN_PORT": "2000"}, file=file, concurrency=2, sandbox_url="http://a.example")
    assert (read.port, read.host, read.concurrency, read.sandbox_url) == (2000, "::1", 8, "http://a.example")


def test_other_programs_variables_are_none_of_ours() -> None:
    assert load_settings({"PATH": "/bin", "XPADAN_PORT": "x", "padan_port": "x"}) == Settings()


@pytest.mark.parametrize("name", ["PADAN_PROT", "PADAN_", "PADAN_DUKCAPIL"])
def test_an_unknown_variable_is_refused_by_name(name: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} in the environment"):
        load_settings({name: SECRET})


def test_an_unknown_name_in_the_file_is_refused_with_the_file(file: Path) -> None:
    file.write_text("prot = 1\n", "utf-8")
    with pytest.raises(SettingsError, match=f"prot in {file}"):
        load_settings({}, file=file)


@pytest.mark.parametrize("content", [b"port = ", b"\xff", b"port = 1\nport = 2"])
def test_a_file_that_cannot_be_read_is_named(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"padan\.toml cannot be read"):
        load_settings({}, file=file)
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings({}, file=file.with_name("absent.toml"))


WRONG = [
    ("port", "65536"),
    ("port", "-1"),
    ("port", "80.5"),
    ("port", "\uff18\uff10"),
    ("concurrency", "0"),
    ("database", "mysql://a/b"),
    ("database", "sqlite:///"),
    ("database", "postgresql://"),
    ("database", "postgresql://db.example"),
    ("database", "postgresql://padan@[db.example/padan"),
    ("database", "postgresql://padan@db.example/padan#x"),
    ("host", "  "),
    ("public_url", "ftp://a.example"),
    ("public_url", "https://"),
    ("public_url", "https://user:pass@a.example"),
    ("public_url", "https://a.example/?q=1"),
    ("public_url", "https://[a.example"),
    ("dukcapil_url", "a.example"),
    ("dukcapil_deadline", "0"),
    ("dukcapil_deadline", "nan"),
    ("dukcapil_deadline", "inf"),
    ("dukcapil_name_threshold", "101"),
    ("dukcapil_name_threshold", "49"),
    ("dukcapil_ip", "registry.example"),
    ("dukcapil_ip", "192.0.2.256"),
    ("dukcapil_ip", "192.0.2.10 "),
    ("dukcapil_ip", "fe80::1%eth0"),
    ("dukcapil_method", "CALL VERIFY"),
    ("dukcapil_method", "CALL/../NIK"),
    ("dukcapil_method", "CALL_NIK\n"),
    ("dukcapil_method", "A" * 65),
    ("dukcapil_customer", "bank contoh"),
    ("dukcapil_customer", "a/b"),
    ("dukcapil_customer", ".."),
    ("dukcapil_customer", "b\u00e4nk"),
    ("dukcapil_region", "32/73"),
    ("dukcapil_region", "3" * 17),
    ("dukcapil_password", ""),
    ("dukcapil_fields", "NAMA_LGKP"),
    ("dukcapil_fields", "NIK,NO_KK"),
    ("dukcapil_fields", ""),
    ("dukcapil_key_case", "mixed"),
    ("dukcapil_http_basic", "yes"),
    ("dukcapil_unpinned", "yes"),
    ("dukcapil_threshold_sent", "101"),
    ("dukcapil_feedback_url", "ftp://a.example"),
    ("dukcapil_feedback_token", "two words"),
    ("dukcapil_feedback_token", "line\r\nbreak"),
    ("dukcapil_feedback_token", "kunci\u00e9"),
    ("dukcapil_feedback_params", ""),
    ("dukcapil_feedback_params", "TUJUAN"),
    ("dukcapil_feedback_params", "TUJUAN=nik"),
    ("dukcapil_feedback_params", ",TUJUAN=purpose"),
    ("dukcapil_feedback_params", "A=purpose,A=date"),
    ("dukcapil_feedback_params", "A=purpose,"),
    ("dukcapil_feedback_certificate", "ab"),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_variable_is_named_with_what_is_expected(name: str, value: str) -> None:
    variable = PREFIX + name.upper()
    with pytest.raises(SettingsError, match=f"{variable} in the environment is wrong: expected ."):
        load_settings({variable: value})


@pytest.mark.parametrize(
    "line", ["port = true", "port = 1.5", "host = 3", "dukcapil_deadline = [1]", "data = {}"]
)
def test_a_wrong_type_in_the_file_is_named_with_the_file(file: Path, line: str) -> None:
    file.write_text(line, "utf-8")
    name = line.partition(" ")[0]
    with pytest.raises(SettingsError, match=f"{name} in {file} is wrong: expected ."):
        load_settings({}, file=file)


def test_the_permitted_fields_are_a_list_in_the_file_and_have_commas_in_the_environment(file: Path) -> None:
    file.write_text('dukcapil_fields = ["tgl_lhr", "NIK"]\n', "utf-8")
    assert load_settings({}, file=file).dukcapil_fields == ("NIK", "TGL_LHR")
    assert load_settings({"PADAN_DUKCAPIL_FIELDS": "NIK, nama_lgkp"}).dukcapil_fields == ("NIK", "NAMA_LGKP")


def test_a_user_that_http_basic_cannot_carry_is_refused_by_name() -> None:
    with pytest.raises(SettingsError, match="PADAN_DUKCAPIL_USER") as caught:
        load_settings({"PADAN_DUKCAPIL_USER": f"a:{SECRET}", "PADAN_DUKCAPIL_HTTP_BASIC": "on"})
    assert SECRET not in str(caught.value)


def test_a_secret_is_never_shown() -> None:
    secrets = {item.name: SECRET for item in fields(Settings) if item.metadata["secret"]}
    assert "dukcapil_password" in secrets
    secrets["database"] = f"postgresql://padan:{SECRET}@db.example/padan"
    read = load_settings({PREFIX + name.upper(): value for name, value in secrets.items()})
    assert SECRET not in repr(read) + str(read) + f"{read}"


@pytest.mark.parametrize(
    "name", sorted({name for name, _ in WRONG if name not in ("host", "dukcapil_password")})
)
def test_an_error_never_repeats_the_value(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({PREFIX + name.upper(): f"\n{SECRET}\x00://"})
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_every_setting_says_what_it_is_for() -> None:
    for item in fields(Settings):
        assert item.metadata["help"].endswith(".")


def test_the_database_and_the_keys_lie_in_the_data_folder_unless_told_otherwise() -> None:
    read = load_settings({"PADAN_DATA": "/srv/padan"})
    assert (read.database_url, read.keys_folder) == ("sqlite:////srv/padan/padan.db", Path("/srv/padan/keys"))
    told = load_settings({"PADAN_DATABASE": "sqlite:///x.db", "PADAN_KEYS": "/etc/keys"})
    assert (told.database_url, told.keys_folder) == ("sqlite:///x.db", Path("/etc/keys"))


FEEDBACK = {
    "PADAN_DUKCAPIL_FEEDBACK_URL": "https://a.example",
    "PADAN_DUKCAPIL_FEEDBACK_TOKEN": SECRET,
    "PADAN_DUKCAPIL_FEEDBACK_INSTITUTION": "0123",
    "PADAN_DUKCAPIL_FEEDBACK_NAME": "Bank Contoh",
}


@pytest.mark.parametrize("name", list(FEEDBACK)[1:])
def test_an_address_for_data_balikan_needs_what_belongs_to_it(name: str) -> None:
    with pytest.raises(SettingsError, match=f"so {name} must be, too") as error:
        load_settings({key: value for key, value in FEEDBACK.items() if key != name})
    assert SECRET not in str(error.value)
    settings = load_settings(FEEDBACK)
    assert settings.dukcapil_feedback_token == SECRET
    assert SECRET not in repr(settings)


def test_a_postgresql_database_is_taken_and_its_password_is_not_shown() -> None:
    url = "postgresql://padan:canary@db-1:5432,db-2:5432/padan?target_session_attrs=primary"
    read = load_settings({"PADAN_DATABASE": url})
    assert read.database_url == url
    assert "canary" not in repr(read)


def test_a_threshold_that_lets_strangers_pass_is_refused_with_the_reason() -> None:
    with pytest.raises(SettingsError, match="from 50 to 100: below 50, names of strangers"):
        load_settings({"PADAN_DUKCAPIL_NAME_THRESHOLD": "10"})
    assert load_settings({"PADAN_DUKCAPIL_NAME_THRESHOLD": "50"}).dukcapil_name_threshold == 50


@pytest.mark.parametrize(
    "again", ["https://a.example/ws", "https://a.example/ws/", "https://A.example:443/ws"]
)
def test_a_standby_that_is_the_first_again_is_refused(again: str) -> None:
    with pytest.raises(SettingsError, match="PADAN_DUKCAPIL_STANDBY_URL is PADAN_DUKCAPIL_URL again"):
        load_settings({"PADAN_DUKCAPIL_URL": "https://a.example/ws", "PADAN_DUKCAPIL_STANDBY_URL": again})
    other = {"PADAN_DUKCAPIL_URL": "https://a.example/wt", "PADAN_DUKCAPIL_STANDBY_URL": again}
    assert load_settings(other).dukcapil_standby_url is not None


@pytest.mark.parametrize("name", ["dukcapil_password", "dukcapil_feedback_token"])
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_with_a_secret_must_be_closed_to_others(file: Path, name: str, mode: int) -> None:
    file.write_text(f'{name} = "{SECRET}"\n', "utf-8")
    file.chmod(mode)
    with pytest.raises(SettingsError, match=rf"padan\.toml holds {name} .* chmod 600") as caught:
        load_settings({}, file=file)
    assert SECRET not in str(caught.value)
    file.chmod(0o600)
    assert getattr(load_settings({}, file=file), name) == SECRET


def test_a_file_without_a_secret_may_be_read_by_others(file: Path) -> None:
    file.write_text("port = 1000\n", "utf-8")
    file.chmod(0o644)
    assert load_settings({}, file=file).port == 1000
