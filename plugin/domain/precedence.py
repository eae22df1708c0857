"""Of all that a customer said about being contacted, keep what holds now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plugin.domain.findings import Preference
from plugin.domain.points import same_point
from plugin.domain.ticket import Channel

MOST_HELD = 50
"""Statements that hold at the same time, the newest: nobody means more, and each new one is held against all."""


def current(preferences: Iterable[Preference], held: Sequence[Preference] = ()) -> list[Preference]:
    """What holds after all of these, oldest first: newer over older, narrower beside broader, a refusal until it is
    taken back, a withdrawal ends. Preferences of one message never replace each other. `held` is what held before
    the first of them."""
    for new in sorted(preferences, key=lambda p: p.said_at):
        held = [old for old in held if not _replaces(new, old)]
        if not new.withdrawn:
            held = [*held[1 - MOST_HELD :], new]
    return list(held)


def _replaces(new: Preference, old: Preference) -> bool:
    """Does the newer statement end the older one?"""
    if new.withdrawn and new.source == "page":  # the customer pointed at exactly one
        return new.key == old.key
    if new.evidence.message_id and new.evidence.message_id == old.evidence.message_id:
        return False
    if new.channel is not old.channel:
        return new.refuse and new.channel is Channel.ANY and not old.refuse and _covers(new, old)
    if new.withdrawn or (new.lifts and old.refuse):
        return not new.point or same_point(new.point, old.point)
    if new.refuse and not old.refuse:
        return _covers(new, old)
    if old.refuse and not new.refuse:
        return (new.point, new.window, new.purpose) == (old.point, old.window, old.purpose)
    return _restates(new, old)


def _covers(new: Preference, old: Preference) -> bool:
    """Is all that the older one allows refused now? A refusal of one number or hour leaves the rest standing."""
    return (not new.point or same_point(new.point, old.point)) and not new.window and not new.purpose


def _restates(new: Preference, old: Preference) -> bool:
    """The same wish or refusal said anew: it replaces what differs, and leaves what it does not speak of."""
    if new.refuse:
        return same_point(new.point, old.point) or (not new.point and not new.window and not new.purpose)
    if new.purpose != old.purpose:
        return False
    if not (new.point or new.window):
        return not (old.point or old.window)
    return not (old.point and not new.point) and not (old.window and not new.window)
