-- A session is one row, and that row is also its job. Rows are never deleted.
-- Instants are Unix milliseconds, identifiers the 16 bytes of a UUID, lists one entry a line.

CREATE TABLE contents (
    seq INTEGER PRIMARY KEY,
    packed BLOB NOT NULL
) STRICT;

CREATE TABLE sessions (
    seq INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    environment_id BLOB NOT NULL,
    environment_kind TEXT NOT NULL,
    profile_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    redact_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    provider TEXT,
    error_code TEXT,
    languages TEXT NOT NULL,
    missing TEXT NOT NULL,
    allowed_providers TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until INTEGER,
    launched_at INTEGER,
    redacted_at INTEGER,
    revision INTEGER NOT NULL,
    launch_token_sha256 BLOB,
    page_token_sha256 BLOB,
    contents INTEGER NOT NULL
) STRICT;

CREATE INDEX sessions_of_profile ON sessions (environment_id, profile_id, created_at, id);
CREATE INDEX sessions_due ON sessions (due_at) WHERE state IN ('queued', 'asking');
CREATE INDEX sessions_leased ON sessions (lease_until) WHERE lease_owner IS NOT NULL;
CREATE INDEX sessions_expiring ON sessions (expires_at) WHERE state IN ('awaiting_input', 'queued', 'asking');
CREATE INDEX sessions_to_redact ON sessions (redact_at) WHERE redacted_at IS NULL;

CREATE TABLE attempts (
    session_id BLOB NOT NULL REFERENCES sessions (id),
    number INTEGER NOT NULL,
    registry TEXT NOT NULL,
    price INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    charge TEXT NOT NULL,
    PRIMARY KEY (session_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE environments (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    organisation TEXT NOT NULL,
    kind TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (organisation, kind)
) STRICT;

CREATE TABLE tokens (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    environment_id BLOB NOT NULL REFERENCES environments (id),
    label TEXT NOT NULL,
    sha256 BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE INDEX tokens_of_environment ON tokens (environment_id, created_at, id);

CREATE TABLE profiles (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    environment_id BLOB NOT NULL REFERENCES environments (id),
    alias TEXT NOT NULL,
    brand_name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    enabled_providers TEXT NOT NULL,
    external_id TEXT,
    primary_color TEXT NOT NULL,
    logo BLOB,
    logo_type TEXT,
    session_expiration INTEGER NOT NULL,
    redaction_period INTEGER NOT NULL,
    is_production_usage INTEGER NOT NULL,
    UNIQUE (environment_id, external_id)
) STRICT;

CREATE INDEX profiles_of_environment ON profiles (environment_id, created_at, id);

CREATE TABLE redirect_uris (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    environment_id BLOB NOT NULL REFERENCES environments (id),
    uri TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (environment_id, uri)
) STRICT;

PRAGMA user_version = 1;
