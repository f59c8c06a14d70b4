"""Whether a provider may be asked for: always in Test, in Live under an agreement that permits it today."""

from __future__ import annotations

from padan.app.errors import NotLicensed
from padan.app.ports import Ports, WorkerPorts
from padan.app.times import jakarta_date
from padan.domain.activation import ActivationState, activation_state
from padan.domain.environment import EnvironmentKind


async def licence(ports: Ports | WorkerPorts, kind: EnvironmentKind, provider: str) -> ActivationState:
    """How the agreement for a provider stands. Test needs none, and nothing can be asked without a line."""
    if not ports.lines.of(kind):
        return ActivationState.MISSING
    if kind is EnvironmentKind.TEST:
        return ActivationState.ACTIVE
    activation = await ports.directory.activation(provider)
    return activation_state(activation, jakarta_date(ports.clock()))


async def require_licence(ports: Ports, kind: EnvironmentKind, provider: str) -> None:
    """Raises NotLicensed where the provider may not be asked for."""
    state = await licence(ports, kind, provider)
    if not state.permits:
        raise NotLicensed(provider, state=state)
