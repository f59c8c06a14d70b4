"""A synthetic nation and a Dukcapil simulator over it; nobody in it is a real person.

``padan.sandbox.dukcapil`` has the simulator, which needs Starlette; the nation needs nothing but the
standard library.
"""

from padan.sandbox.nation import DEFAULT_SEED, Nation
from padan.sandbox.person import Person
from padan.sandbox.pyramid import REFERENCE_DATE
from padan.sandbox.scenarios import PERSON_SCENARIOS, SCENARIOS, ScenarioPerson

__all__ = [
    "DEFAULT_SEED",
    "PERSON_SCENARIOS",
    "REFERENCE_DATE",
    "SCENARIOS",
    "Nation",
    "Person",
    "ScenarioPerson",
]
