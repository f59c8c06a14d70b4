-- What processes tell one another of the lines to the registries. Instants only grow; 0 is never.

CREATE TABLE lines (
    name TEXT NOT NULL PRIMARY KEY,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    probed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 7;
