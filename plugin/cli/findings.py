"""Show what was found: in a ticket file, or in the ledger."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from plugin.app import policy_of
from plugin.cli.house import open_house
from plugin.domain.epic import tell_epic
from plugin.domain.findings import Findings, State
from plugin.languages import available
from plugin.ports import Account, Rejected
from plugin.work.ticket_file import analyse_file, read_ticket_file


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--languages", default="", help="Languages its people write in, comma separated; all that we read.")
@click.option("--region", default="", help="For local telephone numbers and public holidays: LV, US-CA.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def explain(file: Path, languages: str, region: str, as_json: bool) -> None:
    """Say what is found in a ticket file, with every quote.

    \b
    The file is one JSON object (docs/ticket-file.md):
      {"id": "1", "zone": "Europe/Riga", "hours": "Mon-Fri 09:00-17:00", "as_of": "2026-03-05T12:00:00+02:00",
       "messages": [{"at": "2026-03-02T10:00:00+02:00", "role": "customer", "text": "…"}, …]}
    Example: followthrough explain ticket.json
    """
    try:
        thread = read_ticket_file(file.read_text("utf-8"))
    except UnicodeDecodeError:
        raise Rejected("not a ticket file: not UTF-8") from None
    account = Account(
        id="file",
        helpdesk="file",
        host="",
        zone=thread.zone,
        hours=thread.hours,
        holidays=tuple(thread.holidays),
        region=region,
        languages=tuple(x.strip() for x in languages.split(",") if x.strip()) or available(),
    )
    try:
        policy = policy_of(account)
    except ValueError as error:  # zone, hours, holidays or region
        raise Rejected(str(error)) from None
    found = analyse_file(thread, policy)
    if as_json:
        epic = {facet.name: asdict(facet) for facet in tell_epic(found)}
        click.echo(json.dumps(asdict(found) | {"epic": epic}, default=_plain, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(tell(found)))


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def tell(found: Findings) -> list[str]:
    """Findings as lines: what, then the words that prove it."""
    lines = [f"cause: {found.cause.key} ({found.cause.confidence}), owner {found.cause.owner}"]
    lines += [f"    “{e.quote}”" for e in found.cause.evidence]
    lines += [f"also: {c.key} ({c.confidence})" for c in found.contributing]
    if found.journey:
        lines.append(f"journey: {', '.join(found.journey)}")
    for c in found.commitments:
        due = f"due {c.due.end:%a %Y-%m-%d %H:%M %Z}" if c.due.end else "no date"
        assumed = ", assumed" if c.due.assumed else ""
        lines += [f"commitment: {c.kind}, {c.state}, {due}{assumed} [{c.due.rule}]", f"    “{c.evidence.quote}”"]
        lines += ["    is this a promise? people dismissed much the same"] if c.asked else []
        lines += [f"    only if: “{c.condition.quote}”"] if c.condition else []
        lines += [f"    {t.state}: {t.why}" + (f" “{t.evidence.quote}”" if t.evidence else "") for t in c.life]
    for p in found.preferences:
        details = " · ".join(d for d in (p.point, p.window, p.lang, p.purpose) if d)
        lines += [f"preference: {'refuses' if p.refuse else 'wants'} {p.channel} {details}".rstrip()]
        lines += [f"    “{p.evidence.quote}”"]
    for b in found.blocked:
        lines += [f"unreachable: {b.channel} {b.point}", f"    “{b.evidence.quote}”"]
    for a in found.adherence:
        lines.append(f"contact {a.at:%Y-%m-%d %H:%M} by {a.channel}: {a.verdict} ({a.why})")
    for o in found.offers:
        lines += ["choice of contact offered", f"    “{o.evidence.quote}”"]
        lines += [f"    chosen: “{o.chosen.quote}”"] if o.chosen else []
    for s in found.effort:
        lines += [f"effort: {s.kind} {s.count}", *(f"    “{e.quote}”" for e in s.evidence if e.quote)]
    for facet in tell_epic(found):
        lines.append(f"{facet.name}: {'yes' if facet.holds else 'no, ' + ', '.join(facet.why)}")
        lines += [f"    “{e.quote}”" for e in facet.evidence]
    for f in found.flags:
        lines += [f"flag: {f.key}", *(f"    “{e.quote}”" for e in f.evidence)]
    for said in found.unsupported:
        lines.append(f"language not supported: message {said.message_id} ({said.lang})")
    return lines


@click.group()
def commitments() -> None:
    """List promises by state."""


@commitments.command("list")
@click.option(
    "--state", multiple=True, type=click.Choice([s.value for s in State]), help="Only these; may be repeated."
)
@click.option("--account", help="Only this account's.")
@click.option("--limit", default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_commitments(state: tuple[str, ...], account: str | None, limit: int, as_json: bool) -> None:
    """List promises, the soonest due first.

    \b
    Example: followthrough commitments list --state at_risk --state broken
    """
    with open_house() as house, house.storage.unit() as u:
        rows = u.ledger.commitments(account, state, limit)
    if as_json:
        click.echo(json.dumps([{"account": a, "ticket": t, **asdict(c)} for a, t, c in rows], default=_plain))
        return
    for a, t, c in rows:
        due = f"{c.due.end:%Y-%m-%d %H:%MZ}" if c.due.end else "no date"
        click.echo(
            f"{a}  #{t}  {c.state}  {c.kind}  {due}{' (assumed)' if c.due.assumed else ''}  “{c.evidence.quote}”"
        )
    if not rows:
        click.echo("no promises in these states", err=True)
