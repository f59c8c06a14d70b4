"""Key files are private, whole, and made once."""

import base64
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest

from padan.vault import (
    KeyFileError,
    ResultsVault,
    SessionBinding,
    VaultKeys,
    WorkerVault,
    load,
    load_api,
    load_or_create,
    load_worker,
    rotate,
)

FILES = ("root.keys", "worker.keys", "worker.pub", "rest.keys")
HERE = SessionBinding(UUID(int=1), UUID(int=2))


def rings(keys: VaultKeys) -> tuple[dict[int, bytes], ...]:
    return keys.ring.raw(), keys.worker_secret.raw(), keys.worker_public.raw()


def opens_what_was_sealed_with(before: VaultKeys, after: VaultKeys) -> bool:
    """Whether a whole verification begun with one set of keys ends well with the other."""
    api = ResultsVault(before.ring, before.worker_public)
    issued, claim = api.issue(HERE), api.seal_claim(HERE, b"claim")
    worker = WorkerVault(after.worker_secret, after.rest)
    sealed = worker.seal_result(HERE, issued.public_key, worker.open_claim(HERE, claim))
    opened = ResultsVault(after.ring, after.worker_public).open_result(
        HERE, salt=issued.salt, results_access_key=issued.results_access_key, sealed=sealed
    )
    return opened == b"claim"


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path / "data" / "keys"


def test_the_first_start_makes_private_files_and_the_next_one_reads_them(directory: Path) -> None:
    first = load_or_create(directory)
    assert rings(load_or_create(directory)) == rings(load(directory)) == rings(first)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == dict.fromkeys(
        FILES, 0o600
    )


def test_the_mode_of_new_files_does_not_depend_on_the_umask(directory: Path) -> None:
    before = os.umask(0o277)
    try:
        directory.parent.mkdir(mode=0o700)
        directory.parent.chmod(0o700)
        directory.mkdir()
        directory.chmod(0o700)
        load_or_create(directory)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in directory.iterdir()} == {0o600}


def test_each_side_loads_its_own_keys_and_none_of_the_other(directory: Path) -> None:
    keys = load_or_create(directory)
    for name in ("worker.keys", "rest.keys"):
        (directory / name).rename(directory.parent / name)
    ring, public = load_api(directory)
    assert (ring.raw(), public.raw()) == (keys.ring.raw(), keys.worker_public.raw())

    for name in ("worker.keys", "rest.keys"):
        (directory.parent / name).rename(directory / name)
    for name in ("root.keys", "worker.pub"):
        (directory / name).unlink()
    secret, rest = load_worker(directory)
    assert (secret.raw(), rest.raw()) == (keys.worker_secret.raw(), keys.rest.raw())


def test_threads_that_start_at_once_agree_on_one_set(directory: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: rings(load_or_create(directory)), range(16)))
    assert all(keys == made[0] for keys in made)


def test_processes_that_start_at_once_agree_on_one_set(directory: Path) -> None:
    code = (
        "import sys, hashlib, pathlib; from padan.vault import load_or_create; "
        "print(hashlib.sha256(repr(load_or_create(pathlib.Path(sys.argv[1])).ring.raw()).encode()).hexdigest())"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(directory)], stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    said = {process.communicate(timeout=60)[0] for process in running}
    assert len(said) == 1
    assert len(said.pop().strip()) == 64


def test_loading_never_makes_keys(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match=r"root\.keys"):
        load(tmp_path)
    with pytest.raises(KeyFileError, match="nowhere"):
        load(tmp_path / "nowhere")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o660, 0o604, 0o400, 0o700])
def test_a_file_of_another_mode_is_refused_with_its_name_and_the_remedy(
    directory: Path, name: str, mode: int
) -> None:
    load_or_create(directory)
    (directory / name).chmod(mode)
    for loaded in (load, load_or_create):
        with pytest.raises(KeyFileError, match=rf"{name}: has mode {mode:04o} .* chmod 600"):
            loaded(directory)


def test_a_directory_that_others_may_write_is_refused(directory: Path) -> None:
    load_or_create(directory)
    directory.chmod(0o770)
    with pytest.raises(KeyFileError, match="chmod 700"):
        load(directory)


