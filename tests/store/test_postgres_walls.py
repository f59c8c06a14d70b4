"""The database's own wall: a connection for one environment sees no row of another, whatever it asks."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import asyncpg
import pytest
from tests.contracts.builders import BANK, SHOP, a_feedback, a_profile, a_redirect_uri, a_session, a_token
from tests.contracts.conftest import Run
from tests.contracts.test_receipts_and_answers import receipt_of
from tests.support.postgres import new_database, sql

from padan.app.ports import SessionOrder
from padan.domain.session import Lease, asking
from padan.store.postgres import PostgresStore, open_postgres
from padan.store.postgres.link import Connection, open_connection

WALLED = ("sessions", "feedback", "receipts", "tokens", "profiles", "redirect_uris")


@pytest.fixture
def url() -> Iterator[str]:
    """A database that belongs to a role without any privilege."""
    base = new_database()
    name = urlsplit(base).path[1:]
    role = name.replace("padan_test", "padan_role")
    sql(base, f"CREATE ROLE {role} LOGIN; ALTER DATABASE {name} OWNER TO {role}; SELECT 1")
    sql(base, f"GRANT ALL ON SCHEMA public TO {role}; SELECT 1")
    parts = urlsplit(base)
    yield parts._replace(netloc=f"{role}@{parts.netloc.rpartition('@')[2]}").geturl()
    sql(base, f"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; SELECT 1")
    sql(base, f"DROP ROLE {role}; SELECT 1")


@pytest.fixture
def store(url: str, run: Run) -> Iterator[PostgresStore]:
    """A row of everything for each of two environments."""
    opened: PostgresStore = run(open_postgres(url))
    for environment in (BANK, SHOP):
        run(opened.add_environment(environment))
        run(opened.add_token(a_token(environment)))
        run(opened.add_profile(a_profile(environment, external_id="loans")))
        run(opened.add_redirect_uri(a_redirect_uri(environment)))
        session = a_session(environment_id=environment.id)
        run(opened.add(session, receipt=receipt_of(session)))
        asked = asking(session, now=1_500, lease=Lease("worker", 5_000))
        assert run(opened.change(session, asked, feedback=a_feedback(session)))
    yield opened
    run(opened.close())


@pytest.mark.parametrize("table", WALLED)
def test_a_query_that_forgot_its_environment_finds_that_environment_alone(
    run: Run, store: PostgresStore, table: str
) -> None:
    async def everything(connection: Connection) -> list[bytes]:
        query = f"SELECT environment_id FROM {table}"  # noqa: S608
        return [row[0] for row in await connection.fetch(query)]

    for environment in (BANK, SHOP, BANK):
        assert run(store._walled.run(environment.id, everything)) == [environment.id.bytes]
    assert len(run(store._links.run(everything))) == 2


@pytest.mark.parametrize("table", WALLED)
def test_a_connection_that_names_no_environment_sees_nothing_and_writes_nothing(
    run: Run, store: PostgresStore, url: str, table: str
) -> None:
    async def nobody() -> tuple[int, str]:
        connection = await open_connection(url, sees="")
        try:
            seen = await connection.fetchval(f"SELECT count(*) FROM {table}")  # noqa: S608
            return seen, await connection.execute(f"DELETE FROM {table}")  # noqa: S608
        finally:
            await connection.close()

    assert run(nobody()) == (0, "DELETE 0")


def test_a_row_for_another_environment_is_refused_by_the_database(run: Run, store: PostgresStore) -> None:
    async def forge(connection: Connection) -> None:
        await connection.execute(
            "INSERT INTO redirect_uris (id, environment_id, uri, created_at) VALUES ($1, $2, 'https://x', 1)",
            a_session().id.bytes,
            SHOP.id.bytes,
        )

    async def try_it() -> None:
        connection = await open_connection(run_url, sees=str(BANK.id))
        try:
            await forge(connection)
        finally:
            await connection.close()

    run_url = store_url(store)
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
        run(try_it())


def store_url(store: PostgresStore) -> str:
    connect = store._links._connect
    url: str = connect.args[0]  # type: ignore[attr-defined]
    return url


def test_behind_the_wall_everything_is_found_as_before(run: Run, store: PostgresStore) -> None:
    for environment, other in ((BANK, SHOP), (SHOP, BANK)):
        (token,) = run(store.tokens(environment.id))
        assert run(store.environment_of_token(token.sha256)) == environment
        profile = run(store.profile_by_external_id(environment.id, "loans"))
        assert run(store.profile(environment.id, profile.id)) == profile
        assert run(store.profile(other.id, profile.id)) is None
        assert run(store.revoke_profile(other.id, profile.id)) is False
        assert len(run(store.redirect_uris(environment.id))) == 1
        receipt = run(store.receipt(environment.id, b"key", now=1_000))
        session = run(store.get(environment.id, receipt.session_id))
        assert session is not None
        assert run(store.get(other.id, receipt.session_id)) is None
        order = SessionOrder.CREATED
        page = run(
            store.page(environment.id, session.profile_id, order=order, descending=False, page=1, size=9)
        )
        assert page.items == (session,)
