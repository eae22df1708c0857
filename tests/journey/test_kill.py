"""Two thousand webhooks while the process is killed again and again: nothing lost, nothing said twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journey.kills import Outcome, Plan, run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def show(capsys: pytest.CaptureFixture[str], name: str, outcome: Outcome) -> None:
    with capsys.disabled():
        print(f"\n{name}: {outcome}")


def test_kills_at_random_moments_lose_nothing_and_say_nothing_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(tmp_path, Plan())
    show(capsys, "reconcile off", outcome)
    assert outcome.faults == []
    assert outcome.figures["kills"] >= 8
    assert outcome.figures["events answered 202"] >= 1500  # of two thousand deliveries some are repeats
    assert outcome.figures["notes"] > outcome.figures["cards compared"] > 100
    assert outcome.figures["foreign tags"] > 200


@pytest.mark.parametrize("helpdesk", ["freshdesk", "freshdesk without summaries"])
def test_kills_leave_one_living_card_a_ticket(
    helpdesk: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(tmp_path, Plan(seed=3, deliveries=2000, tickets=60, kills=5, pause=0.06, helpdesk=helpdesk))
    show(capsys, helpdesk, outcome)
    assert outcome.faults == []
    assert outcome.figures["kills"] >= 5
    assert outcome.figures["events answered 202"] >= 1500
    assert outcome.figures["versions"] > outcome.figures["notes"] > 40
    assert outcome.figures["foreign tags"] > 100


@pytest.mark.parametrize("helpdesk", ["zendesk", "freshdesk"])
def test_doorbells_that_never_ring_are_made_up_for_by_reconcile(
    helpdesk: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = Plan(seed=7, deliveries=800, tickets=60, kills=2, uptime=(8.0, 12.0), lost_answers=4, pause=0.07,
                drop=0.05, reconcile=2.0, helpdesk=helpdesk)  # fmt: skip
    outcome = run(tmp_path, plan)
    show(capsys, f"{helpdesk}, reconcile on, 5 % of the doorbells never sent", outcome)
    assert outcome.figures["never sent"] > 20
    assert outcome.faults == []
    assert outcome.figures["cards compared"] > 50
