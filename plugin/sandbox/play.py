"""Play stories in a sandbox, step by step, while the clock is moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from plugin.sandbox.script import Step, Story
from plugin.sandbox.server import AnyAccount, Sandbox


class MovableClock(Protocol):
    """A clock a story can move."""

    def now(self) -> datetime: ...

    def move_to(self, moment: datetime) -> None: ...


@dataclass
class Performance:
    """A story being played: its ticket and what each step made (step number → the id of a message or ticket, "" for a
    deed that left none)."""

    story: Story
    account: AnyAccount
    ticket: int = 0
    customer: int = 0
    made: dict[int, str] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)

    def perform(self, step: Step) -> None:
        """Do one step now. The first customer_writes opens the ticket; later ones are about it unless they name
        another (`ticket = "name"`, or `ticket = "new"`)."""
        if step.do == "wait":
            return
        if not self.customer:
            self.customer = self.account.do.customer(**self.story.customer)
        words: dict[str, Any] = {key: self._resolve(key, value) for key, value in step.words.items()}
        words.setdefault("ticket", self.ticket)
        if step.do in ("customer_writes", "follow_up"):
            words.setdefault("customer", self.customer)
        result = int(getattr(self.account.do, step.do)(**words))
        opens = step.do in ("customer_writes", "follow_up") and result != words["ticket"]
        self.ticket = result if opens and not self.ticket else self.ticket
        said = step.do in ("customer_writes", "follow_up")
        self.made[step.number] = self.account.newest_message(result) if said else str(result or "")
        if step.name:
            self.names[step.name] = result

    def _resolve(self, key: str, value: Any) -> Any:
        if key in ("ticket", "into") and value == "new":
            return 0
        return self.names[value] if key in ("ticket", "into", "comment") and isinstance(value, str) else value


def play(sandbox: Sandbox, story: Story, clock: MovableClock) -> Iterator[tuple[Performance, Step | None]]:
    """Play one story; yields after every step, and once more with None at `expected.as_of`. The caller lets the
    plugin work between the steps."""
    yield from play_all(sandbox, [story], clock)


def play_all(
    sandbox: Sandbox,
    stories: Sequence[Story],
    clock: MovableClock,
    between: Callable[[datetime], None] | None = None,
) -> Iterator[tuple[Performance, Step | None]]:
    """Play several stories at once, all steps in the order of their moments. `between(moment)` is called with the next
    moment while the clock still shows the earlier one: the place to let sweeps run; it may move the clock towards
    that moment itself, in smaller steps."""
    acts: list[tuple[datetime, int, Performance, Step | None]] = []
    for number, story in enumerate(stories):
        performance = Performance(story, sandbox.add_account(story.setup))
        acts += [(step.at, number, performance, step) for step in story.steps]
        acts.append((story.expected.as_of, number, performance, None))
    for at, _number, performance, step in sorted(acts, key=lambda act: act[0]):
        if between is not None and at > clock.now():
            between(at)
        clock.move_to(at)
        if step is not None:
            performance.perform(step)
        yield performance, step
