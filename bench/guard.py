"""How long one decision of the guard takes, over the cases it is tested with (target: p95 under 5 ms): alone, and as
the endpoint answers it, from the request to the JSON, for somebody with few and with many statements.

Milliseconds of this thread's own processor time: what else the machine does meanwhile is left out."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from limits import RateLimitItemPerMinute

sys.path.insert(0, str(Path(__file__).parents[1]))
from plugin.domain.findings import Evidence, Preference
from plugin.domain.statements import Statement
from plugin.domain.ticket import Channel
from plugin.web import guard, sidebar
from tests.domain.test_guard import ASKED, decide
from tests.web.inside import NOW, TICKET, make_inside

ROUNDS = 20
QUESTIONS = 2000


def main() -> None:
    right = sum(list(decide(s, a))[: len(a) - a.index("=") - 1] == a[a.index("=") + 1 :] for s, a in ASKED)
    took = []
    for _ in range(ROUNDS):
        for scene, ask in ASKED:
            start = time.thread_time()
            decide(scene, ask)
            took.append((time.thread_time() - start) * 1000)
    print(f"cases {len(ASKED)}, as written {right} ({right / len(ASKED):.1%})")
    tell("milliseconds a decision", took)
    for number in (4, 30):
        with TemporaryDirectory() as folder:
            tell(f"milliseconds an answer of the endpoint, {number} statements", answers(Path(folder) / "home", number))


def tell(what: str, took: list[float]) -> None:
    took.sort()
    middle, most = took[len(took) // 2], took[int(len(took) * 0.95)]
    print(f"{what}: median {middle:.3f}, p95 {most:.3f}, longest {took[-1]:.3f}")


def answers(home: Path, statements: int) -> list[float]:
    """Questions of a sidebar about ticket 17, one after the other."""
    guard.PER_TICKET = guard.PER_ACCOUNT = 100_000
    sidebar.PER_TICKET = sidebar.PER_ACCOUNT = RateLimitItemPerMinute(100_000)
    inside = make_inside(home)
    with inside.house.storage.unit() as u:
        person = u.preferences.person_of("acme", TICKET)
        for n in range(statements):
            said = Preference(
                f"k{n}", Channel.CALL, bool(n % 2), Evidence(f"m{n}", "call me"), NOW, point=f"+3712612{n:04}"
            )
            u.preferences.add("acme", person, Statement(said, str(n % 10)), NOW)
    inside.open()
    inside.card()
    took = []
    for n in range(QUESTIONS):
        body = {"ticket_id": TICKET, "channel": "call", "point": f"+3712612{n % 40:04}"}
        start = time.thread_time()
        answer = inside.client.post("/api/guard/acme/may-contact", json=body, headers=inside.headers)
        took.append((time.thread_time() - start) * 1000)
        assert answer.status_code == 200, answer.text
    inside.house.close()
    return took


if __name__ == "__main__":
    main()
