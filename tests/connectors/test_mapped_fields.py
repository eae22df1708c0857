"""Fields that an account made itself come from both helpdesks, and state a wish where an admin mapped them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from plugin.connectors import connect
from plugin.domain.statements import read_mapping, stated_in_fields
from plugin.domain.ticket import Ticket
from plugin.ports import Account
from plugin.sandbox import MovedClock, Setup, open_sandbox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def wishes(ticket: Ticket, mapping: str) -> list[tuple[str, bool, str, str, str, str]]:
    found = stated_in_fields(ticket, read_mapping(mapping))
    return [(p.channel.value, p.refuse, p.point, p.lang, p.source, p.evidence.message_id) for p in found]


def test_zendesk_hands_over_fields_of_ticket_and_profile() -> None:
    clock = MovedClock(NOON)
    with open_sandbox(clock) as box:
        there = box.account
        field = there.desk.add_field("Reach by", options=["reach_phone", "reach_mail"]).id
        mara = there.do.customer("Mara Quill", "mara@example.org", "+44 20 7946 0311")
        there.desk.state.users[mara].fields.update(preferred_contact="SMS", number="+447700900142", no_calls=True)
        number = there.do.customer_writes(mara, "My line is dead.", subject="Dead line")
        there.desk.state.tickets[number].custom_fields[str(field)] = "reach_mail"
        account = Account(
            "acme", "zendesk", there.url, own_user_id=str(there.integration.id), credentials=there.credentials()
        )
        ticket = connect(account, clock, pause=lambda s: clock.advance(timedelta(seconds=s))).fetch_ticket(str(number))
    mapping = (
        f'{{"{field}": "channel", "reach_mail": "=email", "profile.preferred_contact": "channel",'
        ' "profile.number": "point", "profile.no_calls": "!call"}'
    )
    assert wishes(ticket, mapping) == [
        ("sms", False, "+447700900142", "", "profile", "field:profile.preferred_contact"),
        ("email", False, "", "", "field", f"field:{field}"),
        ("call", True, "", "", "profile", "field:profile.no_calls"),
    ]


def test_freshdesk_hands_over_fields_of_ticket_and_contact() -> None:
    clock = MovedClock(NOON)
    with open_sandbox(clock, setup=Setup("fresh", helpdesk="freshdesk", zone="Europe/Riga")) as box:
        there = box.freshdesk
        state = there.desk.state
        state.custom_fields.append("cf_reach_by")
        ana = there.do.customer("Ana Berg", "ana@example.org", "+371 6722 2333", locale="lv")
        number = there.do.customer_writes(ana, "Where is it?", subject="Parcel")
        state.tickets[number].custom_fields["cf_reach_by"] = "Zvans"
        state.people[ana].custom_fields["contact_language"] = "Krievu"
        account = Account(
            "fresh", "freshdesk", there.url, own_user_id=str(there.integration.id), credentials=there.credentials()
        )
        ticket = connect(account, clock, pause=lambda s: clock.advance(timedelta(seconds=s))).fetch_ticket(str(number))
    mapping = '{"cf_reach_by": "channel", "Zvans": "=call", "profile.contact_language": "language", "Krievu": "=ru"}'
    assert wishes(ticket, mapping) == [
        ("any", False, "", "ru", "profile", "field:profile.contact_language"),
        ("call", False, "", "", "field", "field:cf_reach_by"),
    ]
