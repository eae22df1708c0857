"""Measure a topic on labelled messages, and say how sure the figure is."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from plugin.domain.analysis import Policy, analyse_ticket, language_of
from plugin.domain.calendar import open_calendar
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.deadlines import find_window
from plugin.domain.faults import find_blocked
from plugin.domain.findings import Preference
from plugin.domain.impact import interval as interval  # the one interval of the house, for the benches too
from plugin.domain.phrases import Pack, Read
from plugin.domain.points import same_point
from plugin.domain.preferences import find_preferences
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.reading import own_words
from plugin.domain.ticket import Channel, Message, Person, Role, Status, Ticket
from plugin.domain.words import fold
from plugin.ports import Rejected
from plugin.work.ticket_file import TicketFile, analyse_file

Row = Mapping[str, Any]
Predict = Callable[[Row], dict[str, Any]]
Policies = Callable[[str, str, Sequence[str]], Policy]
"""`make(hours, zone, holidays) -> Policy`: how rows with a calendar of their own are read."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one run showed: figures over all rows and per language, and the rows that were wrong."""

    topic: str
    n: int
    overall: dict[str, float]
    by_lang: dict[str, dict[str, float]]
    errors: list[str]
    predictions: list[dict[str, Any]] = field(default_factory=list)

    def as_json(self) -> str:
        shown = {"topic": self.topic, "n": self.n, "overall": self.overall, "by_lang": self.by_lang}
        return json.dumps({**shown, "errors": self.errors}, ensure_ascii=False)


def read_rows(text: str) -> list[dict[str, Any]]:
    """JSON lines; Rejected names the line that is none."""
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (json.JSONDecodeError, RecursionError):
            raise Rejected(f"line {number} is not JSON") from None
        if not isinstance(row, dict):
            raise Rejected(f"line {number} is not an object")
        rows.append({"id": str(number), "lang": "", **row})
    return rows


# --- figures ---------------------------------------------------------------------------------------------------------


def share(name: str, hits: float, n: int) -> dict[str, float]:
    """`{name: hits / n, name_n: n}`; 0 where there is nothing to count."""
    return {name: hits / n if n else 0.0, f"{name}_n": n}


def precision_recall(pairs: Iterable[tuple[bool, bool]]) -> dict[str, float]:
    """(expected, found) → precision, recall and f1, each with its n."""
    listed = list(pairs)
    both = sum(e and f for e, f in listed)
    found, expected = sum(f for _, f in listed), sum(e for e, _ in listed)
    p, r = (both / found if found else 0.0), (both / expected if expected else 0.0)
    return {
        "precision": p, "precision_n": found, "recall": r, "recall_n": expected,
        "f1": 2 * p * r / (p + r) if p + r else 0.0, "f1_n": len(listed),
    }  # fmt: skip


def macro_f1(pairs: Sequence[tuple[str, str]]) -> float:
    """Mean F1 over the expected classes."""
    names = {e for e, _ in pairs}
    scores = [precision_recall([(e == name, f == name) for e, f in pairs])["f1"] for name in names]
    return sum(scores) / len(scores) if scores else 0.0


def report(topic: str, rows: Sequence[Row], predict: Predict, score: Callable[..., dict[str, float]]) -> Report:
    """Predict every row, then score them all together and language by language."""
    predictions = [{"id": row["id"], "lang": row["lang"], **predict(row)} for row in rows]
    pairs = list(zip(rows, predictions, strict=True))
    by_lang = {
        lang: score([p for p in pairs if p[0]["lang"] == lang]) for lang in sorted({str(r["lang"]) for r in rows})
    }
    errors = [str(row["id"]) for row, p in pairs if p.get("wrong")]
    shown = [{k: v for k, v in p.items() if k != "wrong"} for p in predictions]
    return Report(topic, len(rows), score(pairs), by_lang, errors, shown)


# --- topics ----------------------------------------------------------------------------------------------------------

Pairs = Sequence[tuple[Row, dict[str, Any]]]


