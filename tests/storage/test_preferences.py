"""What people said about being contacted is kept by person and account, sealed, and ends when they say so."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from plugin.domain.findings import Evidence, Preference
from plugin.domain.statements import PAGE, Statement
from plugin.domain.ticket import Channel
from plugin.ports import Override
from plugin.storage.unit import Database

from .examples import NOW, account

NUMBER = "+37120001234"


def wish(key: str = "k1", point: str = NUMBER, **more: object) -> Statement:
    said = Preference(key, Channel.CALL, False, Evidence("m1", f"call {point}"), NOW, point=point)
    return Statement(said, via=Channel.EMAIL, expires_at=NOW + timedelta(days=730), **more)  # type: ignore[arg-type]


def test_a_statement_comes_back_with_all_of_its_provenance(storage: Database) -> None:
    with storage.unit() as u:
        anna = u.preferences.person("acme", "17")
        u.preferences.note("acme", anna, "1", [wish()], NOW)
    with storage.unit(reading=True) as u:
        (kept,) = u.preferences.of("acme", anna)
    assert (kept.preference.point, kept.preference.evidence.message_id, kept.ticket_id) == (NUMBER, "m1", "1")
    assert (kept.via, kept.captured_by, kept.permission, kept.basis) == (Channel.EMAIL, "reading", "given", "contract")
    assert (kept.kept_at, kept.expires_at, kept.withdrawn_at) == (NOW, NOW + timedelta(days=730), None)


def test_a_ticket_read_again_says_what_it_says_now(storage: Database) -> None:
    with storage.unit() as u:
        anna = u.preferences.person("acme", "17")
        u.preferences.note("acme", anna, "1", [wish("k1")], NOW)
        u.preferences.note("acme", anna, "2", [wish("k2")], NOW)
        u.preferences.note("acme", anna, "1", [wish("k3")], NOW)
        assert sorted(s.preference.key for s in u.preferences.of("acme", anna)) == ["k2", "k3"]


def test_what_was_withdrawn_stays_withdrawn_when_its_ticket_is_read_again(storage: Database) -> None:
    with storage.unit() as u:
        anna = u.preferences.person("acme", "17")
        u.preferences.note("acme", anna, "1", [wish("k1")], NOW)
        (kept,) = u.preferences.of("acme", anna)
        assert u.preferences.withdraw("acme", anna, kept.id, NOW)
        assert not u.preferences.withdraw("acme", anna, kept.id, NOW)
        u.preferences.note("acme", anna, "1", [wish("k1")], NOW)
        assert [(s.id, s.withdrawn_at) for s in u.preferences.of("acme", anna)] == [(kept.id, NOW)]


def test_another_person_and_the_same_person_elsewhere_have_said_nothing(storage: Database) -> None:
    with storage.unit() as u:
        u.accounts.add(account("other"))
        anna, same_id = u.preferences.person("acme", "17"), u.preferences.person("other", "17")
        number = u.preferences.add("acme", anna, wish(), NOW)
        assert anna != same_id
        for book, person in (("acme", u.preferences.person("acme", "18")), ("other", anna), ("other", same_id)):
            assert u.preferences.of(book, person) == []
            assert not u.preferences.withdraw(book, person, number, NOW)
            assert u.preferences.merge(book, person, same_id) == 0
        assert u.preferences.of("acme", "") == []
        assert u.preferences.person("acme", "") == ""


def test_of_two_contacts_that_are_one_the_second_has_said_everything(storage: Database) -> None:
    with storage.unit() as u:
        anna, ann = u.preferences.person("acme", "17"), u.preferences.person("acme", "18")
        u.preferences.note("acme", anna, "1", [wish("k1")], NOW)
        u.preferences.note("acme", ann, "2", [wish("k2")], NOW)
        assert u.preferences.merge("acme", anna, ann) == 1
        assert u.preferences.of("acme", anna) == []
        assert {s.preference.key for s in u.preferences.of("acme", ann)} == {"k1", "k2"}


def test_a_ticket_that_passed_to_another_person_takes_its_words_along(storage: Database) -> None:
    with storage.unit() as u:
        anna, ann = u.preferences.person("acme", "17"), u.preferences.person("acme", "18")
        u.preferences.note("acme", anna, "1", [wish("k1")], NOW)
        u.preferences.note("acme", ann, "1", [wish("k1")], NOW)
        assert u.preferences.of("acme", anna) == []
        assert len(u.preferences.of("acme", ann)) == 1


def test_after_an_erasure_only_its_moment_is_left(storage: Database) -> None:
    with storage.unit() as u:
        anna = u.preferences.person("acme", "17")
        assert u.preferences.erased_at("acme", anna) is None
        u.preferences.note("acme", anna, "1", [wish()], NOW)
        assert u.preferences.erase("acme", anna, NOW) == 1
        assert u.preferences.erase("acme", anna, NOW + timedelta(days=1)) == 0
        assert u.preferences.of("acme", anna) == []
        assert u.preferences.erased_at("acme", anna) == NOW + timedelta(days=1)


def test_no_number_and_no_word_lies_open(storage: Database) -> None:
    with storage.unit() as u:
        u.preferences.add("acme", u.preferences.person("acme", "anna-17"), wish(), NOW)
        u.preferences.overrule("acme", Override("1", "call", NUMBER, "block", "refused_point", "she asked me to"), NOW)
    with storage.engine.connect() as connection:
        rows = [
            row
            for table in ("person_preferences", "guard_overrides")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        ]
    open_text = repr(rows)
    assert len(rows) == 2
    assert all(secret not in open_text for secret in (NUMBER, "20001234", "call +", "asked me", "anna-17"))


def test_a_stop_that_was_overruled_is_kept_with_the_agents_reason(storage: Database) -> None:
    one = Override("1", "call", NUMBER, "block", "refused_point", "she asked me to", "9001")
    with storage.unit() as u:
        u.accounts.add(account("other"))
        u.preferences.overrule("acme", one, NOW)
        u.preferences.overrule("acme", Override("2", "sms", "", "warn", "other_channel", "urgent"), NOW)
        assert [o.ticket_id for o in u.preferences.overruled("acme")] == ["2", "1"]
        (kept,) = u.preferences.overruled("acme", "1")
        assert (kept.words, kept.point, kept.user_id, kept.made_at) == ("she asked me to", NUMBER, "9001", NOW)
        assert u.preferences.overruled("other") == []


def test_keys_can_change_and_everything_is_still_read(storage: Database) -> None:
    with storage.unit() as u:
        anna = u.preferences.person("acme", "17")
        page = Statement(Preference("p", Channel.SMS, True, Evidence("page", ""), NOW, source=PAGE))
        u.preferences.add("acme", anna, page, NOW)
        u.preferences.erase("acme", u.preferences.person("acme", "18"), NOW)
    assert storage.rotate_keys() > 0
    with storage.unit(reading=True) as u:
        assert [s.preference.source for s in u.preferences.of("acme", anna)] == [PAGE]
