"""The register as files of one folder: a sorted map in LMDB, read in place.

Each load makes a file of its own, a generation, and `register.json` names the one that answers. So a load
that was killed left a file that nobody reads, and readers go over between two questions.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import lmdb

from padan.app.ports.registers import (
    Packed,
    RegisterDamaged,
    RegisterMissing,
    RegisterUnavailable,
    RegisterVersion,
)
from padan.domain.register import Record
from padan.register.current import CURRENT_FILE, Current, mark_of, nothing_loaded, read_current, write_current
from padan.register.environments import let_go, open_shared
from padan.register.forms import Form
from padan.register.keys import sync_folder
from padan.register.map_file import lengthen, refuse_cut, refuse_empty
from padan.register.order import ascending
from padan.register.records import from_bytes

_ADDRESSES: Final = 1 << 37
"""Bytes of address space for the map, of which only what is written takes room: six times the nation."""
_PEOPLE_A_COMMIT: Final = 250_000
"""Their pages are in memory until the commit; each commit leaves some of the file's in the process."""
_TRIES: Final = 3
_PREFIX, _SUFFIX = "people-", ".lmdb"


class LmdbRegister:
    """A folder. Nothing is opened before the first call; several processes may read and one may write.

    One thread at a time may use it.
    """

    def __init__(self, folder: Path, form: Form) -> None:
        self.folder = folder
        self._form = form
        self._current: Current | None = None
        self._mark: tuple[int, int] | None = None
        self._key, self._unseal = form.key, form.open
        self._env: lmdb.Environment | None = None
        # One for each question: a reader that keeps one keeps every page as it was then, and the file grows.
        self._begin: Any = None

    async def look(self, nik: str) -> Record | None:
        """The person of a NIK."""
        if self._begin is None:
            self._open()
        try:
            key = self._key(nik)
        except ValueError:
            return None
        try:
            reading = self._begin()
            value = reading.get(key)
            reading.abort()
            return None if value is None else from_bytes(nik, self._unseal(nik, value))
        except lmdb.Error as error:
            raise _unavailable(self.folder, error) from None
        except ValueError:
            raise RegisterDamaged("a record is not readable: load the register again") from None

    async def count(self) -> int:
        """How many."""
        return int(self._opened().stat()["entries"])

    async def version(self) -> RegisterVersion:
        """Which data."""
        environment = self._opened()
        current = self._current
        if current is None:
            raise nothing_loaded(str(self.folder))
        page = environment.info()
        return RegisterVersion(
            name=f"{current.file.removeprefix(_PREFIX).removesuffix(_SUFFIX)}.{page['last_txnid']}",
            people=int(environment.stat()["entries"]),
            sealed=current.sealed,
            loaded_at=current.loaded_at,
            source=current.source,
            stored_bytes=(page["last_pgno"] + 1) * environment.stat()["psize"],
        )

    async def is_sealed(self) -> bool:
        """As the generation says."""
        return read_current(self.folder).sealed

    async def sealed_under(self) -> str:
        """As the generation says."""
        return read_current(self.folder).check

    async def refresh(self) -> None:
        """Open the newest generation; its newest batch is seen by every question."""
        if self._env is not None and mark_of(self.folder) != self._mark:
            self._close()

    async def replace(self, batches: Iterable[Sequence[Packed]], *, source: str, loaded_at: int) -> int:
        """Write a new generation beside the old one, then let it count."""
        with self._writing():
            name = f"{_PREFIX}{loaded_at}-{os.urandom(3).hex()}{_SUFFIX}"
            # What a note that is not readable named may still be good: it stays until the new one is whole.
            with suppress(RegisterDamaged):
                self._drop_all_but(self._counting())
            try:
                people = self._write(self.folder / name, batches)
                write_current(
                    self.folder,
                    Current(name, self._form.sealed, self._form.check, loaded_at, source),
                )
            except BaseException:
                self._drop_failed(name)
                raise
            self._drop_all_but(name)
        await self.close()
        return people

    async def update(self, batch: Sequence[Packed]) -> None:
        """Add or overwrite."""
        with self._writing(), self._change() as transaction, transaction.cursor() as cursor:
            cursor.putmulti(sorted(batch))

    async def remove(self, niks: Sequence[str]) -> int:
        """Forget these."""
        keys = [self._form.key(nik) for nik in niks]
        with self._writing(), self._change() as transaction:
            return sum(transaction.delete(key) for key in keys)

    async def clear(self) -> int | None:
        """Forget everybody."""
        await self.close()
        with self._writing():
            people = self._count_in_any_form()
            (self.folder / CURRENT_FILE).unlink(missing_ok=True)
            sync_folder(self.folder)
            self._drop_all_but(None)
        return people

    async def close(self) -> None:
        """Close the file."""
        self._close()

    def _close(self) -> None:
        if self._env is not None:
            let_go(self._env)
        self._env = self._begin = self._current = None

    def _opened(self) -> lmdb.Environment:
        return self._env or self._open()

    def _open(self) -> lmdb.Environment:
        for _ in range(_TRIES):
            self._mark = mark_of(self.folder)
            current = read_current(self.folder)
            self._refuse_another_form(current)
            # Somebody may load at this moment: the file is gone, and another one counts.
            with suppress(FileNotFoundError):
                self._env = self._whole(self.folder / current.file)
                self._current = current
                self._begin = self._env.begin
                return self._env
        raise RegisterUnavailable(f"{self.folder} names a file that is not there: load the register again")

    def _whole(self, path: Path) -> lmdb.Environment:
        refuse_empty(path)
        self._env = environment = self._environment(path)
        try:
            refuse_cut(path, environment)
        except RegisterDamaged:
            self._close()
            raise
        return environment

    def _environment(self, path: Path) -> lmdb.Environment:
        try:
            # Without read-ahead: a question touches four pages, wherever they lie.
            return open_shared(
                path, subdir=False, map_size=_ADDRESSES, create=False, readahead=False, max_readers=1024
            )
        except lmdb.Error as error:
            raise _unavailable(path, error) from None

    def _refuse_another_form(self, current: Current) -> None:
        if current.sealed != self._form.sealed:
            kind = ("plain", "sealed")[current.sealed]
            raise RegisterUnavailable(f"{self.folder} is {kind}, and was opened as if it were not")
        if current.check != self._form.check:
            raise RegisterUnavailable(
                f"{self.folder} is sealed under another key than that of the keys' folder: restore the key "
                f"from a backup, or load the register again"
            )

    def _write(self, path: Path, batches: Iterable[Sequence[Packed]]) -> int:
        """Append all, and make it durable once, at the end: until then nobody reads it."""
        people = 0
        try:
            with lmdb.open(
                str(path),
                subdir=False,
                map_size=_ADDRESSES,
                sync=False,
                metasync=False,
                mode=0o600,
                lock=False,
            ) as environment:
                for group in _grouped(ascending(batches)):
                    with environment.begin(write=True) as transaction, transaction.cursor() as cursor:
                        for batch in group:
                            people += cursor.putmulti(batch, append=True)[1]
                environment.sync(True)
                lengthen(path, environment)
        except lmdb.Error as error:
            raise _unavailable(path, error) from None
        return people

    @contextmanager
    def _change(self) -> Iterator[lmdb.Transaction]:
        environment = self._opened()
        try:
            environment.reader_check()  # lets go of what readers that were killed had kept
            with environment.begin(write=True) as transaction:
                yield transaction
            lengthen(Path(environment.path()), environment)
        except lmdb.Error as error:
            raise _unavailable(self.folder, error) from None

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Be the only one who changes this folder, and see its newest generation."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self.folder / "writing.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise RegisterUnavailable(f"{self.folder} cannot be written: {error.strerror}") from None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if mark_of(self.folder) != self._mark:
                self._close()
            yield
        except BlockingIOError:
            raise RegisterUnavailable(
                f"{self.folder} is being written by another command: wait until it has ended"
            ) from None
        except OSError as error:
            raise RegisterUnavailable(f"{self.folder} cannot be written: {error.strerror}") from None
        finally:
            os.close(descriptor)

    def _count_in_any_form(self) -> int | None:
        try:
            environment = self._whole(self.folder / read_current(self.folder).file)
            return int(environment.stat()["entries"])
        except RegisterMissing:
            return 0
        except (RegisterUnavailable, FileNotFoundError):
            return None
        finally:
            self._close()

    def _counting(self) -> str | None:
        """The generation that counts, None where nothing was loaded. Raises RegisterUnavailable."""
        try:
            return read_current(self.folder).file
        except RegisterMissing:
            return None

    def _drop_failed(self, name: str) -> None:
        """Remove a generation that was not finished, unless it counts already or nobody can tell."""
        try:
            counts = self._counting() == name
        except RegisterDamaged:
            counts = False
        except RegisterUnavailable:
            counts = True
        if not counts:
            (self.folder / name).unlink(missing_ok=True)

    def _drop_all_but(self, name: str | None) -> None:
        """Remove other generations; who still has one open reads on in it."""
        for path in self.folder.glob(f"{_PREFIX}*{_SUFFIX}*"):
            if name is None or path.name not in {name, f"{name}-lock"}:
                path.unlink(missing_ok=True)


def _grouped(batches: Iterable[Sequence[Packed]]) -> Iterator[list[Sequence[Packed]]]:
    """Batches, as many as go into one commit: each keeps its pages in memory until then."""
    group: list[Sequence[Packed]] = []
    people = 0
    for batch in batches:
        group.append(batch)
        people += len(batch)
        if people >= _PEOPLE_A_COMMIT:
            yield group
            group, people = [], 0
    if group:
        yield group


def _unavailable(path: Path, error: lmdb.Error) -> RegisterUnavailable:
    """What went wrong, in words: LMDB's own text has no personal data, but no remedy either."""
    text = str(error)
    # LMDB says Input/output error of a write that the disk took in part.
    if (
        "No space left" in text
        or "Input/output" in text
        or isinstance(error, lmdb.MapFullError | lmdb.DiskError)
    ):
        return RegisterUnavailable(
            f"the disk of {path} is full: nothing was changed; make room and try again"
        )
    if isinstance(error, lmdb.InvalidError | lmdb.CorruptedError | lmdb.PageNotFoundError):
        return RegisterDamaged(f"{path} is damaged: load the register again")
    return RegisterUnavailable(f"{path} cannot be used: {text.rpartition(': ')[2]}")