class Evaluator:
    """Topics by name, over one policy. `lang_given`: believe the row's language instead of finding it."""

    def __init__(self, policy: Policy, policies: Policies, *, lang_given: bool = False) -> None:
        self.policy = policy
        self.policies = policies
        self.lang_given = lang_given

    def run(self, topic: str, rows: Sequence[Row]) -> Report:
        """Raises Rejected when a row lacks what its topic needs."""
        topics: dict[str, tuple[Predict, Callable[..., dict[str, float]]]] = {
            "commitments": (self._commitment, _score_commitments),
            "deadlines": (self._deadline, _score_deadlines),
            "preferences": (self._preference, _score_preferences),
            "causes": (self._cause, _score_causes),
            "threads": (self._thread, _score_threads),
        }
        predict, score = topics[topic]
        try:
            return report(topic, rows, predict, score)
        except KeyError as error:
            raise Rejected(f"a row has no field {error}; data forms: docs/evaluate.md") from None

    def _read(self, row: Row, text: str) -> tuple[Read, Pack] | None:
        """The text in the language we find (or are given); None where no pack knows it."""
        mine = own_words(text, self.policy.marks)
        lang = str(row["lang"]) if self.lang_given else language_of(mine, "", self.policy)[0]
        pack = self.policy.packs.get(lang)
        return (pack.read(mine), pack) if pack else None

    # commitments

    def _commitment(self, row: Row) -> dict[str, Any]:
        read_pack = self._read(row, row["text"])
        label, span, kind, due = "N", None, "", ""
        if read_pack:
            read, pack = read_pack
            label, span, kind = label_commitment(read, pack)
            if span:
                window = _window_in(read, span, pack)
                due = window or ""
        quote = row["text"][span[0] : span[1]] if span else ""
        wrong = (label == "F") != (row["label"] == "F")
        return {"label": label, "quote": quote, "kind": kind, "due": due, "wrong": wrong}

    # deadlines

    def _deadline(self, row: Row) -> dict[str, Any]:
        policy = self.policies(row["hours"], row["zone"], row.get("holidays") or [])
        said_at = datetime.fromisoformat(row["said_at"])
        if said_at.tzinfo is None:
            said_at = said_at.replace(tzinfo=ZoneInfo(row["zone"]))
        read_pack = self._read(row, row["text"])
        window = None
        if read_pack:
            read, pack = read_pack
            window = find_window(read, 0, len(read.words.tokens), said_at, policy.calendar, pack)
        start = window.start.isoformat() if window and window.start else None
        end = window.end.isoformat() if window and window.end else None
        wrong = not (_same_minute(start, row.get("due_start")) and _same_minute(end, row.get("due_end")))
        return {"due_start": start, "due_end": end, "rule": window.rule if window else "", "wrong": wrong}

    # preferences

    def _preference(self, row: Row) -> dict[str, Any]:
        person = Person("customer")
        message = _message(row["text"], Role.CUSTOMER)
        read_pack = self._read(row, row["text"])
        if not read_pack:
            return {"label": "N", "prefs": [], "blocked_point": "", "wrong": row["label"] == "P"}
        read, pack = read_pack
        label = label_preference(read, message, person, pack, self.policy.region)
        found = find_preferences(read, message, person, pack, self.policy.region)
        blocked = find_blocked(read, message, person, pack, self.policy.region)
        return {
            "label": label,
            "prefs": [_entry(p) for p in found if not p.withdrawn],
            "blocked_point": blocked[0].point if blocked else "",
            "wrong": (label == "P") != (row["label"] == "P"),
        }

    # causes

    def _cause(self, row: Row) -> dict[str, Any]:
        moment = datetime.fromtimestamp(0, ZoneInfo("UTC"))
        ticket = Ticket(
            id=str(row["id"]), status=Status.OPEN, requester=Person("customer"), created_at=moment, updated_at=moment,
            subject=row.get("subject") or "", messages=(_message(row["text"], Role.CUSTOMER),),
        )  # fmt: skip
        cause, journey = self._tag(row, ticket, moment)
        wrong = cause.key != row["cause"]
        return {"cause": cause.key, "confidence": cause.weight, "journey": list(journey), "wrong": wrong}

    def _tag(self, row: Row, ticket: Ticket, moment: datetime) -> tuple[Any, tuple[str, ...]]:
        policy = replace(self.policy, languages=(str(row["lang"]),)) if self.lang_given else self.policy
        found = analyse_ticket(ticket, policy, moment)
        return found.cause, found.journey

    # threads

    def _thread(self, row: Row) -> dict[str, Any]:
        file = TicketFile.model_validate({k: v for k, v in row.items() if k in TicketFile.model_fields})
        policy = self.policies(file.hours, file.zone, file.holidays)
        found = analyse_file(file, policy)
        promises = [
            {
                "message": int(c.evidence.message_id), "quote": c.evidence.quote, "state": c.state.value,
                "due_end": None if c.due.assumed or not c.due.end else c.due.end.isoformat(),
            }
            for c in found.commitments if not c.conditional
        ]  # fmt: skip
        breaches = [{"message": int(a.message_id), "why": a.why} for a in found.adherence if a.verdict == "breached"]
        states, extra, false_kept = _match_states(row["commitments"], promises)
        wrong = extra > 0 or any(e != f for e, f in states)
        return {
            "commitments": promises, "breaches": breaches, "states": states, "extra": extra,
            "false_kept": false_kept, "wrong": wrong,
        }  # fmt: skip


