"""Compare two names: a verdict, a score, and the reasons for them."""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from padan.names.alignment import Alignment, align
from padan.names.editions import DEFAULT
from padan.names.models import NEVER, PARTIAL, Model
from padan.names.reading import Name, read
from padan.names.reasons import Reason
from padan.names.words import Word

# Each verdict has its own part of the scale, so that a threshold never cuts across verdicts.
_VARIATION, _PARTIAL = 0.80, 0.50
_PARTIAL_BY_COVER, _MOST_PARTIAL = 0.28, 0.79
_MOST_DIFFERENT, _MOST_NEVER = 0.45, 0.20


class Verdict(StrEnum):
    """What two names are to each other, best first."""

    EXACT = "exact"
    VARIATION = "variation"
    PARTIAL = "partial"
    DIFFERENT = "different"


class Comparison(NamedTuple):
    """What came of comparing two names.

    ``score`` runs from 0 to 1: exact 1 to 0.9, variation from 0.8, partial from 0.5, different below.
    ``reasons`` hold words of the names; ``repr`` leaves them out.
    """

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...] = ()

    def to_dict(self, language: str = "en") -> dict[str, Any]:
        """Return the JSON object of ``padan names compare --json``, with sentences in ``en`` or ``id``."""
        reasons = [{"code": reason.code, "message": reason.message(language)} for reason in self.reasons]
        return {"verdict": self.verdict.value, "score": round(self.score, 4), "reasons": reasons}

    def __repr__(self) -> str:
        codes = ", ".join(reason.code for reason in self.reasons)
        return f"Comparison({self.verdict.value!r}, {self.score:.4f}, {codes})"


_SAME = (Reason("same"),)


def compare(a: str, b: str, *, model: Model = DEFAULT) -> Comparison:
    """Tell whether two names may be one person's.

    It never fails: a name that is empty, in another script or longer than any register's is ``different``. A
    name is read up to 200 characters and 20 words, titles included, so that the work is bounded. Words are
    remembered for a while, to be quick; whole names are not. Which name comes first makes no difference.
    """
    turned = b < a
    left, right = (read(b), read(a)) if turned else (read(a), read(b))
    if left.problem or right.problem:
        problem = left.problem or right.problem
        return Comparison(Verdict.DIFFERENT, 0.0, (Reason(problem),))
    found = _align(left, right, model=model, turned=turned)
    if (left.other or right.other) and _judge(found).verdict is not Verdict.EXACT:
        found = _best_of_aliases(found, left, right=right)
    return _judge(found)


def _align(left: Name, right: Name, *, model: Model, turned: bool) -> Alignment:
    found = align(left, right, model=model, turned=turned)
    if not (left.has_more or right.has_more):
        return found
    if left.parent or right.parent:
        found = _with_parents(found, left, right=right)
    if left.unread or right.unread:
        found.note("unread", " ".join(item.text for item in left.unread or right.unread))
    if left.repeated or right.repeated:
        found.note("repeated", (left if left.repeated else right).words[0].text)
    for code, one, other in (
        ("title", left.titles, right.titles),
        ("noble_title", left.noble, right.noble),
        ("balinese_prefix", left.prefix, right.prefix),
    ):
        if (one or other) and {item.letters for item in one} != {item.letters for item in other}:
            both = one and other and code == "balinese_prefix"
            found.note("sex" if both else code, _words(one or other), right=_words(other) if both else "")
    return found


def _with_parents(found: Alignment, left: Name, *, right: Name) -> Alignment:
    """Compare what stands after bin: two parents must agree, one may be left out or written without bin."""
    model = found.model
    if left.parent and right.parent:
        parents = align(_only(left.parent), _only(right.parent), model=model)
        if _judge(parents).verdict is Verdict.DIFFERENT:
            found.note("parent", _words(left.parent), right=_words(right.parent))
        return found
    if (found.left and not left.parent) or (found.right and not right.parent):
        one, other = (_only([*name.words, *name.parent]) for name in (left, right))
        return align(one, other, model=model, turned=found.turned)
    found.note("parent_left_out", _words(left.parent or right.parent))
    return found


def _only(words: Sequence[Word]) -> Name:
    return Name(list(words), 0)


def _words(words: Sequence[Word]) -> str:
    return " ".join(item.text for item in words)


def _best_of_aliases(found: Alignment, left: Name, *, right: Name) -> Alignment:
    """Take the alias that fits best: a register that knows two names of a person is asked for either."""
    best = found
    for one in (left, left.other):
        for other in (right, right.other):
            if (
                one
                and other
                and (one is not left or other is not right)
                and not (one.problem or other.problem)
            ):
                another = _align(one, other, model=found.model, turned=found.turned)
                another.note("alias", _words((one if one is not left else other).words))
                best = max(best, another, key=lambda item: _judge(item).score)
    return best


def _judge(found: Alignment) -> Comparison:
    model, reasons = found.model, tuple(found.reasons)
    if not reasons:
        return Comparison(Verdict.EXACT, 1.0, _SAME)
    if found.gravity == NEVER:
        cover = found.cover()
        veto = "different_words" not in [reason.code for reason in reasons]
        return Comparison(Verdict.DIFFERENT, cover * (_MOST_NEVER if veto else _MOST_DIFFERENT), reasons)
    cost = found.cost
    if found.bits < model.well_known_bits:
        cost *= 2 - found.bits / model.well_known_bits
    if found.gravity == PARTIAL:
        return _partly(found, found.cover(), cost=cost)
    if cost > model.most_cost:
        score = max(_PARTIAL, _MOST_PARTIAL - (cost - model.most_cost))
        return Comparison(Verdict.PARTIAL, score, (*reasons, Reason("many_differences")))
    exact = _SILENT.issuperset([reason.code for reason in reasons])
    lowest, highest = model.shelf(found.gravity)
    return Comparison(Verdict.EXACT if exact else Verdict.VARIATION, max(lowest, highest - cost), reasons)


_SILENT = frozenset({"folded", "repeated", "title"})


def _partly(found: Alignment, cover: float, *, cost: float) -> Comparison:
    reasons = tuple(found.reasons)
    if found.bits < found.model.enough_bits:
        return Comparison(Verdict.DIFFERENT, cover * _MOST_DIFFERENT, (*reasons, Reason("too_common")))
    if len(found.left) + len(found.right) > found.model.most_alone:
        return Comparison(Verdict.DIFFERENT, cover * _MOST_DIFFERENT, (*reasons, Reason("many_words")))
    score = _PARTIAL + _PARTIAL_BY_COVER * cover - cost
    return Comparison(Verdict.PARTIAL, min(_MOST_PARTIAL, max(_PARTIAL, score)), reasons)
