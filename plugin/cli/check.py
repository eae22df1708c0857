"""Check an account's connection and say of each failure how to mend it."""

from __future__ import annotations

import json
from typing import Any

import click

from plugin.cli.house import need_account, open_house
from plugin.domain.card import Text
from plugin.rendering import say
from plugin.work.check import Checked, check_account


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
        click.echo(json.dumps([_told(r) for r in results]))
    for told in map(_told, results) if not as_json else ():
        mark = {True: "ok  ", False: "FAIL", None: "?   "}[told["ok"]]
        fix = f"\n      fix: {told['fix']}" if told["fix"] and not told["ok"] else ""
        click.echo(f"{mark}  {told['what']}: {told['saw']}{fix}")
    return 1 if any(r.ok is False for r in results) else 0


def _told(result: Checked) -> dict[str, Any]:
    """A finding in English words: what, ok, saw, fix."""

    def words(text: Text | None, more: str) -> str:
        return " ".join(part for part in (say(text, "en", "UTC") if text else "", more) if part)

    return {
        "what": words(result.what, ""),
        "ok": result.ok,
        "saw": words(result.saw, result.detail),
        "fix": words(result.fix, result.command),
    }
