"""Measures the form page with Lighthouse: `make lighthouse`.

Twice: as Lighthouse judges by default, a middling phone on a slow network, for the scores; and as this
machine shows the page, for the first contentful paint.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

from tests.support.browser import post
from tests.support.chromium import EXECUTABLE, FLAGS
from tests.support.server import Server, running

PROGRAM = Path(__file__).parents[1] / "tests/browser/node_modules/.bin/lighthouse"
LEAST = {"accessibility": 100, "best-practices": 100, "performance": 95}
FIRST_PAINT_BELOW = 500
"""Milliseconds."""


def opened(server: Server) -> tuple[str, str]:
    """A form page and the cookie that opens it."""
    body = {
        "provider": "indonesia-nik-lookup",
        "verificationProfileId": server.ready["verificationProfileId"],
        "redirectUrl": server.ready["redirectUri"],
    }
    url = f"{server.url}/api/v1/sessions/provider/hosted"
    launch = post(url, body, server.ready["accessToken"])["launchUrl"]
    jar = CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    with browser.open(launch, timeout=10) as page:
        return page.url, "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)


def measured(url: str, cookie: str, *options: str) -> Any:
    """Lighthouse's report."""
    with tempfile.TemporaryDirectory() as folder:
        headers, report = Path(folder, "headers.json"), Path(folder, "report.json")
        headers.write_text(json.dumps({"Cookie": cookie}))
        flags = " ".join(("--headless=new", *FLAGS))
        command = [str(PROGRAM), url, f"--extra-headers={headers}", f"--chrome-flags={flags}", "--quiet"]
        outputs = ["--output=json", f"--output-path={report}", *options]
        subprocess.run([*command, *outputs], check=True, env={**os.environ, "CHROME_PATH": EXECUTABLE})
        return json.loads(report.read_text("utf-8"))


def main() -> int:
    """Print the figures; 1 where one of them is not what the pages promise."""
    with running() as server:
        page = opened(server)
        judged = measured(*page, "--only-categories=accessibility,best-practices,performance")
        seen = measured(*page, "--only-categories=performance", "--throttling-method=provided")
    # Nothing but the form has fields with labels: any other page would be measured in vain.
    assert judged["audits"]["label"]["score"] == 1
    scores = {name: round(100 * judged["categories"][name]["score"]) for name in LEAST}
    paint = round(seen["audits"]["first-contentful-paint"]["numericValue"])
    for name, score in scores.items():
        print(f"{name:<24} {score:>4} of 100, {LEAST[name]} promised")
    print(f"{'first contentful paint':<24} {paint:>4} ms, below {FIRST_PAINT_BELOW} promised")
    _explain(judged)
    good = all(scores[name] >= least for name, least in LEAST.items())
    return 0 if good and paint < FIRST_PAINT_BELOW else 1


def _explain(report: Any) -> None:
    for name in ("accessibility", "best-practices"):
        for reference in report["categories"][name]["auditRefs"]:
            audit = report["audits"][reference["id"]]
            if audit["score"] is not None and audit["score"] < 1 and reference["weight"]:
                print(f"  {audit['id']}: {audit['title']}")


if __name__ == "__main__":
    sys.exit(main())
