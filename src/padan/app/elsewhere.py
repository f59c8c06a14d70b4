"""The runner of a process that accepts sessions and runs none."""

from __future__ import annotations

from padan.domain.environment import EnvironmentKind
from padan.domain.session import Lease, Session


class Elsewhere:
    """Leaves every session in its row: the workers of other processes take it from there."""

    @property
    def backlog(self) -> float:
        """0: what waits elsewhere is not known here."""
        return 0.0

    def lease(self, now: int, kind: EnvironmentKind) -> Lease | None:  # noqa: ARG002 - of the port
        """None: nobody here could ask."""
        return None

    def start(self, session: Session) -> None:  # noqa: ARG002 - of the port
        """Never called, for no session is stored with a lease of this process."""
        raise AssertionError("a process without a worker holds no lease")
