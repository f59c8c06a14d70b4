DROP TABLE lines;

PRAGMA user_version = 6;
