"""Which line is asked: the first that answers, a probe now and then, nothing without an agreement."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date

import pytest

from padan.app.create import create
from padan.app.errors import Invalid, NotLicensed
from padan.app.licensing import licence
from padan.app.lines import Line, Lines
from padan.app.times import jakarta_date
from padan.domain.activation import Activation, ActivationState, Terms
from padan.domain.attempt import Charge
from padan.domain.breaker import FAILURES_UNTIL_OPEN, PROBE_EVERY
from padan.domain.environment import EnvironmentKind
from padan.domain.errors import RefusalReason, RegistryRefused, RegistryUnavailable
from padan.domain.finding import Comparison, Finding, Outcome
from padan.domain.provider import Health
from padan.domain.rules import Acceptance, Patience, RegistryRules
from padan.domain.session import ErrorCode, Session, SessionState
from tests.support.registries import MATCH, TableRegistry
from tests.support.wired import BANK, LIVE, LIVE_PROFILE, NIK, PROFILE, Wired, direct_order, wire, working

TEST, LIVE_KIND = EnvironmentKind.TEST, EnvironmentKind.LIVE
SILENT = RegistryUnavailable("nobody there", may_be_charged=False)
MISMATCH = Finding(Outcome.FOUND, Comparison(True), Comparison(False, 0.3), Comparison(True))


def agreed(w: Wired, **fields: object) -> Activation:
    today = jakarta_date(w.clock())
    base = Activation(
        "indonesia-nik-lookup", "PKS 1", "Bank", date(2020, 1, 1), today, "1", "M", ("NIK",), "192.0.2.1", 1
    )
    return replace(base, **fields)  # type: ignore[arg-type]


async def with_rules(w: Wired, **fields: object) -> None:
    rules = RegistryRules(**fields)  # type: ignore[arg-type]
    await w.store.change_profile(replace(PROFILE, rules=rules))


def line(w: Wired) -> Line:
    return w.worker_ports.lines.of(TEST)[0]


def open_breaker(one: Line, now: int) -> None:
    for _ in range(FAILURES_UNTIL_OPEN):
        one.breaker.failed(one.breaker.begin(now), now=now)


async def done(w: Wired) -> Session:
    return await w.until_done((await w.direct()).session.id)


def choose(lines: Lines, now: int) -> Line | None:
    return asyncio.run(lines.choose(TEST, now))


def test_the_second_line_takes_over_while_the_first_is_silent_and_gives_back() -> None:
    first, second = Line(TableRegistry()), Line(TableRegistry(), account="table")
    lines, now = Lines({TEST: [first, second]}), 1_800_000_000_000
    assert choose(lines, now) is first
    open_breaker(first, now)
    assert choose(lines, now) is second
    assert lines.health(TEST, now) is Health.ONLINE
    open_breaker(second, now)
    assert choose(lines, now) is None
    assert lines.health(TEST, now) is Health.OFFLINE
    assert choose(lines, now + PROBE_EVERY) is first
    first.breaker.answered(first.breaker.begin(now + PROBE_EVERY), now=now + PROBE_EVERY)
    assert choose(lines, now + PROBE_EVERY) is first


def test_a_line_that_fell_silent_is_looked_for_while_the_next_one_answers() -> None:
    first, second = Line(TableRegistry()), Line(TableRegistry())
    lines, now = Lines({TEST: [first, second]}), 1_800_000_000_000
    open_breaker(first, now)
    chosen = [choose(lines, now + step * 100) for step in range(100)]
    assert 4 <= chosen.count(first) <= 5, "one question every two seconds"
    assert chosen.count(second) == 100 - chosen.count(first)
    first.breaker.answered(first.breaker.begin(now), now=now + 10_000)
    assert choose(lines, now + 10_001) is first


def test_a_silent_registry_that_nobody_asks_is_found_back_without_a_question() -> None:
    async def scene() -> None:
        w = await wire()
        one, now = line(w), w.clock()
        open_breaker(one, now)
        w.clock.pass_(60_000)
        await w.ports.lines.look_around(w.clock())
        assert w.ports.lines.health(TEST, w.clock()) is Health.OFFLINE
        w.registry.there = True
        await w.ports.lines.look_around(w.clock())
        assert w.ports.lines.health(TEST, w.clock()) is Health.ONLINE
        assert w.registry.claims == []

    asyncio.run(scene())


def test_what_waits_is_not_asked_while_the_agreement_is_suspended() -> None:
    async def scene() -> None:
        w = await wire()
        w.ports.lines.replace(LIVE_KIND, [Line(w.registry)])
        await w.store.set_activation(agreed(w))
        created = await create(w.ports, LIVE, replace(direct_order(), profile_id=LIVE_PROFILE.id))
        await w.store.set_activation(agreed(w, suspended_at=5))
        w.worker.run()
        await w.until_reported()
        assert w.registry.claims == []
        assert (await w.session(created.session.id)).reason == "agreement:suspended"
        await w.store.set_activation(agreed(w))
        w.clock.pass_(61_000)
        assert (await w.until_done(created.session.id)).success
        await w.worker.stop()

    asyncio.run(scene())


def test_a_registry_that_refuses_everybody_is_left_alone_in_live_and_the_operator_hears_of_it() -> None:
    async def scene() -> None:
        async with working() as w:
            w.ports.lines.replace(LIVE_KIND, [Line(w.registry)])
            await w.store.set_activation(agreed(w))
            w.registry.answers[NIK] = [RegistryRefused("03", reason=RefusalReason.CREDENTIALS)]
            order = replace(direct_order(), profile_id=LIVE_PROFILE.id)
            for _ in range(6):
                await w.until_done((await create(w.ports, LIVE, order)).session.id)
            assert len(w.registry.claims) == 3
            assert w.ports.lines.health(LIVE_KIND, w.clock()) is Health.OFFLINE
            assert w.reports.count(("alarm", "refused:credentials")) == 3
            w.registry.answers[NIK] = [MATCH]
            w.clock.pass_(60_000)
            assert (await w.until_done((await create(w.ports, LIVE, order)).session.id)).success

    asyncio.run(scene())


def test_around_midnight_the_registrys_count_of_the_day_is_not_believed() -> None:
    async def scene() -> None:
        async with working() as w:
            w.worker_ports.lines.replace(TEST, [Line(w.registry, Terms(quota=100))])
            w.registry.answers[NIK] = [replace(MATCH, quota_left=1)]
            into_the_day = (w.clock() + 7 * 3_600_000) % 86_400_000
            w.clock.pass_(86_400_000 - into_the_day + 60_000)
            assert (await done(w)).success
            await w.until_reported()
            assert await w.store.used("table", jakarta_date(w.clock()).isoformat()) == 1

    asyncio.run(scene())


@pytest.mark.parametrize("rules", [{"name_threshold": 99}, {"acceptance": Acceptance.REFUSE}])
def test_a_kept_answer_is_judged_by_the_rules_of_today(rules: dict[str, object]) -> None:
    async def scene() -> None:
        async with working() as w:
            w.registry.answers[NIK] = [MISMATCH]
            await with_rules(w, answers_kept=60, name_threshold=50)
            assert (await done(w)).success
            await with_rules(w, **({"answers_kept": 60, "name_threshold": 50} | rules))
            second = await done(w)
            if "acceptance" in rules:
                assert second.error_code is ErrorCode.ASSURANCE_LEVEL_NOT_MET
            else:
                assert w.registry.thresholds == [50, 99]

    asyncio.run(scene())


def test_a_silent_registry_is_looked_for_with_one_session_at_a_time() -> None:
    lines, now = Lines({TEST: [Line(TableRegistry())]}), 1_800_000_000_000
    assert lines.room(TEST, now, free=40) == 40
    open_breaker(lines.of(TEST)[0], now)
    assert lines.room(TEST, now, free=40) == 0
    assert lines.room(TEST, now + PROBE_EVERY, free=40) == 1
    assert lines.room(LIVE_KIND, now, free=40) == 0


def test_sessions_that_came_while_the_registry_was_silent_are_asked_when_it_is_back() -> None:
    async def scene() -> None:
        async with working() as w:
            open_breaker(line(w), w.clock())
            created = [await w.direct() for _ in range(5)]
            assert all(one.session.lease is None for one in created)
            w.clock.pass_(PROBE_EVERY)
            for one in created:
                assert (await w.until_done(one.session.id)).success
            assert len(w.registry.claims) == 5

    asyncio.run(scene())


def test_a_profile_may_refuse_sessions_while_the_registry_is_silent() -> None:
    async def scene() -> None:
        w = await wire()
        await with_rules(w, when_offline=Patience.FAIL)
        open_breaker(line(w), w.clock())
        with pytest.raises(Invalid) as refused:
            await w.direct()
        assert "offline" in refused.value.errors["provider"][0]
        assert await w.sessions_of(PROFILE) == 0

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        (None, ActivationState.MISSING),
        ({"valid_from": date(2090, 1, 1), "valid_until": date(2090, 2, 1)}, ActivationState.NOT_YET),
        ({"valid_until": date(2020, 1, 2)}, ActivationState.EXPIRED),
        ({"suspended_at": 5}, ActivationState.SUSPENDED),
    ],
)
def test_live_asks_nothing_without_an_agreement_for_today(
    fields: dict[str, object] | None, state: ActivationState
) -> None:
    async def scene() -> None:
        w = await wire()
        w.ports.lines.replace(LIVE_KIND, [Line(w.registry)])
        if fields is not None:
            await w.store.set_activation(agreed(w, **fields))
        assert await licence(w.ports, LIVE_KIND, "indonesia-nik-lookup") is state
        with pytest.raises(NotLicensed) as refused:
            await create(w.ports, LIVE, replace(direct_order(), profile_id=LIVE_PROFILE.id))
        assert refused.value.state is state
        assert await w.sessions_of(LIVE_PROFILE) == 0

    asyncio.run(scene())


def test_live_asks_under_an_agreement_that_holds_today() -> None:
    async def scene() -> None:
        async with working() as w:
            w.ports.lines.replace(LIVE_KIND, [Line(w.registry, Terms(tariff=1_000, price=1_500))])
            await w.store.set_activation(agreed(w))
            order = replace(direct_order(), profile_id=LIVE_PROFILE.id)
            created = await create(w.ports, LIVE, order)
            assert (await w.until_done(created.session.id)).success
            (attempt,) = await w.store.attempts(created.session.id)
            assert (attempt.tariff, attempt.price) == (1_000, 1_500)

    asyncio.run(scene())


def test_a_profile_that_refuses_ends_a_mismatch_without_a_result_and_still_pays() -> None:
    async def scene() -> None:
        async with working() as w:
            await with_rules(w, acceptance=Acceptance.REFUSE)
            w.registry.answers[NIK] = [MISMATCH]
            session = await done(w)
            assert session.error_code is ErrorCode.ASSURANCE_LEVEL_NOT_MET
            assert session.sealed_result is None
            (attempt,) = await w.store.attempts(session.id)
            assert (attempt.outcome, attempt.charge) == ("found", Charge.CHARGED)

    asyncio.run(scene())


def test_a_profiles_own_threshold_is_what_the_registry_judges_by() -> None:
    async def scene() -> None:
        async with working() as w:
            await with_rules(w, name_threshold=73)
            await done(w)
            assert w.registry.thresholds == [73]

    asyncio.run(scene())


@pytest.mark.parametrize("limit", ["quota", "budget"])
@pytest.mark.parametrize("patience", Patience)
def test_what_is_used_up_lets_a_session_wait_or_fail_as_its_profile_says(
    limit: str, patience: Patience
) -> None:
    async def scene() -> None:
        w = await wire()
        budget = 0 if limit == "budget" else None
        await with_rules(w, when_used_up=patience, monthly_budget=budget)
        terms = Terms(quota=0 if limit == "quota" else None, price=1)
        w.worker_ports.lines.replace(TEST, [Line(w.registry, terms)])
        created = await w.direct()
        w.worker.run()
        await w.until_reported()
        await w.worker.stop()
        session = await w.session(created.session.id)
        assert session.reason == limit
        if patience is Patience.FAIL:
            assert (session.state, session.error_code) == (SessionState.FAILED, ErrorCode.INTERNAL)
        else:
            assert (session.state, session.lease) == (SessionState.QUEUED, None)
            assert session.due_at > w.clock()
        assert ("used_up", limit) in w.reports
        assert w.registry.claims == []

    asyncio.run(scene())


def test_when_the_registry_says_that_the_quota_is_used_up_nothing_more_is_asked_that_day() -> None:
    async def scene() -> None:
        async with working() as w:
            w.worker_ports.lines.replace(TEST, [Line(w.registry, Terms(quota=1_000))])
            w.registry.answers[NIK] = [RegistryRefused("05", reason=RefusalReason.QUOTA), MATCH]
            assert (await done(w)).reason == "refused:quota"
            assert (await done(w)).reason == "quota"
            assert len(w.registry.claims) == 1
            w.clock.pass_(24 * 60 * 60 * 1000)
            assert (await done(w)).success

    asyncio.run(scene())


def test_the_registrys_own_count_of_what_is_left_is_believed_where_it_is_lower() -> None:
    async def scene() -> None:
        async with working() as w:
            w.worker_ports.lines.replace(TEST, [Line(w.registry, Terms(quota=100))])
            w.registry.answers[NIK] = [replace(MATCH, quota_left=1)]
            assert (await done(w)).success
            await w.until_reported()
            assert await w.store.used("table", jakarta_date(w.clock()).isoformat()) == 99

    asyncio.run(scene())


def test_an_identical_claim_is_not_paid_twice_where_the_profile_keeps_answers() -> None:
    async def scene() -> None:
        async with working() as w:
            await with_rules(w, answers_kept=5)
            first, second = await done(w), await done(w)
            assert first.success
            assert second.success
            assert len(w.registry.claims) == 1
            assert await w.store.attempts(second.id) == ()
            w.clock.pass_(5 * 60_000)
            await done(w)
            assert len(w.registry.claims) == 2

    asyncio.run(scene())


def test_by_default_no_answer_is_kept() -> None:
    async def scene() -> None:
        async with working() as w:
            await done(w)
            await done(w)
            assert len(w.registry.claims) == 2

    asyncio.run(scene())


def test_a_registry_that_wants_to_be_left_alone_is_left_alone_for_as_long() -> None:
    async def scene() -> None:
        w = await wire()
        w.registry.answers[NIK] = [
            RegistryUnavailable("429", may_be_charged=False, retry_after_s=45),
            MATCH,
        ]
        created = await w.direct()
        w.worker.run()
        await w.until_reported()
        await w.worker.stop()
        session = await w.session(created.session.id)
        assert session.due_at - w.clock() >= 45_000
        assert session.reason == "unavailable"

    asyncio.run(scene())


def test_the_environment_of_a_test_needs_no_agreement() -> None:
    async def scene() -> None:
        w = await wire()
        assert await licence(w.ports, BANK.kind, "indonesia-nik-lookup") is ActivationState.ACTIVE

    asyncio.run(scene())
