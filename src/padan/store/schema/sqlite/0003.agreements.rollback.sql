DROP TABLE answers;
DROP TABLE receipts;
DROP TABLE counters;
DROP TABLE activations;

CREATE INDEX sessions_due ON sessions (due_at) WHERE state IN ('queued', 'asking');
DROP INDEX sessions_at_work;

DROP INDEX attempts_of_time;
ALTER TABLE attempts DROP COLUMN tariff;

ALTER TABLE sessions DROP COLUMN reason;

ALTER TABLE profiles DROP COLUMN rules;

PRAGMA user_version = 2;
