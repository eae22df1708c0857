"""Check an account's connection and say of each failure how to mend it."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from plugin.cli.house import need_account, open_house
from plugin.work.check import check_account


@click.command()
@click.argument("account_id")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def check(account_id: str, as_json: bool) -> int:
    """Check reach, rights, signature, rate limit and clock; exit code 1 where something must be mended.

    \b
    Example: followthrough check acme
    """
    with open_house() as house:
        account = need_account(house, account_id)
        results = list(check_account(house.connector(account), house.storage, account))
    if as_json:
        click.echo(json.dumps([asdict(r) for r in results]))
    for r in results if not as_json else ():
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[r.ok]
        click.echo(f"{mark}  {r.what}: {r.saw}" + (f"\n      fix: {r.fix}" if r.fix and not r.ok else ""))
    return 1 if any(r.ok is False for r in results) else 0
