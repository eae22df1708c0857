"""See and change an account's list of causes from the command line: every change is a version and can be undone."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from plugin.cli.emerging import emerging
from plugin.cli.house import need_account, open_house
from plugin.domain.taxonomy import UNROUTED, CauseKind, Taxonomy
from plugin.domain.taxonomy_edits import OWN_FAMILY, add, merge, part_of, rename, retire, route, split
from plugin.domain.taxonomy_toml import LARGEST, write_taxonomy
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Rejected
from plugin.work.causes import Changed, Edit, change, import_text, reinstate, restore, taxonomy_of

BY = "command line"
"""Who changed it, in the history."""

DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change; change nothing.")
ACCOUNT = click.argument("account_id", metavar="ACCOUNT")


class _EitherWay(click.Group):
    """`causes ACCOUNT list` is `causes list ACCOUNT`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:  # fmt: skip
        if len(args) > 1 and args[0] not in self.commands and args[1] in self.commands:
            args = [args[1], args[0], *args[2:]]
        return super().resolve_command(ctx, args)


@click.group(cls=_EitherWay)
def causes() -> None:
    """The list of causes of an account: see it, change it, move it as a file, go back; and causes that are new.

    \b
    Example: followthrough causes list acme
             followthrough causes export acme > causes.toml
             followthrough causes import acme causes.toml --dry-run
             followthrough causes merge acme wait_time transferred_or_repeated
             followthrough causes emerging list acme
    """


causes.add_command(emerging)

# --- seeing ----------------------------------------------------------------------------------------------------------


@causes.command("list")
@click.argument("account_id", metavar="[ACCOUNT]", default="")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def list_causes(account_id: str, as_json: bool) -> None:
    """All causes with their owners, and what each still lacks; without ACCOUNT those that come with the program.

    \b
    Example: followthrough causes list acme
    """
    taxonomy, days = _look(account_id)
    if as_json:
        rows = [_row(kind) | {"days_unrouted": days[key]} for key, kind in taxonomy.causes.items()]
        click.echo(json.dumps({"causes": rows, "past": _past_rows(taxonomy)}, ensure_ascii=False))
        return
    for key, kind in taxonomy.causes.items():
        owner = kind.owner or f"{UNROUTED} for {days[key]} days"
        click.echo(f"{key}  {kind.name}  owner: {owner}{_marks(kind)}")
    for row in _past_rows(taxonomy):
        into = f" into {', '.join(row['into'])}" if row["into"] else ""
        click.echo(f"past: {row['key']}  {row['name']}  {row['act']}{into}  {row['at'] or ''}".rstrip())


@causes.command()
@ACCOUNT
@click.argument("key")
def show(account_id: str, key: str) -> None:
    """One cause with all that is said of it, as it stands in the file.

    \b
    Example: followthrough causes show acme outage
    """
    taxonomy, _ = _look(account_id)
    now = taxonomy.now(key)
    if now not in taxonomy.causes:
        past = taxonomy.past.get(now)
        raise Rejected(f"{key} was {past.act}" if past else f"no cause {key!r}: followthrough causes list {account_id}")
    if now != key:
        click.echo(f"{key} was merged into {now}", err=True)
    only = Taxonomy({now: taxonomy.causes[now]})
    click.echo(write_taxonomy(only).partition("[owners]\n\n")[2], nl=False)


@causes.command()
@click.argument("account_id", metavar="[ACCOUNT]", default="")
@click.option("--version", type=click.IntRange(0), default=None, help="As it was; see history. Default: as it is.")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Write it here, not to standard output.")
def export(account_id: str, version: int | None, file: Path | None) -> None:
    """The whole list as TOML, for an editor and for `import`; without ACCOUNT the one that comes with the program.

    \b
    Example: followthrough causes export acme > causes.toml
    """
    if account_id:
        with open_house() as house:
            need_account(house, account_id)
            with house.storage.unit(reading=True) as u:
                taxonomy, number = taxonomy_of(u, account_id, version), u.taxonomies.version(account_id)
        head = f"Causes of {account_id}, version {number if version is None else version}"
    else:
        taxonomy, head = load_taxonomy(), "Causes that come with the program"
    text = write_taxonomy(taxonomy, f"{head}. What each entry means: docs/causes.md")
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        raise Rejected(f"cannot write {file}: {error.strerror}") from None
    click.echo(f"wrote {file}", err=True)


