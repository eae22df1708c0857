"""Where a helpdesk can change a card in place: one card, always the newest version, and none when nothing is left."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from plugin.domain.ticket import Status, Ticket
from plugin.ports import Capabilities, Changes, Mode, Temporary
from plugin.work.analyse import fit_tag
from tests.toydesk import ToyDesk
from tests.work.conftest import SmallHouse


@dataclass
class LivingDesk(ToyDesk):
    """A toy desk whose notes can be edited."""

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(signed_webhooks=True, note_update=True, longest_tag=20)

    def write(self, ticket: Ticket, changes: Changes) -> None:
        if changes.note_html or changes.clear_note:
            self.notes.pop(ticket.id, None)
        super().write(ticket, changes)


@pytest.fixture
def living(house: SmallHouse) -> SmallHouse:
    desk = LivingDesk(house.clock)
    house.desk = desk
    house.tools = replace(house.tools, connect=lambda _: desk)
    return house


def say(house: SmallHouse, words: str, event: str) -> None:
    house.customer_says(words)
    house.ring("1", event_id=event)
    house.work()


def shown(house: SmallHouse) -> list[str]:
    return [note.html for note in house.desk.notes.get("1", [])]


def test_every_version_is_written_however_many_there_are(living: SmallHouse) -> None:
    for n in range(12):
        say(living, ("billing_error", "outage", "delivery_late")[n % 3], f"e{n}")
        assert len(shown(living)) == 1
    assert living.desk.calls.count("write") == 12
    assert "delivery" in shown(living)[0].lower()


def test_a_ticket_with_nothing_left_to_say_loses_its_card(living: SmallHouse) -> None:
    say(living, "billing_error", "a")
    say(living, "never mind", "b")
    assert shown(living) == []
    assert living.desk.tickets["1"].tags == frozenset()
    writes = living.desk.calls.count("write")
    say(living, "never mind again", "c")
    assert living.desk.calls.count("write") == writes
    say(living, "billing_error", "d")
    assert len(shown(living)) == 1


def test_a_card_taken_away_is_taken_away_even_without_tags(living: SmallHouse) -> None:
    say(living, "billing_error", "a")
    living.desk.add(replace(living.desk.tickets["1"], tags=frozenset()))
    say(living, "never mind", "b")
    assert shown(living) == []


def test_the_kill_switch_and_closed_tickets_keep_their_card_as_it_was(living: SmallHouse) -> None:
    say(living, "billing_error", "a")
    living.set(stopped=True)
    say(living, "never mind", "b")
    assert len(shown(living)) == 1
    living.set(stopped=False, mode=Mode.WRITE)
    living.desk.add(replace(living.desk.tickets["1"], status=Status.CLOSED))
    say(living, "never mind again", "c")
    assert len(shown(living)) == 1


def test_an_edit_whose_answer_was_lost_is_looked_for(living: SmallHouse) -> None:
    living.desk.fail_after_write.append(Temporary("the answer was lost", unknown=True))
    say(living, "billing_error", "a")
    living.work(3600)
    assert len(shown(living)) == 1
    assert living.desk.calls.count("write") == 2  # the card, and then the tags alone
    assert "find_marker" in living.desk.calls


def test_a_version_that_comes_back_is_written_again(living: SmallHouse) -> None:
    for n, word in enumerate(("billing_error", "outage", "billing_error")):
        say(living, word, f"e{n}")
    assert "billing" in shown(living)[0].lower()


def test_tags_fit_the_helpdesk_and_are_known_again(living: SmallHouse) -> None:
    say(living, "billing_error", "a")
    (tag,) = living.desk.tickets["1"].tags
    assert len(tag) <= 20
    writes = living.desk.calls.count("write")
    say(living, "still billing_error", "b")
    assert living.desk.calls.count("write") == writes
    assert living.desk.tickets["1"].tags == {tag}


@pytest.mark.parametrize("longest", [20, 32, 63])
def test_a_shortened_tag_is_always_the_same_and_no_two_meet(longest: int) -> None:
    tags = ["ft_promise_overdue", *(f"ft_cause_a_reason_with_a_very_long_name_number_{n}" for n in range(200))]
    short = [fit_tag(tag, longest) for tag in tags]
    assert short == [fit_tag(tag, longest) for tag in tags]
    assert all(len(tag) <= longest and tag.startswith("ft_") for tag in short)
    assert len(set(short)) == len(set(tags))
    assert short[0] == "ft_promise_overdue"
