"""`padan cost`: what the questions asked of registries cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import with_store
from padan.cli.output import Config, Json, print_json, stop

if TYPE_CHECKING:
    from padan.app.ports import Store
    from padan.domain.cost import Cost, Span, Tally

app = typer.Typer(help="The ledger of questions: what was asked, charged and paid.", no_args_is_help=True)

_HEAD = (
    "questions", "charged", "free", "unknown", "twice?", "tariff Rp", "at most", "price Rp", "at most",
)  # fmt: skip


@app.callback()
def cost() -> None:
    """The ledger of questions: what was asked, charged and paid."""


@app.command()
def report(
    month: Annotated[str | None, typer.Option(help="Only this month, YYYY-MM, in Jakarta's time.")] = None,
    profile: Annotated[UUID | None, typer.Option(help="Only this profile's questions, by its id.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Count every question by month, profile and outcome, and sum tariffs and prices in rupiah."""
    span = _span(month)

    async def work(store: Store) -> list[tuple[Cost, str]]:
        costs = await store.costs(span, profile_id=profile)
        return [(cost, await _alias(store, cost.profile_id)) for cost in costs]

    rows = with_store(config, work, action="cost.report", subject=lambda _: profile)
    if json:
        for cost, alias in rows:
            print_json(_row(cost, alias))
    elif rows:
        _print(rows)
    else:
        typer.echo("No question was asked.")


def _span(month: str | None) -> Span:
    from padan.app.times import span_of_month
    from padan.domain.cost import Span

    if month is None:
        return Span()
    try:
        return span_of_month(month)
    except ValueError as error:
        stop(f"--month is {error}", status=2)


async def _alias(store: Store, profile_id: UUID) -> str:
    profile = await store.brand(profile_id)
    return profile.alias if profile is not None else str(profile_id)


def _row(cost: Cost, alias: str) -> dict[str, Any]:
    tally = cost.tally
    return {
        "month": cost.month,
        "environment": cost.environment.value,
        "profileId": str(cost.profile_id),
        "profile": alias,
        "outcome": cost.outcome,
        "questions": tally.questions,
        "charged": tally.charged,
        "notCharged": tally.not_charged,
        "unknownCharge": tally.unknown,
        "possiblyTwice": tally.possibly_twice,
        "tariffCharged": tally.tariff_charged,
        "tariffAtMost": tally.tariff_at_most,
        "priceCharged": tally.price_charged,
        "priceAtMost": tally.price_at_most,
    }


def _print(rows: Sequence[tuple[Cost, str]]) -> None:
    from padan.domain.cost import total

    _print_line(("month", "", "profile", "outcome"), _HEAD)
    for cost, alias in rows:
        place = (cost.month, cost.environment.value, alias, cost.outcome or "no answer heard")
        _print_line(place, _cells(cost.tally))
    _print_line(("total", "", "", ""), _cells(total(cost.tally for cost, _ in rows)))
    if any(cost.tally.possibly_twice for cost, _ in rows):
        typer.echo("twice?: sessions with more than one question that was or may have been charged")


def _cells(tally: Tally) -> tuple[str, ...]:
    from dataclasses import astuple

    return tuple(f"{number:,}" for number in astuple(tally))


def _print_line(place: Sequence[str], numbers: Sequence[str]) -> None:
    month, environment, alias, outcome = place
    told = f"{month:<8} {environment:<5} {alias:<20.20} {outcome:<26.26}"
    widths = (10, 9, 7, 8, 7, 13, 13, 13, 13)
    typer.echo(told + "".join(f"{cell:>{width}}" for cell, width in zip(numbers, widths, strict=True)))
