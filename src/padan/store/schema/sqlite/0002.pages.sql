-- What the hosted pages need: a profile's rules for them, a person's consent, and how often a claim was guessed.

ALTER TABLE profiles ADD COLUMN pages TEXT NOT NULL DEFAULT '{}';

ALTER TABLE sessions ADD COLUMN left_at INTEGER;
ALTER TABLE sessions ADD COLUMN refusals INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN consent_given_at INTEGER;
ALTER TABLE sessions ADD COLUMN consent_text_version TEXT;
ALTER TABLE sessions ADD COLUMN consent_language TEXT;

-- Keyed fingerprints of a NIK and of what was given with it; a row lives for a day at most.
CREATE TABLE guesses (
    subject BLOB NOT NULL,
    guess BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    PRIMARY KEY (subject, guess)
) STRICT, WITHOUT ROWID;

CREATE INDEX guesses_expiring ON guesses (expires_at);

PRAGMA user_version = 2;
