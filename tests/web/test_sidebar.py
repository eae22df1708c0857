"""What the sidebar shows, and that every word said there is kept, shown, obeyed and taken back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plugin.domain.corrections import targets
from plugin.domain.findings import Spoken, State
from plugin.domain.ticket import Role
from plugin.ports import Mode
from plugin.web.pages import STATIC
from tests.web.inside import NOW, TICKET, Inside, a_ticket, an_account, make_inside

EVIL = "You charged me twice <script>alert(1)</script><img src=x onerror=alert(1)> \u202eno for the March invoice!"


@pytest.fixture
def inside(tmp_path: Path) -> Iterator[Inside]:
    made = make_inside(tmp_path / "home")
    made.open()
    made.card()
    yield made
    made.house.close()


def change(inside: Inside, **changes: Any) -> None:
    with inside.house.storage.unit() as u:
        u.accounts.update("acme", **changes)
    inside.house._accounts.clear()


def key_of(inside: Inside, topic: str, words: str = "") -> str:
    return next(t.key for t in targets(inside.findings()) if t.topic == topic and words in t.words)


def plain(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def undo_ids(html: str) -> list[str]:
    return re.findall(r'name="id" value="(\d+)"', html)


# --- what is shown ---------------------------------------------------------------------------------------------------


def test_the_card_tells_what_is_owed_why_and_how_to_reach_the_customer(inside: Inside) -> None:
    shown = plain(inside.card().text)
    assert "Owed: 3" in shown
    assert "late: 23 hours" in shown
    assert "in 2 days" in shown
    assert "Root cause" in shown
    assert "Contact wish: e-mail" in shown
    assert "Says they may leave" in shown
    assert "Messages read: 5/5" in shown
    assert "Wed 4 Mar 16:00" in shown  # the account's zone


def test_at_most_seven_lines_stand_first(inside: Inside) -> None:
    lines, more = inside.card().text.split("More:")
    assert lines.count('<p class="what"') == 7
    assert more.count('<p class="what"') >= 3


def test_every_line_has_the_words_that_prove_it_and_a_way_to_the_message(inside: Inside) -> None:
    for line in inside.card().text.split("<li class=")[1:8]:
        assert "<blockquote" in line
        assert re.search(
            r'href="https://acme\.zendesk\.com/agent/tickets/17#comment-[^"]+" target="_blank" rel="noopener', line
        )


def test_customers_words_are_words_and_never_markup(inside: Inside) -> None:
    inside.save(
        a_ticket("66", ((-3, Role.CUSTOMER, EVIL), (-2, Role.AGENT, "I will refund it by <b>Tuesday</b>."))),
        an_account(),
    )
    inside.open()
    html = inside.card("66").text
    assert "Tuesday" in html
    assert not re.search(r"<(script|img|b>Tues)", html)
    assert "\u202e" not in html


def test_a_ticket_without_promises_is_seen_to_be_empty(inside: Inside) -> None:
    inside.save(a_ticket("20", ((-3, Role.CUSTOMER, "Thank you, all is well now."),)), an_account())
    inside.open()
    shown = plain(inside.card("20").text)
    assert "Nothing is owed on this ticket" in shown
    assert "Messages read: 1/1" in shown


def test_a_ticket_nobody_has_looked_at_says_so(inside: Inside) -> None:
    inside.open()
    shown = plain(inside.card("999").text)
    assert "has not been looked at yet" in shown
    assert "Nothing is owed" not in shown


def test_a_language_without_a_pack_never_looks_calm(inside: Inside) -> None:
    found = replace(inside.findings(), commitments=(), spoken=(Spoken("m", "fi", "detector", False),) * 2)
    with inside.house.storage.unit() as u:
        u.ledger.save("acme", a_ticket(), found, NOW)
    shown = plain(inside.card().text)
    assert "Language not supported" in shown
    assert "Nothing is owed" not in shown
    assert "Messages read: 0/2" in shown


def test_an_interrupted_connection_is_told_beside_what_was_known(inside: Inside) -> None:
    change(inside, paused="401")
    shown = plain(inside.card().text)
    assert "interrupted" in shown
    assert "Owed: 3" in shown


def test_an_account_that_is_only_watched_shows_one_calm_line(tmp_path: Path) -> None:
    inside = make_inside(tmp_path / "home", an_account(mode=Mode.OBSERVE))
    page = inside.open()
    assert "only watching here" in page.text
    assert "data-bearer" not in page.text
    assert "<script" not in page.text
    inside.house.close()


def test_a_pass_from_before_the_watching_shows_and_changes_nothing(inside: Inside) -> None:
    change(inside, mode=Mode.OBSERVE)
    assert inside.card().status_code == 403
    assert inside.act(act="look").status_code == 403


@pytest.mark.parametrize(
    ("scheme", "theme"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ('x"', "")]
)
def test_the_colours_of_the_helpdesk_are_there_before_the_first_paint(inside: Inside, scheme: str, theme: str) -> None:
    assert f'<html lang="en" dir="ltr"{theme}>' in inside.open(colorScheme=scheme).text


def test_arabic_runs_from_right_to_left(inside: Inside) -> None:
    change(inside, locale="ar")
    assert '<html lang="ar" dir="rtl"' in inside.open().text
    assert '<div class="ft" lang="ar" dir="rtl"' in inside.card().text


def test_a_bug_tells_a_reference_and_nothing_else(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plugin.web.sidebar.show", lambda *_: 1 / 0)
    answer = inside.card()
    assert answer.status_code == 500
    assert re.search(r"Reference: <code>|<code>[0-9a-f]{8}</code>", answer.text)
    assert "ZeroDivision" not in answer.text


# --- what is said ----------------------------------------------------------------------------------------------------

SAYINGS = (
    ("commitments", "refund", "confirm", ""), ("commitments", "refund", "dismiss", ""),
    ("commitments", "call you", "correct", "kept"), ("causes", "", "confirm", ""), ("causes", "", "dismiss", ""),
    ("causes", "", "correct", "outage"), ("causes", "", "correct", "none"), ("preferences", "Write", "confirm", ""),
    ("preferences", "Write", "dismiss", ""), ("flags", "cancel", "dismiss", ""), ("effort", "Any", "dismiss", ""),
)  # fmt: skip


@pytest.mark.parametrize(("topic", "words", "act", "value"), SAYINGS)
def test_every_saying_is_shown_outlives_a_new_look_and_can_be_taken_back(
    inside: Inside, topic: str, words: str, act: str, value: str
) -> None:
    before = inside.findings()
    key = key_of(inside, topic, words)
    answer = inside.act(act=act, topic=topic, key=key, value=value)
    assert answer.status_code == 200
    assert len(undo_ids(answer.text)) == 1
    assert "Saved." in answer.text
    assert inside.work() == 1
    assert len(undo_ids(inside.card().text)) == 1
    if act != "confirm":
        assert inside.findings() != replace(before, as_of=inside.findings().as_of)
    back = inside.undo(undo_ids(answer.text)[0])
    assert "Taken back." in back.text
    assert undo_ids(back.text) == []
    inside.work()
    after = inside.findings()
    assert replace(after, as_of=before.as_of) == before


def test_a_dismissed_promise_is_owed_no_more_at_once(inside: Inside) -> None:
    answer = inside.act(act="dismiss", topic="commitments", key=key_of(inside, "commitments", "refund"))
    assert "Owed: 2" in plain(answer.text)
    assert "Not a promise, says an agent" in answer.text
    inside.work()
    assert State.DISMISSED in {c.state for c in inside.findings().commitments}


@pytest.fixture
def doubted(inside: Inside) -> str:
    """Key of a promise that people dismissed much like: its line asks."""
    found = inside.findings()
    first = found.commitments[0]
    asked = (replace(first, asked=True), *found.commitments[1:])
    with inside.house.storage.unit() as u:
        u.ledger.save("acme", a_ticket(now=NOW), replace(found, commitments=asked), NOW)
    return first.key


@pytest.mark.parametrize(("answer", "button", "told"), [
    ("confirm", "Yes, a promise", "Confirmed by an agent"),
    ("dismiss", "Not a promise", "Not a promise, says an agent"),
])  # fmt: skip
def test_a_doubted_promise_is_asked_about_and_the_answer_is_learned_from(
    inside: Inside, doubted: str, answer: str, button: str, told: str
) -> None:
    html = inside.card().text
    assert html.count("Is this a promise?") == 1
    group = html.partition("Is this a promise?")[2].partition("</div>")[0]
    assert f"<button>{button}</button>" in group, "a button: the keyboard reaches it"
    name = re.search(r'aria-labelledby="(commitments-\w+) (commitments-\w+-ask)"', group)
    assert name is not None
    assert all(f'id="{part}"' in html for part in name.groups())
    answered = inside.act(act=answer, topic="commitments", key=doubted).text
    assert "Is this a promise?" not in answered
    assert told in answered
    with inside.house.storage.unit() as u:
        assert [(c.topic, c.act) for c in u.corrections.all("acme")] == [("commitments", answer)]


def test_the_question_is_asked_in_arabic_too_and_carries_no_number(inside: Inside, doubted: str) -> None:
    change(inside, locale="ar")
    html = inside.card().text
    question = re.search(r'<p class="ask"[^>]*>([^<]+)</p>', html)
    assert question is not None
    assert question[1] == "هل هذا وعد؟"


def test_a_promise_that_another_team_keeps_names_it(inside: Inside) -> None:
    found = inside.findings()
    shared = replace(found.commitments[0], promiser="team", party="our billing team")
    with inside.house.storage.unit() as u:
        u.ledger.save("acme", a_ticket(now=NOW), replace(found, commitments=(shared,)), NOW)
    assert "owed by who wrote it and by: our billing team" in plain(inside.card().text)


def test_the_quoted_words_come_from_the_finding_and_not_from_the_page(inside: Inside) -> None:
    inside.act(act="dismiss", topic="flags", key="leaving", words="anything")
    with inside.house.storage.unit() as u:
        assert [c.words for c in u.corrections.all("acme")] == ["I will cancel"]


def test_a_mistake_is_not_made_again_over_the_same_words(inside: Inside) -> None:
    inside.act(act="dismiss", topic="flags", key="leaving")
    inside.desk.add(a_ticket("18"))
    with inside.house.storage.unit() as u:
        u.queue.put("acme", "analyse", "ticket:18", NOW)
    inside.work()
    assert "leaving" not in {f.key for f in inside.findings("18").flags}


def test_note_and_tags_follow_what_was_said(inside: Inside) -> None:
    change(inside, mode=Mode.WRITE)
    inside.act(act="look")
    while inside.work():
        pass
    before = inside.findings().cause.key
    assert f"ft_cause_{before}" in inside.desk.tickets[TICKET].tags
    inside.act(act="correct", topic="causes", key=before, value="outage")
    while inside.work():
        pass
    tags = inside.desk.tickets[TICKET].tags
    assert "ft_cause_outage" in tags
    assert f"ft_cause_{before}" not in tags
    assert "The service is down" in inside.desk.notes[TICKET][-1].html


def test_an_unsure_cause_can_be_told(inside: Inside) -> None:
    inside.act(act="dismiss", topic="causes", key=key_of(inside, "causes"))
    inside.work()
    assert "Root cause: not sure" in inside.card().text
    answer = inside.act(act="correct", topic="causes", key="unsure", value="billing_error")
    assert "Charged wrongly" in answer.text
    inside.work()
    assert (inside.findings().cause.key, inside.findings().cause.confidence) == ("billing_error", "sure")


@pytest.mark.parametrize("said", [
    {"act": "dismiss", "topic": "commitments", "key": "0" * 20}, {"act": "burn", "topic": "flags", "key": "leaving"},
    {"act": "correct", "topic": "flags", "key": "leaving", "value": "upset"}, {"topic": "flags", "key": "leaving"}, {},
    {"act": "correct", "topic": "causes", "key": "unsure", "value": "my own"},
    {"act": "confirm", "topic": "flags", "key": "leaving", "value": "x"}, {"act": "dismiss", "topic": "", "key": ""},
])  # fmt: skip
def test_a_saying_that_fits_no_finding_is_refused_and_not_kept(inside: Inside, said: dict[str, str]) -> None:
    assert inside.act(**said).status_code == 409
    with inside.house.storage.unit() as u:
        assert u.corrections.all("acme") == []
        assert u.queue.counts().get("waiting", 0) == 0


def test_another_tickets_and_another_accounts_words_cannot_be_taken_back(inside: Inside) -> None:
    answer = inside.act(act="dismiss", topic="flags", key="leaving")
    number = undo_ids(answer.text)[0]
    inside.save(a_ticket("18"), an_account())
    inside.open()
    inside.card("18")
    assert inside.undo(number).status_code == 409
    with inside.house.storage.unit() as u:
        u.accounts.add(an_account("other", "https://other.zendesk.com"))
        assert len(u.corrections.of_ticket("acme", TICKET)) == 1


@pytest.mark.parametrize("number", ["", "x", "-1", "9" * 40, "0"])
def test_an_undo_without_a_number_is_refused(inside: Inside, number: str) -> None:
    assert inside.undo(number).status_code == 409


def test_looking_again_queues_one_look_however_often_it_is_asked(inside: Inside) -> None:
    answers = [inside.act(act="look") for _ in range(3)]
    assert "Looking" in answers[-1].text
    assert inside.work() == 1


def test_the_page_waits_for_the_new_look_and_then_shows_it(inside: Inside) -> None:
    inside.clock.move(seconds=1)
    answer = inside.act(act="look")
    since = re.search(r"since=(\d+)", answer.text)
    assert since
    assert inside.card(since=since[1]).status_code == 204
    inside.work()
    fresh = inside.card(since=since[1])
    assert fresh.status_code == 200
    assert "since=" not in fresh.text


def test_the_page_does_not_wait_for_ever(inside: Inside) -> None:
    since = str(int(inside.clock.now().timestamp() * 1000))
    inside.clock.move(seconds=60)
    assert inside.card(since=since).status_code == 200


# --- files -----------------------------------------------------------------------------------------------------------


def test_the_foreign_script_is_the_one_that_was_looked_at() -> None:
    expected, name = (STATIC / "htmx.sha256").read_text().split()
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == expected


def test_the_style_stays_small() -> None:
    assert (STATIC / "card.css").stat().st_size <= 8_000


def test_no_page_holds_a_script_or_a_style_of_its_own(inside: Inside) -> None:
    for html in (inside.open().text, inside.card().text, inside.client.get("/sidebar/zendesk").text):
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html)


def test_an_agents_click_makes_the_link_to_the_customers_own_page(inside: Inside) -> None:
    shown = inside.act(act="link").text
    address = re.search(r'readonly value="([^"]+)"', shown)
    assert address
    page = inside.client.get(address[1].replace("http://localhost", ""))
    assert page.status_code == 200
    assert "How we may contact you" in page.text
    assert "readonly" not in inside.act(act="show").text
