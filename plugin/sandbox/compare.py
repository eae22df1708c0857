"""Hold what was found against what a story says should be found, and name every difference in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from plugin.domain.findings import Commitment, Findings, Preference, State
from plugin.domain.words import fold
from plugin.sandbox.script import Expected, Promise, Wish


def differences(
    expected: Expected, found: Findings | None, made: Mapping[int, str], notes: list[str], newest: str
) -> list[str]:
    """Every difference as a line; none when all is as written. `made` tells which message each step made, `notes` are
    our notes on the ticket, `newest` the text of the last one."""
    if found is None:
        return ["the ticket was never analysed"]
    return [
        *_cause(expected, found),
        *_promises(expected, found, made),
        *_wishes(expected, found, made),
        *_blocked(expected, found, made),
        *_breaches(expected, found, made),
        *_signals(expected, found),
        *_card(expected, notes, newest),
    ]


def _cause(expected: Expected, found: Findings) -> Iterator[str]:
    if found.cause.key != expected.cause:
        yield f"cause: {found.cause.key}, not {expected.cause}"
    if expected.journey and not set(expected.journey) & set(found.journey):
        yield f"journey: {found.journey}, not {expected.journey}"


def _overlap(one: str, other: str) -> bool:
    """Do two quotes of the same message share their words?"""
    a, b = fold(" ".join(one.split())), fold(" ".join(other.split()))
    return a in b or b in a or len(set(a.split()) & set(b.split())) * 2 >= min(len(a.split()), len(b.split()))


def _promises(expected: Expected, found: Findings, messages: Mapping[int, str]) -> Iterator[str]:
    left = list(found.commitments)
    for promise in expected.commitments:
        match = next((c for c in left if _same_promise(promise, c, messages)), None)
        if match is None:
            yield f"promise not found: {promise.quote!r}"
            continue
        left.remove(match)
        yield from _promise_differs(promise, match)
    for extra in left:
        if not extra.conditional:
            yield f"promise that is none: {extra.evidence.quote!r} ({extra.kind})"


def _same_promise(promise: Promise, c: Commitment, messages: Mapping[int, str]) -> bool:
    return c.evidence.message_id == messages.get(promise.step) and _overlap(promise.quote, c.evidence.quote)


_ONE_KIND = {"reply", "update"}
"""The definitions draw no line between a mail that answers and one that tells how things stand."""


def _promise_differs(promise: Promise, c: Commitment) -> Iterator[str]:
    name = promise.quote[:40]
    if promise.conditional != c.conditional:
        yield f"promise {name!r}: conditional is {c.conditional}"
    if c.kind != promise.kind and {c.kind, promise.kind} != _ONE_KIND:
        yield f"promise {name!r}: kind {c.kind}, not {promise.kind}"
    if promise.due and c.due.end != promise.due:
        yield f"promise {name!r}: due {c.due.end}, not {promise.due}"
    if promise.assumed and not c.due.assumed:
        yield f"promise {name!r}: nobody named a time, but due is {c.due.end} ({c.due.words!r})"
    right = {promise.state, *(("unverifiable",) if promise.unseen else ())}
    if c.state not in right and not (promise.conditional and c.state is State.CONDITIONAL):
        yield f"promise {name!r}: {c.state}, not {promise.state}"


def _wishes(expected: Expected, found: Findings, messages: Mapping[int, str]) -> Iterator[str]:
    left = [p for p in found.preferences if not p.withdrawn]
    for wish in expected.preferences:
        match = next((p for p in left if _same_wish(wish, p, messages)), None)
        if match is None:
            yield f"preference not found: {wish.quote!r} ({wish.polarity} {wish.channel} {wish.point})"
        else:
            left.remove(match)
    for extra in left:
        polarity = "refuse" if extra.refuse else "want"
        yield f"preference that is none: {extra.evidence.quote!r} ({polarity} {extra.channel} {extra.point})"


def _same_wish(wish: Wish, p: Preference, messages: Mapping[int, str]) -> bool:
    return (
        p.evidence.message_id == messages.get(wish.step)
        and p.channel == wish.channel
        and p.refuse == (wish.polarity == "refuse")
        and (not wish.point or _same_point(wish.point, p.point))
    )


def _same_point(one: str, other: str) -> bool:
    """The same digits at the end of a number, or the same words."""
    a, b = ("".join(c for c in x if c.isdigit()) for x in (one, other))
    if len(a) >= 6 and len(b) >= 6:
        return a.endswith(b[-7:]) or b.endswith(a[-7:])
    return bool(other) and _overlap(one, other)


def _blocked(expected: Expected, found: Findings, messages: Mapping[int, str]) -> Iterator[str]:
    got = {(b.evidence.message_id, str(b.channel)) for b in found.blocked}
    want = {(messages.get(step, ""), channel) for step, channel, _ in expected.blocked}
    for _, channel in sorted(want - got):
        yield f"blocked point not found: {channel}"
    for _, channel in sorted(got - want):
        yield f"blocked point that is none: {channel}"


def _breaches(expected: Expected, found: Findings, messages: Mapping[int, str]) -> Iterator[str]:
    got = {a.message_id for a in found.adherence if a.verdict == "breached"}
    want = {messages.get(step, "") for step, _ in expected.breaches}
    if got != want:
        yield f"breaches: {len(got & want)} as expected, {len(want - got)} missed, {len(got - want)} that are none"


def _signals(expected: Expected, found: Findings) -> Iterator[str]:
    flags = {f.key for f in found.flags}
    if flags != set(expected.flags):
        yield f"flags: {sorted(flags)}, not {sorted(expected.flags)}"
    counts = {s.kind: s.count for s in found.effort}
    for kind, count in expected.effort.items():
        if counts.get(kind, 0) != count:
            yield f"effort: {kind} {counts.get(kind, 0)}, not {count}"
    unsupported = {s.lang for s in found.unsupported}
    if expected.unsupported and unsupported not in (set(expected.unsupported), {"unknown"}):
        yield f"languages not supported: {sorted(unsupported)}, not {sorted(expected.unsupported)}"


def _card(expected: Expected, notes: list[str], newest: str) -> Iterator[str]:
    fewest, most = expected.notes
    if not fewest <= len(notes) <= most:
        yield f"notes: {len(notes)}, not {fewest} to {most}"
    for fragment in expected.card:
        if fold(fragment) not in fold(newest):
            yield f"the card does not say {fragment!r}"
