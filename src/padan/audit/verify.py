"""Whether a log is what was written: every link, every signature, every chain that another one names."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from padan.app.ports.audit import Event
from padan.audit.folder import COMMANDS, Tip, chains_of, is_open, peek, tips
from padan.audit.keys import PublicKey
from padan.audit.prune import REMOVED, Removed, read_removed
from padan.audit.walk import Walk


@dataclass(slots=True)
class Report:
    """What was found. `problems` are signs that somebody changed the log; `notes` have other causes too.

    `unsigned` of the `events` stand after their chain's last checkpoint.
    """

    chains: int = 0
    segments: int = 0
    events: int = 0
    unsigned: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    anchor: Sequence[Tip] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing shows that somebody changed it."""
        return not self.problems


class Verifier:
    """Reads a whole log once.

    Args:
        folder: of the segments.
        key: that signed them.
        anchor: how far chains had come, as it was noted elsewhere.
    """

    def __init__(self, folder: Path, key: PublicKey, *, anchor: Iterable[Tip] = ()) -> None:
        self.report = Report(anchor=tips(folder))
        self._key = key
        self._chains = chains_of(folder)
        self._walks: dict[str, list[Walk]] = {}
        self._removed: dict[tuple[str, int], Removed] = {}
        self._wanted: dict[str, list[tuple[int, str, str]]] = defaultdict(list)
        self._want(anchor, "the anchor")

    def verify(self) -> Report:
        """Read everything, and say what was found."""
        for _ in self.events():
            pass
        return self.report

    def events(self) -> Iterator[Event]:
        """All events that hold, by time as nearly as they were written. `report` is whole at their end."""
        streams = []
        for chain, segments in self._chains.items():
            headers = [peek(path) for _, path in segments]
            goes_on = [None if header is None else header.previous for header in headers[1:]]
            self._walks[chain] = [
                Walk(path, self._key, stop_at=link)
                for (_, path), link in zip(segments, [*goes_on, None], strict=True)
            ]
            streams.append(self._along(chain))
        yield from heapq.merge(*streams, key=lambda event: event.at)
        self._conclude()

    def _along(self, chain: str) -> Iterator[Event]:
        for walk in self._walks[chain]:
            removed = []
            for event in walk.events():
                if event.action == REMOVED and chain.startswith(COMMANDS):
                    removed.append((walk.count, read_removed(event)))
                yield event
            # An event that is not signed yet may be anybody's: it excuses no gap.
            signed = [one for count, one in removed if count <= walk.signed]
            self._removed.update({(one.chain, one.segment): one for one in signed})
            if walk.problem is not None:
                self.report.problems.append(f"{walk.path.name}: {walk.problem}")
            if walk.header is not None:
                self._want(walk.header.seen, walk.path.name)

    def _want(self, places: Iterable[Tip], who: str) -> None:
        for chain, events, link in places:
            self._wanted[chain].append((events, link, who))

    def _conclude(self) -> None:
        for chain, walks in self._walks.items():
            self._conclude_chain(chain, walks)
        for chain, places in self._wanted.items():
            for events, link, who in places:
                self._find(chain, events, link=link, who=who)

    def _conclude_chain(self, chain: str, walks: Sequence[Walk]) -> None:
        report = self.report
        report.chains += 1
        report.segments += len(walks)
        report.events += sum(w.count - w.header.events for w in walks if w.header is not None)
        self._joints(chain, walks)
        for walk in walks:
            if walk.left_over:
                told = f"{walk.left_over} lines after a failed write do not count"
                report.notes.append(f"{walk.path.name}: {told}")
        report.unsigned += walks[-1].count - walks[-1].signed
        stops = _how_it_stops(walks[-1])
        if stops is not None and not walks[-1].problem:
            report.notes.append(f"{walks[-1].path.name}: {stops}")

    def _joints(self, chain: str, walks: Sequence[Walk]) -> None:
        """Every segment goes on where the one before it stopped, or where one stopped that was removed."""
        numbers = [number for number, _ in self._chains[chain]]
        for index, walk in enumerate(walks):
            header, number = walk.header, numbers[index]
            if walk.torn and index + 1 < len(walks) and not walk.stopped:
                self.report.problems.append(f"{walk.path.name}: is torn, and the chain goes on")
            if header is None or number == 0:
                continue
            before = walks[index - 1] if index and numbers[index - 1] == number - 1 else None
            if before is None:
                removed = self._removed.get((chain, number - 1))
                if removed is None or (removed.events, removed.link) != (header.events, header.previous):
                    self.report.problems.append(f"{walk.path.name}: the segment before it is missing")
            elif before.problem is None and header.events != before.count:
                self.report.problems.append(f"{walk.path.name}: counts other events than the one before it")

    def _find(self, chain: str, events: int, *, link: str, who: str) -> None:
        walks = self._walks.get(chain, [])
        if any(link in walk.places.get(events, ()) for walk in walks):
            return
        first = next((w.header for w in walks if w.header is not None), None)
        gone = [r for (c, _), r in self._removed.items() if c == chain]
        if any(r.events >= events for r in gone) and (first is None or first.events >= events):
            return
        self.report.problems.append(f"{chain}: {who} names event {events} of it, which is not there")


def _how_it_stops(last: Walk) -> str | None:
    """What a last segment without the end of its chain may mean; nothing where that is as it should be."""
    if last.ends == "chain" or last.path.name.startswith(COMMANDS) or is_open(last.path):
        return None
    torn = "its last record is torn" if last.torn else "it has no end"
    return (
        f"{torn} after event {last.count}: its process was killed, or the rest was cut off; an anchor noted "
        f"elsewhere tells which"
    )
