"""Whatever is changed in a log shows; what a kill leaves behind is told apart from that."""

from __future__ import annotations

import itertools
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from padan.app.ports import Event
from padan.audit import AuditKey, CommandLog, Verifier
from padan.audit.chain import Chain
from padan.audit.folder import tips
from padan.audit.prune import old_segments, prune
from padan.audit.records import event_line
from padan.audit.walk import Walk
from tests.audit.logs import (
    DAY,
    KEY,
    START,
    chain,
    commanded,
    copied,
    event,
    file,
    files,
    verify,
    written,
)

FAST = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Three chains that have ended, one of two segments; the later ones name the earlier."""
    folder = tmp_path / "audit"
    written(folder)
    two = chain(folder, "two")
    two.begin(START)
    two.write([event(1), event(2)], now=START, sign=False)
    two.write([event(3)], now=START + DAY, sign=False)
    two.end(START + DAY)
    written(folder, name="three", events=4)
    assert verify(folder).problems == []
    assert verify(folder).notes == []
    return folder


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


@FAST
@given(st.data())
def test_any_flipped_byte_shows(log: Path, data: st.DataObject) -> None:
    folder = copied(log, "flipped")
    path = data.draw(st.sampled_from(files(folder)))
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    report = verify(folder)
    # The end of the last line may as well be missing because of a kill.
    assert report.problems or (place == len(content) - 1 and report.notes)


@FAST
@given(st.data())
def test_a_line_that_is_dropped_doubled_swapped_or_put_elsewhere_shows(
    log: Path, data: st.DataObject
) -> None:
    folder = copied(log, "moved")
    path = data.draw(st.sampled_from(files(folder)))
    before = lines(path)
    after = list(before)
    place = data.draw(st.integers(0, len(before) - 2))
    other = data.draw(st.integers(0, len(before) - 1))
    match data.draw(st.sampled_from(["drop", "double", "swap", "move"])):
        case "drop":
            del after[place]
        case "double":
            after.insert(place, after[place])
        case "swap":
            after[place], after[other] = after[other], after[place]
        case _:
            after.insert(other, after.pop(place))
    path.write_bytes(b"".join(after))
    assert after == before or verify(folder).problems


@FAST
@given(st.data())
def test_a_tail_that_was_cut_off_shows(log: Path, data: st.DataObject) -> None:
    folder, anchor = copied(log, "cut"), tips(log)
    path = data.draw(st.sampled_from(files(folder)))
    content = path.read_bytes()
    path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    assert verify(folder, anchor).problems
    assert verify(folder).problems or verify(folder).notes


def test_a_cut_at_a_checkpoint_shows_by_the_chains_that_began_later(log: Path) -> None:
    path = file(log)
    path.write_bytes(b"".join(lines(path)[:-4]))
    assert any("names event 12" in problem for problem in verify(log).problems)


def test_a_cut_of_the_newest_chain_shows_by_an_anchor_alone(log: Path) -> None:
    anchor = tips(log)
    path = file(log, "three")
    path.write_bytes(b"".join(lines(path)[:6]))
    report = verify(log)
    assert report.problems == []
    assert "cut off" in report.notes[0]
    assert any("the anchor names event 4" in problem for problem in verify(log, anchor).problems)


def test_swapped_and_renamed_segments_show(log: Path) -> None:
    for one, other in itertools.combinations(files(log), 2):
        folder = copied(log, "swapped")
        a, b = (folder / one.name).read_bytes(), (folder / other.name).read_bytes()
        (folder / one.name).write_bytes(b)
        (folder / other.name).write_bytes(a)
        assert verify(folder).problems


def test_a_segment_that_is_gone_shows(log: Path) -> None:
    anchor = tips(log)
    for path in files(log):
        folder = copied(log, "gone")
        (folder / path.name).unlink()
        assert verify(folder, anchor).problems, path.name


def test_a_log_signed_with_another_key_shows(log: Path) -> None:
    written(log, name="zz")
    other = AuditKey(bytes(32))
    assert Verifier(log, other.public).verify().problems


def test_an_event_that_was_added_with_right_links_shows_at_the_next_checkpoint(tmp_path: Path) -> None:
    written(tmp_path, end=False, events=3, each=3)
    walk = Walk(file(tmp_path), KEY.public)
    list(walk.events())
    forged, _ = event_line(event(99), walk.link)
    whole = file(tmp_path).read_bytes()
    file(tmp_path).write_bytes(whole + forged)
    # Until it is signed it is anybody's word: it is counted as that.
    assert (verify(tmp_path).problems, verify(tmp_path).unsigned) == ([], 4)
    file(tmp_path).write_bytes(whole + forged + lines(file(tmp_path))[1])
    assert verify(tmp_path).problems


def test_every_prefix_that_a_kill_leaves_verifies_up_to_its_torn_record(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    written(folder, events=6, end=False)
    content = file(folder).read_bytes()
    for size in range(len(content)):
        file(folder).write_bytes(content[:size])
        report = verify(folder)
        assert report.problems == [], size
        assert len(report.notes) == 1
        assert report.events == max(0, sum(b'"actor"' in line for line in content[:size].split(b"\n")[:-1]))


def test_a_chain_of_commands_goes_on_after_a_kill_at_any_byte(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    commanded(folder, "token.create", "token.revoke")
    [path] = files(folder)
    whole = path.read_bytes()
    for size in range(0, len(whole), 7):
        for one in files(folder):
            one.unlink()
        path.write_bytes(whole[:size])
        commanded(folder, "profile.set", "profile.revoke")
        report = verify(folder)
        assert report.problems == [], (size, report.problems)
        assert report.events >= 2


def test_removed_segments_are_excused_by_the_signed_event_alone(log: Path) -> None:
    gone = [path for path in old_segments(log, before=1 << 62) if path.name.startswith(("one", "two.00000"))]
    walks = [Walk(path, KEY.public) for path in gone]
    for walk in walks:
        list(walk.events())
    without = copied(log, "without")
    with CommandLog(log, KEY, actor="operator:ann", now=START) as commands:
        assert prune(log, commands, walks=walks, now=START) == 2
    assert not any(path.exists() for path in gone)
    assert verify(log).problems == []
    for path in gone:
        (without / path.name).unlink()
    assert verify(without).problems


def test_a_removal_that_nobody_signed_excuses_nothing(log: Path) -> None:
    commanded(log, "token.create")
    [path] = [one for one in files(log) if one.name.startswith("commands")]
    walk = Walk(path, KEY.public)
    list(walk.events())
    first = Walk(file(log), KEY.public)
    list(first.events())
    outcome = f"{first.count} {first.link.hex()}"
    forged = Event(START, "operator:ann", "audit.prune.segment", outcome, "one.0")
    path.write_bytes(path.read_bytes() + event_line(forged, walk.link)[0])
    file(log).unlink()
    assert verify(log).problems


def test_a_failed_disk_leaves_a_chain_that_goes_on_in_another_file(tmp_path: Path) -> None:
    log = chain(tmp_path)
    log.begin(START)
    log.write([event(1)], now=START, sign=True)
    assert log._file is not None
    log._write_whole(b'{"half', log.place.offset)
    log._abandon()
    log.write([event(2)], now=START, sign=True)
    log.end(START)
    report = verify(tmp_path)
    assert (report.problems, report.segments, report.events) == ([], 2, 2)


def test_a_chain_goes_on_in_a_new_file_each_day_and_when_one_is_large(tmp_path: Path) -> None:
    log = chain(tmp_path, largest=2_000)
    log.begin(START)
    for number in range(30):
        log.write([event(number)], now=START, sign=False)
    log.write([event(31)], now=START + DAY, sign=False)
    log.end(START + DAY)
    report = verify(tmp_path)
    assert (report.problems, report.notes, report.events) == ([], [], 31)
    assert report.segments > 3


def test_events_are_told_by_time_whatever_chain_they_stand_in(tmp_path: Path) -> None:
    for name, at in (("a", 1), ("b", 0)):
        log = chain(tmp_path, name)
        log.begin(START)
        log.write([msgspec.structs.replace(event(n), at=START + n) for n in (at, at + 2)], now=1, sign=True)
        log.end(START)
    assert [e.at - START for e in Verifier(tmp_path, KEY.public).events()] == [0, 1, 2, 3]


def test_every_single_flipped_bit_of_a_chain_shows(tmp_path: Path) -> None:
    written(tmp_path, events=2, each=1)
    whole = file(tmp_path).read_bytes()
    for place in range(len(whole) - 1):
        file(tmp_path).write_bytes(
            whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :]
        )
        walk = Walk(file(tmp_path), KEY.public)
        list(walk.events())
        assert walk.problem, whole[place - 20 : place + 20]


def test_a_history_that_was_written_anew_without_the_key_shows(tmp_path: Path) -> None:
    class Forger(AuditKey):
        """Says that it is our key, and signs with its own."""

        def __init__(self) -> None:
            super().__init__(bytes(32))
            self.public = KEY.public

    log = Chain(tmp_path, "one", key=Forger())
    log.begin(START)
    log.write([event(1)], now=START, sign=True)
    log.end(START)
    assert any("signature" in problem for problem in verify(tmp_path).problems)
