"""What the Latvian pack finds in its own examples, held rows included, stays found."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.phrases import Pack
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.ticket import Person, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.evaluate import _message, macro_f1, precision_recall

CUSTOMER = Person("customer")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("lv")


def rows_of(topic: str, least: int) -> list[dict[str, Any]]:
    rows = load_examples("lv", topic)
    assert len(rows) >= least
    return rows


def test_promises_are_told_from_what_only_looks_like_them_in_264_messages(pack):
    rows = rows_of("commitments", 264)
    found = [label_commitment(pack.read(row["text"]), pack)[0] for row in rows]
    figures = precision_recall((row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.92
    assert figures["recall"] >= 0.90


def test_wishes_about_contact_are_heard_in_143_messages(pack):
    rows = rows_of("preferences", 143)
    found = [
        label_preference(pack.read(row["text"]), _message(row["text"], Role.CUSTOMER), CUSTOMER, pack, "LV")
        for row in rows
    ]
    figures = precision_recall((row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.92


def test_the_cause_is_named_in_121_messages(pack):
    taxonomy = load_taxonomy()
    pairs = []
    for row in rows_of("causes", 121):
        said = [(_message(row["text"], Role.CUSTOMER), pack.read(row["text"]), pack)]
        cause, _, _ = tag_cause(said, [], [], [], taxonomy, row.get("subject") or "")
        pairs.append((str(row["cause"]), cause.key))
    assert macro_f1(pairs) >= 0.75


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Piezvanīšu rīt.", "F"),
        ("rit atzvanisu", "F"),
        ("Kolēģe jums atbildēs līdz piektdienai.", "F"),
        ("Nauda tiks atgriezta trīs dienu laikā.", "F"),
        ("Ja atsūtīsiet čeku, naudu atgriezīsim.", "K"),
        ("Atsūtiet, lūdzu, čeku. Naudu atgriezīsim.", "K"),
        ("Naudu neatgriezīsim.", "N"),
        ("Vakar jums piezvanījām.", "N"),
    ],
)
def test_person_tense_and_condition_decide_what_is_promised(pack, text, label):
    assert label_commitment(pack.read(text), pack)[0] == label


@pytest.mark.parametrize(
    ("promise", "none"),
    [
        ("Paturēsim jūsu vietu un rīt no rīta piezvanīsim.", "Paturēsim to prātā."),
        ("Rīt palīdzēšu jums atrast pazudušo sūtījumu.", "Es esmu bots un palīdzēšu atrast atbildi."),
        ("Kolēģe jums atgādinās piektdien.", "Sistēma jūs atcerēsies."),
        ("Internets darbosies atkal līdz vakaram.", "Tas darbosies arī bez interneta."),
        ("Kolēģis paprasīs noliktavai un jums atzvanīs.", "Tas prasīs laiku."),
        ("Kolēģi noliktavā atradīs jūsu paku līdz piektdienai.", "Suns pats atradīs mājas."),
        ("Jūsu konts tiks slēgts līdz rītdienai.", "Konti, kuros gadu nav darījumu, tiks slēgti."),
        ("Nozagtā karte tiks bloķēta.", "Pēc trim nepareiziem mēģinājumiem karte tiks bloķēta."),
        ("Paroli jums nomainīsim šodien.", "Jums nāksies mainīt paroli."),
        ("Meistars jums parādīs, kā to lietot, kad ieradīsies rīt.", "Jums rādīs sarkanu krustiņu."),
        ("Kodu jums nosūtīs banka.", "Tur jums prasīs personas kodu."),
        (
            "Kurjers raksta, ka paku piegādās rīt.",
            "Krāpnieki raksta, ka paka tiks piegādāta pēc maksājuma.",
        ),
        ("Rīt uz brīdi iegriezīsies meistars.", "Es jūs uz brīdi atstāšu gaidīšanas režīmā."),
        ("Sakārtošu to tūlīt pēc maiņas.", "Tūlīt sakārtošu to."),
        ("Kolēģe no filiāles jums atbildēs.", "Kolēģe nepaskatījās piezīmēs."),
        ("Nesolu, ka šodien, bet rīt noteikti piezvanīšu.", "Nesolu, ka tas izdosies."),
        ("Kolēģi jums to atmaksās.", "Man liekas, ka viņi jums to atmaksās."),
        ("Remonts sāksies rīt, brigāde būs deviņos.", "Jūsu rezervācija beigsies pusnaktī."),
    ],
)
def test_a_future_of_things_of_rules_or_of_this_minute_is_no_promise(pack, promise, none):
    assert label_commitment(pack.read(promise), pack)[0] == "F"
    assert label_commitment(pack.read(none), pack)[0] in ("N", "I")


@pytest.mark.parametrize(
    "text",
    [
        'Jūs rakstījāt: "Mēs jums rīt piezvanīsim." To sarakstē neredzu.',
        "Jūs minējāt: „Nauda tiks atgriezta līdz piektdienai.“ To apstiprināt nevaram.",
        "Kolēģis toreiz atbildēja: «Meistars atbrauks otrdien».",
    ],
)
def test_an_old_promise_in_inverted_commas_is_no_new_one(pack, text):
    assert label_commitment(pack.read(text), pack)[0] == "N"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Tel. saziņai 28001122", "P"),
        ("Te mans telefons, 29876543, gaidu", "P"),
        ("Jūsu saziņas tālrunis 67001122 ir aizņemts.", "N"),
        ("Te mans līgums 29876543", "N"),
        ("Atsaucu piekrišanu saņemt jūsu e-pastus", "P"),
        ("Atsaucu piekrišanu datu apstrādei.", "N"),
    ],
)
def test_a_number_given_and_consent_taken_back_are_wishes(pack, text, label):
    found = label_preference(pack.read(text), _message(text, Role.CUSTOMER), CUSTOMER, pack, "LV")
    assert found == label
