"""Promises are found with their words, their doer and their time; what only looks like one is not."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.calendar import open_calendar
from plugin.domain.commitments import find_commitments, label_message
from plugin.domain.findings import State
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples

CALENDAR = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
SAID = datetime(2026, 3, 2, 10, 0, tzinfo=ZoneInfo("Europe/London"))
"""A Monday morning."""


@pytest.fixture(scope="module")
def pack():
    return load("en")


def find(pack, text, *, role=Role.AGENT, public=True, automatic=False, own=None):
    message = Message("m1", role, SAID, text, public=public, automatic=automatic)
    return find_commitments(pack.read(own if own is not None else text), message, CALENDAR, pack, 8)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        # who promises
        ("I'll look into this for you, Bea.", "F"),
        ("Our claims desk will write to you next week.", "F"),
        ("Will ring you tonight.", "F"),
        ("Your deposit will be returned to your account within 5 working days.", "F"),
        ("You'll hear from the workshop before noon.", "F"),
        ("We are sending a fitter on Tuesday between 8 and 10.", "F"),
        ("Someone'll text you an update this evening", "F"),
        ("Chasing the depot for you & will update by 4pm", "F"),
        ("As soon as we have news from the lab, we'll tell you.", "F"),
        ("We'll swap that valve for you, ok?", "F"),
        ("We'll realign the dish on your roof tomorrow.", "F"),
        # the condition, in the sentence or beside it
        ("Message us your meter number and we'll correct the bill.", "K"),
        ("Please send us your meter number. We'll correct the bill.", "K"),
        ("What's your meter number? We'll correct the bill.", "K"),
        ("We'll look into the bill. Please DM us your meter number.", "K"),
        ("If it leaks again, we'll replace it.", "K"),
        ("Once you have signed, we'll release the keys.", "K"),
        ("Send us the form so that we can release the keys.", "K"),
        # no condition although it looks like one
        ("Thanks for sending your meter number. We'll correct the bill.", "F"),
        ("Could you also send the old bill? In the meantime we'll correct this one.", "F"),
        ("We'll check if the valve fits and call you tomorrow.", "F"),
        ("Let us know if you need anything else. We'll pass your praise on to Ravi.", "F"),
        ("We'll pass your praise on to Ravi. Let us know if you need anything else.", "F"),
        # here and now
        ("Let me check the valve stock, one moment.", "I"),
        ("One moment please. I'll check the valve stock.", "I"),
        # neither
        ("We'd be glad to look into this.", "N"),
        ("I can look into that for you.", "N"),
        ("Shall we call you tomorrow?", "N"),
        ("We won't be able to refund the fee.", "N"),
        ("Nobody will call you about this.", "N"),
        ("You were told that we will call you.", "N"),
        ('The note says "we will call you tomorrow".', "N"),
        ("We called you this morning.", "N"),
        ("We are working on it.", "N"),
        ("Calls will be recorded for training.", "N"),
        ("Refunds usually take five days and will be credited automatically.", "N"),
        ("We hope the valve will be back soon.", "N"),
        ("We'll see you on board!", "N"),
        ("", "N"),
    ],
)
def test_a_message_is_labelled_as_a_careful_reader_would(pack, text, label):
    assert label_message(pack.read(text), pack)[0] == label


@pytest.mark.parametrize(
    ("text", "kind", "promiser", "quote"),
    [
        ("Hi Bea, I'll call you tomorrow.", "call", "speaker", "I'll call you tomorrow"),
        ("Sorry! Our billing team will get back to you.", "reply", "team", "Our billing team will get back to you"),
        ("The courier will deliver it on Friday.", "ship", "third", "The courier will deliver it on Friday"),
        ("We are looking into it and will update you.", "update", "speaker", "will update you"),
        ("We'll refund the fee.", "refund", "speaker", "We'll refund the fee"),
        ("We'll get the leak fixed.", "fix", "speaker", "We'll get the leak fixed"),
        ("We'll take a closer look.", "investigate", "speaker", "We'll take a closer look"),
        ("I'll pass this on to the depot.", "forward", "speaker", "I'll pass this on to the depot"),
        ("We'll send an engineer out to you.", "visit", "speaker", "We'll send an engineer out to you"),
        ("I'll email you the form.", "send", "speaker", "I'll email you the form"),
    ],
)
def test_a_promise_has_a_kind_a_doer_and_its_exact_words(pack, text, kind, promiser, quote):
    (found,) = find(pack, text)
    assert (found.kind, found.promiser, found.evidence.quote) == (kind, promiser, quote)
    assert text[found.evidence.start :].startswith(quote)


def test_a_named_doer_is_the_other_owner(pack):
    (found,) = find(pack, "Our billing team will refund you.")
    assert found.party == "Our billing team"


def test_a_stated_time_is_kept_and_a_missing_one_is_assumed(pack):
    (dated,) = find(pack, "We'll call you by Friday.")
    assert dated.due.end == datetime(2026, 3, 6, 17, 0, tzinfo=ZoneInfo("Europe/London"))
    assert not dated.due.assumed
    (vague,) = find(pack, "We'll call you soon.")
    assert vague.due.assumed
    assert vague.due.end == datetime(2026, 3, 3, 10, 0, tzinfo=ZoneInfo("Europe/London"))


def test_a_conditional_promise_waits_and_says_for_what(pack):
    (found,) = find(pack, "Please send us your meter number. We'll correct the bill.")
    assert found.conditional
    assert found.state is State.CONDITIONAL
    assert found.condition is not None
    assert "meter number" in found.condition.quote


def test_two_promises_of_one_message_are_two(pack):
    found = find(pack, "We'll refund the fee by Friday. I'm also going to call you by 3pm tomorrow.")
    assert [(c.kind, c.due.end.day) for c in found] == [("refund", 6), ("call", 3)]


_TWO = [
    ("en", "We'll refund the fee by Friday and the courier will fetch the lamp tomorrow."),
    ("fr", "Je transmets votre dossier au service technique aujourd'hui et vous aurez leur avis vendredi."),
    ("fr", "Nous vous rembourserons mardi et le livreur passera mercredi."),
    ("lv", "Rēķinu labosim līdz trešdienai un līdz piektdienai atsūtīsim jaunu karti."),
    ("tr", "Ücretinizi yarın iade edeceğiz ve cuma günü yeni kartınızı göndereceğiz."),
    ("ar", "سنعيد لك الرسوم غداً، وسيزورك الفني يوم الخميس."),
    ("de", "Wir erstatten Ihnen die Gebühr bis Freitag und der Techniker kommt morgen zu Ihnen."),
    ("es", "Le devolveremos el importe mañana y el viernes le enviaremos la tarjeta nueva."),
]


@pytest.mark.parametrize(("lang", "text"), _TWO)
def test_two_promises_joined_in_one_sentence_are_two(lang, text):
    found = find(load(lang), text)
    assert len(found) == 2, [c.evidence.quote for c in found]
    assert len({c.due.end for c in found}) == 2
    assert found[0].evidence.start + len(found[0].evidence.quote) <= found[1].evidence.start


_ONE = [
    ("en", "We'll look into it and get back to you by Friday."),
    ("en", "I'll ask the depot and send you the form tomorrow."),
    ("fr", "Je me renseigne et vous rappelle demain."),
    ("lv", "Pārbaudīšu to noliktavā un atrakstīšu divu darba dienu laikā."),
    ("tr", "Konuyu inceleyip size yarın dönüş yapacağız."),
    ("de", "Wir prüfen den Fall und melden uns morgen bei Ihnen."),
    ("es", "Lo investigaremos y le escribiremos mañana."),
]


@pytest.mark.parametrize(("lang", "text"), _ONE)
def test_a_step_and_what_it_leads_to_are_one(lang, text):
    found = find(load(lang), text)
    assert len(found) == 1, [c.evidence.quote for c in found]
    assert not found[0].due.assumed


def test_the_same_promise_said_twice_is_one(pack):
    found = find(pack, "We'll call you soon. As I said, we will call you tomorrow.")
    assert [(c.kind, c.due.assumed) for c in found] == [("call", False)]


def test_a_finding_has_the_same_name_on_every_run(pack):
    one, two = (find(pack, "We'll call you tomorrow.")[0].key for _ in range(2))
    assert one == two
    assert one != find(pack, "We'll call you on Friday.")[0].key


@pytest.mark.parametrize(
    "who", [{"role": Role.CUSTOMER}, {"role": Role.SELF}, {"role": Role.SYSTEM}, {"public": False}, {"automatic": True}]
)
def test_only_public_words_of_agents_and_bots_promise(pack, who):
    assert find(pack, "We'll call you tomorrow.", **who) == []


def test_a_bot_promises_too(pack):
    assert len(find(pack, "An agent will reply to you within 2 hours.", role=Role.BOT)) == 1


def test_quoted_history_promises_nothing_and_shifts_nothing(pack):
    text = "> We'll call you today.\nI'll write to you."
    (found,) = find(pack, text, own=" " * 23 + text[23:])
    assert found.evidence.quote == "I'll write to you"
    assert text[found.evidence.start :].startswith("I'll write to you")


def test_one_endless_sentence_is_read_to_its_end(pack):
    text = "we will call you and send us your number or " * 4_000
    assert find(pack, text)


def test_no_message_yields_more_findings_than_anybody_could_owe(pack):
    text = "".join(f"We'll call you on {d} March. " for d in range(3, 30)) * 20
    assert len(find(pack, text)) <= 60


def _score(pack, rows):
    found = [(r["label"] == "F", label_message(pack.read(r["text"]), pack)[0] == "F") for r in rows]
    right = sum(a and b for a, b in found)
    return right / sum(b for _, b in found), right / sum(a for a, _ in found)


@pytest.mark.parametrize(("held", "precision", "recall"), [(False, 0.95, 0.95), (True, 0.85, 0.60)])
def test_the_packs_own_examples_are_told_apart(pack, held, precision, recall):
    rows = [r for r in load_examples("en", "commitments") if bool(r.get("held")) is held]
    assert len(rows) > 50
    measured = _score(pack, rows)
    assert measured[0] >= precision
    assert measured[1] >= recall


def test_times_are_aware(pack):
    (found,) = find(pack, "We'll call you soon.")
    assert found.due.end is not None
    assert found.due.end.astimezone(UTC).tzinfo is UTC
    assert found.due.end.tzinfo is not None
