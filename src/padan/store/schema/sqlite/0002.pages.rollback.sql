DROP TABLE guesses;

ALTER TABLE sessions DROP COLUMN consent_language;
ALTER TABLE sessions DROP COLUMN consent_text_version;
ALTER TABLE sessions DROP COLUMN consent_given_at;
ALTER TABLE sessions DROP COLUMN refusals;
ALTER TABLE sessions DROP COLUMN left_at;

ALTER TABLE profiles DROP COLUMN pages;

PRAGMA user_version = 1;
