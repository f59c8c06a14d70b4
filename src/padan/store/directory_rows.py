"""How environments and what belongs to them become rows, and rows become them."""

from __future__ import annotations

from dataclasses import asdict
from uuid import UUID

import msgspec

from padan.domain.activation import Activation
from padan.domain.environment import AccessToken, Environment, EnvironmentKind
from padan.domain.hosting import PageRules
from padan.domain.profile import Profile, RedirectUri
from padan.domain.rules import RegistryRules
from padan.store.rows import Row, from_lines, to_lines

ENVIRONMENT_COLUMNS = ("id", "organisation", "kind", "created_at")
TOKEN_COLUMNS = ("id", "environment_id", "label", "sha256", "created_at", "revoked_at")
PROFILE_COLUMNS = (
    "id",
    "environment_id",
    "alias",
    "brand_name",
    "created_at",
    "enabled_providers",
    "external_id",
    "primary_color",
    "logo",
    "logo_type",
    "session_expiration",
    "redaction_period",
    "is_production_usage",
    "pages",
    "rules",
)
REDIRECT_URI_COLUMNS = ("id", "environment_id", "uri", "created_at")


def environment_to_row(environment: Environment) -> Row:
    """The columns of `ENVIRONMENT_COLUMNS`."""
    kind = environment.kind.value
    return (environment.id.bytes, environment.organisation, kind, environment.created_at)


def environment_from_row(row: Row) -> Environment:
    """The environment of `ENVIRONMENT_COLUMNS`."""
    return Environment(UUID(bytes=row[0]), row[1], EnvironmentKind(row[2]), row[3])


def opened_environment_from_row(row: Row) -> Environment:
    """The environment of `ENVIRONMENT_COLUMNS`, and after them the id of the token that opens it."""
    return Environment(UUID(bytes=row[0]), row[1], EnvironmentKind(row[2]), row[3], UUID(bytes=row[4]))


def token_to_row(token: AccessToken) -> Row:
    """The columns of `TOKEN_COLUMNS`."""
    owner = token.environment_id.bytes
    return (token.id.bytes, owner, token.label, token.sha256, token.created_at, token.revoked_at)


def token_from_row(row: Row) -> AccessToken:
    """The token of `TOKEN_COLUMNS`."""
    return AccessToken(UUID(bytes=row[0]), UUID(bytes=row[1]), *row[2:])


def profile_to_row(profile: Profile) -> Row:
    """The columns of `PROFILE_COLUMNS`."""
    return (
        profile.id.bytes,
        profile.environment_id.bytes,
        profile.alias,
        profile.brand_name,
        profile.created_at,
        to_lines(profile.enabled_providers),
        profile.external_id,
        profile.primary_color,
        profile.logo,
        profile.logo_type,
        profile.session_expiration,
        profile.redaction_period,
        int(profile.is_production_usage),
        _changed_to_text(profile.pages),
        _changed_to_text(profile.rules),
    )


def profile_from_row(row: Row) -> Profile:
    """The profile of `PROFILE_COLUMNS`."""
    return Profile(
        id=UUID(bytes=row[0]),
        environment_id=UUID(bytes=row[1]),
        alias=row[2],
        brand_name=row[3],
        created_at=row[4],
        enabled_providers=from_lines(row[5]),
        external_id=row[6],
        primary_color=row[7],
        logo=row[8],
        logo_type=row[9],
        session_expiration=row[10],
        redaction_period=row[11],
        is_production_usage=bool(row[12]),
        pages=msgspec.json.decode(row[13], type=PageRules),
        rules=msgspec.json.decode(row[14], type=RegistryRules),
    )


def activation_to_text(activation: Activation) -> str:
    """The agreement as JSON."""
    return msgspec.json.encode(activation).decode()


def activation_from_text(text: str) -> Activation:
    """The agreement that `activation_to_text` wrote."""
    return msgspec.json.decode(text, type=Activation)


def _changed_to_text(rules: PageRules | RegistryRules) -> str:
    """The rules that differ from the default, so that a later default reaches older profiles."""
    default = asdict(type(rules)())
    changed = {name: value for name, value in asdict(rules).items() if value != default[name]}
    return msgspec.json.encode(changed).decode()


def redirect_uri_to_row(uri: RedirectUri) -> Row:
    """The columns of `REDIRECT_URI_COLUMNS`."""
    return (uri.id.bytes, uri.environment_id.bytes, uri.uri, uri.created_at)


def redirect_uri_from_row(row: Row) -> RedirectUri:
    """The entry of `REDIRECT_URI_COLUMNS`."""
    return RedirectUri(UUID(bytes=row[0]), UUID(bytes=row[1]), row[2], row[3])
