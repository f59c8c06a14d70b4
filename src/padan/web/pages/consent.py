"""What a person agrees to, in plain words, and which words those were.

A change of the sentence, in any language, needs a new `VERSION`; the digest tells purposes and names apart.
"""

from __future__ import annotations

import hashlib

from padan.app.ports import Ports
from padan.domain.session import Session
from padan.web.pages.languages import N_
from padan.web.pages.visits import Visit

VERSION = "2026-11"

_OWN = N_(
    "I agree that %(operator)s asks the population register (Dukcapil) whether my NIK, full name and date of "
    "birth belong together, and uses the answer %(purpose)s."
)
_FOR_ANOTHER = N_(
    "I agree that %(operator)s asks the population register (Dukcapil) whether my NIK, full name and date of "
    "birth belong together, and gives the answer to %(brand)s, which uses it %(purpose)s."
)
_USUAL_PURPOSE = N_("to make sure that I am who I say I am")
_DAY, _HOUR = 24 * 60 * 60 * 1000, 60 * 60 * 1000


async def operator_name(ports: Ports, session: Session) -> str:
    """Who runs this server: as the settings say, else the organisation that the environment belongs to."""
    if ports.operator:
        return ports.operator
    known = await ports.directory.environments()
    return next((e.organisation for e in known if e.id == session.environment_id), "")


def consent_text(visit: Visit, operator: str) -> str:
    """The sentence beside the box to tick."""
    brand, say = visit.profile.brand_name, visit.language
    purpose = visit.profile.pages.purpose or say(_USUAL_PURPOSE)
    sentence = say(_OWN if operator in {"", brand} else _FOR_ANOTHER)
    return sentence % {"operator": operator or brand, "brand": brand, "purpose": purpose}


def consent_version(text: str) -> str:
    """What is recorded of the sentence, and stands in the form as the box's value."""
    return f"{VERSION}.{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def kept_for(visit: Visit) -> str:
    """How long what the person gave and what was found is kept at most, in words."""
    period, say = visit.profile.redaction_period, visit.language
    if period >= 2 * _DAY:
        days = -(-period // _DAY)
        return say.plural("%(n)s day", "%(n)s days", n=days) % {"n": days}
    hours = max(1, -(-period // _HOUR))
    return say.plural("%(n)s hour", "%(n)s hours", n=hours) % {"n": hours}
