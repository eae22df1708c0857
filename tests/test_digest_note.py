"""The note of a digest is short, safe whatever a customer wrote, and runs the way its language does."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from plugin.domain.digest import Digest, Facts, make_digest
from plugin.domain.digest_words import MOST_EFFORT
from plugin.domain.impact import CauseCount, Count, Coverage, Impact, Owed, Owing, Said, make_rate
from plugin.ports import Account
from plugin.rendering import render_digest, word_chart
from tests.domain.test_digest import NOW, RIGA, TAXONOMY, WEEK, made

ACCOUNT = Account("a", "zendesk", "https://a.example", zone="Europe/Riga")
HOSTILE = "</i><script>alert(1)</script><a href='javascript:x'>hi</a> {{ 7*7 }} %(x)s \u202e & \"q\""


def note(digest: Digest, account: Account = ACCOUNT, *, test: bool = False) -> str:
    return render_digest(digest, account, "0123456789abcdef", picture=True, test=test)


def fullest(quote: str = "It was charged twice and nobody answers") -> Digest:
    """As much as a digest can say."""
    causes = tuple(CauseCount(f"c{n}", "finance", 50 - n, 60) for n in range(12))
    kinds = ("transfer", "reopen", "repeated_ask", "told_again", "chase", "wait", "forced_channel")
    impact = Impact(
        600, 400, 90, causes, 40, 12, 9, 77, 13, 20, tuple(Count(kind, 9, 4) for kind in kinds),
        tuple(Count(flag, 3, 3) for flag in ("catastrophic", "leaving", "upset")),
        tuple(Count(lang, 5, 4) for lang in ("fi", "pl", "sv", "unknown")),
        make_rate(30, 55, 2), make_rate(12, 14, 3), 7,
    )  # fmt: skip
    owed = [Owed(str(n), "call", NOW, f"https://a.example/{n}") for n in range(8)]
    facts = Facts(
        impact, replace(impact, causes=causes[:3]), Owing(30, 4, 9, 3, tuple(owed[:5]), tuple(owed[5:])),
        Coverage(4, 2, NOW), {cause.key: [Said("1", quote, "en")] for cause in causes}, None,
    )  # fmt: skip
    return make_digest("lead", WEEK, facts, TAXONOMY, NOW, lambda ticket: f"https://a.example/{ticket}")


def test_the_fullest_note_has_forty_lines_at_most() -> None:
    html = note(fullest())
    shown = re.split("<br>|</li>|</div>|<ul>", html.replace("\n", ""))
    lines = [line for line in (re.sub("<[^>]+>", "", line).strip() for line in shown) if line]
    assert len(lines) <= 40
    assert len(html) < 60_000
    assert html.count("(conversations:") == MOST_EFFORT


def test_what_a_customer_wrote_stays_words() -> None:
    html = note(fullest(HOSTILE))
    assert "<script" not in html
    assert "javascript:x'" not in re.sub(r"&[a-z]+;", "", "".join(re.findall(r"<[^>]+>", html)))
    assert "&lt;script&gt;" in html
    assert "\u202e" not in html
    assert set(re.findall(r"<(\w+)", html)) <= {"div", "b", "br", "ul", "li", "i", "a", "code"}
    assert all(link.startswith("https://a.example/") for link in re.findall(r'href="([^"]*)"', html))


def test_the_first_words_are_the_answer_and_a_test_says_that_it_is_one() -> None:
    assert note(made()).splitlines()[1] == (
        "<b>Promises overdue: 3 · More customers than before: Charged wrongly, +12</b>"
    )
    assert "<b>Test · Promises overdue" in note(made(), test=True)
    assert note(made()).endswith("<code>digest 0123456789abcdef</code>\n</div>")


@pytest.mark.parametrize(("locale", "way"), [("en", "ltr"), ("ar", "rtl"), ("lv", "ltr")])
def test_it_runs_the_way_its_language_does(locale: str, way: str) -> None:
    account = replace(ACCOUNT, locale=locale)
    assert set(re.findall(r'<div dir="(\w+)"', note(made(), account))) == {way}
    assert word_chart(made(), account).rtl is (way == "rtl")


def test_days_are_those_of_the_account() -> None:
    assert "Mon 16 Nov – Sun 22 Nov, compared with Mon 9 Nov – Sun 15 Nov" in note(made())
    assert RIGA.zone.key == ACCOUNT.zone
