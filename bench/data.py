"""Turn the development data into the forms that `followthrough evaluate` reads.

    python bench/data.py FOLDER OUT          writes OUT/commitments.jsonl, deadlines.jsonl, causes.jsonl, language.jsonl

FOLDER is where the data lies (FOLLOWTHROUGH_DATA, or ../shared/data beside the checkout). None of it belongs into the
project. Rows that the forms cannot say, or that our conventions read otherwise, are left out and counted.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

Row = dict[str, Any]

FOLDER = Path(os.environ.get("FOLLOWTHROUGH_DATA", Path(__file__).parents[2] / "shared" / "data"))

HOURS = "Mon-Fri 09:00-17:00"
CLOSE = time(17)
"""What a day named without an hour ends at."""

_BEFORE_NOON = re.compile(r"morning|matin|öğleden önce|pusdienlaika|قبل الظهر")
_FOREIGN_ZONE = re.compile(r"\b(?:EST|EDT|PST|PDT|CST|GMT|CET|UTC)\b")

BANKING = {
    "card_payment_fee_charged": "price_or_fee",
    "cash_withdrawal_charge": "price_or_fee",
    "transfer_fee_charged": "price_or_fee",
    "exchange_charge": "price_or_fee",
    "top_up_by_card_charge": "price_or_fee",
    "top_up_by_bank_transfer_charge": "price_or_fee",
    "transaction_charged_twice": "billing_error",
    "extra_charge_on_statement": "billing_error",
    "card_payment_wrong_exchange_rate": "billing_error",
    "wrong_exchange_rate_for_cash_withdrawal": "billing_error",
    "Refund_not_showing_up": "refund_delay",
    "card_arrival": "delivery_late",
    "card_not_working": "product_defect",
    "contactless_not_working": "product_defect",
    "virtual_card_not_working": "product_defect",
    "lost_or_stolen_card": "security_or_fraud",
    "lost_or_stolen_phone": "security_or_fraud",
    "compromised_card": "security_or_fraud",
    "card_payment_not_recognised": "security_or_fraud",
    "cash_withdrawal_not_recognised": "security_or_fraud",
    "direct_debit_payment_not_recognised": "security_or_fraud",
    "passcode_forgotten": "account_access",
    "pin_blocked": "account_access",
    "edit_personal_details": "account_data",
    "cancel_transfer": "order_change",
}
"""Bank intents with one plain cause in our taxonomy; the others are topics, not causes, and are left out."""

BITEXT = {
    "cancel_order": "order_change",
    "change_order": "order_change",
    "change_shipping_address": "order_change",
    "edit_account": "account_data",
    "recover_password": "account_access",
    "track_refund": "refund_delay",
}
"""Shop intents likewise."""

AIRLINE = {
    "Late Flight": "delivery_late",
    "Flight Attendant Complaints": "staff_behaviour",
    "longlines": "wait_time",
    "Damaged Luggage": "delivery_damaged_or_wrong",
    "Lost Luggage": "delivery_late",
}
"""Reasons that volunteers gave to complaints about airlines; "Customer Service Issue" may be any of six causes."""


def read(name: str, folder: Path = FOLDER) -> Iterator[Row]:
    """Rows of one data file; raises FileNotFoundError where it is absent."""
    with (folder / f"{name}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def commitments(folder: Path = FOLDER) -> Iterator[Row]:
    """Sentences of agents: C becomes F; A (ambiguous) is left out; clause, kind and due words are not labelled."""
    for number, row in enumerate(read("commitments_twcs", folder)):
        if row["label"] == "A":
            continue
        label = {"C": "F"}.get(row["label"], row["label"])
        made = {"id": f"twcs-{number}", "lang": "en", "text": row["text"], "label": label}
        yield made | {"quote": "", "kind": "", "due": ""}


def deadlines(folder: Path = FOLDER) -> Iterator[Row]:
    """Business deadlines as our conventions read them; sentences without one have both ends null."""
    for row in read("deadline_business_5lang", folder):
        if _FOREIGN_ZONE.search(row["text"]):
            continue
        end = _end(row) if "dates" in row else None
        yield _deadline(row, None, end)


def _end(row: Row) -> datetime:
    """The one moment: of several days that a loose reading accepts, the last business day before the weekend."""
    days = [date.fromisoformat(d) for d in row["dates"]]
    day = next((d for d in days if d.weekday() == 4), days[-1])
    if row["tm"]:
        return datetime.combine(day, time.fromisoformat(row["tm"]))
    return datetime.combine(day, time(12) if _BEFORE_NOON.search(row["text"]) else CLOSE)


def loose_deadlines(folder: Path = FOLDER) -> Iterator[Row]:
    """Points in time ahead from two parsers' own tests: other conventions than ours, good for breadth only."""
    for row in read("deadline_duckling", folder):
        if row["kind"] == "datetime" and row["grain"] in ("Day", "Hour", "Minute"):
            yield from _ahead(
                row,
                datetime.fromisoformat("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(*row["tups"][0])),
                whole_day=row["grain"] == "Day",
            )
    for row in read("deadline_msrecognizers", folder):
        if len(row["ents"]) == 1 and row["ents"][0]["type"] in ("date", "datetime"):
            kind, values = row["ents"][0]["type"], [v.get("value", "") for v in row["ents"][0]["values"]]
            points = [datetime.fromisoformat(v) for v in values if re.match(r"\d{4}-", v)]
            ahead = [p for p in points if p > datetime.fromisoformat(row["ref"])]
            yield from _ahead(row, min(ahead), whole_day=kind == "date") if ahead else ()


def _ahead(row: Row, moment: datetime, *, whole_day: bool) -> Iterator[Row]:
    if whole_day:
        moment = datetime.combine(moment, CLOSE)
    if moment > datetime.fromisoformat(row["ref"]):
        yield _deadline(row, None if whole_day else moment, moment)


def _deadline(row: Row, start: datetime | None, end: datetime | None) -> Row:
    return {
        "id": row["id"],
        "lang": row["lang"],
        "text": row["text"],
        "said_at": _utc(datetime.fromisoformat(row["ref"])),
        "zone": "UTC",
        "hours": HOURS,
        "holidays": [],
        "due_start": _utc(start),
        "due_end": _utc(end),
    }


def _utc(moment: datetime | None) -> str | None:
    return moment.replace(tzinfo=UTC).isoformat() if moment else None


def causes(folder: Path = FOLDER) -> Iterator[Row]:
    """Messages whose intent has one plain cause; the journey is not labelled."""
    sources = (
        ("rootcause_banking77_train", "label", BANKING),
        ("rootcause_bitext_test", "label", BITEXT),
        ("frustration_airline", "reason", AIRLINE),
    )
    for name, key, meaning in sources:
        for number, row in enumerate(read(name, folder)):
            if row[key] in meaning:
                made = {"id": f"{name}-{number}", "lang": "en", "subject": "", "text": row["text"]}
                yield made | {"cause": meaning[row[key]], "journey": []}


def language(folder: Path = FOLDER) -> Iterator[Row]:
    """Texts with their language and the set they come from."""
    for number, row in enumerate(read("language_id", folder)):
        yield {"id": f"lang-{number}", "lang": row["lang"], "set": row["set"], "text": row["text"]}


TOPICS: dict[str, Callable[[Path], Iterator[Row]]] = {
    "commitments": commitments,
    "deadlines": deadlines,
    "loose_deadlines": loose_deadlines,
    "causes": causes,
    "language": language,
}


def main(folder: Path, out: Path) -> int:
    """Write every topic whose source is there; says what was written and what is absent."""
    out.mkdir(parents=True, exist_ok=True)
    for topic, rows in TOPICS.items():
        try:
            made = list(rows(folder))
        except FileNotFoundError as absent:
            print(f"SKIPPED {topic}: no file {Path(absent.filename).name}")
            continue
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in made)
        (out / f"{topic}.jsonl").write_text(text, "utf-8")
        print(f"{topic}: {len(made)} rows")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
