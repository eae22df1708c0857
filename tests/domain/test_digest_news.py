"""The digest says in one line what jumped, what may be new, and for how long a cause has had no team."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from plugin.domain.alerts import Alert
from plugin.domain.digest import LEAD, Digest, Facts, NewLine, make_digest
from plugin.domain.digest_periods import Period
from plugin.domain.digest_words import tell_sections
from plugin.domain.impact import CauseCount, Coverage, Impact, Owing
from plugin.domain.taxonomy import CauseKind, Taxonomy
from plugin.rendering import say
from plugin.storage.documents import from_json, to_json

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)
WEEK = timedelta(days=7)
PERIOD = Period("week:2026-W10", NOW - WEEK, NOW, NOW - 2 * WEEK, NOW - WEEK, NOW)
TAXONOMY = Taxonomy(
    {
        "outage": CauseKind("outage", "It is down", "d", "f", "operations"),
        "new_one": CauseKind("new_one", "Meters", "d", "f", "", unrouted_since=date(2026, 2, 25)),
    },
    {"operations": "Operations"},
)


def digest(audience: str = LEAD, **more: object) -> Digest:
    causes = (CauseCount("outage", "operations", 40, 44), CauseCount("new_one", "unrouted", 12, 12))
    heard = [c for c in causes if audience == LEAD or audience == f"owner:{c.owner}"]
    impact = Impact(tickets=99, customers=90, causes=tuple(heard))
    facts = Facts(impact, Impact(), Owing(), Coverage(), {}, None, **more)  # type: ignore[arg-type]
    return make_digest(audience, PERIOD, facts, TAXONOMY, NOW, lambda ticket: "")


def lines(made: Digest, locale: str = "en") -> list[str]:
    (section,) = [s for s in tell_sections(made) if s.topic == "causes"]
    return [say(line.text, locale, "UTC") for line in section.lines]


ALERTS = (Alert("outage", 40, 11, 0.0001), Alert("new_one", 12, 2, 0.001))


def test_what_jumped_stands_in_one_line_with_what_is_usual() -> None:
    first = lines(digest(alerts=ALERTS))[0]
    assert first == "Unusually many customers: It is down, 40 instead of about 11; Meters, 12 instead of about 2"


def test_a_team_hears_of_jumps_of_its_own_causes_and_of_nothing_new() -> None:
    made = digest("owner:operations", alerts=ALERTS, news=[NewLine("meter, reading", 9)])
    assert [line for line in lines(made) if "Unusually" in line] == [
        "Unusually many customers: It is down, 40 instead of about 11"
    ]
    assert not [line for line in lines(made) if "new cause" in line]


def test_what_may_be_new_is_told_to_the_lead() -> None:
    told = lines(digest(news=[NewLine("meter, reading", 9)]))
    assert "May be a new cause: meter, reading. Customers: 9" in told


def test_a_cause_without_a_team_ages_in_the_digest() -> None:
    assert "Meters: 12. No team can remove it yet, days: 12" in lines(digest())
    assert [line for line in lines(digest(), "de") if "Noch kein Team" in line]


def test_a_digest_with_news_is_kept_and_read_back() -> None:
    made = digest(alerts=ALERTS, news=[NewLine("meter, reading", 9)])
    assert from_json(Digest, to_json(made)) == made
