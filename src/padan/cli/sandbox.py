"""`padan sandbox`: synthetic people, and the simulator by itself."""

from __future__ import annotations

from typing import Annotated

import typer

from padan.cli.output import Json, print_json, stop

app = typer.Typer(
    help="Synthetic people and the Dukcapil simulator. Nothing in it is real.", no_args_is_help=True
)


@app.command()
def people(
    count: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many.")] = 10,
    scenario: Annotated[str | None, typer.Option(help="Only people of this scenario.")] = None,
    seed: Annotated[int, typer.Option(help="Draws other people of the same nation.")] = 0,
    json: Json = False,
) -> None:
    """Print synthetic people, drawn by population, or made for a scenario."""
    from padan.cli.serving import person_row
    from padan.sandbox import SCENARIOS, Nation

    if scenario is not None and scenario not in SCENARIOS:
        stop(f"{scenario} is not a scenario; known: {', '.join(SCENARIOS)}", status=2)
    nation = Nation()
    rows = (
        (person_row("match", person) for person in nation.sample(count, seed=seed))
        if scenario is None
        else (person_row(scenario, nation.scenario(scenario, index=seed + i)) for i in range(count))
    )
    for row in rows:
        if json:
            print_json(row)
        else:
            typer.echo(f"{row['nikIdNumber']}  {row['dateOfBirth']}  {row['fullName']}")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 picks a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    json: Json = False,
) -> None:
    """Serve the Dukcapil simulator until stopped."""
    from padan.cli.serving import Listener, person_row, run_until_stopped
    from padan.main import build_sandbox

    nation, simulator, credentials = build_sandbox()
    with Listener(host, port) as listener:
        example = person_row("match", nation.scenario("match"))
        ready = {
            "registryUrl": listener.url,
            "customer": credentials.customer,
            "user": credentials.user_id,
            "password": credentials.password,
            "ip": credentials.ip,
            "sandbox": "synthetic data, not Dukcapil",
        }

        def tell() -> None:
            if json:
                print_json(ready)
            else:
                typer.echo(f"SANDBOX: a Dukcapil simulator over synthetic people, at {listener.url}")
                typer.echo(f"Try: {example['nikIdNumber']}, {example['fullName']}, {example['dateOfBirth']}")

        run_until_stopped(simulator, listener, ready=tell)
