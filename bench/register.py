"""A register of synthetic people: built from the nation's own function, then asked.

    python -m bench.register --people 5000000 --folder /tmp/register --json

    python -m bench.register --people 220000000 --form plain --keep /data/nation
    PADAN_DATA=/data/nation padan register look NIK

The people come from `nation_arrays`, part by part, through the same loader as a file's; no CSV is read.

Figures: people a second and the processor's time of both phases, bytes a person, the most memory that all
processes of the load had together, look-ups a second once warm, whole local verifications, names and all,
and the time of a look-up of what is not in memory.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import resource
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.nation_arrays import Arrays, Residents
from padan.domain.claim import Claim
from padan.domain.register import Status
from padan.nik import Sex, parse
from padan.providers.explanations import explain
from padan.register import LmdbRegister, OpenForm, Plain, make_key, sealed_form
from padan.register.loading import Loading
from padan.register.records import pack
from padan.register.refused import RefusedRows
from padan.register.sources import Person, Refuse
from padan.registries import RegisterRegistry
from padan.sandbox import Nation

SEED = 20_260_101
ASKED = 200_000
ROUNDS = 3
COLD = 4_000
VERIFIED = 20_000
PART = 300_000
STATUSES = (Status.ALIVE, Status.DECEASED, Status.INACTIVE, Status.DUPLICATE)
SEXES = (Sex.MALE, Sex.FEMALE)


@cache
def arrays() -> Arrays:
    return Arrays(Nation())


def residents(code: str) -> Residents:
    return arrays().residents(arrays().nation._districts[code])


@dataclass
class NationPart:
    """Some districts."""

    codes: tuple[str, ...]
    weight: int
    _rows: int = field(default=0, init=False)

    def rows(self) -> int:
        return self._rows

    def people(self, refuse: Refuse) -> Iterator[Person]:  # noqa: ARG002 - the port's signature
        row = 0
        for code in self.codes:
            found = residents(code)
            status = [STATUSES[number] for number in found.status.tolist()]
            sex = [
                SEXES[number] if corrected else None
                for number, corrected in zip(found.sex.tolist(), found.corrected_sex.tolist(), strict=True)
            ]
            rows = zip(found.nik.tolist(), found.full_name, found.ordinal.tolist(), status, sex, strict=True)
            for nik, name, ordinal, state, other in rows:
                yield row, f"{nik:016}", pack(ordinal, name, status=state, sex=other)
                row += 1
        self._rows = row


class NationSource:
    """About so many people: whole districts, drawn from all over the country."""

    kind = "nation"
    first_row = 1
    sees_every_change = True

    def __init__(self, people: int) -> None:
        districts = arrays().nation._districts
        living, dead = arrays().nation.expected_people()
        codes = list(districts)
        random.Random(SEED).shuffle(codes)
        expected = accumulate(districts[code].born_before * (1 + dead / living) for code in codes)
        chosen = sorted(codes[: 1 + sum(until < people for until in expected)])
        self._parts: list[NationPart] = []
        group: list[str] = []
        weight = 0
        for code in chosen:
            group.append(code)
            weight += int(districts[code].born_before * (1 + dead / living))
            if weight >= PART:
                self._parts.append(NationPart(tuple(group), weight))
                group, weight = [], 0
        if group:
            self._parts.append(NationPart(tuple(group), weight))

    def fingerprint(self) -> str:
        return f"nation {len(self._parts)}"

    def parts(self) -> Sequence[NationPart]:
        return self._parts


class Memory(threading.Thread):
    """The most memory that this process and its children had together, in MB."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(0.25):
            self.most = max(self.most, sum(resident(pid) for pid in family()) / 1e6)

    def end(self) -> float:
        self._ended.set()
        self.join()
        return round(self.most)


def family() -> list[int]:
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    threads = Path(f"/proc/{os.getpid()}/task").iterdir()
    others = [pid for task in threads for pid in (task / "children").read_text().split()]
    return [os.getpid(), *map(int, {*children, *others})]


def resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def cpu() -> float:
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def build(people: int, open_form: OpenForm, *, folder: Path, processes: int) -> dict[str, Any]:
    """Load, and return the figures."""
    memory = Memory()
    memory.start()
    began, cpu_began = time.monotonic(), cpu()
    loading = Loading(
        NationSource(people),
        open_form,
        folder / "loading",
        RefusedRows(folder / "rejects.csv"),
        processes=processes,
    )
    (folder / "loading").mkdir(parents=True, exist_ok=True)
    loading.prepare()
    sorted_at, cpu_sorted = time.monotonic(), cpu()
    most_reading, memory.most = memory.most, 0.0
    register = LmdbRegister(folder / "register", open_form())
    loaded = asyncio.run(
        register.replace(loading.batches(), source="nation", loaded_at=time.time_ns() // 10**6)
    )
    ended, cpu_ended = time.monotonic(), cpu()
    loading.finish()
    stored = asyncio.run(register.version()).stored_bytes
    asyncio.run(register.close())
    return {
        "people": loaded,
        "seconds": round(ended - began, 1),
        "readingSeconds": round(sorted_at - began, 1),
        "writingSeconds": round(ended - sorted_at, 1),
        "peoplePerSecond": round(loaded / (ended - began)),
        "cpuMicrosecondsReading": round((cpu_sorted - cpu_began) / loaded * 1e6, 2),
        "cpuMicrosecondsWriting": round((cpu_ended - cpu_sorted) / loaded * 1e6, 2),
        "bytesPerPerson": round(stored / loaded, 1),
        "mostMemoryReadingMB": round(most_reading),
        "mostMemoryWritingMB": memory.end(),
    }


def niks_of(people: int) -> list[str]:
    """Numbers of people who are in the register, drawn from all over it."""
    draw = random.Random(SEED)
    parts = NationSource(people).parts()
    chosen = draw.sample(parts, min(len(parts), 24))
    found = [f"{nik:016}" for part in chosen for code in part.codes for nik in residents(code).nik.tolist()]
    return draw.sample(found, min(len(found), ASKED))


async def ask(register: LmdbRegister, niks: list[str]) -> tuple[float, float]:
    """The most look-ups a second, by the clock and by the processor's time, of some rounds once warm."""
    look = register.look
    best = best_cpu = 0.0
    for _ in range(ROUNDS + 1):
        began, cpu_began = time.perf_counter(), time.process_time()
        for nik in niks:
            if await look(nik) is None:
                raise AssertionError("somebody is missing")
        spent, cpu_spent = time.perf_counter() - began, time.process_time() - cpu_began
        best, best_cpu = max(best, len(niks) / spent), max(best_cpu, len(niks) / cpu_spent)
    return best, best_cpu


async def verify(register: LmdbRegister, niks: list[str]) -> float:
    """Whole local verifications a second of the processor: parse, look up, compare three fields, explain.

    Nine in ten claims are true, one in ten has the name without its last word. Words have been seen before.
    """
    registry = RegisterRegistry(register)
    claims = []
    for place, nik in enumerate(niks[:VERIFIED]):
        record = await register.look(nik)
        if record is not None:
            words = record.full_name.split()
            name = " ".join(words[:-1] or words) if place % 10 == 0 else record.full_name
            claims.append((nik, name, record.date_of_birth))
    best = 0.0
    for _ in range(ROUNDS):
        began = time.process_time()
        for nik, name, born in claims:
            number = parse(nik)
            explain(await registry.ask(Claim(number.digits, name, born), request_id=""))
        best = max(best, len(claims) / (time.process_time() - began))
    return best


async def ask_cold(folder: Path, open_form: OpenForm, niks: list[str]) -> list[float]:
    """Milliseconds of look-ups, one after the other, the file's pages dropped from memory before."""
    for path in (folder / "register").glob("people-*.lmdb"):
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
    register = LmdbRegister(folder / "register", open_form())
    await register.count()
    times = []
    for nik in niks[:COLD]:
        began = time.perf_counter()
        await register.look(nik)
        times.append((time.perf_counter() - began) * 1000)
    await register.close()
    return times


def measure(people: int, *, sealed: bool, folder: Path, processes: int) -> dict[str, Any]:
    """Build one register and ask it."""
    form: OpenForm = Plain
    if sealed:
        make_key(folder / "keys")
        form = partial(sealed_form, folder / "keys")
    figures = build(people, form, folder=folder, processes=processes)
    niks = niks_of(people)
    cold = asyncio.run(ask_cold(folder, form, niks))
    register = LmdbRegister(folder / "register", form())
    warm, warm_cpu = asyncio.run(ask(register, niks))
    return {
        "bench": "register",
        "python": platform.python_version(),
        "sealed": sealed,
        **figures,
        "lookUpsPerSecond": round(warm),
        "lookUpsPerCpuSecond": round(warm_cpu),
        "verificationsPerCpuSecond": round(asyncio.run(verify(register, niks))),
        "coldMedianMs": round(statistics.median(cold), 3),
        "coldP99Ms": round(statistics.quantiles(cold, n=100)[98], 3),
    }


def run(*, as_json: bool, people: int = 1_000_000, folder: Path | None = None, processes: int = 2) -> None:
    """Measure both forms and print."""
    for sealed in (False, True):
        with tempfile.TemporaryDirectory(dir=folder, prefix="padan-register-") as scratch:
            show(measure(people, sealed=sealed, folder=Path(scratch), processes=processes), as_json=as_json)


def show(row: dict[str, Any], *, as_json: bool) -> None:
    """Print the figures of one register."""
    if as_json:
        print(json.dumps(row), flush=True)
        return
    print(f"A register, {'sealed' if row['sealed'] else 'not sealed'}: {row['people']:,} people")
    for name, value in row.items():
        if name not in {"bench", "sealed", "people"}:
            print(f"  {name:<26}{value:>12}" if isinstance(value, str) else f"  {name:<26}{value:>12,}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.register", description=__doc__)
    parser.add_argument(
        "--people", type=int, default=1_000_000, help="about how many; the nation has 301 million"
    )
    parser.add_argument("--folder", type=Path, help="where there is room: some 150 bytes a person")
    parser.add_argument("--keep", type=Path, help="a new folder; the register stays there, to be asked")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--form", choices=("plain", "sealed"), help="one form alone")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    sealed = given.form != "plain"
    if given.keep is not None:
        given.keep.mkdir(parents=True)
        row = measure(given.people, sealed=sealed, folder=given.keep, processes=given.processes)
        show(row, as_json=given.json)
        print(f"PADAN_DATA={given.keep} padan register look {niks_of(given.people)[0]}", file=sys.stderr)
    elif given.form is None:
        run(as_json=given.json, people=given.people, folder=given.folder, processes=given.processes)
    else:
        with tempfile.TemporaryDirectory(dir=given.folder, prefix="padan-register-") as scratch:
            row = measure(given.people, sealed=sealed, folder=Path(scratch), processes=given.processes)
        show(row, as_json=given.json)


if __name__ == "__main__":
    main()
