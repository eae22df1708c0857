"""Turn what we found into what people read: one template environment, one catalogue, everything escaped."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from unicodedata import bidirectional
from zoneinfo import ZoneInfo

import nh3
from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from plugin.domain.card import LONGEST_QUOTE, N_, Card, Text, shorten
from plugin.domain.digest import Bar, Chart, Digest
from plugin.domain.digest_words import tell_audience, tell_headline, tell_sections
from plugin.domain.ticket import Ticket
from plugin.ports import Account

FOLDER = Path(__file__).parent

NOTE_TAGS = {"div", "br", "b", "strong", "i", "em", "a", "ul", "ol", "li", "code"}
"""What survives in the notes of both helpdesks, as far as is known (reference: safe common subset)."""

NOTE_ATTRIBUTES = {"a": {"href"}, "i": {"lang", "dir"}, "div": {"dir"}}

RTL = frozenset({"ar", "he", "fa", "ur"})


def speaks(locale: str) -> bool:
    """Is there a catalogue for this locale's language?"""
    language = locale.partition("-")[0]
    return language == "en" or (language.isalpha() and (FOLDER / "locales" / f"{language}.po").exists())


@lru_cache(maxsize=1)
def languages_spoken() -> tuple[str, ...]:
    """The languages our pages can be shown in, English first."""
    return ("en", *sorted(file.stem for file in (FOLDER / "locales").glob("*.po")))


@lru_cache(maxsize=32)
def catalogue(locale: str) -> dict[str, str]:
    """English sentence → sentence in this language; empty for English and for languages without a catalogue."""
    file = FOLDER / "locales" / f"{locale.partition('-')[0]}.po"
    if not file.exists():
        return {}
    with file.open("rb") as source:
        return {str(m.id): str(m.string) for m in read_po(source) if m.id and m.string and not m.fuzzy}


def say(text: Text, locale: str, zone: str) -> str:
    """A sentence of the catalogue in this language, with times told in this zone. Plain text, not yet escaped."""
    sentence = catalogue(locale).get(text.msgid, text.msgid)
    if not text.values:  # a cause that an admin named "50 % charged" is a sentence, not a template
        return sentence
    return sentence % {name: _value(value, locale, zone) for name, value in text.values.items()}


def _value(value: str | int | datetime | Text, locale: str, zone: str) -> str | int:
    if isinstance(value, Text):
        return say(value, locale, zone)
    if isinstance(value, datetime):
        return tell_time(value, locale, zone)
    return _isolated(quoted(value), locale) if isinstance(value, str) else value


_STEERING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0x20), 0x7F])
_STEERING.pop(0x0A)
_STEERING.pop(0x09)


def quoted(words: str, limit: int = LONGEST_QUOTE) -> str:
    """A customer's words as we show them, shortened, without the invisible letters that would turn round or hide what
    stands beside them (embeddings, overrides, isolates, controls: https://www.unicode.org/reports/tr9/)."""
    return shorten(words.translate(_STEERING), limit)


def _isolated(words: str, locale: str) -> str:
    """A customer's words or a number inside a sentence that runs the other way keep their own direction (U+2068/9)."""
    other_way = locale.partition("-")[0] in RTL or any(bidirectional(c) in ("R", "AL") for c in words)
    return f"\u2068{words}\u2069" if other_way else words


def tell_time(moment: datetime, locale: str, zone: str) -> str:
    """ "Fri 20 Nov 17:00": day and time in the account's zone and language."""
    there, language = moment.astimezone(ZoneInfo(zone)), _locale(locale)
    if language.language == "en":
        return str(format_datetime(there, "EEE d MMM HH:mm", locale=language))
    return f"{format_skeleton('MMMEd', there, locale=language)} {format_datetime(there, 'HH:mm', locale=language)}"


def tell_span(span: timedelta, locale: str) -> str:
    """ "3 hours", "2 days": how long, rounded, in this language; never in words of direction."""
    language = _locale(locale)
    return str(format_timedelta(abs(span), threshold=1.5, locale=language))


def tell_ahead(span: timedelta, locale: str) -> str:
    """ "in 3 hours": how far ahead, rounded, in this language."""
    return str(format_timedelta(abs(span), threshold=1.5, add_direction=True, locale=_locale(locale)))


@lru_cache(maxsize=64)
def _locale(locale: str) -> Locale:
    try:
        return Locale.parse(locale, sep="-")
    except (ValueError, UnknownLocaleError):
        return Locale("en")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """The one template environment: autoescape on, a missing name is an error."""
    env = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters["quoted"] = quoted
    return env


