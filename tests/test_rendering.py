"""What leaves the house is escaped, in the safe subset, and in the account's language and zone."""

from __future__ import annotations

from datetime import UTC, datetime

from plugin.domain.card import Card, Item, Text
from plugin.domain.findings import Evidence
from plugin.domain.ticket import Person, Status, Ticket
from plugin.ports import Account
from plugin.rendering import render_note, sanitise, say

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
TICKET = Ticket("1", Status.OPEN, Person("c"), NOW, NOW)
EVIL = '<script>alert(1)</script><img src=x onerror=alert(1)> & "quotes"'


def render(*items: Item, locale: str = "en", zone: str = "Europe/Riga") -> str:
    return render_note(Card(items, "abc123"), TICKET, Account("a", "zendesk", "", locale=locale, zone=zone))


def test_a_customers_words_are_words_and_never_markup() -> None:
    html = render(Item("causes", "k", Text("Root cause: %(cause)s. Can be removed by: %(owner)s",
                                           {"cause": EVIL, "owner": EVIL}), quotes=(Evidence("1", EVIL),)))  # fmt: skip
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_a_percent_sign_in_a_customers_words_formats_nothing() -> None:
    html = render(Item("preferences", "k", Text("Contact wish: %(channel)s, %(point)s",
                                                {"channel": "100%s", "point": "%(secret)s"})))  # fmt: skip
    assert "100%s" in html


def test_a_wish_that_was_chosen_and_not_written_shows_no_empty_quotation_marks() -> None:
    chosen = Item("preferences", "k", Text("Contact refused: telephone"), quotes=(Evidence("page:1", ""),))
    html = render(chosen, chosen)
    assert html.count("Contact refused") == 2
    assert "“”" not in html


def test_a_cause_named_with_a_percent_sign_is_only_a_name() -> None:
    assert say(Text("50 % charged"), "en", "UTC") == "50 % charged"


def test_a_number_in_a_sentence_that_runs_the_other_way_keeps_its_direction() -> None:
    line = say(
        Text("Contact wish: %(channel)s, %(point)s", {"channel": Text("telephone"), "point": "+371 1"}), "ar", "UTC"
    )
    assert "\u2068+371 1\u2069" in line


def test_times_are_told_in_the_accounts_zone() -> None:
    assert "17:00" in render(
        Item("commitments", "k", Text("Overdue since %(due)s: %(what)s", {"due": NOW, "what": "x"}))
    )


def test_the_note_names_its_version_and_fits_twelve_lines() -> None:
    html = render(*(Item("effort", str(n), Text("Reopened: %(count)d×", {"count": n})) for n in range(7)))
    assert "card abc123" in html
    assert html.count("<li>") == 6


def test_only_the_safe_subset_survives() -> None:
    dirty = '<div style="x" onclick="y">a<svg/><a href="javascript:x">b</a><a href="https://ok.example">c</a></div>'
    assert sanitise(dirty) == '<div>a<a>b</a><a href="https://ok.example">c</a></div>'


def test_a_sentence_without_a_translation_is_english() -> None:
    assert say(Text("Reopened: %(count)d×", {"count": 2}), "xx", "UTC") == "Reopened: 2×"


def test_invisible_letters_cannot_turn_the_note_round() -> None:
    hostile = "call me \u202eno\u2066 \x00now\u200f"
    said = Text("Contact wish: %(channel)s, %(point)s", {"channel": "x", "point": hostile})
    html = render(Item("preferences", "k", said, quotes=(Evidence("1", hostile),)))
    assert "call me no now" in html
    assert not set("\u202e\u2066\x00") & set(html)