@causes.command()
@ACCOUNT
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def history(account_id: str, as_json: bool) -> None:
    """Every version of the list, newest first: when, who, and what was changed.

    \b
    Example: followthrough causes history acme
    """
    with open_house() as house:
        need_account(house, account_id)
        with house.storage.unit(reading=True) as u:
            kept = u.taxonomies.list(account_id)
    if as_json:
        rows = [{"version": k.version, "made_at": k.made_at.isoformat(), "by": k.by, "what": k.what} for k in kept]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for k in kept:
        click.echo(f"{k.version}  {k.made_at:%Y-%m-%d %H:%MZ}  {k.by}  {k.what}")
    if not kept:
        click.echo("never changed: it is the list that comes with the program", err=True)


# --- changing --------------------------------------------------------------------------------------------------------


@causes.command("import")
@ACCOUNT
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@DRY_RUN
def import_file(account_id: str, file: Path, dry_run: bool) -> None:
    """Put a TOML file in place of the list; causes that it leaves out are retired. FILE - is standard input.

    \b
    Example: followthrough causes import acme causes.toml --dry-run
    """
    try:
        text = sys.stdin.read(LARGEST + 1) if str(file) == "-" else file.read_text("utf-8")
    except (UnicodeDecodeError, OSError) as error:
        raise Rejected(f"{file} cannot be read as UTF-8: {type(error).__name__}") from None
    _change(account_id, import_text(text), "import a file", dry_run=dry_run)


@causes.command("add")
@ACCOUNT
@click.argument("key")
@click.option("--name", required=True)
@click.option("--definition", required=True, help="In one plain sentence.")
@click.option("--owner", default="", help="The team that can remove it. Default: unrouted.")
@click.option("--phrase", "phrases", multiple=True, help="Words that name it; may be repeated.")
@DRY_RUN
def add_cause(
    account_id: str, key: str, name: str, definition: str, owner: str, phrases: tuple[str, ...], dry_run: bool
) -> None:
    """One more cause. It is tagged where its phrases are said, and as corrections teach it.

    \b
    Example: followthrough causes add acme meter_reading --name "Meter reading" \\
               --definition "The reading of a meter is missing or wrong." --phrase "meter (reading|read)"
    """
    kind = CauseKind(key, name, definition, OWN_FAMILY, "" if owner == UNROUTED else owner, phrases=phrases)
    _change(account_id, lambda before, today: add(before, kind, today), f"add {key}", dry_run=dry_run)


@causes.command("rename")
@ACCOUNT
@click.argument("key")
@click.argument("name")
@click.option("--lang", default="", help="Only in this language: de.")
@DRY_RUN
def rename_cause(account_id: str, key: str, name: str, lang: str, dry_run: bool) -> None:
    """Another name. The key stays, so that older findings go by the new name too.

    \b
    Example: followthrough causes rename acme outage "Nothing works" --lang en
    """
    _change(account_id, lambda before, _: rename(before, key, name, lang), f"rename {key}", dry_run=dry_run)


@causes.command()
@ACCOUNT
@click.argument("key")
@click.argument("team")
@DRY_RUN
def owner(account_id: str, key: str, team: str, dry_run: bool) -> None:
    """Name the team that can remove a cause; "unrouted" for nobody yet.

    \b
    Example: followthrough causes owner acme outage operations
    """
    _change(account_id, lambda before, today: route(before, key, team, today), f"{key} to {team}", dry_run=dry_run)


@causes.command("merge")
@ACCOUNT
@click.argument("key")
@click.argument("into")
@DRY_RUN
def merge_causes(account_id: str, key: str, into: str, dry_run: bool) -> None:
    """One cause goes on in another, in earlier periods too; what was found stays as it was found.

    \b
    Example: followthrough causes merge acme wait_time transferred_or_repeated
    """
    _change(account_id, lambda before, today: merge(before, key, into, today), f"merge {key} into {into}",
            dry_run=dry_run)  # fmt: skip


@causes.command("split")
@ACCOUNT
@click.argument("key")
@click.option("--part", "parts", multiple=True, required=True, metavar="KEY=NAME", help="Two or more.")
@click.option("--rest", default="", help="The part that gets what nothing tells apart. Default: it stays unsure.")
@DRY_RUN
def split_cause(account_id: str, key: str, parts: tuple[str, ...], rest: str, dry_run: bool) -> None:
    """Two or more causes in place of one. Then give each its phrases and examples: export, edit, import.

    \b
    Example: followthrough causes split acme outage --part mobile_outage="No mobile network" \\
               --part site_outage="The site is down" --rest site_outage
    """
    named = [part.partition("=") for part in parts]
    if any(not equals or not name for _, equals, name in named):
        raise click.UsageError('--part takes KEY=NAME: --part site_outage="The site is down"')

    def edit(before: Taxonomy, today: Any) -> Taxonomy:
        whole = before.causes.get(key)
        made = [part_of(whole, new, name) for new, _, name in named] if whole else []
        return split(before, key, made, rest, today)

    _change(account_id, edit, f"split {key} into {', '.join(new for new, _, _ in named)}", dry_run=dry_run)


