"""The cause is why the customer had to write: proven by their words, doubted where they do not say, blind to anger."""

import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.findings import Adherence, Commitment, Evidence, Signal, State, Window
from plugin.domain.taxonomy import COMPONENTS, UNROUTED, Taxonomy
from plugin.domain.ticket import Channel, Message, Role
from plugin.languages import FOLDER, BadPack, load
from plugin.languages.taxonomy import load_taxonomy, load_taxonomy_file

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TAXONOMY = load_taxonomy()


def say(*texts: str) -> list:
    pack = load("en")
    messages = [Message(str(i), Role.CUSTOMER, AT + timedelta(days=i), text) for i, text in enumerate(texts)]
    return [(m, pack.read(m.text), pack) for m in messages]


def tag(*texts: str, commitments=(), contacts=(), effort=(), taxonomy=TAXONOMY, subject="", **options):
    return tag_cause(say(*texts), commitments, contacts, effort, taxonomy, subject, **options)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("The blender leaks from the bottom and smells of burning whenever I switch it on.", "product_defect"),
        ("No signal anywhere in our village since noon, all the neighbours are offline too.", "outage"),
        ("Please add a way to sort the photos by date, there is no option for it.", "missing_feature"),
        ("You charged my card twice for the same stay.", "billing_error"),
        ("The yearly fee went up by a third, that is too expensive for us.", "price_or_fee"),
        ("I sent the lamp back five weeks ago and still have no refund.", "refund_delay"),
        ("My parcel was due on Monday and it still has not arrived.", "delivery_late"),
        ("The plates arrived smashed, three of six in pieces.", "delivery_damaged_or_wrong"),
        ("Could you move my appointment from Monday to Thursday please?", "order_change"),
        ("I can't log in, it says my password is wrong.", "account_access"),
        ("My surname is misspelled on the card, please correct it.", "account_data"),
        ("Your chatbot keeps sending me in circles, so I'm writing to you.", "self_service_failed"),
        ("The letter says the 3rd, your website says the 5th. Which one is right?", "unclear_information"),
        ("Your clerk was rude and laughed at my accent.", "staff_behaviour"),
        ("I have been on hold for fifty minutes and nobody picks up.", "wait_time"),
        ("Sales sends me to support, support sends me to sales, I explain it all again.", "transferred_or_repeated"),
        ("I was promised a call by noon yesterday. Nobody called.", "broken_promise"),
        ("I asked you to email me only, and you rang my office again.", "contact_preference_ignored"),
        ("You refuse the exchange because I am one day late. I was in hospital, surely there are exceptions?",
         "restrictive_policy"),
        ("Stop sending me your newsletter, I unsubscribed twice.", "unwanted_contact"),
        ("Somebody hacked my account and bought things in my name.", "security_or_fraud"),
        ("How do I cancel my membership? There is no cancel button anywhere.", "cancellation_friction"),
        ("How do I send it back? There was no return label in the box.", "return_process"),
        ("Thank you so much, your team is wonderful!", "none"),
    ],
)  # fmt: skip
def test_each_cause_is_known_by_what_it_says(text, cause):
    found, _, _ = tag(text)
    assert found.key == cause
    assert found.owner == TAXONOMY.causes[cause].owner


@pytest.mark.parametrize("text", ["Well.", "asdf qwer", "Zürich", "12345", "", "🙂"])
def test_where_nobody_can_know_we_say_so(text):
    found, others, journey = tag(text)
    assert (found.key, found.confidence, found.evidence, others, journey) == ("unsure", "unsure", (), (), ())


def test_no_message_is_no_cause():
    assert tag_cause([], (), (), (), TAXONOMY)[0].key == "unsure"


def test_the_quote_stands_in_the_message_and_says_it():
    text = "Hello there. My husband and I have a dog.\nYou charged my card twice for the same stay. Kind regards"
    cause, _, _ = tag(text)
    (quote,) = cause.evidence
    assert text[quote.start : quote.start + len(quote.quote)] == quote.quote
    assert "charged my card twice" in quote.quote


def test_a_high_threshold_is_obeyed():
    text = "It is about the order, and the form."
    assert tag(text, threshold=1.01)[0].key == "unsure"
    assert tag(text, threshold=0.0)[0].key != "unsure"


@pytest.mark.parametrize("anger", ["I am absolutely furious!", "This is totally unacceptable.", "What a joke.", "FFS!"])
@pytest.mark.parametrize("place", ["before", "after"])
def test_anger_changes_neither_cause_nor_owner_nor_weight(anger, place):
    calm_text = "My parcel was due on Monday and it still has not arrived."
    text = f"{anger} {calm_text}" if place == "before" else f"{calm_text} {anger}"
    calm, angry = tag(calm_text)[0], tag(text)[0]
    assert (angry.key, angry.owner, angry.confidence) == (calm.key, calm.owner, calm.confidence)
    assert angry.weight == pytest.approx(calm.weight)


def test_swearing_inside_a_phrase_does_not_hide_it():
    assert tag("You charged my damn card twice for the same bloody stay.")[0].key == "billing_error"


def test_thanks_at_the_end_of_a_thread_do_not_undo_its_cause():
    cause, _, _ = tag("You charged my card twice for the same stay.", "Thanks, bye!")
    assert cause.key == "billing_error"
    assert cause.evidence[0].message_id == "0"


def test_what_they_write_now_weighs_more_than_how_it_began():
    cause, others, _ = tag(
        "My parcel was due on Monday and it still has not arrived.",
        "Your clerk was rude, he shouted at me and laughed at my accent.",
    )
    assert cause.key == "staff_behaviour"
    assert [o.key for o in others] in ([], ["delivery_late"])


