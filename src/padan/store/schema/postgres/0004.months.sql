-- Sessions and their attempts by the month of their ids, so that old months can be dropped as a whole. The tables
-- that are there become the first partitions, up to the month that :boundary begins. Attempts say whose they are,
-- for they outlive their sessions.

LOCK TABLE sessions, attempts IN ACCESS EXCLUSIVE MODE;

ALTER TABLE sessions RENAME TO sessions_before;
ALTER INDEX sessions_id RENAME TO sessions_before_id;
ALTER INDEX sessions_of_profile RENAME TO sessions_before_of_profile;
ALTER INDEX sessions_at_work RENAME TO sessions_before_at_work;
ALTER INDEX sessions_expiring RENAME TO sessions_before_expiring;
ALTER INDEX sessions_to_redact RENAME TO sessions_before_to_redact;

CREATE TABLE sessions (LIKE sessions_before INCLUDING GENERATED, CONSTRAINT sessions_id PRIMARY KEY (id))
    PARTITION BY RANGE (id);
CREATE INDEX sessions_of_profile ON sessions (environment_id ASC, profile_id ASC, created_at ASC);
CREATE INDEX sessions_at_work ON sessions (environment_kind ASC, profile_id ASC, due_at ASC, id ASC)
    WHERE phase = 1;
CREATE INDEX sessions_expiring ON sessions (expires_at ASC, id ASC) WHERE phase < 2;
CREATE INDEX sessions_to_redact ON sessions (redact_at ASC, id ASC) WHERE redacted_at IS NULL;
CREATE INDEX sessions_redacted ON sessions (redacted_at ASC) WHERE redacted_at IS NOT NULL;
ALTER TABLE sessions ATTACH PARTITION sessions_before FOR VALUES FROM (MINVALUE) TO (':boundary');
CREATE TABLE sessions_default PARTITION OF sessions DEFAULT WITH (fillfactor = 70);

-- A partition is walled for who asks it by its own name; whoever asks `sessions` meets the wall of that.
ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON sessions
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));
ALTER TABLE sessions_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions_default FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON sessions_default
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));

ALTER TABLE attempts ADD COLUMN environment_kind text, ADD COLUMN profile_id uuid;
ALTER TABLE attempts RENAME TO attempts_before;
ALTER INDEX attempts_id RENAME TO attempts_before_id;
ALTER INDEX attempts_of_time RENAME TO attempts_before_of_time;

CREATE TABLE attempts (LIKE attempts_before, CONSTRAINT attempts_id PRIMARY KEY (session_id, number))
    PARTITION BY RANGE (session_id);
CREATE INDEX attempts_of_time ON attempts (started_at ASC);
ALTER TABLE attempts ATTACH PARTITION attempts_before FOR VALUES FROM (MINVALUE) TO (':boundary');
CREATE TABLE attempts_default PARTITION OF attempts DEFAULT;

-- Roles that were let in to the tables are let in to what took their names.
DO $$
DECLARE
    was record;
BEGIN
    FOR was IN
        SELECT replace(c.relname, '_before', '') AS name, g.privilege_type,
            CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END AS who
        FROM pg_class AS c, aclexplode(c.relacl) AS g
        WHERE c.oid IN ('sessions_before'::regclass, 'attempts_before'::regclass) AND g.grantee <> c.relowner
    LOOP
        EXECUTE format('GRANT %s ON %I TO %s', was.privilege_type, was.name, was.who);
    END LOOP;
END
$$;
