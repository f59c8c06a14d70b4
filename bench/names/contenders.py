"""Who is measured: ways to say how alike two names are. Each is a function of two names to a score; more is
more alike.

All read the same upper-case lines. The distances of rapidfuzz read them through its own ``default_process``,
which takes out punctuation, as its documentation advises; a way that is not installed is skipped, and the
reason is printed.
"""

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Score = Callable[[str, str], float]
PADAN = "padan.names"


@dataclass(frozen=True, slots=True)
class Contender:
    """A way to compare: its name in the table, the module it lives in, how its scoring function is made of
    that."""

    name: str
    module: str
    make: Callable[[Any], Score]


def padan_score(module: Any) -> Score:
    """The score of ``padan.names``."""
    compare = module.compare
    return lambda left, right: float(compare(left, right).score)


def padan_verdict() -> Callable[[str, str], str] | None:
    """The verdict of ``padan.names``; None where it is not there."""
    compare = getattr(importlib.import_module("padan.names"), "compare", None)
    if compare is None:
        return None

    def verdict(left: str, right: str) -> str:
        found = compare(left, right).verdict
        return str(getattr(found, "value", found))

    return verdict


def of_fuzz(scorer: str) -> Callable[[Any], Score]:
    """One of the scorers of ``rapidfuzz.fuzz``, 0 to 100."""

    def make(module: Any) -> Score:
        score, clean = getattr(module, scorer), importlib.import_module("rapidfuzz.utils").default_process
        return lambda left, right: float(score(left, right, processor=clean))

    return make


def jaro_winkler(module: Any) -> Score:
    """Jaro-Winkler of rapidfuzz, 0 to 1."""
    score, clean = module.normalized_similarity, importlib.import_module("rapidfuzz.utils").default_process
    return lambda left, right: float(score(left, right, processor=clean))


def nomenklatura(module: Any) -> Score:
    """The name comparison of nomenklatura's ``logic-v2``, of two persons who have nothing but a name, 0 to
    1."""
    make_entity = importlib.import_module("followthemoney").model.make_entity
    config = importlib.import_module("nomenklatura.matching.logic_v2.model").LogicV2.default_config()

    def person(name: str) -> Any:
        entity = make_entity("Person")
        entity.id = name
        entity.add("name", name)
        return entity

    return lambda left, right: float(module.name_match(person(left), person(right), config).score)


CONTENDERS = (
    Contender(PADAN, "padan.names", padan_score),
    Contender("rapidfuzz ratio", "rapidfuzz.fuzz", of_fuzz("ratio")),
    Contender("Jaro-Winkler", "rapidfuzz.distance.JaroWinkler", jaro_winkler),
    Contender("token sort ratio", "rapidfuzz.fuzz", of_fuzz("token_sort_ratio")),
    Contender("token set ratio", "rapidfuzz.fuzz", of_fuzz("token_set_ratio")),
    Contender("WRatio", "rapidfuzz.fuzz", of_fuzz("WRatio")),
    Contender("nomenklatura", "nomenklatura.matching.logic_v2.names.match", nomenklatura),
)


def load(contenders: Sequence[Contender] = CONTENDERS) -> tuple[dict[str, Score], dict[str, str]]:
    """The scoring functions of all that are there, and why the others are not."""
    there: dict[str, Score] = {}
    skipped: dict[str, str] = {}
    for contender in contenders:
        try:
            there[contender.name] = contender.make(importlib.import_module(contender.module))
        except (ImportError, AttributeError) as error:
            skipped[contender.name] = str(error)
    return there, skipped
