"""What every implementation of `Directory` promises."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from tests.contracts.builders import BANK, SHOP, a_profile, a_redirect_uri, a_token, fresh_id
from tests.contracts.conftest import Run, Store

from padan.app.ports import Conflict, Directory
from padan.domain.environment import Environment, EnvironmentKind
from padan.domain.hosting import PageRules, ResultPage


@pytest.fixture
def directory(run: Run, store: Store) -> Directory:
    run(store.add_environment(SHOP))
    run(store.add_environment(BANK))
    return store


def test_environments_come_oldest_first(run: Run, directory: Directory) -> None:
    assert run(directory.environments()) == (BANK, SHOP)


def test_an_organisation_has_one_environment_of_a_kind(run: Run, directory: Directory) -> None:
    with pytest.raises(Conflict, match=r"^organisation$"):
        run(directory.add_environment(replace(BANK, id=fresh_id())))
    with pytest.raises(Conflict, match=r"^id$"):
        run(directory.add_environment(replace(BANK, organisation="Bank Lain")))
    live = Environment(fresh_id(), BANK.organisation, EnvironmentKind.LIVE, created_at=3)
    run(directory.add_environment(live))
    assert run(directory.environments()) == (BANK, SHOP, live)


def test_a_token_opens_its_environment_until_it_is_revoked(run: Run, directory: Directory) -> None:
    token, other = a_token(BANK), a_token(SHOP)
    run(directory.add_token(token))
    run(directory.add_token(other))
    opened = run(directory.environment_of_token(token.sha256))
    assert (opened, opened.opened_by) == (BANK, token.id)
    assert run(directory.environment_of_token(b"\0" * 32)) is None
    assert run(directory.revoke_token(token.id, 9)) is True
    assert run(directory.environment_of_token(token.sha256)) is None
    assert run(directory.environment_of_token(other.sha256)) == SHOP


def test_a_token_is_revoked_once(run: Run, directory: Directory) -> None:
    token = a_token()
    run(directory.add_token(token))
    assert run(directory.revoke_token(token.id, 9)) is True
    assert run(directory.revoke_token(token.id, 10)) is False
    assert run(directory.revoke_token(fresh_id(), 9)) is False
    assert run(directory.tokens(BANK.id)) == (replace(token, revoked_at=9),)


def test_tokens_are_listed_oldest_first_the_revoked_ones_too(run: Run, directory: Directory) -> None:
    young, old, others = a_token(created_at=5), a_token(created_at=4, revoked_at=6), a_token(SHOP)
    for token in (young, old, others):
        run(directory.add_token(token))
    assert run(directory.tokens(BANK.id)) == (old, young)


def test_no_two_tokens_share_a_hash_or_an_id(run: Run, directory: Directory) -> None:
    token = a_token()
    run(directory.add_token(token))
    with pytest.raises(Conflict, match=r"^sha256$"):
        run(directory.add_token(a_token(SHOP, sha256=token.sha256)))
    with pytest.raises(Conflict, match=r"^id$"):
        run(directory.add_token(a_token(id=token.id)))


def test_a_profile_is_read_back_by_its_own_environment_alone(run: Run, directory: Directory) -> None:
    profile = a_profile(
        enabled_providers=("indonesia-nik-lookup", "another"),
        external_id="loans",
        primary_color="#00AA00",
        logo=b"\x89PNG",
        logo_type="image/png",
        session_expiration=900_000,
        redaction_period=3_600_000,
        is_production_usage=True,
    )
    run(directory.add_profile(profile))
    assert run(directory.profile(BANK.id, profile.id)) == profile
    assert run(directory.profile_by_external_id(BANK.id, "loans")) == profile
    assert run(directory.profile(SHOP.id, profile.id)) is None
    assert run(directory.profile_by_external_id(SHOP.id, "loans")) is None
    assert run(directory.profile(BANK.id, fresh_id())) is None
    assert run(directory.profile_by_external_id(BANK.id, "Loans")) is None


def test_an_external_id_is_used_once_in_an_environment(run: Run, directory: Directory) -> None:
    first = a_profile(external_id="loans")
    run(directory.add_profile(first))
    with pytest.raises(Conflict, match=r"^externalId$"):
        run(directory.add_profile(a_profile(external_id="loans")))
    with pytest.raises(Conflict, match=r"^id$"):
        run(directory.add_profile(a_profile(id=first.id)))
    run(directory.add_profile(a_profile(SHOP, external_id="loans")))
    run(directory.add_profile(a_profile()))
    run(directory.add_profile(a_profile()))
    assert run(directory.profiles(BANK.id, page=1, size=10)).total == 3


def test_profiles_come_in_pages_oldest_first(run: Run, directory: Directory) -> None:
    profiles = [a_profile(created_at=n) for n in range(5)]
    for profile in [*reversed(profiles), a_profile(SHOP)]:
        run(directory.add_profile(profile))
    pages = [run(directory.profiles(BANK.id, page=n, size=2)) for n in (1, 2, 3, 4)]
    assert [profile for page in pages for profile in page.items] == profiles
    assert [len(page.items) for page in pages] == [2, 2, 1, 0]
    assert {page.total for page in pages} == {5}


def test_a_redirect_uri_is_listed_once_in_an_environment(run: Run, directory: Directory) -> None:
    young, old = a_redirect_uri(created_at=5), a_redirect_uri(created_at=4)
    run(directory.add_redirect_uri(young))
    run(directory.add_redirect_uri(old))
    with pytest.raises(Conflict, match=r"^uri$"):
        run(directory.add_redirect_uri(a_redirect_uri(uri=old.uri)))
    with pytest.raises(Conflict, match=r"^id$"):
        run(directory.add_redirect_uri(a_redirect_uri(id=old.id)))
    run(directory.add_redirect_uri(a_redirect_uri(SHOP, uri=old.uri)))
    assert run(directory.redirect_uris(BANK.id)) == (old, young)


def test_a_redirect_uri_is_removed_by_its_own_environment_alone(run: Run, directory: Directory) -> None:
    entry = a_redirect_uri()
    run(directory.add_redirect_uri(entry))
    assert run(directory.remove_redirect_uri(SHOP.id, entry.id)) is False
    assert run(directory.redirect_uris(BANK.id)) == (entry,)
    assert run(directory.remove_redirect_uri(BANK.id, entry.id)) is True
    assert run(directory.remove_redirect_uri(BANK.id, entry.id)) is False
    assert run(directory.redirect_uris(BANK.id)) == ()


@pytest.mark.parametrize(
    ("add", "item"),
    [
        ("add_token", a_token(environment_id=fresh_id())),
        ("add_profile", a_profile(environment_id=fresh_id())),
        ("add_redirect_uri", a_redirect_uri(environment_id=fresh_id())),
    ],
)
def test_what_belongs_to_no_environment_is_refused(
    run: Run, directory: Directory, *, add: str, item: Any
) -> None:
    with pytest.raises(LookupError, match="environment_id"):
        run(getattr(directory, add)(item))


def test_of_equal_entries_added_at_once_one_is_kept(run: Run, directory: Directory) -> None:
    async def race() -> list[Any]:
        same = [a_redirect_uri(uri="https://bank.example/same") for _ in range(8)]
        return await asyncio.gather(*map(directory.add_redirect_uri, same), return_exceptions=True)

    answers = run(race())
    assert sum(answer is None for answer in answers) == 1
    assert sum(isinstance(answer, Conflict) for answer in answers) == 7


def test_a_profile_is_revoked_once_and_by_its_own_environment(run: Run, directory: Directory) -> None:
    profile = replace(a_profile(BANK), enabled_providers=("indonesia-nik-lookup",))
    run(directory.add_profile(profile))
    assert run(directory.revoke_profile(SHOP.id, profile.id)) is False
    assert run(directory.revoke_profile(BANK.id, profile.id)) is True
    assert run(directory.revoke_profile(BANK.id, profile.id)) is False
    assert run(directory.profile(BANK.id, profile.id)) == replace(profile, enabled_providers=())


CHANGED = PageRules(
    allowed_origins=("https://bank.example", "https://*.bank.example"),
    shows_known_data=True,
    result_page=ResultPage.NEXT_STEPS,
    purpose="untuk membuka rekening",
    privacy_url="https://bank.example/privasi",
    returns_results_access_key=True,
    returns_canceled=True,
)


def test_a_profile_is_changed_and_read_back_whole(run: Run, directory: Directory) -> None:
    profile = a_profile(external_id="loans", logo=b"old", logo_type="image/png")
    run(directory.add_profile(profile))
    changed = replace(
        profile, brand_name="Baru", primary_color="#00AA00", logo=None, logo_type=None, pages=CHANGED
    )
    assert run(directory.change_profile(changed)) is True
    assert run(directory.profile(BANK.id, profile.id)) == changed
    assert run(directory.brand(profile.id)) == changed
    assert run(directory.profile_by_external_id(BANK.id, "loans")) == changed
    assert run(directory.profiles(BANK.id, page=1, size=10)).items == (changed,)
    assert run(directory.change_profile(profile)) is True
    assert run(directory.profile(BANK.id, profile.id)) == profile


def test_a_profile_is_changed_by_its_own_environment_alone(run: Run, directory: Directory) -> None:
    profile = a_profile()
    run(directory.add_profile(profile))
    stolen = replace(profile, environment_id=SHOP.id, brand_name="Toko")
    assert run(directory.change_profile(stolen)) is False
    assert run(directory.change_profile(replace(profile, id=fresh_id()))) is False
    assert run(directory.profile(BANK.id, profile.id)) == profile
    assert run(directory.profiles(SHOP.id, page=1, size=10)).total == 0


def test_a_change_of_one_profile_leaves_the_others(run: Run, directory: Directory) -> None:
    one, other = a_profile(), a_profile()
    for profile in (one, other):
        run(directory.add_profile(profile))
    run(directory.change_profile(replace(one, pages=CHANGED)))
    assert run(directory.profile(BANK.id, other.id)) == other


def test_a_brand_is_found_whoever_asks_and_a_made_up_one_is_not(run: Run, directory: Directory) -> None:
    profile = a_profile()
    run(directory.add_profile(profile))
    assert run(directory.brand(profile.id)) == profile
    assert run(directory.brand(fresh_id())) is None
