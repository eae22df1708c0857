"""Look at what waits, what was buried and why, and what came in; retry or bury by hand."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from plugin.cli.house import open_house
from plugin.ports import Job

JOB_ID = click.IntRange(1, 2**63 - 1)
"""What a database can count to."""


@click.group()
def jobs() -> None:
    """Look at waiting and buried jobs: list, retry, bury."""


@jobs.command("list")
@click.option("--state", type=click.Choice(["waiting", "leased", "buried"]), help="Only these.")
@click.option("--account", help="Only this account's.")
@click.option("--limit", default=50, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_jobs(state: str | None, account: str | None, limit: int, as_json: bool) -> None:
    """List jobs, the oldest first.

    \b
    Example: followthrough jobs list --state buried
    """
    with open_house() as house, house.storage.unit() as u:
        rows, counts = u.queue.jobs(account, state, limit), u.queue.counts()
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], default=str))
        return
    for row in rows:
        click.echo(_line(row))
    click.echo("in all: " + (", ".join(f"{n} {s}" for s, n in sorted(counts.items())) or "no jobs"), err=True)


def _line(job: Job) -> str:
    reason = f"  {job.reason}" if job.reason else ""
    what = f"{job.id}  {job.state}  {job.account_id}  {job.kind}  {job.lane}"
    return f"{what}  tries {job.attempts}  due {job.due_at:%Y-%m-%d %H:%M:%SZ}{reason}"


@jobs.command()
@click.argument("job_id", type=JOB_ID, required=False)
@click.option("--all", "everything", is_flag=True, help="All buried jobs.")
def retry(job_id: int | None, everything: bool) -> None:
    """Let a buried job wait again, with its tries at zero.

    \b
    Example: followthrough jobs retry 42
             followthrough jobs retry --all
    """
    if (job_id is None) == (not everything):
        raise click.UsageError("name one job, or --all")
    with open_house() as house, house.storage.unit() as u:
        ids = [j.id for j in u.queue.jobs(None, "buried", 100_000)] if everything else [job_id or 0]
        revived = [i for i in ids if u.queue.revive(i, house.clock.now())]
    click.echo(f"{len(revived)} waiting again")
    if not revived and not everything:
        raise click.ClickException(f"job {job_id} is not buried; see: followthrough jobs list --state buried")


@jobs.command()
@click.argument("job_id", type=JOB_ID)
@click.option("--reason", default="by hand", show_default=True)
def bury(job_id: int, reason: str) -> None:
    """Take a job out of the way; `jobs retry` brings it back.

    \b
    Example: followthrough jobs bury 42 --reason "ticket is a test"
    """
    with open_house() as house, house.storage.unit() as u:
        if not u.queue.bury(job_id, house.clock.now(), reason):
            raise click.ClickException(f"job {job_id} is not waiting; see: followthrough jobs list")
    click.echo(f"job {job_id} is buried; undo: followthrough jobs retry {job_id}")


@click.command()
@click.option("--kind", type=click.Choice(["ticket", "gone", "other", "unreadable"]), help="Only these.")
@click.option("--account", help="Only this account's.")
@click.option("--limit", default=50, show_default=True)
@click.option("--body", type=int, metavar="ID", help="Print the raw body of one delivery.")
def deliveries(kind: str | None, account: str | None, limit: int, body: int | None) -> None:
    """Look at webhooks as they came, unreadable ones too: nothing with a valid signature is dropped.

    \b
    Example: followthrough deliveries --kind unreadable
    """
    with open_house() as house, house.storage.unit() as u:
        if body is not None:
            click.echo(u.history.body(body).decode("utf-8", "replace"))
            return
        rows, counts = u.history.deliveries(account, kind, limit), u.history.delivery_counts()
    for row in rows:
        click.echo(
            f"{row['id']}  {row['received_at']}  {row['account_id']}  {row['kind']}  {row['event']}  {row['ticket_id']}"
        )
    click.echo("in all: " + (", ".join(f"{n} {k}" for k, n in sorted(counts.items())) or "none"), err=True)
