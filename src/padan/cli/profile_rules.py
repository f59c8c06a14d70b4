"""What the operator decides for a profile: thresholds, acceptance, patience, budget."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec

from padan.domain.finding import NameVerdict
from padan.domain.rules import Acceptance, Patience, RegistryRules

_EnoughVerdict = Literal["Exact", "Variation", "Partial"]

_FIELDS: Mapping[str, tuple[str, Any]] = MappingProxyType(
    {
        "Acceptance": ("acceptance", Acceptance),
        "NameThreshold": ("name_threshold", Annotated[int, msgspec.Meta(ge=0, le=100)]),
        "NameVerdict": ("name_verdict", _EnoughVerdict),
        "WhenUsedUp": ("when_used_up", Patience),
        "WhenOffline": ("when_offline", Patience),
        "MonthlyBudget": ("monthly_budget", Annotated[int, msgspec.Meta(ge=0)]),
        "AnswersKept": ("answers_kept", Annotated[int, msgspec.Meta(ge=0, le=1_440)]),
    }
)

RULES = frozenset(_FIELDS)
"""The names that `padan profile set` takes beside those of the API's form."""


class RuleWrong(ValueError):
    """A value is none of its rule's; the text names the rule and what is expected."""


def changed_rules(rules: RegistryRules, given: Mapping[str, str]) -> RegistryRules:
    """The rules with what is given; an empty value takes the default back. Raises RuleWrong."""
    changes: dict[str, Any] = {}
    default = RegistryRules()
    for name, text in given.items():
        attribute, kind = _FIELDS[name]
        if text == "":
            changes[attribute] = getattr(default, attribute)
            continue
        try:
            changes[attribute] = msgspec.convert(text, kind, strict=False)
            if kind is _EnoughVerdict:
                changes[attribute] = NameVerdict(changes[attribute].lower())
        except msgspec.ValidationError as error:
            raise RuleWrong(f"{name}: {error}") from None
    return replace(rules, **changes)


def rules_row(rules: RegistryRules) -> dict[str, Any]:
    """The rules as `padan profile show` prints them."""
    return {
        "acceptance": rules.acceptance.value,
        "nameThreshold": rules.name_threshold,
        "nameVerdict": rules.name_verdict.value.capitalize(),
        "whenUsedUp": rules.when_used_up.value,
        "whenOffline": rules.when_offline.value,
        "monthlyBudget": rules.monthly_budget,
        "answersKept": rules.answers_kept,
    }
