"""What becomes of sessions under faults: cases, what has to become of each, and what did."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from padan.sandbox import Nation
from padan.sandbox.fault_people import FAULT_NAMES
from padan.sandbox.faults import CHARGED_FAULTS
from tests.registries.becoming import Becoming, becoming_of
from tests.support.relying_party import Asked, Database, Row, counters_of

DEADLINE_S, GRACE_S = 1.0, 1.0
LIFE_S = 8.0
"""Seconds that a session lives which is never answered."""
MOST_UNKNOWN = 4
MODES = ("first", "every")
NATION = Nation()


@dataclass(frozen=True)
class Case:
    """One session: the fault that befalls its questions (`plain`: none), and which of them."""

    fault: str
    mode: str
    person: dict[str, str] = field(repr=False)

    def struck(self, number: int) -> bool:
        return self.mode == "every" or (self.mode == "first" and number == 1)


@dataclass
class Report:
    """What became of what, and what of it is not as documented."""

    became: Counter[str] = field(default_factory=Counter)
    questions: int = 0
    charges: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    growth: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The report in words."""
        return "\n".join(
            [
                *(f"{count:>7}  {became}" for became, count in sorted(self.became.items())),
                f"{self.became.total()} sessions, {self.questions} questions in {self.seconds:.0f} s: "
                + ", ".join(f"{count} {charge}" for charge, count in sorted(self.charges.items())),
                f"the slowest question took {self.slowest_s:.2f} s of {DEADLINE_S} s",
                f"the server's memory grew by {self.growth >> 20} MiB",
                *(f"WRONG: {wrong}" for wrong in self.wrong[:20]),
                *(f"LATE: {late}" for late in self.late[:20]),
            ]
        )


def person_of(scenario: str, index: int) -> dict[str, str]:
    """What to send to have a scenario."""
    person = NATION.scenario(scenario, index)
    return {
        "nikIdNumber": person.nik,
        "fullName": person.full_name,
        "dateOfBirth": person.date_of_birth.isoformat(),
    }


def cases(sessions: int, seed: int) -> list[Case]:
    """Every fault in both modes so many times, and a plain person for each fault's; in a seeded disorder."""
    people = iter(range(10_000_000))
    found = [
        Case(fault, mode, person_of(fault, i) if mode == "every" else person_of("match", next(people)))
        for fault in FAULT_NAMES
        for mode in MODES
        for i in range(sessions)
    ]
    found += [Case("plain", "never", person_of("match", next(people))) for _ in range(sessions * 4)]
    random.Random(seed).shuffle(found)
    return found


def may_match(case: Case, row: Row) -> bool:
    """Whether the last question was answered rightly: only then may the session say yes."""
    return expected_answer(case, row.asked[-1].number).answer == "found"


def expected_answer(case: Case, number: int) -> Becoming:
    """What the page says of one question of a session."""
    return becoming_of(case.fault if case.struck(number) else "none")


def told_of(case: Case, asked: Asked) -> tuple[str, str]:
    """What the ledger has to have of one question: outcome and charge."""
    expected = expected_answer(case, asked.number)
    outcome = {"RegistryUnavailable": "unavailable"}.get(expected.answer, expected.reason or expected.answer)
    return outcome, expected.charge


def cut_off(case: Case, asked: Asked) -> bool:
    """Whether the deadline passed, on a busy machine, over what is answered sooner or was not even sent."""
    over = asked.took_s >= DEADLINE_S and asked.outcome == "unavailable"
    return over and (asked.outcome, asked.charge) != told_of(case, asked)


def check_question(report: Report, case: Case, asked: Asked) -> None:
    """One row of the ledger against the page and the clock."""
    what = f"{case.fault} ({case.mode}), question {asked.number}"
    report.slowest_s = max(report.slowest_s, asked.took_s)
    if asked.took_s > DEADLINE_S + GRACE_S:
        report.late.append(f"{what} took {asked.took_s:.2f} s")
    if cut_off(case, asked):
        report.late.append(f"{what} was cut off by the deadline")
    elif asked.ended_at is None or (asked.outcome, asked.charge) != told_of(case, asked):
        report.wrong.append(f"{what} is {asked.outcome}, {asked.charge}; not {told_of(case, asked)}")


def expected_ends(case: Case, row: Row) -> set[str]:
    """How a session may end."""
    told = becoming_of("none" if case.fault == "plain" else case.fault)
    if not told.asked_again:
        cut = any(cut_off(case, asked) for asked in row.asked)
        return (set(told.errors) or {"success"}) | ({"success"} if cut else set())
    if case.mode == "first":
        return {"success"}
    return {"Internal" if row.unknown >= MOST_UNKNOWN else "Expired"}


def check_session(report: Report, case: Case, row: Row) -> None:
    """How one session ended, and how often it was asked."""
    what = f"{case.fault} ({case.mode})"
    ended = "success" if row.state == "succeeded" else str(row.error_code or row.state)
    report.became[f"{what}: {ended}"] += 1
    if ended not in expected_ends(case, row):
        report.wrong.append(f"{what} ended in {ended} ({row.reason}) after {len(row.asked)} questions")
    again = case.fault != "plain" and becoming_of(case.fault).asked_again
    most = {"every": 99, "first": 2}.get(case.mode, 1) if again else 1
    most += sum(cut_off(case, asked) for asked in row.asked)
    if len(row.asked) > most or row.unknown > MOST_UNKNOWN:
        report.wrong.append(f"{what} was asked {len(row.asked)} times, {row.unknown} of unknown charge")
    for asked in row.asked:
        check_question(report, case, asked)


def compare_counts(
    report: Report, rows: dict[str, tuple[Case, Row]], *, counted: dict[str, Any], by_nik: dict[str, int]
) -> None:
    """The simulator's count has to be the ledger, in all, by fault, by person, and in what was charged."""
    kinds: Counter[str] = Counter()
    for case, row in rows.values():
        sent = [asked for asked in row.asked if not (cut_off(case, asked) and asked.charge == "not_charged")]
        for asked in sent:
            kinds[f"fault_{case.fault}" if case.struck(asked.number) else "found"] += 1
        times = by_nik.get(case.person["nikIdNumber"], 0)
        if times != len(sent):
            report.wrong.append(f"{case}: asked {times} times, the ledger has {len(sent)}")
    if counted["answers"] != dict(kinds):
        report.wrong.append(f"the simulator counted {counted['answers']}, the ledger {dict(kinds)}")
    paid = {"found", *(f"fault_{fault}" for fault in CHARGED_FAULTS)}
    if counted["charged"] != sum(n for kind, n in kinds.items() if kind in paid):
        report.wrong.append(f"the simulator charged {counted['charged']}")
    known = Counter(asked.charge for _, row in rows.values() for asked in row.asked)
    report.charges.update(known)
    report.questions += known.total()
    if not known["charged"] <= counted["charged"] <= known["charged"] + known["unknown"]:
        report.wrong.append(f"the ledger says {dict(known)}, the simulator charged {counted['charged']}")


def compare_counters(report: Report, database: Database, rows: dict[str, Row]) -> None:
    """Quota and budgets have to be the ledger."""
    told = database.counters()
    questions = sum(number for (name, _), number in told.items() if name.startswith("quota"))
    prices = sum(number for (name, _), number in told.items() if name.startswith("budget"))
    if (questions, prices) != counters_of(rows.values()):
        report.wrong.append(f"counters say {(questions, prices)}, the ledger {counters_of(rows.values())}")
