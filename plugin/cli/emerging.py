"""Decide from the command line about causes that may be new."""

from __future__ import annotations

import json
from typing import Any

import click

from plugin.cli.house import need_account, open_house
from plugin.work.emerge import Open, accept, dismiss, look, merge_into, proposals_of, reopen

BY = "command line"
STATES = ("open", "accepted", "merged", "dismissed", "faded")

ACCOUNT = click.argument("account_id", metavar="ACCOUNT")
NUMBER = click.argument("number", type=click.IntRange(1, 2**31 - 1))


@click.group()
def emerging() -> None:
    """Causes that may be new: list, find, accept, merge, dismiss, reopen.

    \b
    Example: followthrough causes emerging list acme
             followthrough causes emerging accept acme 3 --name "Meter reading" --owner operations
    """


@emerging.command("list")
@ACCOUNT
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), default=("open",), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_proposals(account_id: str, states: tuple[str, ...], as_json: bool) -> None:
    """What was proposed, newest first: words that name it, customers, growth, and what customers wrote.

    \b
    Example: followthrough causes emerging list acme --state open --state dismissed
    """
    with open_house() as house:
        need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            found = proposals_of(u, account_id, states)
    _show([_row(p) for p in found], as_json)
    if not found and not as_json:
        click.echo("nothing is proposed; every week is looked at when it is over", err=True)


@emerging.command()
@ACCOUNT
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def find(account_id: str, as_json: bool) -> None:
    """Look now at the last seven days, against the eight weeks before; nothing is stored.

    \b
    Example: followthrough causes emerging find acme
    """
    with open_house() as house:
        found = look(need_account(house, account_id), house.tools, house.clock.now())
    _show([_told(p) for p in found], as_json)
    if not found and not as_json:
        click.echo("nothing is new", err=True)


@emerging.command("accept")
@ACCOUNT
@NUMBER
@click.option("--name", required=True, help="What people will read.")
@click.option("--definition", default="", help="In one plain sentence. Default: its words.")
@click.option("--owner", default="", help="The team that can remove it. Default: unrouted.")
@click.option("--key", default="", help="Default: made of the name.")
def accept_proposal(account_id: str, number: int, name: str, definition: str, owner: str, key: str) -> None:
    """Make a cause of it.

    \b
    Example: followthrough causes emerging accept acme 3 --name "Meter reading" --owner operations
    """
    with open_house() as house:
        account, now = need_account(house, account_id), house.clock.now()
        made = accept(house.storage, account, number, name, definition or name, owner, BY, now, key)
    for line in made.lines:
        click.echo(line)
    click.echo(
        f"Give it three examples and counter-examples: followthrough causes export {account_id}. "
        f"Undo: followthrough causes restore {account_id}", err=True,
    )  # fmt: skip


@emerging.command("merge")
@ACCOUNT
@NUMBER
@click.argument("key")
def merge_proposal(account_id: str, number: int, key: str) -> None:
    """It is a known cause in other words: that cause gets its phrases.

    \b
    Example: followthrough causes emerging merge acme 3 outage
    """
    with open_house() as house:
        account = need_account(house, account_id)
        merge_into(house.storage, account, number, key, BY, house.clock.now())
    click.echo(f"Merged into {key}. Undo: followthrough causes emerging reopen {account_id} {number}")


@emerging.command("dismiss")
@ACCOUNT
@NUMBER
def dismiss_proposal(account_id: str, number: int) -> None:
    """It is nothing, and is never proposed again.

    \b
    Example: followthrough causes emerging dismiss acme 3
    """
    with open_house() as house:
        dismiss(house.storage, need_account(house, account_id), number, BY, house.clock.now())
    click.echo(f"Dismissed. Undo: followthrough causes emerging reopen {account_id} {number}")


@emerging.command("reopen")
@ACCOUNT
@NUMBER
def reopen_proposal(account_id: str, number: int) -> None:
    """Take a decision back. A cause that was made of it stays: followthrough causes restore takes that back.

    \b
    Example: followthrough causes emerging reopen acme 3
    """
    with open_house() as house:
        reopen(house.storage, need_account(house, account_id), number, BY, house.clock.now())
    click.echo("It waits for a decision again.")


def _row(p: Open) -> dict[str, Any]:
    decided = {"number": p.number, "state": p.kept.state, "cause": p.kept.cause,
               "found_at": p.kept.found_at.isoformat()}  # fmt: skip
    return decided | _told(p.told)


def _told(p: Any) -> dict[str, Any]:
    return {
        "words": list(p.words), "customers": p.customers, "tickets": p.tickets, "before": p.before_tenths / 10,
        "phrases": list(p.phrases), "quotes": [{"ticket": t, "words": words} for t, words in p.quotes],
    }  # fmt: skip


def _show(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        number = f"{row['number']}  {row['state']}  " if "number" in row else ""
        became = f" -> {row['cause']}" if row.get("cause") else ""
        count = f"customers {row['customers']}, a week before {row['before']:g}, tickets {row['tickets']}"
        click.echo(f"{number}{', '.join(row['words'])}{became}  {count}")
        for quote in row["quotes"]:
            click.echo(f"    #{quote['ticket']} “{' '.join(quote['words'].split())}”")
