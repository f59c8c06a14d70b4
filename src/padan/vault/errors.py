"""What the vault refuses, in words that never carry a key or a plaintext."""

from padan.app import ports
from padan.app.ports import VaultError


class ResultsKeyRefused(ports.ResultsKeyRefused):
    """The results access key does not open this session; the cause is deliberately not told.

    Malformed, truncated, another session's, another environment's, redacted: all look alike.
    """

    def __init__(self) -> None:
        super().__init__(
            "resultsAccessKey does not open this session: "
            "send the key, whole and unchanged, that was returned when the session was created."
        )


class SealBroken(ports.SealBroken):
    """A stored envelope does not open where it stands: damaged, moved, or sealed under a key not held."""

    def __init__(self) -> None:
        super().__init__(
            "A sealed envelope does not open: it was damaged, moved from its row, or its key is not loaded. "
            "Compare the row and the key files with a backup."
        )


class KeyFileError(VaultError):
    """A key file cannot be trusted; the text names the file and the remedy, never the content."""
