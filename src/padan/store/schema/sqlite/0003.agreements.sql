-- The agreement with a registry, what is counted against it, and what keeps a question from being paid twice.

ALTER TABLE profiles ADD COLUMN rules TEXT NOT NULL DEFAULT '{}';

ALTER TABLE sessions ADD COLUMN reason TEXT;

ALTER TABLE attempts ADD COLUMN tariff INTEGER NOT NULL DEFAULT 0;

CREATE INDEX attempts_of_time ON attempts (started_at);

-- Work is found profile by profile, so that none waits behind another's flood.
CREATE INDEX sessions_at_work ON sessions (environment_kind, profile_id, due_at)
    WHERE state IN ('queued', 'asking');
DROP INDEX sessions_due;

CREATE TABLE activations (
    provider TEXT NOT NULL PRIMARY KEY,
    content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (name, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE receipts (
    environment_id BLOB NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    session_id BLOB NOT NULL,
    sealed_answer BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (environment_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX receipts_expiring ON receipts (expires_at);

CREATE TABLE answers (
    name BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX answers_expiring ON answers (expires_at);

PRAGMA user_version = 3;
