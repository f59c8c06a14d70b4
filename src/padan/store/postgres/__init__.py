"""The store in PostgreSQL, for any number of processes on any number of machines."""

from padan.store.postgres.store import PostgresStore, examine_postgres, open_postgres

__all__ = ["PostgresStore", "examine_postgres", "open_postgres"]
