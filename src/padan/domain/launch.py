"""How a direct session is launched: by the relying party's own integration, or on a hosted page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from padan.domain.claim import ClaimField
from padan.domain.provider import Capability, CollectionMethod, LaunchMethod, ProviderContract

FALLBACK_CAPABILITIES = frozenset({Capability.LAUNCH_BROWSER, Capability.CAPTURE_REDIRECT})


@dataclass(frozen=True, slots=True)
class Launch:
    """The decision: what the relying party has to do, and whether the hosted page takes part."""

    method: LaunchMethod
    collection: CollectionMethod
    hosted: bool


class LaunchImpossible(Exception):
    """The session cannot be launched as asked. `errors` names each request property and its remedy."""

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


def plan_launch(
    contract: ProviderContract,
    declared: Collection[Capability],
    *,
    missing: Collection[ClaimField],
    fallback: bool,
    redirect_url: str | None,
) -> Launch:
    """Decide how a direct session runs.

    The hosted page takes over when the provider needs a capability that was not declared, or input that is
    missing, and the relying party asked for the fallback.

    Raises:
        LaunchImpossible: a gap without a fallback, or a fallback that lacks what it needs.
    """
    errors = _fallback_errors(declared, redirect_url) if fallback else {}
    undeclared = contract.needed_capabilities - set(declared)
    if not fallback:
        errors |= _gap_errors(contract, undeclared, missing)
    if errors:
        raise LaunchImpossible(errors)
    if undeclared or missing:
        return Launch(LaunchMethod.LAUNCH_BROWSER, CollectionMethod.CAPTURE_REDIRECT, hosted=True)
    return Launch(contract.launch_method, contract.collection_method, hosted=False)


def _fallback_errors(declared: Collection[Capability], redirect_url: str | None) -> dict[str, list[str]]:
    errors = {}
    if redirect_url is None:
        errors["redirectUrl"] = ["is required when fallbackToHostedUI is true"]
    lacking = sorted(FALLBACK_CAPABILITIES - set(declared))
    if lacking:
        errors["capabilities"] = [f"must include {name} when fallbackToHostedUI is true" for name in lacking]
    return errors


def _gap_errors(
    contract: ProviderContract, undeclared: frozenset[Capability], missing: Collection[ClaimField]
) -> dict[str, list[str]]:
    remedy = "or set fallbackToHostedUI to true"
    errors = {
        f"providerInput.{contract.id}.{field}": [f"is required; send it, {remedy}"] for field in missing
    }
    if undeclared:
        errors["capabilities"] = [f"must include {name}, {remedy}" for name in sorted(undeclared)]
    return errors
