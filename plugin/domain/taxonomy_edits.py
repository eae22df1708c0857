"""Change an account's list of causes without losing what was found before: it only goes by another name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import date

from plugin.domain.taxonomy import NO_FAILURE, UNROUTED, CauseKind, PastCause, Taxonomy
from plugin.domain.taxonomy_toml import BadTaxonomy, read_taxonomy, write_taxonomy

OWN_FAMILY = "own"
"""Family of a cause that an account made itself."""


def rename(taxonomy: Taxonomy, key: str, name: str, lang: str = "") -> Taxonomy:
    """Another name; the key stays, so all that was found goes by the new name. With `lang` only in this language."""
    kind = _need(taxonomy, key)
    fresh = replace(kind, names={**kind.names, lang: name}) if lang else replace(kind, name=name, names={})
    return _with(taxonomy, fresh)


def route(taxonomy: Taxonomy, key: str, owner: str, today: date) -> Taxonomy:
    """Another team that can remove it; "" or "unrouted" for nobody, which is counted in days from today."""
    return settled(_with(taxonomy, replace(_need(taxonomy, key), owner="" if owner == UNROUTED else owner)), today)


def add(taxonomy: Taxonomy, kind: CauseKind, today: date) -> Taxonomy:
    """One more cause."""
    if kind.key in taxonomy.causes or kind.key in taxonomy.past:
        raise BadTaxonomy(f"there is or was a cause {kind.key!r}: choose another key")
    return settled(_with(taxonomy, kind), today)


def merge(taxonomy: Taxonomy, key: str, into: str, today: date) -> Taxonomy:
    """One cause goes on in another: what was found under it counts for the other from now on, also in earlier periods.
    Its phrases go with it."""
    kind = _may_go(taxonomy, key)
    _need(taxonomy, into)
    if key == into:
        raise BadTaxonomy("a cause cannot be merged into itself: name another one")
    made = _gone(taxonomy, PastCause(key, kind.name, kind.owner, (into,), "", today), into)
    other = made.causes[into]
    return _with(made, replace(other, phrases=tuple(dict.fromkeys([*other.phrases, *kind.phrases]))))


def split(taxonomy: Taxonomy, key: str, parts: Sequence[CauseKind], rest: str, today: date) -> Taxonomy:
    """Two or more causes in place of one. What was found keeps the old name; what comes goes to the part whose phrases
    or corrections speak for it, else to `rest`, and without one it stays unsure."""
    kind = _may_go(taxonomy, key)
    if len({part.key for part in parts}) < 2:
        raise BadTaxonomy("a split needs two or more parts with different keys")
    if rest and rest not in {part.key for part in parts}:
        raise BadTaxonomy(f"{rest!r} is none of the parts: {', '.join(part.key for part in parts)}")
    into = tuple(part.key for part in parts)
    gone = _gone(taxonomy, PastCause(key, kind.name, kind.owner, into, rest, today), "")
    for part in parts:
        gone = gone if part.key in taxonomy.causes and part.key != key else add(gone, part, today)
    return gone


def part_of(kind: CauseKind, key: str, name: str) -> CauseKind:
    """A part as a split begins it: like the whole, but for its key and name, and with nothing that tells it apart."""
    return replace(kind, key=key, name=name, names={}, examples=(), counter_examples=(), phrases=())


def retire(taxonomy: Taxonomy, key: str, today: date) -> Taxonomy:
    """It is tagged no more; what was found under it keeps its name, and what sounds like it is unsure from now on."""
    kind = _may_go(taxonomy, key)
    return _gone(taxonomy, PastCause(key, kind.name, kind.owner, (), "", today), "")


def bring_back(taxonomy: Taxonomy, key: str, before: Taxonomy) -> Taxonomy:
    """A cause that once was is tagged again, as it stood in an earlier version; the parts of a split stay."""
    kind = before.causes.get(key)
    if key not in taxonomy.past or kind is None:
        raise BadTaxonomy(f"there is no past cause {key!r} to bring back")
    past = {old: p for old, p in taxonomy.past.items() if old != key}
    known = frozenset(taxonomy.causes)
    fresh = replace(kind, outranks=kind.outranks & known,
                    counter_examples=tuple(c for c in kind.counter_examples if c.cause in ("", *known)))  # fmt: skip
    return _with(replace(taxonomy, past=past), fresh)


def replace_with(taxonomy: Taxonomy, given: Taxonomy, today: date) -> Taxonomy:
    """A whole file in place of the list: causes that it leaves out are retired, and what it does not say of the past
    stays known."""
    left_out = [key for key in taxonomy.causes if key not in given.causes and key not in given.past]
    past = {key: old for key, old in taxonomy.past.items() if key not in given.causes} | dict(given.past)
    for key in left_out:
        kind = taxonomy.causes[key]
        past[key] = PastCause(key, kind.name, kind.owner, (), "", today)
    return settled(replace(given, past=past), today)


def settled(taxonomy: Taxonomy, today: date) -> Taxonomy:
    """The same with the day from which each cause without an owner is counted as such."""
    told = {}
    for key, kind in taxonomy.causes.items():
        since = None if kind.owner or key == NO_FAILURE else kind.unrouted_since or today
        told[key] = kind if kind.unrouted_since == since else replace(kind, unrouted_since=since)
    return replace(taxonomy, causes=told)


def checked(taxonomy: Taxonomy) -> Taxonomy:
    """The same after it went through its file form, so that every way of changing it keeps the same rules. Raises
    BadTaxonomy."""
    made = read_taxonomy(write_taxonomy(taxonomy))
    if NO_FAILURE not in made.causes:
        raise BadTaxonomy(f"there must be a cause {NO_FAILURE!r}: it says that nothing went wrong")
    return made


# --- the steps -------------------------------------------------------------------------------------------------------


def _need(taxonomy: Taxonomy, key: str) -> CauseKind:
    kind = taxonomy.causes.get(key)
    if kind is None:
        past = taxonomy.past.get(key)
        why = f"it was {past.act}" if past else f"there is {', '.join(taxonomy.causes)}"
        raise BadTaxonomy(f"no cause {key!r}: {why}")
    return kind


def _may_go(taxonomy: Taxonomy, key: str) -> CauseKind:
    if key == NO_FAILURE:
        raise BadTaxonomy("the cause that says nothing went wrong cannot go: rename it if you like")
    if len(taxonomy.causes) == 2:
        raise BadTaxonomy("two causes are left: one that nothing went wrong, and one more must stay")
    return _need(taxonomy, key)


def _with(taxonomy: Taxonomy, kind: CauseKind) -> Taxonomy:
    return replace(taxonomy, causes={**taxonomy.causes, kind.key: kind})


def _gone(taxonomy: Taxonomy, past: PastCause, into: str) -> Taxonomy:
    """Without this cause; whatever named it names `into`, or nothing."""
    causes = {key: _forgetting(kind, past.key, into) for key, kind in taxonomy.causes.items() if key != past.key}
    return replace(taxonomy, causes=causes, past={**taxonomy.past, past.key: past})


def _forgetting(kind: CauseKind, key: str, into: str) -> CauseKind:
    named = {into if other == key else other for other in kind.outranks} - {"", kind.key}
    others = tuple(
        replace(c, cause="" if into == kind.key else into) if c.cause == key else c for c in kind.counter_examples
    )
    return replace(kind, outranks=frozenset(named), counter_examples=others)


# --- telling ---------------------------------------------------------------------------------------------------------


def tell_changes(before: Taxonomy, after: Taxonomy) -> list[str]:
    """What differs, a line each, for people who are about to do it."""
    return [*_gone_lines(before, after), *_new_lines(before, after), *_changed_lines(before, after),
            *_owner_lines(before.owners, after.owners)]  # fmt: skip


def _gone_lines(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    for key in before.causes:
        if key not in after.causes:
            past = after.past.get(key)
            into = f" into {', '.join(past.into)}" if past and past.into else ""
            yield f"- {key}: {past.act if past else 'gone'}{into}"


def _new_lines(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    for key, kind in after.causes.items():
        if key not in before.causes:
            yield f"+ {key}: {kind.name} (owner: {kind.owner or UNROUTED})"


def _changed_lines(before: Taxonomy, after: Taxonomy) -> Iterator[str]:
    for key, kind in after.causes.items():
        old = before.causes.get(key)
        for one in fields(CauseKind) if old is not None and old != kind else ():
            was, now = getattr(old, one.name), getattr(kind, one.name)
            if was != now:
                yield f"~ {key}.{one.name}: {_told(was)} -> {_told(now)}"


def _owner_lines(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for key in {**before, **after}:
        if before.get(key) != after.get(key):
            yield f"~ owners.{key}: {_told(before.get(key))} -> {_told(after.get(key))}"


def _told(value: object) -> str:
    if isinstance(value, frozenset):
        value = tuple(sorted(value))
    if isinstance(value, tuple):
        return ", ".join(map(_told, value)) or "nothing"
    if isinstance(value, dict):
        return ", ".join(f"{k} {v}" for k, v in value.items()) or "nothing"
    text = getattr(value, "text", None)
    return str(value if text is None else text) or "nothing"