# --- scores ----------------------------------------------------------------------------------------------------------


def _score_commitments(pairs: Pairs) -> dict[str, float]:
    figures = precision_recall((row["label"] == "F", p["label"] == "F") for row, p in pairs)
    both = [(row, p) for row, p in pairs if row["label"] == p["label"] == "F"]
    figures |= share("quote_overlap", sum(_overlap(row.get("quote", ""), p["quote"]) for row, p in both), len(both))
    figures |= share("due_exact", sum(fold(row.get("due") or "") == fold(p["due"]) for row, p in both), len(both))
    return figures


def _score_deadlines(pairs: Pairs) -> dict[str, float]:
    exact = sum(not p["wrong"] for _, p in pairs)
    ends = sum(_same_minute(p["due_end"], row.get("due_end")) for row, p in pairs)
    return share("exact", exact, len(pairs)) | share("end_exact", ends, len(pairs))


def _score_preferences(pairs: Pairs) -> dict[str, float]:
    figures = precision_recall((row["label"] == "P", p["label"] == "P") for row, p in pairs)
    hits = union = 0
    for row, p in pairs:
        matched = _match_entries(row.get("prefs") or [], p["prefs"])
        hits += matched
        union += len(row.get("prefs") or []) + len(p["prefs"]) - matched
    figures |= share("entry_exact", hits, union)
    asked = [(row.get("blocked_point") or "", p["blocked_point"]) for row, p in pairs]
    asked = [(e, f) for e, f in asked if e or f]
    return figures | share("blocked_exact", sum(_same_words(e, f) for e, f in asked), len(asked))


