"""Connect helpdesks from the command line; secrets come from standard input or the environment, never as arguments."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import click

from plugin import connectors, languages
from plugin.app import House
from plugin.cli.house import need_account, open_house
from plugin.domain.calendar import open_calendar
from plugin.domain.digest_periods import read_plan
from plugin.domain.statements import read_mapping
from plugin.http.client import check_host
from plugin.ports import Account, Mode, Rejected, Temporary
from plugin.rendering import speaks

SIGNING = "signing"
"""Beside the credentials of its helpdesk every account has a secret that its webhooks are proved with."""


@click.group()
def accounts() -> None:
    """Connect helpdesks: add, list, set, remove."""


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    """Options that `add` and `set` share."""
    for option in reversed((
        click.option("--mode", type=click.Choice([m.value for m in Mode]), help="How far it may go."),
        click.option("--zone", help="Time zone, IANA: Europe/Riga."),
        click.option("--hours", help='Business hours: "Mon-Thu 08:00-17:00, Fri 08:00-12:00".'),
        click.option("--holidays", help="Closed ISO dates, comma separated."),
        click.option("--region", help="Public holidays and number format: LV, US-CA."),
        click.option("--locale", help="Language the card speaks: en."),
        click.option("--languages", help="Languages customers write in, comma separated: en,lv."),
        click.option("--follow-up-hours", type=click.IntRange(1, 1000), help="Business hours for an undated promise."),
        click.option("--setting", multiple=True, metavar="NAME=VALUE", help="digest_time=07:30, or of its helpdesk."),
        click.option("--external-id", help="The helpdesk's own id of the account."),
    )):  # fmt: skip
        command = option(command)
    return command


@accounts.command()
@click.argument("helpdesk", type=click.Choice(connectors.BUILT_IN))
@click.argument("account_id")
@click.option("--url", required=True, help="Where its API answers: https://acme.zendesk.com")
@_settings
@click.option("--offline", is_flag=True, help="Do not ask the helpdesk who we are and when it is open.")
def add(helpdesk: str, account_id: str, url: str, offline: bool, **given: Any) -> None:
    """Add an account. Secrets are read from FOLLOWTHROUGH_SECRET_* or from standard input, one name=value a line;
    those that are ours to make are made, and shown once with where to put them.

    \b
    Examples:
      printf 'client_id=…\\nclient_secret=…\\nsigning=…\\n' |
        followthrough accounts add zendesk acme --url https://acme.zendesk.com --region LV --languages en,lv
      printf 'api_key=…\\n' |
        followthrough accounts add freshdesk acme --url https://acme.freshdesk.com --region LV --languages en,lv
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,80}", account_id):
        raise click.UsageError("an account's name is letters, digits, - and _, at most 80")
    secrets = _read_secrets(helpdesk)
    given_account = Account(
        id=account_id,
        helpdesk=helpdesk,
        host=_host(url),
        credentials={k: v for k, v in secrets.items() if k != SIGNING},
        signing=(secrets[SIGNING],) if SIGNING in secrets else (),
        **_changes(given),  # type: ignore[arg-type] # click gives them by name
    )
    account = connectors.prepare(given_account)
    with open_house() as house:
        if not offline:
            account = _learn(house, account, given, asked=bool(given_account.credentials))
        with house.storage.unit() as u:
            u.accounts.add(account)
        base, public = _base(house), bool(house.settings.public_url)
    quiet = ": nothing is written to the helpdesk" if account.mode is not Mode.WRITE else ""
    click.echo(f"Added {account_id}, mode {account.mode}{quiet}.")
    for line in connectors.instruct(account, base):
        click.echo(line)
    if not public:
        click.echo(
            f"{base} is this machine's own address. Set FOLLOWTHROUGH_PUBLIC_URL to the address at which the helpdesk "
            "reaches it, and use that one."
        )
    there = {"a signing secret": account.signing, "credentials": given_account.credentials}
    missing = [what for what, found in there.items() if not found]
    if missing:
        click.echo(
            f"Still missing: {' and '.join(missing)}; give them with: followthrough accounts set {account_id}", err=True
        )
    click.echo(f"Next: followthrough check {account_id}")


