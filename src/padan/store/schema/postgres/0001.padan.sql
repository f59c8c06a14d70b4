-- The schema that SQLite reached in three steps. A session is one row, with its sealed contents, and that row is
-- also its job. Rows of sessions are never deleted. Instants are Unix milliseconds, lists one entry a line.

CREATE TABLE sessions (
    id uuid NOT NULL CONSTRAINT sessions_id PRIMARY KEY,
    environment_id uuid NOT NULL,
    environment_kind text NOT NULL,
    profile_id uuid NOT NULL,
    kind text NOT NULL,
    state text COLLATE "C" NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    redact_at bigint NOT NULL,
    due_at bigint NOT NULL,
    provider text,
    error_code text,
    languages text NOT NULL,
    missing text NOT NULL,
    allowed_providers text NOT NULL,
    attempts bigint NOT NULL,
    lease_owner text,
    lease_until bigint,
    launched_at bigint,
    redacted_at bigint,
    revision bigint NOT NULL,
    launch_token_sha256 bytea,
    page_token_sha256 bytea,
    left_at bigint,
    refusals bigint NOT NULL,
    consent_given_at bigint,
    consent_text_version text,
    consent_language text,
    reason text,
    contents bytea NOT NULL,
    -- Indexes name this and not the state, so that a row that goes from queued to asking touches none of them.
    phase smallint NOT NULL GENERATED ALWAYS AS (
        CASE state WHEN 'awaiting_input' THEN 0 WHEN 'queued' THEN 1 WHEN 'asking' THEN 1 ELSE 2 END
    ) STORED
) WITH (fillfactor = 70);

-- Without the id: a planner that believes the table empty would look for one here.
CREATE INDEX sessions_of_profile ON sessions (environment_id ASC, profile_id ASC, created_at ASC);
CREATE INDEX sessions_at_work ON sessions (environment_kind ASC, profile_id ASC, due_at ASC, id ASC)
    WHERE phase = 1;
CREATE INDEX sessions_expiring ON sessions (expires_at ASC, id ASC) WHERE phase < 2;
CREATE INDEX sessions_to_redact ON sessions (redact_at ASC, id ASC) WHERE redacted_at IS NULL;

CREATE TABLE attempts (
    session_id uuid NOT NULL,
    number bigint NOT NULL,
    registry text NOT NULL,
    price bigint NOT NULL,
    started_at bigint NOT NULL,
    ended_at bigint,
    outcome text,
    charge text NOT NULL,
    tariff bigint NOT NULL,
    CONSTRAINT attempts_id PRIMARY KEY (session_id, number)
);

CREATE INDEX attempts_of_time ON attempts (started_at ASC);

CREATE TABLE environments (
    id uuid NOT NULL CONSTRAINT environments_id PRIMARY KEY,
    organisation text NOT NULL,
    kind text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT environments_organisation UNIQUE (organisation, kind)
);

CREATE TABLE tokens (
    id uuid NOT NULL CONSTRAINT tokens_id PRIMARY KEY,
    environment_id uuid NOT NULL CONSTRAINT tokens_owner REFERENCES environments (id),
    label text NOT NULL,
    sha256 bytea NOT NULL CONSTRAINT tokens_sha256 UNIQUE,
    created_at bigint NOT NULL,
    revoked_at bigint
);

CREATE INDEX tokens_of_environment ON tokens (environment_id ASC, created_at ASC, id ASC);

CREATE TABLE profiles (
    id uuid NOT NULL CONSTRAINT profiles_id PRIMARY KEY,
    environment_id uuid NOT NULL CONSTRAINT profiles_owner REFERENCES environments (id),
    alias text NOT NULL,
    brand_name text NOT NULL,
    created_at bigint NOT NULL,
    enabled_providers text NOT NULL,
    external_id text,
    primary_color text NOT NULL,
    logo bytea,
    logo_type text,
    session_expiration bigint NOT NULL,
    redaction_period bigint NOT NULL,
    is_production_usage bigint NOT NULL,
    pages text NOT NULL,
    rules text NOT NULL,
    CONSTRAINT profiles_external_id UNIQUE (environment_id, external_id)
);

CREATE INDEX profiles_of_environment ON profiles (environment_id ASC, created_at ASC, id ASC);

CREATE TABLE redirect_uris (
    id uuid NOT NULL CONSTRAINT redirect_uris_id PRIMARY KEY,
    environment_id uuid NOT NULL CONSTRAINT redirect_uris_owner REFERENCES environments (id),
    uri text NOT NULL,
    created_at bigint NOT NULL,
    CONSTRAINT redirect_uris_uri UNIQUE (environment_id, uri)
);

CREATE TABLE activations (
    provider text NOT NULL CONSTRAINT activations_id PRIMARY KEY,
    content text NOT NULL
);

CREATE TABLE counters (
    name text COLLATE "C" NOT NULL,
    period text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    CONSTRAINT counters_id PRIMARY KEY (name, period)
) WITH (fillfactor = 50);

CREATE TABLE receipts (
    environment_id uuid NOT NULL,
    key bytea NOT NULL,
    body bytea NOT NULL,
    session_id uuid NOT NULL,
    sealed_answer bytea NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT receipts_id PRIMARY KEY (environment_id, key)
);

CREATE INDEX receipts_expiring ON receipts (expires_at ASC);

CREATE TABLE answers (
    name bytea NOT NULL CONSTRAINT answers_id PRIMARY KEY,
    sealed bytea NOT NULL,
    expires_at bigint NOT NULL
);

CREATE INDEX answers_expiring ON answers (expires_at ASC);

-- Keyed fingerprints of a NIK and of what was given with it; a row lives for a day at most.
CREATE TABLE guesses (
    subject bytea NOT NULL,
    guess bytea NOT NULL,
    expires_at bigint NOT NULL,
    CONSTRAINT guesses_id PRIMARY KEY (subject, guess)
);

CREATE INDEX guesses_expiring ON guesses (expires_at ASC);
