"""What a scrape shows after some work, where it may be asked, and that every metric is explained."""

from __future__ import annotations

import asyncio
import re
import urllib.error
import urllib.request
from dataclasses import replace
from uuid import UUID

import pytest
from prometheus_client.parser import text_string_to_metric_families

from padan.metrics import FAMILIES, Collector, Histogram, MeteredApp, MeteredStore, Meters, metrics_app
from padan.metrics.collector import Now
from padan.web.app import build_app
from tests.docs.pages import ROOT, reference
from tests.support.asgi import call
from tests.support.server import running
from tests.support.wired import PERSON, working
from tests.web.site import Browser, Site

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


async def scraped(meters: Meters, now: Now | None = None) -> str:
    async def look() -> Now:
        return now or Now()

    app = metrics_app(Collector(meters, version="1.2.3"), look=look)
    return (await call(app, "GET", "/metrics", headers={}, body=b"")).text


def samples(text: str) -> Samples:
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def value(found: Samples, name: str, **labels: str) -> float:
    return found[name, tuple(sorted(labels.items()))]


async def some_work(meters: Meters) -> None:
    """Sessions that succeed, one that is cancelled, a page, and requests that are refused."""
    async with working() as wired:
        store = MeteredStore.over(wired.store, meters)
        wired.ports = replace(wired.ports, sessions=store)
        wired.worker._ports = replace(wired.worker._ports, sessions=store, report=meters.heard)
        site = Site(MeteredApp(build_app(wired.ports, version="0", report=meters.heard), meters), wired)
        for _ in range(3):
            created = await site.create()
            await wired.until_done(UUID(created["sessionId"]))
        hosted = await site.hosted(PERSON)
        await Browser(site).launch(hosted["launchUrl"])
        await site.api("POST", f"/api/v1/sessions/{hosted['sessionId']}/cancel")
        await site.api("GET", "/api/v1/providers", token="Kanaria")
        await site.api("GET", f"/nothing/{PERSON['nikIdNumber']}")


def test_a_scrape_tells_what_was_done() -> None:
    async def work() -> None:
        meters = Meters()
        await some_work(meters)
        found = samples(await scraped(meters))
        provider = {"environment": "Test", "provider": "indonesia-nik-lookup"}
        assert value(found, "padan_sessions_created_total", kind="direct", **provider) == 3
        assert value(found, "padan_sessions_created_total", kind="hosted", **provider) == 1
        assert value(found, "padan_sessions_ended_total", environment="Test", outcome="Success") == 3
        assert value(found, "padan_sessions_ended_total", environment="Test", outcome="Canceled") == 1
        asked = {"registry": "table", "charge": "charged"}
        assert value(found, "padan_registry_questions_total", outcome="found", **asked) == 3
        assert value(found, "padan_registry_rupiah_total", **asked) == 3_000
        assert value(found, "padan_registry_question_seconds_count", registry="table") == 3
        direct = "CreateDirectProviderSession"
        assert value(found, "padan_http_requests_total", operation=direct, status="2xx") == 3
        assert value(found, "padan_http_request_seconds_count", operation=direct) == 3
        assert value(found, "padan_http_requests_total", operation="ListProviders", status="4xx") == 1
        assert value(found, "padan_http_requests_total", operation="page.show", status="2xx") == 1
        assert value(found, "padan_http_requests_total", operation="other", status="4xx") == 1
        assert value(found, "padan_store_write_seconds_count", write="create") == 4
        assert value(found, "padan_build_info", version="1.2.3") == 1
        assert value(found, "process_resident_memory_bytes") > 0

    asyncio.run(work())


def test_no_label_holds_an_id_or_anything_that_was_sent() -> None:
    async def work() -> None:
        meters = Meters()
        await some_work(meters)
        meters.heard("defect", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00 ValueError")
        meters.heard("swept", "expired=3 redacted=4")
        labels = {value for _, given in samples(await scraped(meters)) for _, value in given}
        text = " ".join(labels)
        assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}|[0-9]{16}|Kanaria|4bf92f", text)
        assert PERSON["fullName"] not in text

    asyncio.run(work())


def test_a_scrape_shows_the_moment_too() -> None:
    now = Now(7, True, [("Live", "1", False), ("Live", "2", True)], {"Live": 1000}, {"Live": 250})
    found = samples(asyncio.run(scraped(Meters(), now)))
    assert value(found, "padan_sessions_under_way") == 7
    assert value(found, "padan_audit_unavailable") == 1
    assert value(found, "padan_registry_online", environment="Live", line="1") == 0
    assert value(found, "padan_registry_online", environment="Live", line="2") == 1
    assert value(found, "padan_registry_quota", environment="Live") == 1000
    assert value(found, "padan_registry_quota_used", environment="Live") == 250


def test_a_histogram_counts_each_into_the_first_bound_that_holds_it() -> None:
    one = Histogram((1.0, 2.0))
    for seconds in (0.5, 1.0, 1.5, 2.5):
        one.observe(seconds)
    assert (one.counts, one.total) == ([2, 1, 1], 5.5)


def test_every_metric_is_in_the_reference_with_its_labels_and_no_other() -> None:
    page = reference("metrics.md")
    rows = dict(re.findall(r"^\| `(padan_\w+)` \| \w+ \|(.*?)\|", page, re.MULTILINE))
    assert {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows.items()} == {
        name: labels for name, (_, labels) in FAMILIES.items()
    }


def test_every_family_of_a_scrape_is_one_of_those_or_of_the_process() -> None:
    async def work() -> str:
        meters = Meters()
        await some_work(meters)
        return await scraped(
            meters, Now(online=[("Test", "1", True)], quota={"Test": 1}, quota_used={"Test": 0})
        )

    shown = set(re.findall(r"^# TYPE (\w+)", asyncio.run(work()), re.MULTILINE))
    ours = {name for name in shown if not name.startswith("process_")}
    assert ours == set(FAMILIES)
    assert shown - ours <= set(re.findall(r"`(process_\w+)`", reference("metrics.md")))


def test_the_alert_rules_name_metrics_that_are_there_and_say_what_to_do() -> None:
    rules = (ROOT / "deploy" / "prometheus-rules.yml").read_text("utf-8")
    named = set(re.findall(r"\bpadan_\w+", "\n".join(re.findall(r"expr: (.*)", rules))))
    assert {re.sub(r"_bucket$", "", name) for name in named} <= set(FAMILIES)
    alerts = rules.count("- alert:")
    assert alerts == rules.count("action: ") == rules.count("summary: ") == rules.count("severity: ") > 5


def test_metrics_are_off_by_default_and_never_on_the_public_port() -> None:
    with running() as server:
        assert "metricsUrl" not in server.ready
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{server.url}/metrics", timeout=5)


def test_two_processes_of_one_machine_take_a_port_each() -> None:
    with running(environment={"PADAN_METRICS_PORT": "0"}) as first:
        url = str(first.ready["metricsUrl"])
        port = url.split(":")[2].split("/", maxsplit=1)[0]
        text = urllib.request.urlopen(url, timeout=5).read().decode()
        assert value(samples(text), "padan_registry_online", environment="Test", line="1") == 1
        with running(environment={"PADAN_METRICS_PORT": port}) as second:
            assert second.ready["metricsUrl"] not in {url, None}
            assert urllib.request.urlopen(str(second.ready["metricsUrl"]), timeout=5).status == 200
