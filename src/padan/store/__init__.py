"""Where sessions and the directory are kept: in memory for tests, in SQLite for one machine.

Nothing SQL-shaped leaves this room. `docs/explanation/store.md` says how it works and what it promises.
"""
