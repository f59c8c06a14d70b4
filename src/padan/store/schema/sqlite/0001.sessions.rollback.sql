DROP TABLE redirect_uris;
DROP TABLE profiles;
DROP TABLE tokens;
DROP TABLE environments;
DROP TABLE attempts;
DROP TABLE sessions;
DROP TABLE contents;

PRAGMA user_version = 0;
