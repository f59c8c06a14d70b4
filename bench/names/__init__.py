"""How well ways to compare names tell one person's spellings from two people: Padan beside others, in one
run.

What is measured, and what that does not show, stands in ``docs/explanation/names-benchmark.md``.
"""

import json
import platform
from typing import Any

from bench.names.people import Split


def figures(
    split: Split, size: int | None = None, *, without: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Score a split, or about ``size`` pairs spread evenly over it.

    Return the results by name, and what they are about.
    """
    from bench.names.contenders import CONTENDERS, load, padan_verdict
    from bench.names.measure import result, verdicts
    from bench.names.split import NEGATIVE, digest, read, read_text

    every = read(split)
    rows = every[:: max(1, len(every) // size)] if size else every
    there, skipped = load([one for one in CONTENDERS if one.name not in without])
    results = {name: result(score, rows) for name, score in there.items()}
    negatives = sum(row.group == NEGATIVE for row in rows)
    about = {
        "split": split,
        "sha256": digest(read_text(split)),
        "python": platform.python_version(),
        "positives": len(rows) - negatives,
        "negatives": negatives,
        "skipped": skipped,
        "verdicts": verdicts(decide, rows) if (decide := padan_verdict()) else {},
    }
    return results, about


def run(*, as_json: bool, split: Split = "test", size: int | None = None) -> None:
    """Measure and print."""
    from bench.names import report

    results, about = figures(split, size)
    print(json.dumps(report.as_json(results, about)) if as_json else report.as_text(results, about))
