"""One typed object with every setting, built once."""
