"""`padan sandbox`: synthetic people, and the simulator by itself."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Annotated

import typer

from padan.cli.output import Json, print_json, stop

if TYPE_CHECKING:
    from padan.cli.listening import Listener
    from padan.main import Simulator
    from padan.sandbox.line import Line

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
    line_port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="A line in front that can break; 0 picks a port.")
    ] = None,
    json: Json = False,
) -> None:
    """Serve the Dukcapil simulator until stopped."""
    from padan.cli.listening import Listener
    from padan.cli.serving import run

    with Listener(host, port) as listener:
        try:
            run(_serve(listener, host=host, line_port=line_port, json=json))
        except OSError as error:
            stop(f"cannot listen on port {line_port}: {error.strerror}; choose another with --line-port")


async def _serve(listener: Listener, *, host: str, line_port: int | None, json: bool) -> None:
    from padan.cli.serving import serve_here
    from padan.main import Simulator
    from padan.sandbox.dukcapil import SandboxCredentials
    from padan.sandbox.line import Line, LineSwitch

    switch = LineSwitch()
    simulator, credentials = Simulator(switch), SandboxCredentials()
    ready = {
        "registryUrl": listener.url,
        "customer": credentials.customer,
        "user": credentials.user_id,
        "password": credentials.password,
        "ip": credentials.ip,
        "sandbox": "synthetic data, not Dukcapil",
    }
    async with contextlib.AsyncExitStack() as stack:
        if line_port is not None:
            line = Line(switch, target=(host, listener.port), port=line_port)
            ready |= _told(await stack.enter_async_context(line), listener.url)
        await serve_here(simulator, listener, ready=lambda: _tell(ready, simulator, json=json))


def _told(line: Line, url: str) -> dict[str, str]:
    from padan.sandbox.line import UNRESOLVABLE

    host = url.removeprefix("http://").rpartition(":")[0]
    return {
        "lineUrl": f"http://{host}:{line.port}",
        "lineTlsUrl": f"https://{host}:{line.port}",
        "lineCertificate": line.certificates.fingerprint.hex(),
        "lineAuthority": line.certificates.authority.decode(),
        "unresolvableUrl": UNRESOLVABLE,
    }


def _tell(ready: dict[str, str], simulator: Simulator, *, json: bool) -> None:
    from padan.cli.serving import person_row

    if json:
        print_json(ready)
        return
    example = person_row("match", simulator.nation.scenario("match"))
    typer.echo(f"SANDBOX: a Dukcapil simulator over synthetic people, at {ready['registryUrl']}")
    typer.echo(f"Try: {example['nikIdNumber']}, {example['fullName']}, {example['dateOfBirth']}")
    if "lineUrl" in ready:
        typer.echo(f"Its line: {ready['lineUrl']} and {ready['lineTlsUrl']}")
        typer.echo(f"SHA-256 of the line's certificate: {ready['lineCertificate']}")
