"""Hold recorded traffic against a published OpenAPI 3.0 description, both what was asked and what was answered."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Json = dict[str, Any]


@dataclass
class Contract:
    """The description, its schemas turned into JSON Schema (`nullable` becomes a type)."""

    file: Path
    raw: Json = field(init=False)
    schemas: Json = field(init=False)

    def __post_init__(self) -> None:
        self.raw = json.loads(self.file.read_text(encoding="utf-8"))
        self.schemas = _as_json_schema(self.raw["components"]["schemas"])

    def find(self, method: str, path: str) -> tuple[str, Json] | None:
        """The operation's name and description; a literal path wins over one with a parameter."""
        path = path.removesuffix(".json")
        for template in sorted(self.raw["paths"], key=lambda t: t.count("{")):
            pattern = re.sub(r"\\\{\w+\\\}", r"[^/]+", re.escape(template))
            item = self.raw["paths"][template]
            if re.fullmatch(pattern, path) and method.lower() in item:
                shared = item.get("parameters", [])
                operation = dict(item[method.lower()])
                operation["parameters"] = [self.follow(p) for p in (*shared, *operation.get("parameters", []))]
                return f"{method} {template}", operation
        return None

    def follow(self, part: Json) -> Json:
        while "$ref" in part:
            found: Any = self.raw
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    def misfits(self, row: Json) -> tuple[str, list[str]]:
        """The operation of one recorded exchange ("" when it is not described), and what does not fit."""
        found = self.find(row["method"], row["path"])
        if found is None:
            return "", []
        name, operation = found
        return name, [*self._asked(row, operation), *self._answered(row, operation)]

    def _asked(self, row: Json, operation: Json) -> Iterator[str]:
        given = dict(parse_qsl(row["query"], keep_blank_values=True))
        known = {p["name"]: p for p in operation["parameters"] if p["in"] == "query"}
        yield from (f"asked: query {name} is not described" for name in given if name not in known)
        for name, parameter in known.items():
            if parameter.get("required") and name not in given:
                yield f"asked: query {name} is required"
        schema = _schema_of(self.follow(operation.get("requestBody") or {}))
        if schema is not None and row["request"] is not None:
            yield from (f"asked: {line}" for line in self._check(row["request"], schema))

    def _answered(self, row: Json, operation: Json) -> Iterator[str]:
        answer = operation["responses"].get(str(row["status"]))
        if answer is None:
            yield f"answered: status {row['status']} is not described"
            return
        schema = _schema_of(self.follow(answer))
        if schema is not None:
            yield from (f"answered: {line}" for line in self._check(row["response"], schema))

    def _check(self, value: Any, schema: Json) -> Iterator[str]:
        whole = {**_as_json_schema(schema), "components": {"schemas": self.schemas}}
        for error in _leaves(Draft202012Validator(whole).iter_errors(value)):
            place = "/".join("*" if isinstance(step, int) else str(step) for step in error.absolute_path)
            yield f"{place or '(whole)'} {_in_short(error)}"


def judge(contract: Contract, rows: list[Json]) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Exchanges by described operation, exchanges that nothing describes, and misfits, each with its number."""
    described: Counter[str] = Counter()
    strange: Counter[str] = Counter()
    misfits: Counter[str] = Counter()
    for row in rows:
        name, found = contract.misfits(row)
        if name:
            described[name] += 1
            misfits.update(f"{name} {misfit}" for misfit in set(found))
        else:
            strange[f"{row['method']} {re.sub(r'/[0-9]+', '/{id}', row['path'])}"] += 1
    return described, strange, misfits


def _schema_of(part: Json) -> Json | None:
    content: Json = part.get("content", {}).get("application/json", {})
    return content.get("schema")


def _leaves(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Of a choice between schemas that all fail, what is wrong with the nearest one."""
    for error in errors:
        branches: dict[Any, list[ValidationError]] = {}
        for inner in error.context or ():
            branches.setdefault(inner.schema_path[0], []).append(inner)
        if branches:
            yield from _leaves(min(branches.values(), key=len))
        else:
            yield error


def _in_short(error: Any) -> str:
    shown = repr(error.instance)
    if error.validator == "required":
        return str(error.message)
    return f"is {shown[:60]}, should be {error.validator} {str(error.validator_value)[:60]}"


def _as_json_schema(part: Any) -> Any:
    if isinstance(part, list):
        return [_as_json_schema(item) for item in part]
    if not isinstance(part, dict):
        return part
    made = {
        key: _as_json_schema(value)
        for key, value in part.items()
        if key not in ("nullable", "example", "discriminator")
    }
    if part.get("nullable") is True:
        if isinstance(made.get("type"), str):
            made["type"] = [made["type"], "null"]
            if "enum" in made:
                made["enum"] = [*made["enum"], None]
        else:
            return {"anyOf": [made, {"type": "null"}]}
    return made
