"""Learn causes from corrections by hand, see what was learned and why a text is tagged so, and go back."""

from __future__ import annotations

import json
from typing import Any

import click

from plugin.cli.house import need_account, open_house
from plugin.domain.learned import NAMED
from plugin.ports import KeptModel, Rejected
from plugin.work.learn import TOPIC, learn_by_hand, present_model
from plugin.work.learn_promises import ASK_FROM, PROMISES

_topic = click.option(
    "--topic", type=click.Choice([TOPIC, PROMISES]), default=TOPIC, show_default=True, help="What is learned."
)


class _ByAccount(click.Group):
    """`learn ACCOUNT` is `learn now ACCOUNT`; an account that is named like a command is reached by `now`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = ["now", *args]
        return super().resolve_command(ctx, args)


@click.group(cls=_ByAccount)
def learn() -> None:
    """Learn from what people corrected: one model of causes an account, and one of promises that can only set aside or
    ask, each used only where it does better. Needs the extra [ml]; without it the phrases go on as before.

    \b
    Example: followthrough learn acme --dry-run
             followthrough learn acme
             followthrough learn why acme "the invoice is there twice"
             followthrough learn acme --topic commitments
             followthrough learn revert acme
    """


@learn.command()
@click.argument("account_id", metavar="ACCOUNT")
@_topic
@click.option("--dry-run", is_flag=True, help="Train and compare, store nothing.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def now(account_id: str, topic: str, dry_run: bool, as_json: bool) -> None:
    """Train on all corrections now and compare on some that were left out; the better one is used.

    \b
    Example: followthrough learn now acme --dry-run
    """
    with open_house() as house:
        outcome = learn_by_hand(need_account(house, account_id), house.tools, topic, dry_run=dry_run)
    if as_json:
        click.echo(json.dumps({"outcome": outcome.why, "version": outcome.used, "figures": outcome.figures}))
        return
    if outcome.figures:
        for line in _figures(outcome.figures):
            click.echo(line)
    version = (
        f" (version {outcome.used}; undo: followthrough learn revert {account_id}{_named(topic)})"
        if outcome.used
        else ""
    )
    click.echo(outcome.why + version)


@learn.command()
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("text")
@_topic
def why(account_id: str, text: str, topic: str) -> None:
    """Say what the model in use makes of a text, and which words counted.

    \b
    Example: followthrough learn why acme "the invoice is there twice"
    """
    with open_house() as house:
        model = present_model(need_account(house, account_id), house.tools, topic)
    if model is None:
        raise Rejected(f"nothing was learned yet for {account_id}: followthrough learn {account_id}{_named(topic)}")
    guess = model.guess(text)
    if guess is None:
        click.echo("nothing that was taught; the phrases decide")
        return
    sure = "followed" if guess.share >= model.threshold else "not sure enough, so the phrases decide"
    if topic != PROMISES and model.threshold <= guess.share < NAMED:
        sure = "followed where the phrases name nothing"
    if guess.share < model.threshold and topic == PROMISES and guess.share >= float(model.facts.get(ASK_FROM, 2.0)):
        sure = "people are asked"
    click.echo(f"{guess.key}: {sure}")
    for word, weight in guess.words:
        click.echo(f"  {weight:+.2f}  {word}")


@learn.command("list")
@click.argument("account_id", metavar="ACCOUNT", required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_models(account_id: str | None, as_json: bool) -> None:
    """What was learned, newest first, with how it did on corrections it had not seen.

    \b
    Example: followthrough learn list
    """
    with open_house() as house:
        if account_id:
            need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            rows = u.models.list(account_id or "")
    if as_json:
        click.echo(json.dumps([_row(account, model) for account, model in rows]))
        return
    for account, model in rows:
        figures = json.loads(model.figures)
        right = f"right {figures['right_before']} -> {figures['right_now']} of {figures['texts']}"
        when = f"{model.made_at:%Y-%m-%d %H:%MZ}"
        click.echo(f"{account}  {model.topic}  version {model.version}  {model.state}  {when}  {right}")
    if not rows:
        click.echo("nothing was learned yet: followthrough learn ACCOUNT", err=True)


@learn.command()
@click.argument("account_id", metavar="ACCOUNT")
@_topic
def revert(account_id: str, topic: str) -> None:
    """Go back to the version before the one in use; without one the phrases alone tag again.

    \b
    Example: followthrough learn revert acme
    """
    with open_house() as house:
        need_account(house, account_id)
        with house.storage.unit() as u:
            version = u.models.revert(account_id, topic)
    if version is None:
        raise Rejected(f"no model is in use for {account_id}: followthrough learn list {account_id}")
    click.echo(f"version {version} is used again" if version else "no model is used any more; the phrases alone tag")


def _named(topic: str) -> str:
    return "" if topic == TOPIC else f" --topic {topic}"


def _row(account: str, model: KeptModel) -> dict[str, Any]:
    return {
        "account": account, "topic": model.topic, "version": model.version, "state": model.state,
        "made_at": model.made_at.isoformat(), "figures": json.loads(model.figures),
    }  # fmt: skip


def _figures(figures: Any) -> list[str]:
    """On texts that were left out of the training."""
    lines = [f"{key}: right {old} -> {new} of {n}" for key, (n, old, new) in sorted(figures["causes"].items())]
    return [*lines, f"all: right {figures['right_before']} -> {figures['right_now']} of {figures['texts']}"]
