"""The stories can be read, say what they expect, and play through real webhooks in their own order."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugin.domain.findings import State
from plugin.domain.ticket import Channel
from plugin.sandbox import MovedClock, load_setups, load_stories, open_sandbox, play, play_all
from plugin.sandbox.changes import comments_of
from plugin.sandbox.script import STORIES, Story, moment
from tests.sandbox.conftest import Receiver

STORY = load_stories(everywhere=True)
KINDS = {"call", "reply", "update", "send", "refund", "ship", "fix", "investigate", "forward", "visit", "other"}
CAUSES = {
    "product_defect",
    "outage",
    "missing_feature",
    "billing_error",
    "price_or_fee",
    "refund_delay",
    "delivery_late",
    "order_change",
    "delivery_damaged_or_wrong",
    "account_access",
    "account_data",
    "self_service_failed",
    "unclear_information",
    "staff_behaviour",
    "wait_time",
    "transferred_or_repeated",
    "broken_promise",
    "contact_preference_ignored",
    "restrictive_policy",
    "unwanted_contact",
    "security_or_fraud",
    "cancellation_friction",
    "return_process",
    "none",
    "unsure",
}


def test_there_are_enough_stories_in_every_language() -> None:
    count = Counter(Path(path).parent.name for path in STORIES.glob("*/*.toml"))
    assert count["en"] >= 14
    assert all(count[lang] >= 2 for lang in ("fr", "tr", "lv", "ar"))
    assert len({(s.lang, s.id) for s in STORY}) == len(STORY)
    elsewhere = Counter(s.lang for s in STORY if s.setup.helpdesk == "freshdesk")
    assert elsewhere["en"] >= 4
    assert all(elsewhere[lang] for lang in ("fr", "tr", "lv", "ar"))
    assert len(STORY) == sum(count.values()) + len([s for s in STORY if "@" in s.id])
    assert len({s.industry for s in STORY}) >= 7


@pytest.mark.parametrize("story", STORY, ids=lambda s: f"{s.lang}-{s.id}")
def test_expectations_use_the_words_of_the_project(story: Story) -> None:
    expected = story.expected
    assert expected.cause in CAUSES
    assert set(expected.flags) <= {"upset", "leaving", "catastrophic"}
    assert expected.as_of >= story.steps[-1].at
    assert 0 <= expected.notes[0] <= expected.notes[1] <= 5
    for promise in expected.commitments:
        assert promise.kind in KINDS
        assert State(promise.state)
        assert story.steps[promise.step - 1].do in ("agent_replies", "bot_replies")
        assert promise.due is None or promise.due > story.steps[promise.step - 1].at
        past = promise.due is not None and promise.due < expected.as_of
        assert not (past and promise.state in ("open", "at_risk"))
        assert past or promise.state not in ("broken", "late")
    for wish in expected.preferences:
        assert Channel(wish.channel)
        assert wish.polarity in ("want", "refuse")
        assert story.steps[wish.step - 1].do == "customer_writes"
    for step, _why in expected.breaches:
        assert story.steps[step - 1].do in ("call", "agent_replies")
    for line in expected.card:
        assert any(line in step.words.get("text", "") for step in story.steps)


def test_moments_keep_wall_time_over_a_change_of_clocks() -> None:
    friday, london = date(2026, 3, 27), ZoneInfo("Europe/London")
    assert moment("+3d 09:00", friday, london).astimezone(UTC).hour == 8
    assert moment("+90m", friday, london, moment("+0d 09:00", friday, london)).hour == 10
    with pytest.raises(ValueError, match="no moment"):
        moment("tomorrow", friday, london)


def test_a_bad_story_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    text = (STORIES / "en" / "02_parcels_silent_noon.toml").read_text(encoding="utf-8")
    (tmp_path / "en" / "bad.toml").write_text(text.replace('quote = "I will email', 'quote = "She will email'))
    with pytest.raises(ValueError, match=r"en/bad.toml: .*does not say"):
        load_stories(tmp_path, load_setups())


def test_one_story_plays_step_by_step_at_its_own_times(receiver: Receiver) -> None:
    story = next(s for s in STORY if s.id == "01_telecom_dead_line")
    clock = MovedClock(story.steps[0].at)
    with open_sandbox(clock, setup=story.setup) as sandbox:
        account = sandbox.account
        account.subscribe(receiver.url)
        seen = []
        for performance, step in play(sandbox, story, clock):  # noqa: B007  # looked at after the loop
            seen.append((clock.now(), step.number if step else None))
            account.webhooks.flush(10)
        row = account.desk.state.tickets[performance.ticket]
        comments = [event for _audit, event in comments_of(account.desk, row)]
        assert seen == [*[(s.at, s.number) for s in story.steps], (story.expected.as_of, None)]
        assert [c["public"] for c in comments] == [True, True, False, False, True]
        assert comments[2]["data"]["to"] == "+442079460311"
        assert performance.made[2] == str(comments[1]["id"])
        assert len(receiver.got) >= 6


def test_all_stories_play_together_in_the_order_of_time() -> None:
    clock = MovedClock(min(s.steps[0].at for s in STORY))
    with open_sandbox(clock) as sandbox:
        moments, tickets, urls = [], set(), set()
        for performance, _step in play_all(sandbox, STORY, clock):
            moments.append(clock.now())
            tickets.add((performance.account.key, performance.ticket))
            urls.add(performance.account.url)
        assert moments == sorted(moments)
        assert len(tickets) == len(STORY)
        assert len(urls) == len({story.setup.key for story in STORY})
