-- A number that grows with every change of the directory: who remembers what it read compares that alone.

CREATE TABLE directory_version (number INTEGER NOT NULL) STRICT;

INSERT INTO directory_version (number) VALUES (0);

CREATE TRIGGER environments_added AFTER INSERT ON environments
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER environments_changed AFTER UPDATE ON environments
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER environments_removed AFTER DELETE ON environments
BEGIN UPDATE directory_version SET number = number + 1; END;

CREATE TRIGGER tokens_added AFTER INSERT ON tokens
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER tokens_changed AFTER UPDATE ON tokens
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER tokens_removed AFTER DELETE ON tokens
BEGIN UPDATE directory_version SET number = number + 1; END;

CREATE TRIGGER profiles_added AFTER INSERT ON profiles
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER profiles_changed AFTER UPDATE ON profiles
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER profiles_removed AFTER DELETE ON profiles
BEGIN UPDATE directory_version SET number = number + 1; END;

CREATE TRIGGER redirect_uris_added AFTER INSERT ON redirect_uris
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER redirect_uris_changed AFTER UPDATE ON redirect_uris
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER redirect_uris_removed AFTER DELETE ON redirect_uris
BEGIN UPDATE directory_version SET number = number + 1; END;

CREATE TRIGGER activations_added AFTER INSERT ON activations
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER activations_changed AFTER UPDATE ON activations
BEGIN UPDATE directory_version SET number = number + 1; END;
CREATE TRIGGER activations_removed AFTER DELETE ON activations
BEGIN UPDATE directory_version SET number = number + 1; END;

PRAGMA user_version = 6;
