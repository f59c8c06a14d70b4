DROP TRIGGER environments_added;
DROP TRIGGER environments_changed;
DROP TRIGGER environments_removed;
DROP TRIGGER tokens_added;
DROP TRIGGER tokens_changed;
DROP TRIGGER tokens_removed;
DROP TRIGGER profiles_added;
DROP TRIGGER profiles_changed;
DROP TRIGGER profiles_removed;
DROP TRIGGER redirect_uris_added;
DROP TRIGGER redirect_uris_changed;
DROP TRIGGER redirect_uris_removed;
DROP TRIGGER activations_added;
DROP TRIGGER activations_changed;
DROP TRIGGER activations_removed;
DROP TABLE directory_version;

PRAGMA user_version = 5;
