"""`padan session`: why a session waits or failed, without anything of the person in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from padan.cli.directory import with_store
from padan.cli.output import Config, Json, print_json, stop

if TYPE_CHECKING:
    from collections.abc import Sequence

    from padan.app.ports import Store
    from padan.domain.attempt import Attempt
    from padan.domain.feedback import Feedback
    from padan.domain.session import Session

app = typer.Typer(help="Sessions, as their operator sees them: nothing personal.", no_args_is_help=True)


@app.callback()
def session() -> None:
    """Sessions, as their operator sees them: nothing personal."""


@app.command()
def show(
    session_id: Annotated[UUID, typer.Argument(help="The session's id.")],
    config: Config = None,
    json: Json = False,
) -> None:
    """Show where a session stands, why it waits or failed, and every question asked for it."""

    async def work(store: Store) -> dict[str, Any] | None:
        found = await store.find(session_id)
        if found is None:
            return None
        profile = await store.brand(found.profile_id)
        alias = None if profile is None else profile.alias
        row = _row(found, alias, await store.attempts(session_id))
        return {**row, "feedback": _feedback(await store.feedback(session_id))}

    row = with_store(config, work, action="session.show", subject=lambda _: session_id)
    if row is None:
        stop("there is no such session in this database")
    print_json(row) if json else _print(row)


def _row(session: Session, alias: str | None, attempts: Sequence[Attempt]) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "environment": session.environment_kind.value,
        "environmentId": str(session.environment_id),
        "profileId": str(session.profile_id),
        "profile": alias,
        "provider": session.provider,
        "kind": session.kind.value,
        "state": session.state.value,
        "errorCode": None if session.error_code is None else session.error_code.value,
        "reason": session.reason,
        "missing": [field.value for field in session.missing],
        "refusals": session.refusals,
        "createdAt": _time(session.created_at),
        "launchedAt": _time(session.launched_at),
        "leftAt": _time(session.left_at),
        "updatedAt": _time(session.updated_at),
        "dueAt": None if session.done else _time(session.due_at),
        "leasedUntil": None if session.lease is None else _time(session.lease.until),
        "expiresAt": _time(session.expires_at),
        "redactAt": _time(session.redact_at),
        "redactedAt": _time(session.redacted_at),
        "consent": _consent(session),
        "questions": [_question(attempt) for attempt in attempts],
    }


def _consent(session: Session) -> dict[str, Any] | None:
    consent = session.consent
    if consent is None:
        return None
    given = _time(consent.given_at)
    return {"givenAt": given, "textVersion": consent.text_version, "language": consent.language}


def _question(attempt: Attempt) -> dict[str, Any]:
    return {
        "number": attempt.number,
        "registry": attempt.registry,
        "outcome": attempt.outcome,
        "charge": attempt.charge.value,
        "tariff": attempt.tariff,
        "price": attempt.price,
        "startedAt": _time(attempt.started_at),
        "endedAt": _time(attempt.ended_at),
    }


def _feedback(owed: Feedback | None) -> dict[str, Any] | None:
    if owed is None:
        return None
    return {
        "state": owed.state.value,
        "tries": owed.tries,
        "reason": owed.reason,
        "updatedAt": _time(owed.updated_at),
    }


def _time(instant: int | None) -> str | None:
    from padan.app.times import jakarta_time

    return None if instant is None else jakarta_time(instant)


def _print(row: dict[str, Any]) -> None:
    for name, value in row.items():
        if name in {"questions", "consent", "feedback"} or value in (None, []):
            continue
        typer.echo(f"  {name:<14} {', '.join(value) if isinstance(value, list) else value}")
    if row["consent"]:
        typer.echo(f"  {'consent':<14} {', '.join(row['consent'].values())}")
    for asked in row["questions"]:
        outcome = asked["outcome"] or "no answer heard"
        typer.echo(
            f"  question {asked['number']:<5} {asked['startedAt']}  {asked['registry']}: {outcome}, "
            f"{asked['charge']}, tariff Rp {asked['tariff']:,}, price Rp {asked['price']:,}"
        )
    if not row["questions"]:
        typer.echo("  no question was asked")
    if row["feedback"]:
        owed = row["feedback"]
        why = f", {owed['reason']}" if owed["reason"] else ""
        typer.echo(f"  {'data balikan':<14} {owed['state']}, tries {owed['tries']}{why}")
