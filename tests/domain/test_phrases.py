"""Phrases are found where they stand, in every script, and no text makes it slow."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from plugin import languages
from plugin.domain.automaton import Automaton
from plugin.domain.phrase_grammar import BadPhrase, Grammar
from plugin.domain.phrases import Rule
from plugin.domain.words import cut

GRAMMAR = Grammar(
    slots={"we": ["we", "i", "our team"], "will": ["will", "'ll", "shall"]},
    suffixes={"future": ["yacağım", "yacağız", "eceğiz"]},
    prefixes={"will": ["س", "سوف "]},
)


def found(phrase: str, text: str, **options) -> list[str]:
    read = Automaton([(Rule("t.rule", (phrase,)), GRAMMAR)], **options).read(text)
    return [read.quote(hit) for hit in read.hits("t.rule")]


@pytest.mark.parametrize(
    ("phrase", "text", "quotes"),
    [
        ("call you back", "We call you back.", ["call you back"]),
        ("call you [back]", "I call you, or call you back", ["call you", "call you back"]),
        ("{we} {will} …2 (call|ring) you", "Our team will personally ring you", ["Our team will personally ring you"]),
        ("{we} {will} …2 call you", "We'll most certainly try to call you", []),
        ("we … back", "we one two three four back", ["we one two three four back"]),
        ("we … back", "we one two three four five back", []),
        ("refund*", "Refunded, unrefunded; REFUNDS", ["Refunded", "REFUNDS"]),
        ("sizi ara~future", "SİZİ ARAYACAĞIZ", ["SİZİ ARAYACAĞIZ"]),
        ("sizi ara~future", "sizi aradılar", []),
        ("sizi *~future", "Sizi yarın arayacağız; sizi BİLGİLENDİRECEĞİZ. Sizi eceğiz", ["sizi BİLGİLENDİRECEĞİZ"]),
        ("+will~نتصل بك", "سنتصل بك غدًا", ["سنتصل بك"]),
        ("{will} call", "they'll call", ["'ll call"]),
        ("rückruf", "RUCKRUF", ["RUCKRUF"]),
        ("=für", "fur für", ["für"]),
        ("<number> days", "within ٣ days, 5-7 days", ["٣ days", "5-7 days"]),
        ("write to <email>", "write to a.b@example.org.", ["write to a.b@example.org"]),
        ("call you", "Shall I call? You decide", []),
    ],
)
def test_a_phrase_finds_its_words_and_no_others(phrase, text, quotes):
    assert found(phrase, text) == quotes


@pytest.mark.parametrize(
    "phrase",
    [
        "[maybe]",
        "… back",
        "call …",
        "{nobody} calls",
        "we …13 call",
        "(a|b",
        "a)",
        "ara~nothing",
        "*~nothing",
        "**",
        "!!",
    ],
)
def test_a_phrase_that_cannot_be_meant_is_refused(phrase):
    with pytest.raises(BadPhrase):
        found(phrase, "x")


def test_an_elided_word_keeps_its_apostrophe():
    assert cut("d'ici vendredi, qu'on", elide=True).tokens == ["d'", "ici", "vendredi", "qu'", "on"]
    assert cut("we'll, don’t").tokens == ["we", "'ll", "don", "'t"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? four", 4),
        ("It costs 3.50 at example.org today", 1),
        ("A line that a mail program wrapped after sixty or so letters,\nand that goes on", 1),
        ("Hello\nWorld", 2),
        ("By 5 p.m. we call", 1),
        ("On passera à 18 h. Merci d'être là", 2),
        ("Passez avant 18 h. ou après 20 h.", 1),
        ("Ask for the flat of 5 B. Miller", 1),
        ("Līdz 3. jūnijam. Un līdz 4. Jā", 3),
        ("The code was 4471. send it again", 2),
        ("هل وصل؟ نعم", 2),
        ("", 0),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, sentences):
    assert len(cut(text).sentences) == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("It is up again by 10am. If not, write", 2),
        ("We open at 10 a.m. Monday", 1),
        ("By 10am. and not later", 1),
        ("I am. He is", 1),
    ],
)
def test_a_unit_after_a_number_ends_a_sentence_before_a_capital(text, sentences):
    assert len(cut(text, abbreviations=frozenset({"am", "a.m"})).sentences) == sentences


def test_decomposed_letters_and_vowel_marks_change_nothing():
    assert found("réponse", "re\u0301ponse") == ["re\u0301ponse"]
    assert found("سيتم", "سَيَتِمُّ") == ["سَيَتِمُّ"]


@pytest.mark.parametrize(
    ("phrase", "text", "hits"),
    [
        ("=ne*sim", "nemaksāsim, maksāsim, nesim", ["nemaksāsim"]),
        ("=*īšu", "nosūtīšu visu, nosutisu, NOSŪTĪŠU", ["nosūtīšu", "NOSŪTĪŠU"]),
        ("=jā*", "jāmaksā, jau, jā", ["jāmaksā"]),
    ],
)
def test_a_word_can_be_told_by_its_beginning_and_end_with_accents(phrase, text, hits):
    assert found(phrase, text) == hits


@pytest.mark.parametrize("phrase", ["=*", "=a*b*c", "=*sim~future"])
def test_a_word_told_by_nothing_is_refused(phrase):
    with pytest.raises(BadPhrase):
        Automaton([(Rule("t.open", (phrase,)), GRAMMAR)])


def test_work_grows_with_the_text_and_not_faster():
    automaton = Automaton([(Rule("t.gap", ("we … … … back", "a [a] [a] [a] b")), GRAMMAR)])
    steps = []
    for size in (2_000, 4_000):
        text = "we a " * size
        automaton.read(text)
        steps.append(len(automaton._paths.states))
    assert steps[0] == steps[1]


def test_the_state_cache_is_bounded(monkeypatch):
    monkeypatch.setattr("plugin.domain.automaton.MAX_STATES", 5)
    automaton = Automaton([(Rule("t.gap", ("we … back",)), GRAMMAR)])
    for text in ("we a", "we we a we", "we we we a we", "a we a we a we a we b back"):
        automaton.read(text)
    assert [h.first for h in automaton.read("we go back").hits("t.gap")] == [0]


def test_an_elided_word_may_stand_alone_in_a_phrase():
    grammar = Grammar({"of": ["d'", "de"]}, elide=True)
    read = Automaton([(Rule("t.rule", ("avant {of} <number>", "l' heure")), grammar)], elide=True).read("l'heure")
    assert [read.quote(hit) for hit in read.hits("t.rule")] == ["l'heure"]


@pytest.mark.parametrize(
    ("phrase", "text", "quotes"),
    [
        ("[half] an hour", "half an hour", ["half an hour"]),
        ("[please] call … back", "please call me back", ["please call me back"]),
        ("call … back", "call us or call me back", ["call me back"]),
        ("we [all] …2 call", "we all may call", ["we all may call"]),
        ("(we|we all) …2 call", "all of we all call", ["we all call"]),
        ("on [the] [first] day", "on the on first day", ["on first day"]),
    ],
)
def test_a_phrase_begins_at_its_nearest_start_and_reaches_back_as_far_as_its_words(phrase, text, quotes):
    assert found(phrase, text) == quotes


def test_what_is_found_does_not_depend_on_what_was_read_before():
    rules = [(Rule("t.one", (f"{word} … back", f"[please] {word}"), {"n": word}), GRAMMAR) for word in ("call", "{we}")]
    texts = ["we call", "please call me right back", "our team call back", "we please call please we back"]
    fresh = [Automaton(rules).read(text).by_rule for text in texts]
    used = Automaton(rules)
    for text in reversed(texts):
        used.read(text)
    assert [used.read(text).by_rule for text in texts] == fresh


def test_many_threads_read_as_one_does() -> None:
    """Numbers of states are given out while texts are read: two threads must never be given the same one."""
    lines = [row["text"] for topic in ("commitments", "preferences") for row in languages.load_examples("en", topic)][
        :150
    ]
    told = [str(languages.load("en").read(line).by_rule) for line in lines]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(3):
            automaton = languages.load_folder(languages.FOLDER / "en").automaton
            with ThreadPoolExecutor(8) as pool:
                heard = list(pool.map(lambda line: str(automaton.read(line).by_rule), lines))  # noqa: B023
            assert heard == told
    finally:
        sys.setswitchinterval(before)
