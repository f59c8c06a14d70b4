"""A real PostgreSQL for tests: the one that answers on this machine, else a private one."""

from __future__ import annotations

import asyncio
import atexit
import getpass
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg

from padan.store.postgres import open_postgres

TABLES = (
    *("tokens", "profiles", "redirect_uris", "environments", "activations"),
    *("sessions", "attempts", "counters", "receipts", "answers", "guesses", "feedback", "lines"),
)
MISSING = (
    "the tests of the PostgreSQL store need a server: on Debian, 'apt install postgresql', "
    "or let TEST_POSTGRES name one that may be written to (postgresql://USER@HOST:PORT/DATABASE)"
)


def _answering() -> str | None:
    """The URL of a server that lets us make databases, if one answers."""
    given = os.environ.get("TEST_POSTGRES")
    user = getpass.getuser()
    urls = (
        [given] if given else [f"postgresql://{name}@127.0.0.1:5432/postgres" for name in (user, "postgres")]
    )
    for url in urls:
        try:
            sql(url, "SELECT 1")
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            continue
        return url
    return None


def programs() -> Path | None:
    """The folder of the newest server's programs."""
    found = shutil.which("pg_ctl")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    with_server = [folder for folder in folders if (folder / "pg_ctl").exists()]
    return with_server[-1] if with_server else Path(found).parent if found else None


class Cluster:
    """A private server on a free port: for tests that stop it, and for machines where none answers."""

    def __init__(self) -> None:
        where = programs()
        if where is None:
            raise RuntimeError(MISSING)
        self._programs = where
        self.folder = Path(tempfile.mkdtemp(prefix="padan-postgres-"))
        self._data = self.folder / "data"
        # The server refuses to run as root, and its folder belongs to who runs it.
        self._user = None if os.geteuid() else "postgres" if _known("postgres") else "nobody"
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._run("initdb", "-D", str(self._data), "-U", "padan", "-A", "trust", "--no-sync")
        self.port = _free_port()
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            file.write(f"unix_socket_directories = '{self.folder}'\nshared_buffers = 32MB\n")
        self.start()

    @property
    def url(self) -> str:
        return f"postgresql://padan@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def remove(self) -> None:
        with suppress(subprocess.CalledProcessError):
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            user=self._user,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def _known(user: str) -> bool:
    try:
        pwd.getpwnam(user)
    except KeyError:
        return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@cache
def server() -> str:
    """The URL of a server for this run of the tests."""
    found = _answering()
    if found is not None:
        return found
    cluster = Cluster()
    atexit.register(cluster.remove)
    return cluster.url


def new_database(of: str | None = None) -> str:
    """The URL of an empty database with a name of its own, dropped when the tests end."""
    base = of or server()
    name = f"padan_test_{secrets.token_hex(6)}"
    sql(base, f"CREATE DATABASE {name}")
    atexit.register(drop_database, base, name)
    return urlsplit(base)._replace(path=f"/{name}").geturl()


def drop_database(base: str, name: str) -> None:
    """Drop it, whoever is still connected."""
    with suppress(OSError, asyncpg.PostgresError):
        sql(base, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def sql(url: str, statements: str) -> list[tuple[object, ...]]:
    """The rows of a statement, or of the last of several, over a connection that sees everything."""

    async def work() -> list[tuple[object, ...]]:
        connection = await asyncpg.connect(url, timeout=5, server_settings={"padan.environment": "*"})
        try:
            *first, last = statements.split("; ")
            if first:
                await connection.execute("; ".join(first))
            return [tuple(row) for row in await connection.fetch(last)]
        finally:
            await connection.close()

    return asyncio.run(work())


@cache
def shared_database() -> str:
    """One database with the schema, for tests that begin with it empty."""
    url = new_database()

    async def prepare() -> None:
        await (await open_postgres(url)).close()

    asyncio.run(prepare())
    return url


def empty_database() -> str:
    """The shared database without a row: deleting the few of a test is quicker than TRUNCATE."""
    url = shared_database()
    sql(url, "; ".join(f"DELETE FROM {table}" for table in TABLES))  # noqa: S608
    return url
