"""What webhooks said is forgotten in time; that they came is not, and a late repeat still changes nothing."""

from __future__ import annotations

from plugin.work.retain import empty_old_bodies

from .conftest import SmallHouse


def test_old_webhooks_are_emptied_and_still_recognised(house: SmallHouse) -> None:
    assert house.ring("1", event_id="one")
    house.clock.move(days=60)
    assert house.ring("2", event_id="two")
    assert empty_old_bodies(house.tools, 90) == 0
    house.clock.move(days=31)
    assert empty_old_bodies(house.tools, 90) == 1
    assert empty_old_bodies(house.tools, 90) == 0
    with house.storage.unit() as u:
        bodies = {row["ticket_id"]: u.history.body(row["id"]) for row in u.history.deliveries()}
    assert bodies["1"] == b""
    assert bodies["2"] != b""
    assert not house.ring("1", event_id="one"), "a repeat is known by its name"
