"""Examples of properties: the same ones each time in the suite, new and many in a search.

The suite says of a commit what it said before, so that a red run is a fault of the commit. `make search`
draws new examples, prints how to draw a failing one again, and is to be run for long.
"""

import os

from hypothesis import HealthCheck, settings

# No deadline: a busy machine would fail a right answer. pytest-timeout ends what hangs.
_PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("suite", parent=_PATIENT, derandomize=True, database=None)
settings.register_profile("search", parent=_PATIENT, max_examples=5_000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))
