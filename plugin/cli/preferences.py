"""Contact preferences from the command line: a link to a customer's page, contacts that are one, overrides."""

from __future__ import annotations

import click

from plugin.cli.house import need_account, open_house
from plugin.work.prefer import merge_people
from plugin.work.preference_links import address_of, make_link


@click.group()
def preferences() -> None:
    """Contact preferences: link, merge, overrides."""


@preferences.command()
@click.argument("account")
@click.argument("ticket")
def link(account: str, ticket: str) -> None:
    """Print the link to the own page of the customer who asked on this ticket. It is good for two weeks; whoever has it
    can open the page, so send it to the customer only.

    \b
    Example: followthrough preferences link acme 4711
    """
    with open_house() as house:
        found = need_account(house, account)
        token = make_link(house.storage, found, ticket, house.clock.now())
        base = house.settings.public_url or f"http://{house.settings.host}:{house.settings.port}"
        click.echo(address_of(base, token))


@preferences.command()
@click.argument("account")
@click.argument("contact")
@click.argument("into")
def merge(account: str, contact: str, into: str) -> None:
    """Say that two contacts are one person: what CONTACT has said counts for INTO from then on. Both are ids of the
    helpdesk.

    \b
    Example: followthrough preferences merge acme 360001 360002
    """
    with open_house() as house:
        need_account(house, account)
        number = merge_people(house.storage, account, contact, into)
        click.echo(f"{number} statements belong to {into} now.", err=True)


@preferences.command()
@click.argument("account")
@click.option("--ticket", default="", help="Only this ticket.")
def overrides(account: str, ticket: str) -> None:
    """List where somebody contacted a customer in spite of the guard, newest first.

    \b
    Example: followthrough preferences overrides acme
    """
    with open_house() as house:
        need_account(house, account)
        with house.storage.unit(reading=True) as u:
            rows = u.preferences.overruled(account, ticket)
    for row in rows:
        at = row.made_at.isoformat(timespec="minutes") if row.made_at else ""
        click.echo(f"{at}  ticket {row.ticket_id}  {row.channel}  {row.verdict}: {row.reason}  by {row.user_id or '?'}")
        click.echo(f"    {row.words}")
    if not rows:
        click.echo("Nobody has overruled the guard.", err=True)
