"""Easy, personalised, intuitive, contextual: four times yes or no, and every no has its words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from plugin.domain.effort import count_effort
from plugin.domain.epic import FACETS, tell_epic
from plugin.domain.findings import Adherence, Cause, Evidence, Findings, Signal, Spoken
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAID = Evidence("m1", "the customer's words")


def denied(**found: object) -> dict[str, tuple[str, ...]]:
    facets = tell_epic(Findings("1", AT, **found))  # type: ignore[arg-type]
    assert tuple(f.name for f in facets) == FACETS
    assert all(f.holds is (not f.why) for f in facets)
    return {f.name: f.why for f in facets if not f.holds}


def test_where_nothing_speaks_against_it_all_four_hold() -> None:
    assert denied() == {}
    assert denied(cause=Cause("product_defect", "product", "sure", (SAID,)), effort=(Signal("contact", 9),)) == {}


@pytest.mark.parametrize(("kind", "facet"), [
    ("wait", "easy"), ("chase", "easy"), ("transfer", "easy"), ("reopen", "easy"), ("macro_reply", "personalised"),
    ("forced_channel", "intuitive"), ("told_again", "contextual"), ("repeated_ask", "contextual"),
])  # fmt: skip
def test_each_effort_denies_one_of_them(kind: str, facet: str) -> None:
    found = Findings("1", AT, effort=(Signal(kind, 1, (SAID,)),))
    assert denied(effort=found.effort) == {facet: (kind,)}
    (no,) = [f for f in tell_epic(found) if not f.holds]
    assert no.evidence == (SAID,)


def test_causes_and_breaches_deny_too_with_their_words() -> None:
    contact = Adherence("m2", AT, Channel.CALL, "breached", "other", SAID, Evidence("m0", "mail me"))
    told = tell_epic(Findings("1", AT, cause=Cause("self_service_failed", "digital", "sure", (SAID,)),
                              adherence=(contact,)))  # fmt: skip
    assert [(f.name, [e.quote for e in f.evidence]) for f in told if not f.holds] == [
        ("personalised", ["mail me", SAID.quote]), ("intuitive", [SAID.quote])
    ]  # fmt: skip


CUSTOMER = "My parcel 4471 with the blue lamp was due on Monday and has not arrived."
MACRO = "Thank you for contacting us. We appreciate your patience and value you greatly as one of our guests."


def macros(*said: tuple[Role, str], lang: str = "en") -> list[str]:
    messages = tuple(Message(str(n), role, AT + timedelta(hours=n), text) for n, (role, text) in enumerate(said))
    reads = {m.id: load(lang).read(m.text) for m in messages}
    signals = count_effort(Ticket("1", Status.OPEN, Person("c"), AT, AT, messages=messages), reads)
    return [e.quote for s in signals if s.kind == "macro_reply" for e in s.evidence]


@pytest.mark.parametrize(("reply", "flagged"), [
    (MACRO, True),
    (f"{MACRO} Your parcel left our house yesterday.", False),
    (f"{MACRO} Your number is 4471.", False),
    ("Done, it is on its way again.", False),
])  # fmt: skip
def test_a_reply_that_could_have_gone_to_anybody_is_told_from_one_for_this_customer(reply: str, flagged: bool) -> None:
    assert bool(macros((Role.CUSTOMER, CUSTOMER), (Role.AGENT, reply))) is flagged


def test_the_same_reply_again_is_for_nobody() -> None:
    reply = "We are sorry that your parcel with the lamp is late and look for it in our depot now."
    said = ((Role.CUSTOMER, CUSTOMER), (Role.AGENT, reply), (Role.CUSTOMER, "And?"), (Role.AGENT, reply))
    assert macros(*said) == [reply.rstrip(".")]


@pytest.mark.parametrize(("lang", "said", "macro", "personal"), [
    ("de", "Meine Lampe ist kaputt angekommen.", "Vielen Dank für Ihre Nachricht. Wir schätzen Ihre Geduld und melden "
     "uns so bald wie möglich bei Ihnen.", "Die Lampe ersetzen wir gern."),
    ("fr", "Ma lampe est arrivée cassée.", "Merci de nous avoir contactés. Votre satisfaction est notre priorité et "
     "nous vous remercions de votre patience.", "Nous remplaçons la lampe."),
    ("es", "La lámpara llegó rota.", "Gracias por escribirnos. Su satisfacción es nuestra prioridad y agradecemos "
     "mucho su paciencia de siempre.", "Cambiamos la lámpara."),
    ("tr", "Lamba kırık geldi.", "Bize ulaştığınız için teşekkür ederiz. Memnuniyetiniz bizim için çok önemlidir ve "
     "sabrınız için minnettarız efendim.", "Lambayı değiştiriyoruz."),
    ("lv", "Lampa atnāca saplēsta.", "Paldies, ka sazinājāties ar mums. Jūsu apmierinātība mums ir ļoti svarīga un mēs "
     "pateicamies par jūsu pacietību.", "Lampu nomainīsim."),
    ("ar", "وصل المصباح مكسورا.", "شكرا لتواصلكم معنا. رضاكم يهمنا كثيرا ونحن نقدر صبركم ونشكركم على ثقتكم الغالية بنا "
     "دائما وأبدا.", "سنستبدل المصباح."),
])  # fmt: skip
def test_macros_are_known_in_every_language(lang: str, said: str, macro: str, personal: str) -> None:
    assert macros((Role.CUSTOMER, said), (Role.AGENT, macro), lang=lang)
    assert not macros((Role.CUSTOMER, said), (Role.AGENT, f"{macro} {personal}"), lang=lang)


def test_of_a_conversation_that_nobody_could_read_only_the_audit_trail_speaks() -> None:
    unread = (Spoken("m1", "it", "detector", False),)
    assert tell_epic(Findings("1", AT, spoken=unread)) == ()
    (no,) = tell_epic(Findings("1", AT, spoken=unread, effort=(Signal("transfer", 2),)))
    assert (no.name, no.holds, no.why) == ("easy", False, ("transfer",))
    assert len(tell_epic(Findings("1", AT, spoken=(*unread, Spoken("m2", "en", "locale", True))))) == 4
