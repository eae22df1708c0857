"""The way of one webhook: in, kept, looked at once, said once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from plugin.domain.ticket import Status
from plugin.ports import Disconnected, Mode, Refused, Rejected, Temporary
from plugin.work.drain import CRASHES, claim, perform, wait_before
from plugin.work.post import post
from plugin.work.reconcile import reconcile
from tests.work.conftest import SmallHouse


def notes(house: SmallHouse, ticket: str = "1") -> list[str]:
    return [n.marker for n in house.desk.notes.get(ticket, [])]


def counts(house: SmallHouse) -> dict[str, int]:
    with house.storage.unit() as u:
        return u.queue.counts()


def test_a_webhook_in_gives_one_card_back(house: SmallHouse) -> None:
    house.customer_says("you charged me twice, billing_error")
    assert house.ring("1")
    house.work()
    assert len(notes(house)) == 1
    assert "Billing" in house.desk.notes["1"][0].html or "billing" in house.desk.notes["1"][0].html
    assert house.desk.tickets["1"].tags == {"ft_cause_billing_error"}


def test_a_repeated_delivery_changes_nothing(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    assert house.ring("1", event_id="e1")
    assert not house.ring("1", event_id="e1")
    house.work()
    fetches = house.desk.calls.count("fetch_ticket")
    assert not house.ring("1", event_id="e1")
    house.work()
    assert house.desk.calls.count("fetch_ticket") == fetches == 1


def test_doorbells_within_the_quiet_window_become_one_fetch(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    for n in range(7):
        house.ring("1", event_id=f"e{n}")
        house.clock.move(seconds=0.2)
    house.work()
    assert house.desk.calls.count("fetch_ticket") == 1


def test_a_ring_while_the_job_is_leased_makes_it_run_once_more(house: SmallHouse) -> None:
    house.customer_says("hello")
    house.ring("1", event_id="a")

    def ring_inside(_: str) -> None:
        house.desk.on_fetch = None
        house.customer_says("billing_error")
        house.ring("1", event_id="b")

    house.desk.on_fetch = ring_inside
    house.work()
    house.work()
    assert house.desk.calls.count("fetch_ticket") == 2
    assert len(notes(house)) == 1


def test_our_own_writes_wake_nobody(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1", event_id="a")
    house.work()
    for n in range(200):
        house.ring("1", event_id=f"own{n}", actor_id=house.account.own_user_id)
        house.work()
    assert len(notes(house)) == 1
    assert house.desk.calls.count("fetch_ticket") == 1


def test_a_webhook_of_another_user_that_changes_nothing_writes_nothing(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    for n in range(20):
        house.ring("1", event_id=f"e{n}")
        house.work()
    assert len(notes(house)) == 1
    assert house.desk.calls.count("write") == 1


def test_nothing_to_say_writes_nothing(house: SmallHouse) -> None:
    house.customer_says("thanks a lot")
    house.ring("1")
    house.work()
    assert notes(house) == []
    assert "write" not in house.desk.calls


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.SUGGEST])
def test_a_mode_that_may_not_write_keeps_the_card_and_writes_nothing(house: SmallHouse, mode: Mode) -> None:
    house.set(mode=mode)
    house.customer_says("billing_error")
    house.ring("1")
    house.work()
    assert "write" not in house.desk.calls
    with house.storage.unit() as u:
        card = u.ledger.newest_card("toy", "1")
    assert card is not None
    assert card.state == "kept"
    assert card.why == f"mode {mode.value}"


def test_the_kill_switch_stops_a_note_that_was_due_already(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    job = claim(house.tools, 1)[0]
    perform(job, house.tools)
    house.set(stopped=True)
    house.work()
    assert "write" not in house.desk.calls


def test_at_most_two_notes_a_day_and_five_in_all(house: SmallHouse) -> None:
    words = ("billing_error", "outage", "delivery_late", "billing_error")
    for day in range(6):
        for n, word in enumerate(words):
            house.customer_says(f"now it is {word}")
            house.ring("1", event_id=f"{day}-{n}")
            house.work()
        house.clock.move(days=1)
    assert len(notes(house)) <= 5
    first_day = [n for n in house.desk.notes["1"] if n.at < house.desk.notes["1"][0].at + timedelta(hours=23)]
    assert len(first_day) <= 2


def test_what_a_note_has_said_is_not_said_again(house: SmallHouse) -> None:
    for n, word in enumerate(("billing_error", "outage", "billing_error")):
        house.customer_says(word)
        house.ring("1", event_id=f"e{n}")
        house.work()
        house.clock.move(days=2)
    assert len(notes(house)) == 2


def test_a_note_whose_answer_was_lost_is_looked_for_before_another_try(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.desk.fail_after_write.append(Temporary("the answer was lost", unknown=True))
    house.work()
    house.work(3600)
    assert len(notes(house)) == 1
    assert "find_marker" in house.desk.calls
    with house.storage.unit() as u:
        card = u.ledger.newest_card("toy", "1")
    assert card is not None
    assert card.state == "posted"


def test_a_worker_that_died_after_writing_leaves_one_note(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    perform(claim(house.tools, 1)[0], house.tools)
    job = claim(house.tools, 1)[0]

    class Died(BaseException):
        pass

    house.desk.fail_after_write.append(Died())  # type: ignore[arg-type]
    with pytest.raises(Died):
        post(job, house.account, house.tools)
    house.work(301)
    assert len(notes(house)) == 1


def test_a_worker_whose_lease_ran_out_neither_saves_nor_writes(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.clock.move(seconds=5)
    job = claim(house.tools, 1)[0]
    house.desk.on_fetch = lambda _: house.clock.move(minutes=6) and None
    assert perform(job, house.tools) == "lost"
    house.desk.on_fetch = None
    with house.storage.unit() as u:
        assert u.ledger.findings("toy", "1") is None
    house.work()
    assert len(notes(house)) == 1


def test_a_poison_ticket_is_buried_and_its_neighbours_go_on(house: SmallHouse) -> None:
    house.customer_says("poison", "1")
    house.customer_says("billing_error", "2")
    house.ring("1")
    house.ring("2")
    for _ in range(10):
        house.work(4000)
    assert counts(house).get("buried") == 1
    assert len(notes(house, "2")) == 1
    house.customer_says("outage", "1")
    house.ring("1", event_id="later")
    house.work()
    assert len(notes(house, "1")) == 1


def test_a_job_that_ends_the_process_every_time_is_buried_in_the_end(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    for _ in range(house.tools.limits.max_attempts + CRASHES):
        house.clock.move(seconds=house.tools.limits.lease.total_seconds() + 5)
        assert len(claim(house.tools, 1)) == 1  # and the process dies
    house.clock.move(seconds=house.tools.limits.lease.total_seconds() + 5)
    (job,) = claim(house.tools, 1)
    assert perform(job, house.tools) == "buried"
    assert counts(house)["buried"] == 1


def test_refused_credentials_pause_the_account_and_keep_the_job(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.desk.fail += [Disconnected("401"), Disconnected("401")]
    house.work()
    with house.storage.unit() as u:
        account = u.accounts.get("toy")
        assert account is not None
        assert account.paused == "401"
    assert house.work(600) == 0
    house.set(paused="")
    house.work()
    assert len(notes(house)) == 1


def test_one_forbidden_ticket_does_not_pause_its_account(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.desk.fail.append(Disconnected("403"))
    house.work()
    with house.storage.unit() as u:
        account = u.accounts.get("toy")
        assert account is not None
        assert not account.paused
    assert counts(house)["buried"] == 1


def test_a_helpdesk_that_asks_for_patience_gets_it(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.desk.fail.append(Temporary("429", retry_after=93))
    house.work()
    assert house.work(60) == 0
    assert house.work(60) > 0


def test_a_rejected_job_is_buried_at_once(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.desk.fail.append(Rejected("no such ticket"))
    house.work()
    assert counts(house)["buried"] == 1


def test_a_closed_ticket_gets_no_note(house: SmallHouse) -> None:
    from dataclasses import replace

    house.customer_says("billing_error")
    house.desk.tickets["1"] = replace(house.desk.tickets["1"], status=Status.CLOSED)
    house.ring("1")
    house.work()
    assert "write" not in house.desk.calls


def test_reconcile_finds_what_no_doorbell_told_and_only_that(house: SmallHouse) -> None:
    house.customer_says("billing_error", "1")
    house.ring("1")
    house.work()
    house.customer_says("outage", "2")
    with house.storage.unit() as u:
        account = u.accounts.get("toy")
    assert account is not None
    reconcile(account, house.tools)
    house.work()
    assert len(notes(house, "2")) == 1
    before = house.desk.calls.count("fetch_ticket")
    reconcile(account, house.tools)
    house.work()
    assert house.desk.calls.count("fetch_ticket") <= before + 1


def test_a_payload_that_names_another_account_is_refused(house: SmallHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    house.set(external_id="55")
    point = house.desk.point
    monkeypatch.setattr(house.desk, "point", lambda d: replace(point(d), account_ref="56"))
    with pytest.raises(Refused) as refused:
        house.ring("1")
    assert refused.value.status == 401


def test_waits_grow_and_stay_within_bounds() -> None:
    waits = [wait_before(n, 1.0).total_seconds() for n in range(1, 40)]
    assert waits == sorted(waits)
    assert waits[0] == 5
    assert waits[-1] == 3600


def test_a_card_kept_in_observe_mode_is_written_at_the_next_look_once_writing_is_allowed(house: SmallHouse) -> None:
    house.set(mode=Mode.OBSERVE)
    house.customer_says("billing_error")
    house.ring("1")
    house.work()
    assert not house.desk.notes.get("1")
    house.set(mode=Mode.WRITE)
    for n in range(2):
        house.ring("1", event_id=f"later-{n}")
        house.work()
    assert len(house.desk.notes["1"]) == 1


def test_a_card_that_the_kill_switch_held_back_is_written_at_the_next_look_after_it(house: SmallHouse) -> None:
    house.set(stopped=True)
    house.customer_says("billing_error")
    house.ring("1")
    house.work()
    assert "write" not in house.desk.calls
    house.set(stopped=False)
    for n in range(2):
        house.ring("1", event_id=f"later-{n}")
        house.work()
    assert len(house.desk.notes["1"]) == 1


def test_our_tags_go_when_there_is_nothing_left_to_say(house: SmallHouse) -> None:
    house.customer_says("billing_error")
    house.ring("1")
    house.work()
    assert "ft_cause_billing_error" in house.desk.tickets["1"].tags
    house.customer_says("never mind")
    house.ring("1", event_id="later")
    house.work()
    assert not [tag for tag in house.desk.tickets["1"].tags if tag.startswith("ft_")]
    assert len(house.desk.notes["1"]) == 1