def render_note(card: Card, ticket: Ticket, account: Account) -> str:
    """The card as a private note, in the HTML that both helpdesks keep."""
    language = account.locale.partition("-")[0]

    def tell(text: Text) -> str:
        return say(text, account.locale, account.zone)

    def word(msgid: str) -> str:
        return catalogue(account.locale).get(msgid, msgid)

    html = (
        environment()
        .get_template("note/card.html")
        .render(card=card, ticket=ticket, say=tell, _=word, dir="rtl" if language in RTL else "ltr", rtl=RTL)
    )
    return sanitise(html)


def render_page(template: str, locale: str, zone: str, **values: object) -> str:
    """A page of ours, or a part of one, in this language; times are told in this zone. Templates get `_` (a sentence of
    the catalogue), `say` (a `Text`), `when` (a moment), `dir`, `lang` and `rtl` beside `values`."""
    language = locale.partition("-")[0]

    def word(msgid: str) -> str:
        return catalogue(locale).get(msgid, msgid)

    def tell(text: Text) -> str:
        return say(text, locale, zone)

    def when(moment: datetime) -> str:
        return tell_time(moment, locale, zone)

    return (
        environment()
        .get_template(template)
        .render(_=word, say=tell, when=when, lang=language, dir="rtl" if language in RTL else "ltr", rtl=RTL, **values)
    )


def render_digest(digest: Digest, account: Account, marker: str, *, picture: bool, test: bool = False) -> str:
    """The digest as a private note, in the HTML that both helpdesks keep; a `test` one says so in its first words."""
    html = render_page(
        "digest/note.html", account.locale, account.zone,
        headline=tell_headline(digest), heading=tell_heading(digest, account), sections=tell_sections(digest),
        marker=marker, picture=picture, test=test,
    )  # fmt: skip
    return sanitise(html)


def tell_heading(digest: Digest, account: Account) -> Text:
    """ "Team lead: Mon 16 Nov – Sun 22 Nov, compared with Mon 9 Nov – Sun 15 Nov"."""
    values: dict[str, str | int | datetime | Text] = {
        "audience": tell_audience(digest),
        "days": tell_days(digest.start, digest.end, account.locale, account.zone),
    }
    if not digest.comparable:
        return Text(N_("%(audience)s: %(days)s"), values)
    values["before"] = tell_days(digest.before_start, digest.before_end, account.locale, account.zone)
    return Text(N_("%(audience)s: %(days)s, compared with %(before)s"), values)


def tell_days(start: datetime, end: datetime, locale: str, zone: str) -> str:
    """ "Mon 16 Nov – Sun 22 Nov", or the one day: from `start` up to, not including, `end`."""
    first, last = (tell_day(m, locale, zone) for m in (start, end - timedelta(microseconds=1)))
    return first if first == last else f"{first} – {last}"


def tell_day(moment: datetime, locale: str, zone: str) -> str:
    """ "Fri 20 Nov": the day in the account's zone and language."""
    there, language = moment.astimezone(ZoneInfo(zone)), _locale(locale)
    if language.language == "en":
        return str(format_datetime(there, "EEE d MMM", locale=language))
    return str(format_skeleton("MMMEd", there, locale=language))


def word_chart(digest: Digest, account: Account) -> Chart:
    """The chart of a digest with its words in the account's language."""
    locale, zone = account.locale, account.zone
    return Chart(
        title=say(Text(N_("Customers by root cause")), locale, zone),
        now=tell_days(digest.start, digest.end, locale, zone),
        before=tell_days(digest.before_start, digest.before_end, locale, zone),
        bars=tuple(
            Bar(say(Text(c.name), locale, zone), c.customers, c.before if digest.comparable else None)
            for c in digest.causes
        ),
        rtl=locale.partition("-")[0] in RTL,
    )


def sanitise(html: str) -> str:
    """Our own output through the same sieve as anybody's: only the safe subset leaves the house."""
    clean = nh3.clean(html, tags=NOTE_TAGS, attributes=NOTE_ATTRIBUTES, url_schemes={"https"}, link_rel=None)
    return "\n".join(line.strip() for line in clean.splitlines() if line.strip())


def markup(html: str) -> Markup:
    """HTML that `sanitise` made, for embedding in a page of ours."""
    return Markup(sanitise(html))  # noqa: S704 - sanitised on this very line