def test_a_file_of_another_user_is_refused(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_or_create(directory)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(KeyFileError, match=str(directory)):
        load(directory)


@pytest.mark.parametrize("name", FILES)
def test_a_lost_file_is_never_replaced_by_a_new_one(directory: Path, name: str) -> None:
    load_or_create(directory)
    (directory / name).unlink()
    with pytest.raises(KeyFileError, match=rf"{name}: No such file .* backup"):
        load_or_create(directory)
    assert not (directory / name).exists()


@pytest.mark.parametrize("name", FILES)
def test_a_link_or_a_directory_in_place_of_a_file_is_refused(directory: Path, name: str) -> None:
    load_or_create(directory)
    elsewhere = (directory / name).rename(directory.parent / name)
    (directory / name).symlink_to(elsewhere)
    with pytest.raises(KeyFileError, match=name):
        load(directory)
    (directory / name).unlink()
    (directory / name).mkdir(mode=0o600)
    with pytest.raises(KeyFileError, match=name):
        load(directory)


def without_its_last_key(text: str) -> str:
    return "\n".join(text.splitlines()[:-1])


def with_a_short_key(text: str) -> str:
    return without_its_last_key(text) + "\n1:" + base64.b64encode(bytes(31)).decode()


def with_the_same_kid_twice(text: str) -> str:
    return text + text.splitlines()[-1] + "\n"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "damage",
    [
        lambda _: "",
        lambda _: "\x00\xff" * 100,
        lambda text: text[: len(text) - 5],
        lambda text: text.replace("active 1", "active 9"),
        lambda text: text.replace("\n1:", "\n300:"),
        lambda text: text.replace("\n1:", "\n1;"),
        lambda text: text.replace("\n1:", "\n1:*"),
        without_its_last_key,
        with_a_short_key,
        with_the_same_kid_twice,
    ],
)
def test_a_damaged_file_is_refused_by_name_and_its_content_is_not_shown(
    directory: Path, name: str, damage: Callable[[str], str]
) -> None:
    load_or_create(directory)
    content = (directory / name).read_text()
    (directory / name).write_text(damage(content), encoding="latin-1")
    with pytest.raises(KeyFileError, match=rf"{name}: is no key file.*Restore") as refusal:
        load(directory)
    assert content.splitlines()[-1].removeprefix("1:")[:8] not in str(refusal.value)
    assert refusal.value.__suppress_context__


@pytest.mark.parametrize("name", FILES)
def test_a_file_of_another_installation_is_refused(directory: Path, tmp_path: Path, name: str) -> None:
    load_or_create(directory)
    load_or_create(tmp_path / "other")
    (directory / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(KeyFileError, match="one backup"):
        load(directory)


def test_rotation_makes_new_keys_active_and_keeps_the_old_ones(directory: Path) -> None:
    before = load_or_create(directory)
    after = rotate(directory)
    assert rings(load(directory)) == rings(after)
    assert (after.ring.kids, after.ring.active) == ((1, 2), 2)
    assert (after.worker_secret.kids, after.worker_public.active) == ((1, 2), 2)
    assert opens_what_was_sealed_with(before, after)
    assert opens_what_was_sealed_with(after, after)
    assert not list(directory.glob("*.new"))


def test_a_ring_that_is_full_is_not_rotated(directory: Path) -> None:
    load_or_create(directory)
    root = directory / "root.keys"
    key = root.read_text().splitlines()[-1].removeprefix("1:")
    root.write_text("active 1\n" + "".join(f"{kid}:{key}\n" for kid in range(256)))
    with pytest.raises(KeyFileError, match="256 kids are taken"):
        rotate(directory)


def interrupt_after(moves: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process lose its power when that many files are in place."""
    done = 0
    move = Path.replace

    def replace(self: Path, target: Path) -> Path:
        nonlocal done
        if done == moves:
            raise KeyboardInterrupt
        done += 1
        return move(self, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("moves", range(4))
def test_a_first_start_that_was_interrupted_is_made_good_by_the_next(
    directory: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    with monkeypatch.context() as patch:
        interrupt_after(moves, patch)
        with pytest.raises(KeyboardInterrupt):
            load_or_create(directory)
    for refused in (load, load_api, load_worker):
        with pytest.raises(KeyFileError):
            refused(directory)
    keys = load_or_create(directory)
    assert rings(load(directory)) == rings(keys)
    assert opens_what_was_sealed_with(keys, keys)


@pytest.mark.parametrize("moves", range(4))
def test_a_rotation_that_was_interrupted_loses_nothing(
    directory: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    before = load_or_create(directory)
    with monkeypatch.context() as patch:
        interrupt_after(moves, patch)
        with pytest.raises(KeyboardInterrupt):
            rotate(directory)
    between = load(directory)
    ring, public = load_api(directory)
    secret, rest = load_worker(directory)
    split = ResultsVault(ring, public)
    claim = split.seal_claim(HERE, b"claim")
    issued = split.issue(HERE)
    sealed = WorkerVault(secret, rest).seal_result(HERE, issued.public_key, b"result")
    assert WorkerVault(secret, rest).open_claim(HERE, claim) == b"claim"
    assert (
        split.open_result(HERE, salt=issued.salt, results_access_key=issued.results_access_key, sealed=sealed)
        == b"result"
    )
    after = rotate(directory)
    for earlier in (before, between):
        assert opens_what_was_sealed_with(earlier, after)


def test_the_random_source_is_the_one_that_was_given(directory: Path) -> None:
    keys = load_or_create(directory, random=lambda size: bytes([7]) * size)
    assert keys.ring.raw() == {1: bytes([7]) * 32}


def test_a_directory_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(KeyFileError, match="file"):
        load_or_create(tmp_path / "file" / "keys")
