"""How long a comparison of two names takes, with words never seen and with words seen before.

Names are drawn from the synthetic nation. The claim is the register's name, the name with a letter left out,
its words in another order, or another person's name. ``first`` has empty caches and only names that were not
seen before, in a few thousand pairs: the first seconds of a server. ``again`` compares the same pairs again:
words and pairs of words are remembered, whole names never are. Processor time, the best of several runs.

On a machine that others share, times say little by themselves: each row has beside it what rapidfuzz's WRatio
takes for the same pairs in the same run, and how many times as long a comparison takes.
"""

import json
import platform
import random
import time
from collections.abc import Callable
from typing import Any

from rapidfuzz import fuzz

from padan.names import DEFAULT, compare
from padan.names.words import word
from padan.sandbox.nation import Nation

PAIRS = 4_000
ROUNDS = 7
SEED = 20_260_101


def leave_out_a_letter(name: str, draw: random.Random) -> str:
    place = draw.randrange(1, len(name) - 1)
    return name[:place] + name[place + 1 :]


def turn_round(name: str, _: random.Random) -> str:
    return " ".join(reversed(name.split()))


def pairs_of() -> dict[str, list[tuple[str, str]]]:
    """Pairs of each kind, each of people of their own."""
    draw = random.Random(SEED)
    names = [person.full_name for person in Nation().sample(8 * PAIRS, SEED) if len(person.full_name) > 3]
    names = list(dict.fromkeys(names))
    kinds: dict[str, Callable[[str], str]] = {
        "the same": lambda name: name,
        "a letter left out": lambda name: leave_out_a_letter(name, draw),
        "words turned round": lambda name: turn_round(name, draw),
        "another person": lambda _: draw.choice(names),
    }
    share = min(PAIRS, len(names) // len(kinds))
    return {
        kind: [(name, make(name)) for name in names[place * share : (place + 1) * share]]
        for place, (kind, make) in enumerate(kinds.items())
    }


def microseconds(pairs: list[tuple[str, str]], how: Callable[[str, str], object] = compare) -> float:
    """Processor time of a comparison, in microseconds."""
    start = time.process_time()
    for a, b in pairs:
        how(a, b)
    return (time.process_time() - start) / len(pairs) * 1e6


def forget() -> None:
    """Empty what is remembered of words."""
    word.cache_clear()
    DEFAULT.forget()


def measure() -> dict[str, Any]:
    """Return a row for each kind of pair, and one for all of them mixed."""
    kinds = pairs_of()
    mixed = [pair for pairs in kinds.values() for pair in pairs]
    random.Random(SEED).shuffle(mixed)
    rows = []
    for kind, pairs in {**kinds, "all, mixed": mixed}.items():
        first, again, wratio = [], [], []
        for _ in range(ROUNDS):
            forget()
            first.append(microseconds(pairs))
            again.append(microseconds(pairs))
            wratio.append(microseconds(pairs, fuzz.WRatio))
        rows.append(
            {
                "claim": kind,
                "pairs": len(pairs),
                "firstMicroseconds": round(min(first), 1),
                "againMicroseconds": round(min(again), 1),
                "againPerSecond": round(1e6 / min(again)),
                "wratioMicroseconds": round(min(wratio), 2),
                "againTimesWratio": round(min(again) / min(wratio), 1),
            }
        )
    return {"bench": "names-speed", "python": platform.python_version(), "rows": rows}


def run(*, as_json: bool) -> None:
    """Measure and print."""
    result = measure()
    if as_json:
        print(json.dumps(result))
        return
    print(f"One comparison of two names, µs of processor time, CPython {result['python']}, best of {ROUNDS}")
    print(f"{'the claim is':<22}{'pairs':>8}{'first':>9}{'again':>9}{'again/s':>11}{'WRatio':>9}{'times':>8}")
    for row in result["rows"]:
        print(
            f"{row['claim']:<22}{row['pairs']:>8,}{row['firstMicroseconds']:>9.1f}"
            f"{row['againMicroseconds']:>9.1f}{row['againPerSecond']:>11,}"
            f"{row['wratioMicroseconds']:>9.2f}{row['againTimesWratio']:>8.1f}"
        )
