-- What is owed back to the registry after a successful check; sealed, until it is delivered or its session redacted.

CREATE TABLE feedback (
    session_id uuid NOT NULL CONSTRAINT feedback_id PRIMARY KEY,
    environment_id uuid NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    due_at bigint NOT NULL,
    state text COLLATE "C" NOT NULL,
    tries bigint NOT NULL,
    lease_owner text,
    lease_until bigint,
    reason text COLLATE "C",
    revision bigint NOT NULL,
    sealed bytea
);

CREATE INDEX feedback_due ON feedback (due_at ASC, session_id ASC) WHERE state = 'waiting';

ALTER TABLE feedback ENABLE ROW LEVEL SECURITY;
ALTER TABLE feedback FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON feedback
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));
