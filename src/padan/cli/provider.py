"""`padan provider`: what may be asked for, and the agreement that permits it in Live environments."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from padan.cli.directory import with_store
from padan.cli.output import Config, Json, print_json, settings_or_stop, stop

if TYPE_CHECKING:
    from padan.app.ports import Store
    from padan.cli.agreement import Agreement
    from padan.domain.activation import Activation

app = typer.Typer(help="Providers, and the agreement (PKS) that each needs in Live.", no_args_is_help=True)

ProviderOption = Annotated[str, typer.Option("--provider", help="The provider's id.")]
DEFAULT = "indonesia-nik-lookup"


@app.command()
def show(provider: ProviderOption = DEFAULT, config: Config = None, json: Json = False) -> None:
    """Show how a provider's agreement stands, and what of today's quota is used."""
    _known(provider)

    async def work(store: Store) -> Agreed:
        used = await store.used("dukcapil", _today().isoformat())
        return Agreed(provider, await store.activation(provider), used)

    _print(with_store(config, work), json=json)


@app.command()
def activate(
    file: Annotated[Path, typer.Argument(help="A TOML file with what the agreement says.")],
    provider: ProviderOption = DEFAULT,
    config: Config = None,
    json: Json = False,
) -> None:
    """Register the agreement. Live sessions begin within seconds; credentials stay in the settings."""
    from padan.main import clock

    _known(provider)
    agreed = _read(file)
    settings = settings_or_stop(config)
    before = with_store(config, lambda store: store.activation(provider))
    activation = agreed.activation(provider, settings, now=clock())
    if before is not None:
        # Who suspended had a reason: another agreement does not take that back.
        why = before.suspended_because
        activation = replace(activation, suspended_at=before.suspended_at, suspended_because=why)
    _print(_store(config, activation, action="provider.activate"), json=json)


@app.command()
def suspend(
    provider: ProviderOption = DEFAULT,
    because: Annotated[str, typer.Option(help="Why, for whoever looks later.")] = "",
    resume: Annotated[bool, typer.Option("--resume", help="Take the suspension back.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Stop Live sessions under an agreement: none begins, and what waits is not asked."""
    from padan.main import clock

    _known(provider)

    async def work(store: Store) -> Activation | None:
        return await store.activation(provider)

    activation = with_store(config, work)
    if activation is None:
        stop(f"{provider} has no agreement to suspend; 'padan provider activate' registers one")
    at, why = (None, None) if resume else (clock(), because or None)
    changed = replace(activation, suspended_at=at, suspended_because=why)
    _print(_store(config, changed, action="provider.resume" if resume else "provider.suspend"), json=json)


def _store(config: Path | None, activation: Activation, *, action: str) -> Agreed:
    async def work(store: Store) -> Agreed:
        await store.set_activation(activation)
        used = await store.used("dukcapil", _today().isoformat())
        return Agreed(activation.provider, activation, used)

    return with_store(config, work, action=action, subject=lambda _: activation.provider)


def _known(provider: str) -> None:
    from padan.providers import PROVIDERS

    if provider not in PROVIDERS:
        stop(f"{provider} is not a provider; known: {', '.join(PROVIDERS)}", status=2)


def _read(file: Path) -> Agreement:
    import tomllib

    from padan.cli.agreement import AgreementWrong, read_agreement

    try:
        return read_agreement(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        stop(f"{file} cannot be read: {error.strerror}", status=2)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        stop(f"{file} is not TOML: {error}", status=2)
    except AgreementWrong as wrong:
        stop(f"{file}: {wrong}", status=2)


def _today() -> date:
    from padan.main import today

    return today()


@dataclass(frozen=True, slots=True)
class Agreed:
    """How a provider's agreement stands: for `padan provider` and `padan doctor`."""

    provider: str
    activation: Activation | None
    used: int

    def row(self, today: date) -> dict[str, Any]:
        """Everything about it, as JSON."""
        from padan.domain.activation import activation_state

        activation, state = self.activation, activation_state(self.activation, today)
        row: dict[str, Any] = {"provider": self.provider, "state": state.value, "licensed": state.permits}
        if activation is None:
            return row
        terms = activation.terms
        return row | {
            "agreement": activation.agreement,
            "holder": activation.holder,
            "validFrom": activation.valid_from.isoformat(),
            "validUntil": activation.valid_until.isoformat(),
            "daysLeft": (activation.valid_until - today).days,
            "customer": activation.customer,
            "method": activation.method,
            "fields": list(activation.fields),
            "address": activation.address,
            "quota": terms.quota,
            "usedToday": self.used,
            "perSecond": terms.per_second,
            "tariff": terms.tariff,
            "price": terms.price,
            "suspendedBecause": activation.suspended_because if activation.suspended_at else None,
        }

    def sentence(self, today: date) -> str:
        """How it stands, in a sentence. Raises ValueError where Live must not ask, with the remedy."""
        from padan.domain.activation import ActivationState, activation_state

        activation, state = self.activation, activation_state(self.activation, today)
        if activation is None:
            raise ValueError("no agreement is registered: Live asks nothing; see 'padan provider activate'")
        named = f"{activation.agreement} of {activation.holder}"
        if not state.permits:
            raise ValueError(f"{named} is {state}: Live asks nothing; see 'padan provider show'")
        quota = activation.terms.quota
        left = "no quota" if quota is None else f"{max(0, quota - self.used)} of {quota} questions left today"
        ending = ", ENDING SOON: renew it" if state is ActivationState.ENDING else ""
        return f"{named} is valid until {activation.valid_until}{ending}; {left}"


def _print(agreed: Agreed, *, json: bool) -> None:
    row = agreed.row(_today())
    if json:
        print_json(row)
        return
    for name, value in row.items():
        typer.echo(f"  {name:<17} {', '.join(value) if isinstance(value, list) else value}")
    if row["state"] == "ending":
        typer.secho(f"  The agreement ends in {row['daysLeft']} days: renew it.", fg="yellow")
    if row["state"] == "missing":
        typer.echo("  Live environments cannot ask for it: 'padan provider activate' registers an agreement.")
