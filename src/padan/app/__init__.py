"""The verbs of Padan: create, submit, verify, read, cancel, redact, expire. `ports` says what they need."""
