"""Tell when the customer has done what a promise waited for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from plugin.domain.calendar import Calendar
from plugin.domain.commitments_scene import TOPIC
from plugin.domain.findings import Commitment, Window
from plugin.domain.judging_signs import only_thanks
from plugin.domain.judging_topics import topic_of
from plugin.domain.phrases import Read
from plugin.domain.ticket import Message

_GIVEN = frozenset({"number", "email", "url"})
"""Kinds of word by which somebody gives what was asked for."""

_SHORT = 6
"""Words of an answer so short ("done", "here you go") that it speaks of what was asked, whatever its words."""

_COUNTED_FROM = ("within", "assumed", "lead")
"""Rules whose windows are counted from a moment, and so from the moment the customer did their part."""


def is_met(promise: Commitment, message: Message, read: Read | None, reads: Mapping[str, Read]) -> bool:
    """Does this message of the customer do what was asked, or say that it has come true?

    What was asked for is done by any answer that is more than thanks and more than a question. What had to happen
    first ("if it leaks again") must come up in the answer.
    """
    if read is None:  # no words: a number, a picture
        return True
    if only_thanks(read):
        return False
    if _GIVEN & set(read.words.kinds):
        return True
    if all(sentence.ender == "?" for sentence in read.words.sentences):
        return False
    asked_in = reads.get(promise.evidence.message_id)
    if asked_in is None or promise.condition is None or _is_asked(promise, asked_in):
        return True
    if len(read.words.tokens) <= _SHORT:
        return True
    return bool(topic_of(message.text) & topic_of(_condition_words(promise, asked_in)))


def _is_asked(promise: Commitment, read: Read) -> bool:
    """Was the customer asked to do something, rather than told in which case something will be done?"""
    start = promise.condition.start if promise.condition is not None else 0
    return any(read.words.starts[hit.first] == start for hit in read.hits(TOPIC + "request"))


def _condition_words(promise: Commitment, read: Read) -> str:
    """The rest of the condition's sentence, less the promise."""
    start = promise.condition.start if promise.condition is not None else 0
    words, quote = read.words, promise.evidence
    tokens = [t for t, at in enumerate(words.starts) if at >= start]
    if not tokens:
        return ""
    sentence = words.sentences[words.sentence_of(tokens[0])]
    text = words.text[start : words.ends[sentence.last - 1]]
    return text[: quote.start - start] if quote.start > start else text


def due_from(promise: Commitment, message: Message, calendar: Calendar) -> Window:
    """When it is due, now that the customer did their part: a span counted from there, a date as it was said unless it
    is over."""
    due = promise.due
    if due.end is None or (due.end > message.at and not due.rule.startswith(_COUNTED_FROM)):
        return due
    hours = calendar.business_hours_between(promise.said_at, due.end)
    if due.rule.startswith("within.hour") or due.rule.startswith("within.minute"):
        return replace(due, end=message.at + (due.end - promise.said_at))
    return replace(due, end=calendar.add_business_time(message.at, hours))
