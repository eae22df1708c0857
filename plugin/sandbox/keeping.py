"""Write a sandbox's state to a file and read it back, so that it outlives its process."""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from plugin.sandbox.freshdesk.state import FreshState
from plugin.sandbox.state import State

T = TypeVar("T")


def save_states(states: Sequence[State | FreshState], path: Path) -> None:
    """Replace the file in one step: a reader sees the old or the new state, never half of one."""
    spare = path.with_suffix(".new")
    spare.write_text(json.dumps([dataclasses.asdict(state) for state in states]), encoding="utf-8")
    spare.replace(path)


def load_states(path: Path) -> list[State | FreshState]:
    """The states of a saved file, told apart by what only one of them has; ValueError where it is none of ours."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return [_build(State, raw) if "audits" in raw else _build(FreshState, raw) for raw in rows]
    except (TypeError, KeyError) as wrong:
        raise ValueError(f"{path} is not a sandbox state") from wrong


def _build(kind: type[T], raw: dict[str, Any]) -> T:
    hints = typing.get_type_hints(kind)
    return kind(**{name: _value(hints[name], value) for name, value in raw.items()})


def _value(hint: Any, value: Any) -> Any:
    """JSON turns number keys into text and dataclasses into dicts; this turns them back."""
    if value is None:
        return None
    if isinstance(hint, types.UnionType):
        made = [kind for kind in typing.get_args(hint) if dataclasses.is_dataclass(kind)]
        return _value(made[0], value) if made else value
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is list:
        return [_value(inner[0], item) for item in value]
    if origin is dict:
        return {(int(key) if inner[0] is int else key): _value(inner[1], item) for key, item in value.items()}
    return value
