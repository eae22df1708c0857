"""Change an account's list of causes: look first, keep every version, and go back to any of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import structlog

from plugin.domain.taxonomy import Taxonomy
from plugin.domain.taxonomy_edits import bring_back, checked, replace_with, tell_changes
from plugin.domain.taxonomy_toml import BadTaxonomy, read_taxonomy, write_taxonomy
from plugin.languages.taxonomy import load_taxonomy
from plugin.ports import Account, Rejected, Storage, Unit

log = structlog.get_logger()

Edit = Callable[[Taxonomy, date], Taxonomy]
"""What makes another list of one, on a day."""

_read = lru_cache(maxsize=256)(read_taxonomy)
"""Lists as texts, read once: few accounts have one of their own, and they seldom change."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change did, or would do: a line each, the list before and after, and the version made (0: none)."""

    lines: tuple[str, ...]
    before: Taxonomy
    after: Taxonomy
    version: int = 0


def taxonomy_of(u: Unit, account_id: str, version: int | None = None) -> Taxonomy:
    """The account's list of causes as it is, or as it was; 0 is the one of the program. Rejected where there never was
    that version."""
    wanted = u.taxonomies.version(account_id) if version is None else version
    if not wanted:
        return load_taxonomy()
    kept = u.taxonomies.get(account_id, wanted)
    if kept is None:
        raise Rejected(f"there is no version {wanted} of the causes: followthrough causes history {account_id}")
    return _read(kept.body)


def change(
    storage: Storage, account: Account, edit: Edit, what: str, by: str, now: datetime, *, dry_run: bool = False,
    also: Callable[[Unit], None] = lambda _: None,
) -> Changed:  # fmt: skip
    """Change the list and keep it as a new version, and do what is `also` to be done in the same transaction; where
    nothing differs no version is kept, with `dry_run` nothing at all. Rejected with all that is wrong with the list."""
    today = now.astimezone(ZoneInfo(account.zone)).date()
    with storage.unit(reading=dry_run) as u:
        before = taxonomy_of(u, account.id)
        try:
            after = checked(edit(before, today))
        except BadTaxonomy as error:
            raise Rejected(str(error)) from None
        lines = tuple(tell_changes(before, after))
        if dry_run:
            return Changed(lines, before, after)
        also(u)
        if after == before:
            return Changed(lines, before, after)
        version = u.taxonomies.add(account.id, write_taxonomy(after), by, what, _names(after), now)
    log.info("causes.changed", account=account.id, version=version, by=by)
    return Changed(lines, before, after, version)


def import_text(text: str) -> Edit:
    """The edit that puts a file in place of the list. Rejected with line, key and remedy of each fault."""
    try:
        given = read_taxonomy(text)
    except BadTaxonomy as error:
        raise Rejected(str(error)) from None
    return lambda before, today: replace_with(before, given, today)


def restore(
    storage: Storage, account: Account, version: int | None, by: str, now: datetime, *, dry_run: bool = False
) -> Changed:
    """Go back to a version (0: the list of the program; None: the one before the last change). What was made since is
    retired, not forgotten."""
    with storage.unit(reading=True) as u:
        newest = u.taxonomies.version(account.id)
        if version is None and not newest:
            raise Rejected("the causes were never changed: there is nothing to go back to")
        wanted = newest - 1 if version is None else version
        then = taxonomy_of(u, account.id, wanted)
    return change(
        storage, account, lambda before, today: replace_with(before, then, today), f"restore version {wanted}", by, now,
        dry_run=dry_run,
    )  # fmt: skip


def reinstate(
    storage: Storage, account: Account, key: str, by: str, now: datetime, *, dry_run: bool = False
) -> Changed:
    """Tag a cause again that once was, as it last stood."""
    with storage.unit(reading=True) as u:
        versions = [*(kept.version for kept in u.taxonomies.list(account.id)), 0]
        lists = (taxonomy_of(u, account.id, version) for version in versions)
        last = next((one for one in lists if key in one.causes), None)
    if last is None:
        raise Rejected(f"there never was a cause {key!r}: followthrough causes list {account.id}")
    return change(storage, account, lambda before, _: bring_back(before, key, last), f"reinstate {key}", by, now,
                  dry_run=dry_run)  # fmt: skip


def _names(taxonomy: Taxonomy) -> dict[str, tuple[str, str]]:
    """By every key that was ever found: what it counts for now, and whose that is."""
    known = [*taxonomy.causes, *taxonomy.past]
    return {key: (taxonomy.now(key), taxonomy.owner_of(key)) for key in known}
