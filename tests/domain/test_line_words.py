"""Sentences are weighed as the file says; what the words add has its quote, its kind and its channel."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from plugin.domain.commitments_grammar import find_claims
from plugin.domain.heard import weigh_claims
from plugin.domain.line_words import Lines, LineWords, clues, line_words_of, read_table
from plugin.domain.preferences import find_preferences
from plugin.domain.ticket import Message, Role
from plugin.languages import load

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

TABLE = {
    "bias": -50,
    "high": 0,
    "words": "kept\t30\nyou kept\t20\nbreast\t500\n-<?>\t-90\n",
    "sorts": "call update",
    "sort_bias": "0 10",
    "sort_words": "ring\t40 0\n",
}


def model(**changes: object) -> LineWords:
    return read_table("commitments", TABLE | changes)


def weight(text: str, index: int = 0, told: LineWords | None = None) -> int:
    return Lines(load("en").read(text), told or model()).weight(index)


def with_words(**tables: object):
    pack = load("en")
    return replace(pack, tables={**pack.tables, "line_words": tables})


def bare():
    pack = load("en")
    return replace(pack, tables={name: table for name, table in pack.tables.items() if name != "line_words"})


def test_words_and_pairs_are_added_in_their_order():
    assert weight("you will be kept abreast") == -50 + 30
    assert weight("we kept you waiting") == -50 + 30
    assert weight("and you kept waiting") == -50 + 30 + 20


def test_a_question_beside_it_counts():
    assert weight("Is it Monday? You kept it.", 1) == -50 + 30 + 20 - 90


@pytest.mark.parametrize("text", ["kept", "Kept."])
def test_one_word_says_nothing(text):
    assert weight(text) < -1000


@pytest.mark.parametrize("topic", ["commitments", "preferences"])
@pytest.mark.parametrize(
    "text",
    [
        "Please send us the form. Then we'll call you, tomorrow at 5, promised!",
        "Which one? Write to a@b.example or 555-0142, not https://shop.example/x.",
        "RÉSUMÉ reçu … ok, ok, ok\n\nWe will WE WILL, @you #soon",
        "مرحبا سنتصل بك غدا",
    ],
)
def test_the_quick_sum_is_the_sum_of_the_clues_that_were_learned_from(topic, text):
    read = load("en").read(text)
    told = line_words_of(load("en"), topic)
    assert told is not None
    for index in range(len(read.words.sentences)):
        slow = told.bias + sum(told.weights.get(clue, 0) for clue in clues(read, index, topic))
        assert Lines(read, told).weight(index) == slow


def test_a_sentence_above_the_line_is_a_claim_with_its_kind_and_its_doer():
    pack = with_words(commitments=TABLE)
    read = pack.read("Thanks. Our workshop, and you kept the bike, ring soon.")
    (claim,) = weigh_claims(read, [], pack)
    assert (claim.label, claim.kind, claim.sentence) == ("F", "call", 1)
    assert read.words.quote(claim.first, claim.last) == "Our workshop, and you kept the bike, ring soon"


@pytest.mark.parametrize(
    ("ring", "told", "kind"),
    [(40, "update", "update"), (400, "update", "call"), (40, "other", "call"), (-40, "other", "other")],
)
def test_the_words_gainsay_the_kind_of_a_phrase_only_where_they_are_sure(ring, told, kind):
    table = model(sort_bias="0 -10", sort_words=f"ring\t{ring} 0\n")
    assert (
        Lines(load("en").read("We will ring you."), table).surer_sort(0, 4, told, 0 if told == "other" else 150) == kind
    )


def test_a_sentence_that_says_who_will_not_is_not_raised():
    pack = with_words(commitments=TABLE | {"bias": 500})
    read = pack.read("Nobody is going that way for the lamp.")
    assert not [c for c in weigh_claims(read, find_claims(read), pack) if c.label == "F"]


def test_a_sentence_below_the_line_is_none():
    pack = with_words(commitments=TABLE | {"high": 1})
    assert weigh_claims(pack.read("and you kept it"), [], pack) == []
    assert len(weigh_claims(pack.read("and you kept and kept it"), [], pack)) == 1


@pytest.mark.parametrize("text", ["And you kept it?", 'It says "and you kept it".'])
def test_questions_and_quotations_are_none_whatever_they_weigh(text):
    pack = with_words(commitments=TABLE | {"bias": 10_000})
    assert weigh_claims(pack.read(text), [], pack) == []


def test_where_phrases_found_a_condition_the_words_are_not_asked():
    pack = with_words(commitments=TABLE | {"bias": 10_000})
    read = pack.read("If you send us the form, we will call you.")
    assert [c.label for c in weigh_claims(read, find_claims(read), pack)] == ["K"]


def test_a_pack_without_the_file_lives_on_its_phrases():
    read = bare().read("We'll call you tomorrow. Ring me at home.")
    claims = find_claims(read)
    assert weigh_claims(read, claims, bare()) is claims
    assert [p.evidence.quote for p in wishes_in("Ring me at home. A red text.", bare())] == ["Ring me at home"]


WISHES = {key: value for key, value in TABLE.items() if key != "high"} | {
    "bias": 20,
    "words": "fine\t60\ndumb\t-60\nnasty\t-400\n",
    "sorts": "want refuse",
    "sort_bias": "10 0",
    "sort_words": "no\t-10 40\n",
}


def wishes_in(text: str, pack):
    message = Message("m", Role.CUSTOMER, NOON, text)
    return find_preferences(pack.read(text), message, None, pack)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A red text.", [("sms", False)]),
        ("A dumb red text.", []),
        ("Red text, no.", [("sms", True)]),
        ("That is red.", []),
        ("That is fine.", []),  # no cue and no way in the whole message: not even weighed
        ("That is fine. A red text.", [("any", False), ("sms", False)]),
        ("I will call the bank.", []),
        ("I will call the fine bank.", [("call", False)]),
        ("Please call me.", [("call", False)]),
        ("Please call me, nasty.", []),
    ],
)
def test_the_more_speaks_against_a_wish_the_surer_the_words_must_be(text, found):
    assert [(str(p.channel), p.refuse) for p in wishes_in(text, with_words(preferences=WISHES))] == found


def test_a_broken_table_is_refused():
    with pytest.raises(KeyError, match="bias"):
        read_table("commitments", {key: value for key, value in TABLE.items() if key != "bias"})
    with pytest.raises(ValueError, match="many"):
        model(words="kept\tmany\n")


def test_time_grows_with_the_text_and_endless_sentences_are_cut():
    assert weight("you kept it " * 20_000) == weight("you kept it " * 20)


@pytest.mark.parametrize(
    "text",
    [
        "Your fare is on its way back to you, it lands on Thursday.",
        "Our joiner has a look at the frame tomorrow and writes to you.",
    ],
)
def test_the_shipped_model_hears_promises_that_no_phrase_spells(text):
    pack = load("en")
    assert [c.label for c in weigh_claims(pack.read(text), [], pack)] == ["F"]


@pytest.mark.parametrize("text", ["Thank you for your patience.", "The shop opens at nine.", "Please try again later."])
def test_the_shipped_model_hears_none_where_there_is_none(text):
    pack = load("en")
    assert weigh_claims(pack.read(text), [], pack) == []
