"""A load: a table becomes the register, or goes into it.

Parts are read, sealed and sorted by several processes; what is done is written down, and a load that was
killed goes on there. Then all runs are merged into a new generation, which counts once it is whole.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import accumulate
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

from padan.app.ports.registers import Packed, RegisterUnavailable
from padan.register.checkpoint import Checkpoint
from padan.register.forms import Form, OpenForm
from padan.register.refused import RefusedRows
from padan.register.rows import REASONS
from padan.register.runs import Run, latest, make_run, merge, refusals, run_path
from padan.register.sources import Part, Source
from padan.register.wording import counted

_AHEAD: Final = 2
"""Parts that wait for each process, so that none is idle."""
_UPDATES: Final = "updates"
_SAMPLE_NIK: Final = "3171010101900001"


class LoadStopped(Exception):
    """The load ended before its time, and the register is what it was; the text says why and the remedy."""


class Progress(NamedTuple):
    """How far a load is: `reading` or `writing`, so much of so much, and the counts until now."""

    phase: str
    done: int
    total: int
    people: int
    refused: int


Report = Callable[[Progress], None]


@dataclass
class Loading:
    """One load. `report` is told how far it is; `refused` takes the rows that are nobody."""

    source: Source
    open_form: OpenForm
    folder: Path
    refused: RefusedRows
    processes: int = 1
    most_refused: int = 1000
    report: Report = lambda _: None
    resumed: int = field(default=0, init=False)
    """Parts that were done before."""
    repeated: int = field(default=0, init=False)
    people: int = field(default=0, init=False)
    rows: int = field(default=0, init=False)
    _runs_folder: Path = field(init=False)
    _runs: dict[int, Run] = field(default_factory=dict, init=False)
    _first_rows: list[int] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        self._runs_folder = self.folder

    @property
    def refusals(self) -> int:
        """How many rows were refused."""
        return sum(run.refused for run in self._runs.values())

    def prepare(self) -> None:
        """Read everything into runs.

        Raises LoadStopped, SourceRefused, RegisterUnavailable and RejectsUnwritable.
        """
        self.refused.begin()
        checkpoint, fingerprint = Checkpoint(self.folder), self.source.fingerprint()
        parts = self.source.parts()
        with _disk(self.folder):
            self._runs = checkpoint.begin(fingerprint, form=self.open_form())
            self.resumed = len(self._runs)
            waiting = [number for number in range(len(parts)) if number not in self._runs]
            for run in self._make(parts, waiting):
                checkpoint.add(run)
                self._runs[run.part] = run
                self._tell(parts)
                self._stop_at_limit()
        if self.source.fingerprint() != fingerprint:
            raise LoadStopped("the table was changed while it was read: load it again once it rests")
        self.rows = sum(run.rows for run in self._runs.values())
        self._stop_at_limit()
        self._stop_at_nonsense()
        self._tell_refused()

    def batches(self) -> Iterator[Sequence[Packed]]:
        """Everybody, ascending by key, each once: what `Register.replace` takes."""
        key_size = len(self.open_form().key(_SAMPLE_NIK))
        paths = [run_path(self.folder, part) for part in sorted(self._runs)]
        total = sum(run.people for run in self._runs.values())
        with _disk(self.folder):
            for batch in latest(merge(paths), key_size, repeated=self._repeat):
                self.people += len(batch)
                self.report(Progress("writing", self.people, total, self.people, self.refusals))
                yield batch
        self.refused.flush()

    def updates(self) -> Iterator[list[Packed]]:
        """The same people in the order of the table, a batch a part: what `Register.update` takes.

        Their runs lie apart: a full load that was interrupted goes on with its own afterwards.
        """
        self.refused.begin()
        self._runs_folder = self.folder / _UPDATES
        form, parts = self.open_form(), self.source.parts()
        key_size = len(form.key(_SAMPLE_NIK))
        with _disk(self.folder):
            self._runs_folder.mkdir(mode=0o700, exist_ok=True)
            self.finish()
            for number, part in enumerate(parts):
                self._runs[number] = make_run(part, number, form=form, folder=self._runs_folder)
                path = run_path(self._runs_folder, number)
                for batch in latest(merge([path]), key_size, repeated=self._repeat):
                    self.people += len(batch)
                    yield list(batch)
                path.unlink()
                self._tell(parts)
                self._stop_at_limit()
        self.rows = sum(run.rows for run in self._runs.values())
        self._tell_refused()

    def finish(self) -> None:
        """Remove the runs: the register has them."""
        Checkpoint(self._runs_folder).clear()

    def _make(self, parts: Sequence[Part], waiting: list[int]) -> Iterator[Run]:
        """Runs of the parts that wait, as they come."""
        if self.processes == 1 or len(waiting) < 2:
            form = self.open_form()
            for number in waiting:
                yield make_run(parts[number], number, form=form, folder=self.folder)
            return
        self.open_form()  # what is wrong with the key is told here, not by a process that dies of it
        with ProcessPoolExecutor(
            min(self.processes, len(waiting)),
            mp_context=get_context("spawn"),
            initializer=_begin_process,
            initargs=(self.open_form, os.getpid()),
        ) as pool:
            try:
                yield from _in_turn(pool, parts, waiting=waiting, folder=self.folder)
            except BrokenProcessPool:
                raise LoadStopped(
                    "a process of the load was killed, perhaps for want of memory: run the same command "
                    "again, which goes on from here, with fewer --processes"
                ) from None
            finally:
                pool.shutdown(cancel_futures=True)

    def _tell(self, parts: Sequence[Part]) -> None:
        done = sum(parts[number].weight for number in self._runs)
        total = sum(part.weight for part in parts)
        people = sum(run.people for run in self._runs.values())
        self.report(Progress("reading", done, total, people, self.refusals))

    def _known(self) -> list[Run]:
        """The first parts, as far as none is missing: what number a row after a gap has is unknown."""
        known: list[Run] = []
        while (run := self._runs.get(len(known))) is not None:
            known.append(run)
        return known

    def _stop_at_limit(self) -> None:
        """Stop where too many rows were refused of those that can be told."""
        known = self._known()
        refused = sum(run.refused for run in known)
        if refused > self.most_refused:
            why = self._tell_why(known)
            raise self._stopped(
                f"{counted(refused, one='row is', many='rows are')} bad until here, and "
                f"{self.most_refused:,} are allowed: {why}. Mend the table, or allow more with --most-rejects"
            )

    def _stop_at_nonsense(self) -> None:
        """Stop where the table cannot be meant to be the whole register."""
        people = sum(run.people for run in self._runs.values())
        if not self.refusals and not people:
            raise self._stopped(
                "there is nobody in the table, and the register is what it was; to empty it, run 'padan "
                "register remove --everybody'"
            )
        if self.refusals > people:
            why = self._tell_why(self._known())
            raise self._stopped(
                f"{self.refusals:,} of {counted(self.rows, one='row is', many='rows are')} bad, and the "
                f"register is what it was: {why}. Mend the table, or load the few that are good with "
                f"--update, which keeps everybody else"
            )

    def _stopped(self, why: str) -> LoadStopped:
        """The end of this load; the next one reads all again where it might not see that it was mended."""
        if not self.source.sees_every_change:
            self.finish()
        return LoadStopped(why)

    def _tell_why(self, runs: Sequence[Run]) -> str:
        """Write the refused rows down; the most common reasons, and where the others stand."""
        self._tell_refused()
        reasons: Counter[str] = Counter()
        for run in runs:
            reasons.update(run.reasons)
        common = "; ".join(f"{count:,} × {REASONS[code]}" for code, count in reasons.most_common(3))
        return f"{common}. {self.refused.path} says which"

    def _tell_refused(self) -> None:
        first = self.source.first_row
        for part, run in enumerate(self._known()):
            for row, name, code in refusals(self._runs_folder, part):
                self.refused.add(first + row, name, code=code)
            first += run.rows
        self.refused.flush()

    def _repeat(self, part: int, row: int) -> None:
        self.repeated += 1
        if not self._first_rows:
            rows = (self._runs[number].rows for number in range(max(self._runs)))
            self._first_rows = list(accumulate(rows, initial=self.source.first_row))
        self.refused.add(self._first_rows[part] + row, "nik", code="repeated")


def _in_turn(
    pool: ProcessPoolExecutor, parts: Sequence[Part], *, waiting: list[int], folder: Path
) -> Iterator[Run]:
    """Runs as they come; never more than a few parts are under way."""
    under_way: set[Future[Run]] = set()
    left = iter(waiting)
    most = _AHEAD * getattr(pool, "_max_workers", 1)
    while True:
        for number in left:
            under_way.add(pool.submit(_make_run, parts[number], number, folder))
            if len(under_way) == most:
                break
        if not under_way:
            return
        done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
        for future in done:
            yield future.result()


_forms: list[Form] = []


def _begin_process(open_form: OpenForm, parent: int) -> None:
    """Make the form in a process of the pool, and end with who began it."""
    _forms.append(open_form())

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _make_run(part: Part, number: int, folder: Path) -> Run:
    return make_run(part, number, form=_forms[0], folder=folder)


@contextmanager
def _disk(folder: Path) -> Iterator[None]:
    """Tell of a full disk in words. Runs that are whole stay, and the same command goes on with them."""
    try:
        yield
    except OSError as error:
        raise RegisterUnavailable(
            f"{folder} cannot be written: {error.strerror}; the register is what it was. Make room, then run "
            f"the same command again: it goes on from here"
        ) from None