@accounts.command("list")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_accounts(as_json: bool) -> None:
    """List accounts; secrets are never shown.

    \b
    Example: followthrough accounts list
    """
    with open_house() as house, house.storage.unit() as u:
        rows = u.accounts.all()
    if as_json:
        click.echo(json.dumps([_public(a) for a in rows]))
        return
    for a in rows:
        paused = f"  PAUSED: {a.paused}" if a.paused else ""
        stopped = "  STOPPED: writes nothing" if a.stopped else ""
        click.echo(f"{a.id}  {a.helpdesk}  {a.host}  {a.mode}  {a.zone}  {a.hours}{stopped}{paused}")
    if not rows:
        click.echo("No account yet: followthrough accounts add --help", err=True)


def _public(a: Account) -> dict[str, object]:
    return {
        "id": a.id, "helpdesk": a.helpdesk, "host": a.host, "mode": a.mode.value, "zone": a.zone, "hours": a.hours,
        "region": a.region, "locale": a.locale, "languages": list(a.languages), "paused": a.paused,
        "stopped": a.stopped, "external_id": a.external_id, "own_user_id": a.own_user_id,
        "signing_secrets": len(a.signing), "credentials": sorted(a.credentials),
    }  # fmt: skip


@accounts.command("set")
@click.argument("account_id")
@_settings
@click.option("--url", help="Where its API answers.")
@click.option("--stop/--go", "stopped", default=None, help="The kill switch: write nothing to this helpdesk.")
@click.option("--resume", is_flag=True, help="Go on after it was paused.")
@click.option(
    "--rotate-signing", is_flag=True, help="Keep the old signing secret beside the new one until --end-rotation."
)
@click.option("--end-rotation", is_flag=True, help="Drop the old signing secret.")
def set_account(
    account_id: str, url: str | None, stopped: bool | None, resume: bool, rotate_signing: bool, end_rotation: bool,
    **given: Any,
) -> None:  # fmt: skip
    """Change an account; new secrets as for `add`. --rotate-signing makes the new one itself where that is ours to do.

    \b
    Example: followthrough accounts set acme --mode write
             printf 'signing=…\\n' | followthrough accounts set acme --rotate-signing
    """
    with open_house() as house:
        account = need_account(house, account_id)
        changes = _changes(given)
        asked = bool(changes or url or resume or end_rotation or stopped is not None)
        secrets = _read_secrets(account.helpdesk, standard_input=rotate_signing or not asked)
        if rotate_signing and SIGNING not in secrets:
            secrets[SIGNING] = _new_token(account)
        if url:
            changes["host"] = _host(url)
        if stopped is not None:
            changes["stopped"] = stopped
        if resume:
            changes["paused"] = ""
        if "settings" in changes:
            changes["settings"] = {**account.settings, **cast(dict[str, str], changes["settings"])}
        if end_rotation:
            changes["signing"] = account.signing[:1]
        changes |= _as_changes(secrets, account, keep_old=rotate_signing)
        if not changes:
            raise click.UsageError("nothing to change; see: followthrough accounts set --help")
        with house.storage.unit() as u:
            account = u.accounts.update(account_id, **changes)
        if "credentials" in changes and not account.own_user_id:
            account = _meet(house, account)
        base = _base(house)
    click.echo(f"Changed {account_id}: {', '.join(sorted(changes))}")
    for line in connectors.instruct(account, base) if rotate_signing else ():
        click.echo(line)


