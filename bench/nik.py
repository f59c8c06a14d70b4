"""How many NIKs a second one process reads: Padan beside the parsers of the package index, in one run.

All read the same synthetic numbers, drawn with a fixed seed over all 7,879 district codes. Each is lawful, so
"accepted" below 100 % counts people whom the parser would turn away. A parser's rate is its best of several
rounds over the numbers it accepts; the rounds alternate, so a slow moment of the machine hits none alone.
"""

import importlib
import json
import platform
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from padan import nik

SEED = 20_260_101
TODAY = date(2026, 1, 1)
SAMPLE = 2_000
ROUNDS = 3
SECONDS_PER_ROUND = 0.4

Reader = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Contender:
    """A parser: the module it lives in, how to read a number with it, what that reading does."""

    name: str
    module: str
    reader: Callable[[Any], Reader]
    does: str


def read_every_part(text: str) -> object:
    number = nik.parse(text)
    born = nik.birth_date(number, today=TODAY)
    return nik.region(number), born, number.sex, number.serial_number


CONTENDERS = (
    Contender("padan", "padan.nik", lambda module: module.parse, "checks all, reads parts when asked for"),
    Contender("padan, all parts", "padan.nik", lambda _: read_every_part, "and names region, date, sex"),
    Contender("python-stdnum", "stdnum.id.nik", lambda module: module.validate, "date, place by BPS code"),
    Contender("nik-lookup", "nik_lookup", lambda module: module.parse, "all parts"),
    Contender("py-nusantara", "py_nusantara.nik", lambda module: module.parse_nik, "all parts but the place"),
    Contender("nomiden", "nomiden.nik", lambda module: module.all_info, "all parts"),
)


def synthetic_numbers(count: int) -> list[str]:
    """Draw lawful numbers: any district of any edition, either sex, ages 0 to 90, small serials."""
    draw = random.Random(SEED)
    districts = list(nik.districts())
    numbers = []
    for _ in range(count):
        born = TODAY - timedelta(days=draw.randrange(90 * 365))
        day = born.day + draw.choice((0, 40))
        numbers.append(f"{draw.choice(districts)}{day:02}{born:%m%y}{draw.randint(1, 12):04}")
    return numbers


def accepts(read: Reader, text: str) -> bool:
    """Tell whether a parser takes a number; each refuses with an exception of its own."""
    try:
        read(text)
    except Exception:
        return False
    return True


def rate(read: Reader, numbers: Iterable[str]) -> float:
    """Return the numbers read a second, over whole passes of the numbers."""
    batch = [text for text in numbers if accepts(read, text)]
    done, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < SECONDS_PER_ROUND:
        for text in batch:
            read(text)
        done += len(batch)
    return done / spent


def measure() -> dict[str, Any]:
    """Load what can be loaded, run the rounds in turn, and return the rows."""
    numbers = synthetic_numbers(SAMPLE)
    readers, skipped = load()
    rates: dict[str, float] = {}
    for _ in range(ROUNDS):
        for contender, read in readers:
            rates[contender.name] = max(rates.get(contender.name, 0.0), rate(read, numbers))
    rows = [
        {
            "parser": contender.name,
            "perSecond": round(rates[contender.name]),
            "ratio": round(rates["padan"] / rates[contender.name], 1),
            "accepted": sum(accepts(read, text) for text in numbers) / len(numbers),
            "does": contender.does,
        }
        for contender, read in readers
    ]
    return {"bench": "nik", "python": platform.python_version(), "rows": rows, "skipped": skipped}


def load() -> tuple[list[tuple[Contender, Reader]], dict[str, str]]:
    """Import each contender; one that is not there is skipped, and the reason is kept."""
    readers, skipped = [], {}
    for contender in CONTENDERS:
        try:
            readers.append((contender, contender.reader(importlib.import_module(contender.module))))
        except ImportError as error:
            skipped[contender.name] = f"{error} (`make bench` installs it; py-nusantara needs Python 3.12)"
    return readers, skipped


def run(*, as_json: bool) -> None:
    """Measure and print."""
    result = measure()
    if as_json:
        print(json.dumps(result))
        return
    print(f"NIKs a second in one process, CPython {result['python']}, {SAMPLE:,} synthetic lawful numbers")
    print(f"{'parser':<18}{'NIK/s':>12}{'padan is':>12}{'accepted':>11}  does")
    for row in result["rows"]:
        faster = f"{row['ratio']:,.1f} x"
        print(
            f"{row['parser']:<18}{row['perSecond']:>12,}{faster:>12}{row['accepted']:>11.1%}  {row['does']}"
        )
    for name, reason in result["skipped"].items():
        print(f"{name:<18}skipped: {reason}")
