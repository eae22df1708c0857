"""Say from the command line what is wrong with a finding, see what people said, and take it back."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from plugin.cli.house import need_account, open_house
from plugin.domain.corrections import ACTS, Target, targets
from plugin.ports import Correction, Rejected
from plugin.work.correct import say, take_back

TOPICS = ("causes", "commitments", "preferences", "effort", "flags")


@click.group()
def corrections() -> None:
    """What people said about findings: list, add, undo."""


@corrections.command("list")
@click.argument("account_id")
@click.argument("ticket_id", required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_corrections(account_id: str, ticket_id: str | None, as_json: bool) -> None:
    """What stands said in an account; for one ticket also the findings that can be named in `add`.

    \b
    Example: followthrough corrections list acme
             followthrough corrections list acme 4711
    """
    with open_house() as house:
        need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            said = u.corrections.of_ticket(account_id, ticket_id) if ticket_id else u.corrections.all(account_id)
            found = u.ledger.findings(account_id, ticket_id) if ticket_id else None
    named = targets(found) if found else []
    if as_json:
        rows = {"corrections": [asdict(c) for c in said], "findings": [asdict(t) for t in named]}
        click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    for target in named:
        click.echo(f"finding  {target.topic}  {target.key}{_quoted(target)}")
    for correction in said:
        click.echo(_line(correction))
    if ticket_id and found is None:
        click.echo("this ticket has not been looked at yet", err=True)
    if not said:
        click.echo("nothing stands corrected", err=True)


@corrections.command()
@click.argument("account_id")
@click.argument("ticket_id")
@click.argument("topic", type=click.Choice(TOPICS))
@click.argument("key")
@click.argument("act", type=click.Choice(ACTS))
@click.option("--value", default="", help='The right answer of a "correct": a cause\'s key, or "kept" for a promise.')
def add(account_id: str, ticket_id: str, topic: str, key: str, act: str, value: str) -> None:
    """Confirm, correct or dismiss one finding; `list` with the ticket names them.

    \b
    Example: followthrough corrections add acme 4711 flags upset dismiss
             followthrough corrections add acme 4711 causes billing_error correct --value refund_delay
    """
    with open_house() as house:
        account = need_account(house, account_id)
        meant = Correction(ticket_id, topic, key, act, value, surface="cli")
        number = say(house.storage, account_id, meant, house.taxonomy(account).causes, house.clock.now())
    click.echo(
        f"Kept as {number}; the ticket is looked at again. Undo: followthrough corrections undo {account_id} {number}"
    )


@corrections.command()
@click.argument("account_id")
@click.argument("correction_id", type=click.IntRange(1, 2**63 - 1))
def undo(account_id: str, correction_id: int) -> None:
    """Take one correction back; the one before it, if any, holds again.

    \b
    Example: followthrough corrections undo acme 12
    """
    with open_house() as house:
        need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            said = next((c for c in u.corrections.all(account_id) if c.id == correction_id), None)
        if said is None:
            raise Rejected(
                f"no correction {correction_id} stands in {account_id}: followthrough corrections list {account_id}"
            )
        take_back(house.storage, account_id, said.ticket_id, correction_id, house.clock.now())
    click.echo(f"Taken back; ticket {said.ticket_id} is looked at again.")


def _line(c: Correction) -> str:
    value = f" {c.value}" if c.value else ""
    when = f"{c.made_at:%Y-%m-%d %H:%MZ}" if c.made_at else ""
    words = _quoted(Target(c.topic, c.key, c.words))
    return f"{c.id}  #{c.ticket_id}  {c.topic}  {c.key}  {c.act}{value}  {c.surface}  {when}{words}"


def _quoted(target: Target) -> str:
    return f"  “{target.words}”" if target.words else ""
