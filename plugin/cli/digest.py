"""Look at digests from the command line: what the next one would say, a test into the helpdesk, those made so far."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from plugin.app import House
from plugin.cli.house import need_account, open_house
from plugin.domain.digest import LEAD, OWNER, Digest, marker_of
from plugin.domain.digest_periods import Period, latest_period, read_period
from plugin.ports import Account, DigestNote, Mode, Rejected
from plugin.rendering import render_digest
from plugin.work.report import draw, make, plan_of, post_note

AUDIENCE = click.option("--audience", default=LEAD, show_default=True, help="lead, or owner:<team>.")
PERIOD = click.option(
    "--period", default="day", show_default=True, help="day, week, day:2026-11-20 or week:2026-W47."
)  # fmt: skip


@click.group()
def digest() -> None:
    """Digests: preview, send-test, list."""


@digest.command()
@click.argument("account_id", metavar="ACCOUNT")
@AUDIENCE
@PERIOD
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write the note here.")
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture here.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def preview(
    account_id: str, audience: str, period: str, html: Path | None, png: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Show what a digest would say now; nothing is stored and nothing is written to the helpdesk.

    \b
    Example: followthrough digest preview acme
             followthrough digest preview acme --audience owner:finance --period week:2026-W47 --png chart.png
    """
    with open_house() as house:
        account = need_account(house, account_id)
        made = _make(house, account, audience, period)
        picture = b"" if made.empty else draw(made, account, house.tools)
    marker = marker_of(account.id, audience, made.period)
    note = render_digest(made, account, marker, picture=bool(picture))
    if html is not None:
        _write(html, note.encode())
    if png is not None:
        _write(png, picture) if picture else click.echo("no picture: there is no cause to draw", err=True)
    click.echo(_as_json(made) if as_json else _as_text(note))
    if made.empty:
        click.echo("There is nothing to report: this digest would not be posted.", err=True)


@digest.command("send-test")
@click.argument("account_id", metavar="ACCOUNT")
@AUDIENCE
@PERIOD
def send_test(account_id: str, audience: str, period: str) -> None:
    """Post a digest, marked "Test", to the audience's digest ticket; the ticket is opened where there is none.

    \b
    Example: followthrough digest send-test acme --audience lead --period week
    """
    with open_house() as house:
        account = need_account(house, account_id)
        if account.mode is not Mode.WRITE or account.stopped:
            why = "it is stopped" if account.stopped else f"mode {account.mode}"
            raise Rejected(
                f"account {account.id} may not write to its helpdesk ({why}); "
                f"allow it with: followthrough accounts set {account.id} --mode write --go"
            )
        tools, now = house.tools, house.clock.now()
        made = _make(house, account, audience, period)
        marker = marker_of(account.id, audience, f"test {made.period} {now.isoformat()}")
        picture = b"" if made.empty else draw(made, account, tools)
        html = render_digest(made, account, marker, picture=bool(picture), test=True)
        note = DigestNote(marker, html, picture, f"test-{made.period.replace(':', '-')}.png")
        ticket = post_note(account, made, note, tools, lambda: None, lambda: None)
        link = tools.connect(account).ticket_url(ticket)
    click.echo(f"Posted a test to ticket {ticket}: {link}")


@digest.command("list")
@click.argument("account_id", metavar="ACCOUNT")
@click.option("--audience", default="", help="Only this one's.")
@click.option("--limit", default=20, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_digests(account_id: str, audience: str, limit: int, as_json: bool) -> None:
    """List digests as they were made, the newest first, and what became of each.

    \b
    made: on its page only · due, started: on its way · posted: in the helpdesk · empty: nothing to report
    Example: followthrough digest list acme --audience lead
    """
    with open_house() as house:
        account = need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            kept = u.digests.newest(account.id, audience, limit)
    rows = [
        {"audience": k.audience, "period": k.period, "state": k.state, "made_at": k.made_at.isoformat(),
         "posted_at": k.posted_at.isoformat() if k.posted_at else None, "marker": k.version}
        for k in kept
    ]  # fmt: skip
    if as_json:
        click.echo(json.dumps(rows))
        return
    for k in kept:
        posted = f"  posted {k.posted_at:%Y-%m-%d %H:%MZ}" if k.posted_at else ""
        click.echo(f"{k.period}  {k.audience}  {k.state}  made {k.made_at:%Y-%m-%d %H:%MZ}{posted}")
    if not rows:
        click.echo(f"No digest yet; see what the next would say: followthrough digest preview {account_id}", err=True)


def _make(house: House, account: Account, audience: str, period: str) -> Digest:
    teams = sorted(house.taxonomy(account).owners)
    if audience != LEAD and audience.removeprefix(OWNER) not in teams:
        raise click.UsageError(f"no audience {audience[:40]!r}; there is lead and owner:<team>: {', '.join(teams)}")
    audience = audience if audience == LEAD else OWNER + audience.removeprefix(OWNER)
    return make(account, audience, _period(house, account, period), house.tools, house.clock.now())


def _period(house: House, account: Account, name: str) -> Period:
    """The latest of a cadence, or the one named; a period that is not over yet ends now."""
    calendar, plan = plan_of(account)
    now = house.clock.now()
    try:
        if name in ("day", "week"):
            return latest_period(calendar, plan, now, name)
        found = read_period(name, calendar, plan)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    if found.start >= now:
        raise click.UsageError(f"{name} has not begun yet")
    rest = max(found.end - now, timedelta(0))
    return replace(found, end=found.end - rest, before_end=found.before_end - rest)


def _as_json(made: Digest) -> str:
    from plugin.storage.documents import to_json

    return to_json(made)


def _as_text(note: str) -> str:
    from inscriptis import get_text

    return "\n".join(line.rstrip() for line in get_text(note).splitlines() if line.strip())


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Rejected(f"cannot write {file}: {error.strerror}") from None
    click.echo(f"wrote {file}", err=True)
