-- A second wall between organisations: a connection sees the rows of the environment that it names, all of them
-- where it names '*', and none where it names nothing. A superuser, and a role with BYPASSRLS, sees past it.

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON sessions
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));

ALTER TABLE receipts ENABLE ROW LEVEL SECURITY;
ALTER TABLE receipts FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON receipts
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));

ALTER TABLE tokens ENABLE ROW LEVEL SECURITY;
ALTER TABLE tokens FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON tokens
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));

ALTER TABLE profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE profiles FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON profiles
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));

ALTER TABLE redirect_uris ENABLE ROW LEVEL SECURITY;
ALTER TABLE redirect_uris FORCE ROW LEVEL SECURITY;
CREATE POLICY wall ON redirect_uris
    USING (current_setting('padan.environment', true) IN ('*', environment_id::text));
