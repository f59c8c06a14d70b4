-- What is owed back to the registry after a successful check. An entry's contents lie in `contents`, sealed, at
-- a length that never changes, and are overwritten where they lie once it is delivered.

CREATE TABLE feedback (
    session_id BLOB NOT NULL PRIMARY KEY REFERENCES sessions (id),
    environment_id BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    reason TEXT,
    revision INTEGER NOT NULL,
    contents INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX feedback_due ON feedback (due_at) WHERE state = 'waiting';

PRAGMA user_version = 4;
