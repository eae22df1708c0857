"""The journey's checks turn red when a safeguard is taken out: otherwise their green would mean nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.journey.kills import Plan, run
from tests.journey.sabotage import SABOTAGE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SMALL = {"deliveries": 400, "tickets": 25, "kills": 3, "uptime": (4.0, 6.0), "pause": 0.05, "patience": 40.0}

CONTROLS = {
    "acknowledge_before_commit": ({"lost_answers": 0}, r"was answered 202 and is not kept"),
    "no_unique_index": ({"kills": 0, "lost_answers": 0}, r"is kept \d+ times"),
    "no_lease": (
        {"kills": 0, "lost_answers": 0, "latency": 0.05, "workers": 8, "pause": 0.15},
        r"has [2-9]\d* notes of card",
    ),
    "no_marker": ({"kills": 0, "lost_answers": 12}, r"has [2-9]\d* notes of card"),
    "no reconcile": ({"kills": 0, "lost_answers": 0, "drop": 0.9}, r"findings are not|never analysed"),
    "only_our_tags": ({"kills": 0, "lost_answers": 0, "helpdesk": "freshdesk"}, r"lost the foreign tag"),
    "forget_our_notes": (
        {"kills": 0, "lost_answers": 4, "helpdesk": "freshdesk without summaries"},
        r"has [2-9]\d* cards",
    ),
}
"""Safeguard taken out → how the run differs, and what the check must say."""


@pytest.mark.parametrize(
    ("name", "more", "fault"), [(name, *row) for name, row in CONTROLS.items()], ids=list(CONTROLS)
)
def test_the_check_notices(
    name: str, more: dict[str, object], fault: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outcome = run(tmp_path, Plan(**{**SMALL, **more, "sabotage": name if name in SABOTAGE else ""}))  # type: ignore[arg-type]
    found = [line for line in outcome.faults if re.search(fault, line)]
    with capsys.disabled():
        print(f"\n{name}: {len(found)} such faults, for one: {found[:1]}; {outcome.figures}")
    assert found


@pytest.mark.parametrize("helpdesk", ["zendesk", "freshdesk", "freshdesk without summaries"])
def test_a_small_run_with_every_safeguard_is_green(helpdesk: str, tmp_path: Path) -> None:
    """The same small run, so that the reds above are the sabotage's doing."""
    plan = Plan(**{**SMALL, "latency": 0.03, "lost_answers": 6, "helpdesk": helpdesk})  # type: ignore[arg-type]
    outcome = run(tmp_path, plan)
    assert outcome.faults == []
