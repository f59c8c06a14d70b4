"""The benchmark's answer: as one JSON object, or as tables with the goals beside their figures."""

from collections.abc import Callable, Mapping
from typing import Any

from bench.names.classes import CLASSES, LAWFUL
from bench.names.contenders import CONTENDERS, PADAN
from bench.names.measure import RATES, AtRate, Result, Share

GOAL_RECALL = {RATES[0]: 0.95, RATES[1]: 0.90}
GOAL_LEAD = 0.20
RULES = {
    "9X": "sex ending",
    "14X": "another father after bin",
    "16X": "Balinese birth order",
    "17X": "another clan",
}
Cell = Callable[[AtRate], Share | None]


def goals(results: Mapping[str, Result]) -> list[dict[str, Any]]:
    """Each goal, its figure, and whether it holds; None where padan.names was not there to be measured."""
    own = results.get(PADAN)
    found = []
    for rate, wanted in GOAL_RECALL.items():
        recall = own.rates[rate].lawful.value if own else None
        words = f"recall of lawful variants at 1 in {round(1 / rate):,}"
        found.append(
            {"goal": words, "atLeast": wanted, "is": recall, "holds": recall is not None and recall >= wanted}
        )
    others = [result.rates[RATES[0]].lawful.value for name, result in results.items() if name != PADAN]
    lead = own.rates[RATES[0]].lawful.value - max(others) if own and others else None
    words = "points above the best of the others at 1 in 1,000"
    found.append(
        {"goal": words, "atLeast": GOAL_LEAD, "is": lead, "holds": lead is not None and lead >= GOAL_LEAD}
    )
    return found


def failing(results: Mapping[str, Result]) -> dict[str, list[str]]:
    """The lawful classes in which padan.names stays below the recall wanted of them together, by rate."""
    own = results.get(PADAN)
    if own is None:
        return {}
    return {
        f"1 in {round(1 / rate):,}": [
            f"{item.code} {item.title} ({own.rates[rate].classes[item.code].value:.1%})"
            for item in CLASSES
            if item.group == LAWFUL and own.rates[rate].classes.get(item.code, Share(0, 0)).value < wanted
        ]
        for rate, wanted in GOAL_RECALL.items()
    }


def as_json(results: Mapping[str, Result], about: Mapping[str, Any]) -> dict[str, Any]:
    """Every figure."""
    return {
        "bench": "names",
        **about,
        "results": {name: _result_json(result) for name, result in results.items()},
        "goals": goals(results),
        "classesBelowGoal": failing(results),
    }


def _result_json(result: Result) -> dict[str, Any]:
    rates = {f"1 in {round(1 / rate)}": _rate_json(at) for rate, at in result.rates.items()}
    return {"auc": round(result.auc, 5), "microsecondsAPair": round(result.microseconds, 2), "at": rates}


def _rate_json(at: AtRate) -> dict[str, Any]:
    return {
        "threshold": at.threshold,
        "falseAcceptRate": _share_json(at.accepted),
        "lawfulRecall": _share_json(at.lawful),
        "recallPerClass": {name: _share_json(share) for name, share in at.classes.items()},
        "recallPerNumberOfClasses": {depth: _share_json(share) for depth, share in at.depths.items()},
        "falseAcceptRatePerFamily": {name: _share_json(share) for name, share in at.families.items()},
        "falseAcceptRatePerRule": {name: _share_json(share) for name, share in at.rules.items()},
    }


def _share_json(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {
        "value": round(share.value, 6),
        "count": share.count,
        "of": share.total,
        "interval95": [round(low, 6), round(high, 6)],
    }


def as_text(results: Mapping[str, Result], about: Mapping[str, Any]) -> str:
    """The tables."""
    lines = [
        f"Names: {about['positives']:,} pairs of one person, {about['negatives']:,} of two, "
        f"split {about['split']}, SHA-256 {about['sha256'][:12]}"
    ]
    lines += _summary(results)
    for rate in RATES:
        lines += [
            "",
            f"At a false-accept rate of 1 in {round(1 / rate):,} over all negatives together",
            *_rate(results, rate),
        ]
    lines += ["", "Goals", *(_goal(goal) for goal in goals(results))]
    for words, names in failing(results).items():
        lines.append(f"  lawful classes below the goal at {words}: {', '.join(names) or 'none'}")
    lines += _verdicts(about["verdicts"])
    lines += [f"{name}: not measured: {reason}" for name, reason in about["skipped"].items()]
    return "\n".join(lines)


def _verdicts(verdicts: Mapping[str, Mapping[str, int]]) -> list[str]:
    if not verdicts:
        return []
    lines = ["", "What padan.names itself decides"]
    for group, counts in verdicts.items():
        total = sum(counts.values())
        lines.append(
            f"  {group:<12}" + "  ".join(f"{name} {count / total:.2%}" for name, count in counts.items())
        )
    return lines


def _names(results: Mapping[str, Result]) -> list[str]:
    return [contender.name for contender in CONTENDERS if contender.name in results]


def _line(title: str, cells: list[str]) -> str:
    return f"{title:<34}" + "".join(f"{cell:>18}" for cell in cells)


def _summary(results: Mapping[str, Result]) -> list[str]:
    own = [results[name] for name in _names(results)]
    return [
        _line("", _names(results)),
        _line("AUC, lawful against negatives", [f"{result.auc:.4f}" for result in own]),
        _line("microseconds a pair", [f"{result.microseconds:.1f}" for result in own]),
    ]


def _rate(results: Mapping[str, Result], rate: float) -> list[str]:
    at = [results[name].rates[rate] for name in _names(results)]

    def row(title: str, cell: Cell, digits: int = 1) -> str:
        shares = [cell(one) for one in at]
        return _line(
            title, [f"{share.value:.{digits}%}" if share and share.total else "-" for share in shares]
        )

    def of(group: str, key: str) -> Cell:
        return lambda one: getattr(one, group).get(key)

    low, high = at[0].accepted.interval
    return [
        _line("", _names(results)),
        _line("threshold: a score above", [f"{one.threshold:.4f}" for one in at]),
        row("recall, lawful classes together", lambda one: one.lawful),
        *(row(f"  {depth} on one name", of("depths", depth)) for depth in at[0].depths),
        *(
            row(f"  {item.code} {item.title}", of("classes", item.code))
            for item in CLASSES
            if item.group == LAWFUL
        ),
        "apart: not to be accepted by spelling alone",
        *(
            row(f"  {item.code} {item.title}", of("classes", item.code))
            for item in CLASSES
            if item.group != LAWFUL
        ),
        f"false-accept rate (95 % interval of the first: {low:.4%} to {high:.4%})",
        row("  all negatives", lambda one: one.accepted, 4),
        *(row(f"  {name}", of("families", name), 4) for name in at[0].families),
        *(row(f"  {code} {RULES[code]}", of("rules", code), 4) for code in RULES),
    ]


def _goal(goal: Mapping[str, Any]) -> str:
    if goal["is"] is None:
        return f"  {goal['goal']}: at least {goal['atLeast']:.0%}: not measured"
    holds = "holds" if goal["holds"] else "DOES NOT HOLD"
    return f"  {goal['goal']}: at least {goal['atLeast']:.0%}, is {goal['is']:.1%}: {holds}"