def _score_causes(pairs: Pairs) -> dict[str, float]:
    keys = [(str(row["cause"]), str(p["cause"])) for row, p in pairs]
    figures = {"macro_f1": macro_f1(keys), "macro_f1_n": float(len(keys))}
    figures |= share("accuracy", sum(e == f for e, f in keys), len(keys))
    figures |= share("answered", sum(f != "unsure" for _, f in keys), len(keys))
    ranked = sorted(pairs, key=lambda pair: -float(pair[1]["confidence"]))
    for tenth in range(10):
        part = ranked[tenth * len(ranked) // 10 : (tenth + 1) * len(ranked) // 10]
        right = sum(row["cause"] == p["cause"] for row, p in part)
        figures |= share(f"accuracy_decile_{tenth + 1}", right, len(part))
    return figures | risk_coverage([row["cause"] == p["cause"] for row, p in ranked])


def risk_coverage(right: Sequence[bool]) -> dict[str, float]:
    """How well confidence puts what is wrong last, of answers in its order, the surest first. `risk_coverage_area` is
    the mean share of errors among the first 1, 2, … n (El-Yaniv and Wiener 2010,
    https://jmlr.org/papers/v11/el-yaniv10a.html); `risk_coverage_closed` how much of the way it goes from random order
    (0) to perfect order (1); `errors_last_tenth` the share of all errors among the least sure tenth, and
    `errors_last_tenth_most` the share that can stand there at most."""
    n, wrong = len(right), right.count(False)
    area, random, best = _area(right), wrong / n if n else 0.0, _area(sorted(right, reverse=True))
    tenth = right[9 * n // 10 :]
    figures = {
        "risk_coverage_area": area,
        "risk_coverage_closed": (random - area) / (random - best) if random > best else 1.0,
    }
    figures |= {"risk_coverage_area_n": float(n), "risk_coverage_closed_n": float(n)}
    return figures | share("errors_last_tenth", tenth.count(False), wrong) | share(
        "errors_last_tenth_most", min(len(tenth), wrong), wrong
    )  # fmt: skip


def _area(right: Sequence[bool]) -> float:
    """Mean share of errors among the first 1, 2, … n."""
    shares = (wrong / n for n, wrong in enumerate(accumulate(not r for r in right), 1))
    return sum(shares) / len(right) if right else 0.0


def _score_threads(pairs: Pairs) -> dict[str, float]:
    states = [tuple(s) for _, p in pairs for s in p["states"]]
    extra = sum(p["extra"] for _, p in pairs)
    figures = {"macro_f1": macro_f1([(e, f) for e, f in states]), "macro_f1_n": float(len(states))}
    found = sum(f != "missing" for _, f in states)
    figures |= share("precision", found, found + extra) | share("recall", found, len(states))
    figures["false_kept"] = float(sum(p["false_kept"] for _, p in pairs))
    expected = {(row["id"], b["message"]) for row, _ in pairs for b in row.get("breaches") or []}
    got = {(row["id"], b["message"]) for row, p in pairs for b in p["breaches"]}
    figures |= share("breach_precision", len(expected & got), len(got))
    return figures | share("breach_recall", len(expected & got), len(expected))


# --- comparing -------------------------------------------------------------------------------------------------------


def _same_minute(one: str | None, other: str | None) -> bool:
    if not one or not other:
        return not one and not other
    a, b = datetime.fromisoformat(one), datetime.fromisoformat(other)
    return abs((a - b).total_seconds()) < 60


def _overlap(one: str, other: str) -> bool:
    a, b = fold(" ".join(one.split())), fold(" ".join(other.split()))
    if not a or not b:
        return False
    return a in b or b in a or len(set(a.split()) & set(b.split())) >= min(len(a.split()), len(b.split())) / 2


def _same_words(one: str, other: str) -> bool:
    """The same point: the same number or address, or the same words."""
    if not one or not other:
        return not one and not other
    if fold(" ".join(one.split())) == fold(" ".join(other.split())):
        return True
    a, b = ("".join(c for c in x if c.isdigit()) for x in (one, other))
    return (len(a) >= 5 and len(b) >= 5 and (a.endswith(b[-9:]) or b.endswith(a[-9:]))) or same_point(one, other, "")


def _entry(p: Preference) -> dict[str, str]:
    return {
        "channel": p.channel.value, "polarity": "refuse" if p.refuse else "want", "point": p.point,
        "window": p.window, "lang": p.lang, "purpose": p.purpose, "quote": p.evidence.quote,
    }  # fmt: skip


def _match_entries(expected: Sequence[Row], found: Sequence[Row]) -> int:
    left = list(found)
    matched = 0
    for want in expected:
        for got in left:
            same = want["channel"] == got["channel"] and want["polarity"] == got["polarity"]
            if same and _same_words(want.get("point") or "", got["point"]):
                left.remove(got)
                matched += 1
                break
    return matched


def _match_states(expected: Sequence[Row], found: Sequence[Row]) -> tuple[list[tuple[str, str]], int, int]:
    """(expected state, found state or "missing") pairs, promises found beyond them, and how many were called kept
    wrongly."""
    left = list(found)
    states: list[tuple[str, str]] = []
    false_kept = 0
    for want in expected:
        got = next((g for g in left if g["message"] == want["message"] and _overlap(want["quote"], g["quote"])), None)
        if got is None:
            states.append((want["state"], "missing"))
            continue
        left.remove(got)
        state = "open" if got["state"] == "at_risk" else str(got["state"])
        states.append((want["state"], state))
        false_kept += state == "kept" and want["state"] != "kept"
    return states, len(left), false_kept


def _window_in(read: Read, span: tuple[int, int], pack: Pack) -> str:
    """The words that say when, in a quote and, where they are not there, in its sentence."""
    said = datetime(2000, 3, 1, 10, 0, tzinfo=ZoneInfo("UTC"))  # a row tells no moment: nothing it names is over
    calendar = open_calendar("UTC", "Mon-Fri 09:00-17:00")
    words = read.words
    inside = [t for t in range(len(words.tokens)) if span[0] <= words.starts[t] < span[1]]
    if not inside:
        return ""
    sentence = words.sentences[words.sentence_of(inside[0])]
    for first, last in ((inside[0], inside[-1] + 1), (sentence.first, sentence.last)):
        window = find_window(read, first, last, said, calendar, pack)
        if window:
            return window.words
    return ""


def _message(text: str, role: Role) -> Message:
    return Message("0", role, datetime.fromtimestamp(0, ZoneInfo("UTC")), text, channel=Channel.OTHER)
