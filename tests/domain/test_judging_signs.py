"""One promise and one later message: what people say that it was done, missed, moved, no longer needed, or nothing."""

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from plugin import languages
from plugin.app import policy_of
from plugin.domain.calendar import open_calendar
from plugin.domain.findings import Commitment, Evidence, Window
from plugin.domain.judging import judge_all
from plugin.domain.ticket import Call, Channel, Message, Person, Role, Status, Ticket
from plugin.languages import load
from plugin.ports import Account
from plugin.work.evaluate import Evaluator, read_rows

ZONE = ZoneInfo("Europe/London")
CALENDAR = open_calendar("Europe/London", "Mon-Fri 09:00-17:00")
REPLAYS = Path(__file__).parent.parent / "replays"
SAID = datetime(2026, 3, 2, 10, tzinfo=ZONE)
SOON, LATER = datetime(2026, 3, 3, 12, tzinfo=ZONE), datetime(2026, 3, 4, 17, tzinfo=ZONE)
BEFORE, AFTER, NOW = (datetime(2026, 3, day, hour, tzinfo=ZONE) for day, hour in ((3, 10), (5, 9), (5, 12)))

PROMISES = {
    "en": {
        "call": "I'll call you tomorrow by noon.",
        "reply": "We'll get back to you tomorrow by noon.",
        "refund": "We'll refund the delivery fee of £4.95 by Wednesday.",
        "ship": "We'll ship the lamp by Wednesday.",
        "send": "I'll email you the contract by Wednesday.",
        "fix": "Our engineers will fix the login error by Wednesday.",
        "visit": "A technician will visit you on Wednesday.",
        "forward": "I'll pass your complaint on to the depot by Wednesday.",
        "other": "We'll cancel the second booking by Wednesday.",
    },
    "fr": {
        "call": "Je vous appelle demain avant midi.",
        "reply": "Nous vous répondrons demain avant midi.",
        "refund": "Nous vous rembourserons les 4,95 € de livraison d'ici mercredi.",
        "ship": "Nous expédierons la lampe d'ici mercredi.",
        "send": "Je vous envoie le contrat par mail d'ici mercredi.",
        "fix": "Nos ingénieurs corrigeront l'erreur de connexion d'ici mercredi.",
        "visit": "Un technicien passera chez vous mercredi.",
        "forward": "Je transmets votre réclamation au dépôt d'ici mercredi.",
        "other": "Nous annulerons la deuxième réservation d'ici mercredi.",
    },
    "de": {
        "call": "Ich rufe Sie morgen bis 12 Uhr an.",
        "reply": "Wir antworten Ihnen morgen bis 12 Uhr.",
        "refund": "Wir erstatten Ihnen die Versandkosten von 4,95 € bis Mittwoch.",
        "ship": "Wir verschicken die Lampe bis Mittwoch.",
        "send": "Ich maile Ihnen den Vertrag bis Mittwoch.",
        "fix": "Unsere Techniker beheben den Anmeldefehler bis Mittwoch.",
        "visit": "Am Mittwoch kommt ein Techniker zu Ihnen.",
        "forward": "Ich leite Ihre Beschwerde bis Mittwoch an das Depot weiter.",
        "other": "Wir stornieren die zweite Buchung bis Mittwoch.",
    },
    "es": {
        "call": "Le llamo mañana antes del mediodía.",
        "reply": "Le responderemos mañana antes del mediodía.",
        "refund": "Le reembolsaremos los 4,95 € de envío antes del miércoles.",
        "ship": "Enviaremos la lámpara antes del miércoles.",
        "send": "Le mando el contrato por correo antes del miércoles.",
        "fix": "Nuestros ingenieros corregirán el error de acceso antes del miércoles.",
        "visit": "El miércoles irá un técnico a su casa.",
        "forward": "Paso su queja al depósito antes del miércoles.",
        "other": "Cancelaremos la segunda reserva antes del miércoles.",
    },
}

FINE = {"en": "That is fine.", "fr": "C'est d'accord.", "de": "Das passt uns gut.", "es": "De acuerdo, perfecto."}

LEAST = {"en": 0.93, "fr": 0.93, "de": 0.91, "es": 0.92}
"""Share of rows that must come out right, a little under what was measured when the rows were added."""

MOST_FALSE = {"en": 8, "fr": 5, "de": 6, "es": 4}
"""Rows that may be called kept and are not; the rows are chosen to be hard."""


def judged(lang, pack, row):
    """State of the promise, and whether the later message is what shows it."""
    said = PROMISES[lang][row["kind"]]
    call = Call(outbound=True) if row["who"] == "call" else None
    when = AFTER if row["shows"] == "missed" else BEFORE
    role = Role.AGENT if call else Role(row["who"])
    first = Message("0", Role.AGENT, SAID, said)
    then = Message("1", role, when, row["text"], call=call, channel=Channel.CALL if call else Channel.EMAIL)
    messages = (first, then)
    if row["shows"] == "moved":
        messages += (Message("2", Role.AGENT, BEFORE.replace(hour=11), FINE[lang]),)
    ticket = Ticket("t", Status.OPEN, Person("c"), SAID, when, messages=messages)
    due = Window(end=SOON if row["kind"] in ("call", "reply") else LATER, words="by then", rule="by")
    promise = Commitment("k", row["kind"], Evidence("0", said.rstrip("."), 0), SAID, Role.AGENT, due)
    (found,) = judge_all([promise], ticket, NOW, CALENDAR, {m.id: pack.read(m.text) for m in messages})
    evidence = found.life[-1].evidence
    return found.state.value, evidence is not None and evidence.message_id == "1"


def is_right(shows, state, seen):
    wanted = {"kept": "kept", "waived": "waived", "moved": "renegotiated"}.get(shows)
    if wanted:
        return state == wanted
    return state == "broken" and seen if shows == "missed" else state in ("broken", "unverifiable") and not seen


@pytest.mark.parametrize("lang", PROMISES)
def test_one_later_message_is_understood(lang):
    pack = load(lang)
    rows = [json.loads(line) for line in (REPLAYS / f"{lang}_signs.jsonl").read_text("utf-8").splitlines()]
    found = [(row, *judged(lang, pack, row)) for row in rows]
    wrong = [row["text"] for row, state, seen in found if not is_right(row["shows"], state, seen)]
    false = [row["text"] for row, state, _ in found if state == "kept" and row["shows"] != "kept"]
    assert len(wrong) <= (1 - LEAST[lang]) * len(rows), wrong
    assert len(false) <= MOST_FALSE[lang], false


FLOORS = {"en": 0.7, "fr": 0.8, "de": 0.65, "es": 0.85}
"""Macro-F1 of states, a little under what was measured when the histories were added."""


@pytest.mark.parametrize("lang", FLOORS)
def test_what_became_of_each_promise_is_told_in_longer_histories(lang):
    account = Account("e", "none", "", languages=languages.available())

    def make(hours, zone, holidays):
        return policy_of(Account("e", "none", "", languages=languages.available(), hours=hours, zone=zone))

    rows = read_rows((REPLAYS / f"{lang}_life.jsonl").read_text("utf-8"))
    report = Evaluator(policy_of(account), make).run("threads", rows)
    assert report.overall["macro_f1"] >= FLOORS[lang], report.errors
    assert report.overall["recall"] >= 0.85, report.errors
