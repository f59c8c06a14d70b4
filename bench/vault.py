"""What each verb of the vault costs, in microseconds of CPU on one core."""

import json
import time
from collections.abc import Callable
from uuid import uuid4

from padan.vault import ResultsVault, SessionBinding, WorkerVault, ephemeral

REPEATS = 5
CALLS = 1_000
CLAIM = b"c" * 120
RESULT = b"r" * 1_000


def cost(action: Callable[[], object]) -> float:
    """The best of a few runs: other programs can only make one slower."""
    best = float("inf")
    for _ in range(REPEATS):
        started = time.process_time()
        for _ in range(CALLS):
            action()
        best = min(best, time.process_time() - started)
    return round(best / CALLS * 1e6, 1)


def verbs() -> dict[str, Callable[[], object]]:
    keys = ephemeral()
    api = ResultsVault(keys.ring, keys.worker_public)
    worker = WorkerVault(keys.worker_secret, keys.rest)
    here = SessionBinding(uuid4(), uuid4())
    issued = api.issue(here)
    salt, key = issued.salt, issued.results_access_key
    claim = api.seal_claim(here, CLAIM)
    result = worker.seal_result(here, issued.public_key, RESULT)
    return {
        "issue": lambda: api.issue(here),
        "session_id_of": lambda: api.session_id_of(key),
        "check": lambda: api.check(here, salt=salt, results_access_key=key),
        "seal_claim": lambda: api.seal_claim(here, CLAIM),
        "open_claim": lambda: worker.open_claim(here, claim),
        "seal_result": lambda: worker.seal_result(here, issued.public_key, RESULT),
        "open_result": lambda: api.open_result(here, salt=salt, results_access_key=key, sealed=result),
        "blind_index": lambda: api.blind_index(here.environment_id, "3174010101010001"),
    }


def run(*, as_json: bool) -> None:
    costs = {name: cost(action) for name, action in verbs().items()}
    if as_json:
        print(json.dumps({"benchmark": "vault", "microseconds": costs}))
        return
    print(f"vault, µs of CPU a call (claim of {len(CLAIM)} bytes, result of {len(RESULT):,})")
    for name, microseconds in costs.items():
        print(f"  {name:14} {microseconds:7.1f}")


def main() -> None:
    run(as_json=False)


if __name__ == "__main__":
    main()