@accounts.command()
@click.argument("account_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(account_id: str, yes: bool) -> None:
    """Remove an account and everything stored of it. There is no undo.

    \b
    Example: followthrough accounts remove acme
    """
    with open_house() as house:
        need_account(house, account_id)
        if not yes and not sys.stdin.isatty():
            raise click.UsageError("say --yes: nobody is there to ask")
        if not yes:
            click.confirm(f"Remove {account_id} and all that is stored of it?", abort=True)
        with house.storage.unit() as u:
            u.accounts.remove(account_id)
    click.echo(f"Removed {account_id}. Its webhook and trigger in the helpdesk are yours to delete.")


def _base(house: House) -> str:
    """The address at which helpdesks reach us."""
    return house.settings.public_url or f"http://{house.settings.host}:{house.settings.port}"


def _as_changes(secrets: dict[str, str], account: Account, *, keep_old: bool) -> dict[str, object]:
    """New secrets as fields of Account; with `keep_old` the webhooks' old one stays good beside the new one."""
    changes: dict[str, object] = {}
    if SIGNING in secrets:
        changes["signing"] = (secrets[SIGNING], *(account.signing[:1] if keep_old else ()))
    if credentials := {name: value for name, value in secrets.items() if name != SIGNING}:
        changes["credentials"] = {**account.credentials, **credentials}
    return changes


def _new_token(account: Account) -> str:
    """A new secret for its webhooks, where it is ours to make; a usage error where the helpdesk makes it."""
    made = connectors.prepare(replace(account, signing=())).signing
    if not made:
        raise click.UsageError("give the new secret on standard input: signing=…")
    return made[0]


def _read_secrets(helpdesk: str, *, standard_input: bool = True) -> dict[str, str]:
    """Secrets from the environment and from standard input where that is no terminal. Raises UsageError.

    The kill switch and the like do not look at standard input: an open pipe that says nothing must not hold them up.
    """
    known = (*connectors.secrets_of(helpdesk), SIGNING)
    found = {
        n: os.environ[f"FOLLOWTHROUGH_SECRET_{n.upper()}"]
        for n in known
        if os.environ.get(f"FOLLOWTHROUGH_SECRET_{n.upper()}")
    }
    if standard_input and not sys.stdin.isatty():
        for number, line in enumerate(sys.stdin.read(65_536).splitlines(), 1):
            name, equals, value = line.strip().partition("=")
            if not line.strip():
                continue
            if not equals or name not in known:
                raise click.UsageError(f"line {number} of the input is not one of {', '.join(known)}, as name=value")
            found[name] = value
    return found


def _host(url: str) -> str:
    """Scheme and host; only HTTPS, except for a sandbox on this machine."""
    try:
        return check_host(url)
    except Rejected as error:  # the address itself is not repeated: somebody may have put a password into it
        raise click.UsageError(str(error)) from None


def _changes(given: dict[str, Any]) -> dict[str, object]:
    """Options as fields of Account, checked."""
    changes: dict[str, object] = {k: v for k, v in given.items() if v not in (None, ())}
    if "setting" in changes:
        pairs = [str(x).partition("=") for x in cast(tuple[str, ...], changes.pop("setting"))]
        if any(not equals or not name for name, equals, _ in pairs):
            raise click.UsageError("--setting takes NAME=VALUE")
        changes["settings"] = {name: value for name, _, value in pairs}
    for many in ("holidays", "languages"):
        if many in changes:
            changes[many] = tuple(x.strip() for x in str(changes[many]).split(",") if x.strip())
    if "locale" in changes and not speaks(str(changes["locale"])):
        raise click.UsageError(
            f"the card does not speak {str(changes['locale'])[:20]!r}; it speaks en and those in plugin/locales"
        )
    if "mode" in changes:
        changes["mode"] = Mode(str(changes["mode"]))
    try:
        open_calendar(
            str(changes.get("zone", "UTC")),
            str(changes.get("hours", "Mon-Fri 09:00-17:00")),
            cast(tuple[str, ...], changes.get("holidays", ())),
            str(changes.get("region", "")),
        )
        read_plan(cast(dict[str, str], changes.get("settings", {})))
        read_mapping(cast(dict[str, str], changes.get("settings", {})).get("preference_fields", ""))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    unknown = set(changes.get("languages", ())) - set(languages.available())  # type: ignore[call-overload]
    if unknown:
        click.echo(f"No pack for {', '.join(sorted(unknown))}: such messages will be shown as not supported.", err=True)
    return changes


def _meet(house: House, account: Account) -> Account:
    """Ask who we are where the account was added before its credentials: else our own notes are not recognised."""
    met = _learn(house, account, {"hours": account.hours}, asked=True)
    with house.storage.unit() as u:
        return u.accounts.update(account.id, own_user_id=met.own_user_id, external_id=met.external_id)


def _learn(house: House, account: Account, given: dict[str, Any], *, asked: bool) -> Account:
    """Ask the helpdesk who we are and when it is open, where credentials were given; what the admin gave wins."""
    if not asked:
        return account
    try:
        connector = house.connector(account)
        me = connector.whoami()
        account = replace(account, own_user_id=me.user_id, external_id=account.external_id or me.external_id)
        hours = connector.calendar()
    except (Temporary, Rejected) as error:
        click.echo(f"Could not ask the helpdesk yet ({error}); `followthrough check {account.id}` says more.", err=True)
        return account
    if hours and not given.get("hours"):
        account = replace(
            account,
            hours=hours.hours,
            zone=given.get("zone") or hours.zone,
            holidays=account.holidays or hours.holidays,
        )
    return account
