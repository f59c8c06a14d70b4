DROP INDEX sessions_redacted;
DROP TABLE past_attempts;

PRAGMA user_version = 4;
