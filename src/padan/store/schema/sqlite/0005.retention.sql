-- What is left of sessions whose rows are no longer kept: their questions, with whose they were.

CREATE TABLE past_attempts (
    session_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    registry TEXT NOT NULL,
    price INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    charge TEXT NOT NULL,
    tariff INTEGER NOT NULL,
    environment_kind TEXT NOT NULL,
    profile_id BLOB NOT NULL,
    PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX past_attempts_of_time ON past_attempts (started_at);

CREATE INDEX sessions_redacted ON sessions (redacted_at) WHERE redacted_at IS NOT NULL;

PRAGMA user_version = 5;