@causes.command("retire")
@ACCOUNT
@click.argument("key")
@DRY_RUN
def retire_cause(account_id: str, key: str, dry_run: bool) -> None:
    """Tag it no more; what was found keeps its name, what sounds like it is unsure from now on.

    \b
    Example: followthrough causes retire acme missing_feature
    """
    _change(account_id, lambda before, today: retire(before, key, today), f"retire {key}", dry_run=dry_run)


@causes.command("reinstate")
@ACCOUNT
@click.argument("key")
@DRY_RUN
def reinstate_cause(account_id: str, key: str, dry_run: bool) -> None:
    """Tag a retired, merged or split cause again, as it last stood.

    \b
    Example: followthrough causes reinstate acme missing_feature
    """
    with open_house() as house:
        account = need_account(house, account_id)
        _tell(reinstate(house.storage, account, key, BY, house.clock.now(), dry_run=dry_run), account_id)


@causes.command("restore")
@ACCOUNT
@click.argument("version", type=click.IntRange(0), required=False)
@DRY_RUN
def restore_version(account_id: str, version: int | None, dry_run: bool) -> None:
    """Go back to a version, without VERSION to the one before the last change; 0 is the list of the program. Causes
    made since are retired, not forgotten.

    \b
    Example: followthrough causes restore acme
             followthrough causes restore acme 3 --dry-run
    """
    with open_house() as house:
        account = need_account(house, account_id)
        _tell(restore(house.storage, account, version, BY, house.clock.now(), dry_run=dry_run), account_id)


# --- the steps -------------------------------------------------------------------------------------------------------


def _change(account_id: str, edit: Edit, what: str, *, dry_run: bool) -> None:
    with open_house() as house:
        account = need_account(house, account_id)
        _tell(change(house.storage, account, edit, what, BY, house.clock.now(), dry_run=dry_run), account_id)


def _tell(changed: Changed, account_id: str) -> None:
    for line in changed.lines:
        click.echo(line)
    if not changed.lines:
        click.echo("nothing would differ: nothing was changed", err=True)
    elif changed.version:
        undo = f"followthrough causes restore {account_id}"
        click.echo(f"Kept as version {changed.version}. Undo: {undo}", err=True)
    else:
        click.echo("Nothing was changed: this was a dry run.", err=True)


def _look(account_id: str) -> tuple[Taxonomy, dict[str, int]]:
    """The list, and for how many days each cause has had no owner."""
    if not account_id:
        return load_taxonomy(), dict.fromkeys(load_taxonomy().causes, 0)
    with open_house() as house:
        taxonomy, today = house.taxonomy(need_account(house, account_id)), house.clock.now().date()
    return taxonomy, {key: taxonomy.days_unrouted(key, today) for key in taxonomy.causes}


def _marks(kind: CauseKind) -> str:
    said = [word for word, there in (("catastrophic", kind.catastrophic), ("critical", kind.critical)) if there]
    lacks = [what.replace("_", "-") for what in kind.lacks if what != "owner"]
    return "".join(f"  [{word}]" for word in said) + (f"  lacks: {', '.join(lacks)}" if lacks else "")


_SHOWN: tuple[tuple[str, Callable[[CauseKind], Any]], ...] = (
    ("key", lambda k: k.key), ("name", lambda k: k.name), ("names", lambda k: dict(k.names)),
    ("definition", lambda k: k.definition), ("family", lambda k: k.family), ("owner", lambda k: k.owner or UNROUTED),
    ("journey", lambda k: list(k.journey)), ("catastrophic", lambda k: k.catastrophic),
    ("touchpoint", lambda k: "critical" if k.critical else "minor"), ("outranks", lambda k: sorted(k.outranks)),
    ("examples", lambda k: list(k.examples)),
    ("counter_examples", lambda k: [{"text": c.text, "cause": c.cause} for c in k.counter_examples]),
    ("phrases", lambda k: list(k.phrases)), ("lacks", lambda k: list(k.lacks)),
)  # fmt: skip


def _row(kind: CauseKind) -> dict[str, Any]:
    return {name: of(kind) for name, of in _SHOWN}


def _past_rows(taxonomy: Taxonomy) -> list[dict[str, Any]]:
    return [
        {"key": key, "name": p.name, "act": p.act, "into": list(p.into), "at": p.at.isoformat() if p.at else None}
        for key, p in taxonomy.past.items()
    ]
