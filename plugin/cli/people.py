"""Decide from the command line who may sign in to the pages; passwords are chosen by those they belong to."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from plugin.app import House
from plugin.cli.house import need_account, open_house
from plugin.ports import Human, Rejected
from plugin.work.admit import ROLES, check_name, first_link, make_link


@click.group()
def people() -> None:
    """Decide who may sign in to the pages: add, list, remove, token."""


@people.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="lead", show_default=True, help="What they may do.")
@click.option("--account", "accounts", multiple=True, help="Only these accounts; may be repeated. Default: all.")
def add(name: str, role: str, accounts: tuple[str, ...]) -> None:
    """Add somebody, and print the link with which they choose their password. It is good for 24 hours.

    \b
    Example: followthrough people add ilze --role lead --account acme
    """
    with open_house() as house:
        for account in accounts:
            need_account(house, account)
        now = house.clock.now()
        human = Human(check_name(name), role, accounts=tuple(sorted(set(accounts))))
        with house.storage.unit() as u:
            u.people.add(human, now)
        link = make_link(house.storage, now, human)
        click.echo(f"Added {human.name}, {role}, {', '.join(human.accounts) or 'all accounts'}.", err=True)
        click.echo(_address(house, link))


@people.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_people(as_json: bool) -> None:
    """List those who may sign in.

    \b
    Example: followthrough people list
    """
    with open_house() as house, house.storage.unit(reading=True) as u:
        rows = [_public(human) for human in u.people.all()]
    if as_json:
        click.echo(json.dumps(rows))
        return
    for row in rows:
        which = ", ".join(row["accounts"]) or "all accounts"
        seen = f"last sign-in {row['seen_at']}" if row["seen_at"] else "never signed in"
        click.echo(f"{row['name']}  {row['role']}  {which}  {seen}" + ("" if row["password"] else "  NO PASSWORD YET"))
    if not rows:
        click.echo("Nobody yet. For a link that makes the first admin: followthrough people token", err=True)


def _public(human: Human) -> dict[str, Any]:
    return {
        "name": human.name, "role": human.role, "accounts": list(human.accounts), "password": bool(human.password),
        "seen_at": f"{human.seen_at:%Y-%m-%d %H:%MZ}" if human.seen_at else "",
    }  # fmt: skip


@people.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(name: str, yes: bool) -> None:
    """Remove somebody; their sessions end at once.

    \b
    Example: followthrough people remove ilze
    """
    with open_house() as house:
        _need(house, name)
        if not yes and not sys.stdin.isatty():
            raise click.UsageError("say --yes: nobody is there to ask")
        if not yes:
            click.confirm(f"Remove {name}?", abort=True)
        with house.storage.unit() as u:
            u.people.remove(name)
    click.echo(f"Removed {name}. Undo: followthrough people add {name}")


@people.command()
@click.argument("name", required=False)
def token(name: str | None) -> None:
    """Print a link to choose a password: for NAME, who lost theirs, or for the first admin.

    \b
    Example: followthrough people token
             followthrough people token ilze
    """
    with open_house() as house:
        now = house.clock.now()
        link = make_link(house.storage, now, _need(house, name)) if name else first_link(house.storage, now)
        if not link:
            raise click.UsageError("there is an admin already; whose link? followthrough people token NAME")
        click.echo(_address(house, link))
    click.echo("Good for 24 hours and for one use.", err=True)


def invite_first(house: House, url: str) -> None:
    """Print where the first admin chooses a password, as long as there is none."""
    if link := first_link(house.storage, house.clock.now()):
        click.echo(f"Nobody can sign in yet. Make the first admin: {_address(house, link, url)}", err=True)


def _need(house: House, name: str) -> Human:
    with house.storage.unit(reading=True) as u:
        human, known = u.people.get(name), [other.name for other in u.people.all()]
    if human is None:
        raise Rejected(f"there is nobody called {name[:60]!r}; there is: {', '.join(known) or 'nobody yet'}")
    return human


def _address(house: House, link: str, url: str = "") -> str:
    base = house.settings.public_url or url or f"http://{house.settings.host}:{house.settings.port}"
    return f"{base.rstrip('/')}/welcome?token={link}"
