"""The resolution has nothing to do with emotion: words of feeling, capitals, marks and emoji change no finding of ours.

A thousand edits over our own stories and promises, in all languages, that put feelings in, and a thousand that take
them out of messages that carry them: none may change the cause, its owner, or the state of a promise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from plugin.app import policy_of
from plugin.domain.analysis import analyse_ticket
from plugin.domain.findings import Findings
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.languages import available, load_examples
from plugin.languages.stories import load_stories
from plugin.ports import Account

EDITS = 1_000
PER_LANGUAGE = -(-EDITS // len(available()))

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

WORDS = {
    "en": ("I am furious!", "This is outrageous.", "I am so disappointed.", "Unbelievable!", "I'm really angry."),
    "de": ("Ich bin stinksauer!", "Das ist unverschämt.", "Ich bin sehr enttäuscht.", "Unglaublich!"),
    "fr": ("Je suis furieux !", "C'est scandaleux.", "Je suis très déçu.", "Incroyable !"),
    "es": ("¡Estoy furioso!", "Es indignante.", "Estoy muy decepcionado.", "¡Increíble!"),
    "tr": ("Çok sinirliyim!", "Bu rezalet.", "Hayal kırıklığına uğradım.", "İnanılmaz!"),
    "lv": ("Esmu nikns!", "Tas ir kauns.", "Esmu ļoti vīlies.", "Neticami!"),
    "ar": ("أنا غاضب جدا!", "هذا مخز.", "أنا محبط جدا.", "أنا مستاء للغاية."),
}
EMOJI = ("😡", "😠😠", "🤬", "😢", "💔", "😊", "🙏")


def before(text: str, lang: str, rng: random.Random) -> str:
    return f"{rng.choice(WORDS[lang])} {text}"


def behind(text: str, lang: str, rng: random.Random) -> str:
    end = "" if text.rstrip()[-1:] in ".!?…؟" else "."
    return f"{text.rstrip()}{end} {rng.choice(WORDS[lang])}"


def marks(text: str, lang: str, rng: random.Random) -> str:
    return text.rstrip(" .") + "!" * rng.randint(2, 5) if not text.rstrip().endswith("?") else text + "!!"


def emoji(text: str, lang: str, rng: random.Random) -> str:
    return f"{text} {rng.choice(EMOJI)}"


def shout(text: str, lang: str, rng: random.Random) -> str:
    """Turkish has its own capital of i, which `upper` does not know."""
    return text.replace("i", "İ").replace("ı", "I").upper() if lang == "tr" else text.upper()


EDIT: tuple[Callable[[str, str, random.Random], str], ...] = (before, behind, marks, emoji, shout)


def policy(lang: str):  # type: ignore[no-untyped-def]
    return policy_of(Account("a", "zendesk", "", zone="Europe/Riga", languages=(lang,)))


def look(said: str, promised: str, lang: str, reading) -> Findings:  # type: ignore[no-untyped-def]
    """A ticket: the story, a promise of ours, and a week later the story's last words again."""
    messages = (
        Message("1", Role.CUSTOMER, AT, said, channel=Channel.EMAIL, locale=lang),
        Message("2", Role.AGENT, AT + timedelta(hours=1), promised, channel=Channel.EMAIL, locale=lang),
    )
    ticket = Ticket("1", Status.OPEN, Person("c", locale=lang), AT, AT, messages=messages)
    return analyse_ticket(ticket, reading, AT + timedelta(days=9))


def told(found: Findings) -> tuple[object, ...]:
    states = [(c.kind, c.state, c.due.end) for c in found.commitments]
    return found.cause.key, found.cause.owner, states


def edits(lang: str, number: int) -> list[tuple[str, str, str, str]]:
    """(edit, story, the story edited, promise), always the same ones."""
    rng = random.Random(f"feelings {lang}")
    stories = [text for _, text in load_stories(lang)]
    promises = [
        row["text"] for row in load_examples(lang, "commitments") if row["label"] == "F" and not row.get("held")
    ]
    made = []
    for n in range(number):
        edit, story, promise = EDIT[n % len(EDIT)], rng.choice(stories), rng.choice(promises)
        made.append((edit.__name__, story, edit(story, lang, rng), promise))
    return made


def changed(lang: str, number: int) -> list[str]:
    reading = policy(lang)
    wrong = []
    for name, story, edited, promise in edits(lang, number):
        calm, upset = told(look(story, promise, lang, reading)), told(look(edited, promise, lang, reading))
        if calm != upset:
            wrong.append(f"{lang} {name}: {calm[0]} -> {upset[0]}: {edited}")
    return wrong


@pytest.mark.parametrize("lang", available())
def test_feelings_change_neither_cause_nor_owner_nor_promise(lang: str) -> None:
    assert changed(lang, 25) == []


@pytest.mark.slow
@pytest.mark.parametrize("lang", available())
def test_a_thousand_edits_change_nothing(lang: str) -> None:
    assert changed(lang, PER_LANGUAGE) == []


# --- taking feelings out ---------------------------------------------------------------------------------------------

FEELING = re.compile(r"\{([^}]*)\}")


def read_rows() -> list[tuple[str, str]]:
    """(language, message with its feelings in braces)."""
    lines = Path(__file__).with_name("feelings.txt").read_text("utf-8").splitlines()
    rows = (line.partition("|") for line in lines if line and line[0] != "#")
    return [(lang.strip(), text.strip()) for lang, _, text in rows]


def calmed(text: str) -> Iterator[str]:
    """The message with all its feelings first, then with each choice of them left out."""
    feelings = len(FEELING.findall(text))
    for left in sorted(product((True, False), repeat=feelings), reverse=True):
        stay = iter(left)
        yield " ".join(FEELING.sub(lambda m, stay=stay: m[1] if next(stay) else "", text).split())


def calmed_otherwise(lang: str) -> tuple[int, list[str]]:
    """How many messages were calmed, and those that were then understood otherwise."""
    reading, rng, done, wrong = policy(lang), random.Random(f"calmed {lang}"), 0, []
    promises = [r["text"] for r in load_examples(lang, "commitments") if r["label"] == "F" and not r.get("held")]
    for text in (text for own, text in read_rows() if own == lang):
        promise = rng.choice(promises)
        upset, *calm = calmed(text)
        meant = told(look(upset, promise, lang, reading))
        for edited in calm:
            done += 1
            understood = told(look(edited, promise, lang, reading))
            if understood != meant:
                wrong.append(f"{lang}: {meant[0]} -> {understood[0]}: {edited}")
    return done, wrong


@pytest.mark.parametrize("lang", available())
def test_a_message_calmed_is_understood_as_before(lang: str) -> None:
    done, wrong = calmed_otherwise(lang)
    assert wrong == []
    assert done * len(available()) >= EDITS