def promise(state: State, due: datetime) -> Commitment:
    quote = Evidence("a", "we will call you by noon")
    return Commitment("k", "call", quote, AT - timedelta(days=3), Role.AGENT, Window(end=due), state=state)


def test_a_broken_word_wins_over_what_it_was_about():
    text = "The van with my sofa never came, where is it?"
    assert tag(text)[0].key == "delivery_late"
    told = tag(text, "And your call?", commitments=[promise(State.BROKEN, AT - timedelta(days=1))])
    assert told[0].key == "broken_promise"


@pytest.mark.parametrize(
    "commitment",
    [
        promise(State.KEPT, AT - timedelta(days=1)),
        promise(State.OPEN, AT + timedelta(days=9)),
        promise(State.BROKEN, AT + timedelta(days=9)),
    ],
)
def test_a_promise_they_cannot_be_writing_about_changes_nothing(commitment):
    text = "The van with my sofa never came, where is it?"
    assert tag(text, commitments=[commitment]) == tag(text)


def test_an_ignored_preference_that_we_saw_ourselves_counts():
    breach = Adherence("c", AT - timedelta(hours=1), Channel.CALL, "breached", "", None, None)
    text = "You rang my office, and my colleagues know it all now."
    before, after = tag(text, threshold=0)[0], tag(text, contacts=[breach])[0]
    assert after.key == "contact_preference_ignored"
    assert after.weight > (before.weight if before.key == after.key else 0)
    unknown = replace(breach, verdict="unknown")
    assert tag(text, contacts=[unknown], threshold=0)[0] == before


def test_being_passed_on_counts_towards_the_cause():
    text = "I spoke to three departments and each of them asked me the same questions."
    before, after = tag(text)[0], tag(text, effort=[Signal("transfer", 3)])[0]
    assert after.key == "transferred_or_repeated"
    assert after.weight > before.weight


def test_the_journey_follows_the_cause_and_may_be_none():
    assert tag("The plates arrived smashed, three of six in pieces.")[2] == ("order",)
    assert tag("Stop sending me your newsletter, I unsubscribed twice.")[2] == ()
    assert tag("Do you have this in green? I'm thinking of buying two.")[2] == ("pre_sale",)


def test_never_more_than_two_contributing_and_none_is_never_one():
    _, others, _ = tag(
        "You charged my card twice.", "Your clerk was rude and laughed at me.", "I was promised a call. Nobody called.",
        "Stop sending me your newsletter.", "Thank you so much!",
    )  # fmt: skip
    assert len(others) <= 2
    assert "none" not in {o.key for o in others}


def test_a_cause_taken_out_of_the_taxonomy_is_never_found():
    fewer = Taxonomy({k: v for k, v in TAXONOMY.causes.items() if k != "billing_error"}, TAXONOMY.owners)
    assert tag("You charged my card twice for the same stay.", taxonomy=fewer)[0].key != "billing_error"


def test_a_cause_without_an_owner_is_unrouted():
    causes = {**TAXONOMY.causes, "billing_error": replace(TAXONOMY.causes["billing_error"], owner="")}
    cause, _, _ = tag("You charged my card twice for the same stay.", taxonomy=Taxonomy(causes))
    assert (cause.key, cause.owner) == ("billing_error", UNROUTED)


def test_the_subject_is_heard_but_the_quote_is_from_the_message():
    cause, _, _ = tag("Please have a look, the details are on page two.", subject="Charged twice for one stay")
    assert cause.key == "billing_error"
    assert "page two" in cause.evidence[0].quote


def test_a_thread_of_any_length_is_read_in_bounded_work():
    assert tag(*["You charged my card twice."] * 300)[0].key == "billing_error"


# --- the taxonomy ----------------------------------------------------------------------------------------------------


def test_the_default_taxonomy_has_its_causes_owners_and_words():
    assert len(TAXONOMY.causes) == 24
    for kind in TAXONOMY.causes.values():
        assert kind.name
        assert kind.definition
        assert kind.owner in TAXONOMY.owners
    assert TAXONOMY.causes["security_or_fraud"].catastrophic


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[causes]", "0 causes"),
        ('[causes.a]\nname = "A"\nfamily = "x"', "no definition"),
        ('[causes.a]\nname = "A"\nfamily = "x"\ndefinition = "d"\nowner = "who"', "'who'"),
        ('[causes.a]\nname = "A"\nfamily = "x"\ndefinition = "d"\njourney = ["moon"]', "'moon'"),
        ('[causes.a]\nname = "A"\nfamily = "x"\ndefinition = "d"\noutranks = ["b"]', "'b'"),
        ("causes = [", "taxonomy.toml"),
    ],
)
def test_a_bad_taxonomy_says_what_is_wrong(tmp_path, content, said):
    file = tmp_path / "taxonomy.toml"
    file.write_text(content, "utf-8")
    with pytest.raises(BadPack, match=said):
        load_taxonomy_file(file)


def test_more_than_forty_causes_are_refused(tmp_path):
    file = tmp_path / "taxonomy.toml"
    one = '[causes.c{0}]\nname = "A"\nfamily = "x"\ndefinition = "d"\n'
    file.write_text("".join(one.format(i) for i in range(41)), "utf-8")
    with pytest.raises(BadPack, match="41 causes"):
        load_taxonomy_file(file)


def test_every_phrase_speaks_for_a_cause_that_exists():
    content = tomllib.loads((FOLDER / "en" / "causes.toml").read_text("utf-8"))
    for rule in content["rules"]:
        for fact in ("cause", "cause2"):
            assert rule.get(fact, "none") in TAXONOMY.causes
        assert rule.get("place", "order") in COMPONENTS
