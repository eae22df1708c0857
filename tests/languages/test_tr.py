"""What the Turkish pack finds in its own examples, held rows included, stays found."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.faults import find_blocked
from plugin.domain.flags import find_flags
from plugin.domain.phrases import Pack
from plugin.domain.points import same_point
from plugin.domain.preferences import find_preferences
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.ticket import Message, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.evaluate import macro_f1, precision_recall


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("tr")


def rows_of(topic: str, least: int) -> list[dict[str, Any]]:
    rows = load_examples("tr", topic)
    assert len(rows) >= least
    return rows


def from_customer(text: str) -> Message:
    return Message("m", Role.CUSTOMER, datetime(2026, 3, 2, tzinfo=UTC), text)


def wishes_in(pack: Pack, text: str) -> list[tuple[str, str, str]]:
    found = find_preferences(pack.read(text), from_customer(text), None, pack, "TR")
    return [(p.channel.value, "refuse" if p.refuse else "want", p.point) for p in found]


def test_promises_are_told_from_what_only_looks_like_them_in_223_messages(pack):
    rows = rows_of("commitments", 223)
    found = [label_commitment(pack.read(row["text"]), pack)[0] for row in rows]
    figures = precision_recall((row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.94
    assert figures["recall"] >= 0.94


def test_wishes_about_contact_are_heard_in_139_messages(pack):
    rows = rows_of("preferences", 139)
    found = [label_preference(pack.read(r["text"]), from_customer(r["text"]), None, pack, "TR") for r in rows]
    figures = precision_recall((row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.96
    assert figures["recall"] >= 0.92


def test_channel_polarity_and_point_of_64_wishes_are_right(pack):
    right, all_of_them = 0, 0
    for row in rows_of("preferences", 139):
        found = wishes_in(pack, row["text"])
        expected = [(p["channel"], p["polarity"], p.get("point", "")) for p in row.get("prefs", [])]
        for wish in expected:
            twin = next((f for f in found if f[:2] == wish[:2] and _one_point(f[2], wish[2])), None)
            if twin is not None:
                found.remove(twin)
                right += 1
        all_of_them += len(expected) + len(found)
    assert right / all_of_them >= 0.88


def _one_point(found: str, expected: str) -> bool:
    return (not found and not expected) or same_point(found, expected, "TR")


def test_points_reported_dead_are_found_in_139_messages(pack):
    wrong = []
    for row in rows_of("preferences", 139):
        read, expected = pack.read(row["text"]), row.get("blocked_point", "")
        found = [b.point for b in find_blocked(read, from_customer(row["text"]), None, pack, "TR")]
        if bool(found) != bool(expected) or (found and not same_point(found[0], expected, "TR")):
            wrong.append(row["text"])
    assert len(wrong) <= 1


def test_the_cause_is_named_in_120_messages(pack):
    taxonomy, pairs = load_taxonomy(), []
    for row in rows_of("causes", 120):
        said = [(from_customer(row["text"]), pack.read(row["text"]), pack)]
        cause, _, _ = tag_cause(said, [], [], [], taxonomy, row.get("subject") or "")
        pairs.append((str(row["cause"]), cause.key))
    assert macro_f1(pairs) >= 0.86


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Sizi yarın arayacağız.", "F"),
        ("sizi yarin aricaz", "F"),
        ("SİZİ YARIN ARAYACAĞIZ", "F"),
        ("Ekibimiz sizi arayacaktır.", "F"),
        ("Ücretiniz üç gün içinde kartınıza iade edilecektir.", "F"),
        ("Yarın gönderiyoruz paketinizi.", "F"),
        ("İlgili arkadaşımıza ilettim, dönecek size.", "F"),
        ("Çıkar çıkmaz haber veririz.", "F"),
        ("Bilgi vermeniz için teşekkürler, konuyu ekibe ileteceğim.", "F"),
        ("Ekran görüntüsünü gönderirseniz inceleriz.", "K"),
        ("Sipariş numaranızı yazın, bakıp dönelim.", "K"),
        ("Ödemeniz ulaştığında ürünü göndereceğiz.", "K"),
        ("Sizi aramayacağız.", "N"),
        ("Sizi yarın arayacağımızı söylemedik.", "N"),
        ("Arkadaşımız 'yarın arayacağız' demiş.", "N"),
        ("İsterseniz sizi yarın arayabiliriz.", "N"),
        ("Dün sizi aradık.", "N"),
        ("Siparişler genellikle üç günde teslim edilir.", "N"),
        ("Gelecek hafta kapalıyız.", "N"),
        ("Bir saniye, kaydınıza bakıyorum.", "I"),
    ],
)
def test_the_ending_of_the_verb_decides_what_is_promised(pack, text, label):
    assert label_commitment(pack.read(text), pack)[0] == label


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("Beni 0532 000 14 27'den arayın.", [("call", "want", "+905320001427")]),
        ("beni aramayin artik", [("call", "refuse", "")]),
        ("WhatsApp'tan yazar mısınız?", [("dm", "want", "")]),
        ("Instagram'dan değil, mailden dönün.", [("dm", "refuse", ""), ("email", "want", "")]),
        ("Aranmak istemiyorum, SMS gönderin.", [("call", "refuse", ""), ("sms", "want", "")]),
        ("Arayın dediniz, aradım, açan yok.", []),
        ("Arama geçmişimi silebilir miyim?", []),
        ("Yazın tatile gidiyoruz.", []),
        ("Sizi yarın arayacağım.", []),
    ],
)
def test_verbs_and_case_endings_say_how_to_be_contacted(pack, text, wishes):
    assert wishes_in(pack, text) == wishes


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("Rezalet bir hizmet, bıktım artık!", {"upset"}),
        ("Aboneliğimi iptal etmek istiyorum, rakibinize geçiyorum.", {"leaving"}),
        ("Siparişimi iptal etmek istiyorum.", set()),
        ("Ütü alev aldı, elim yandı.", {"catastrophic"}),
        ("Yangın çıkmadı, yaralanan yok.", set()),
        ("Ne yazık ki bugün gelemiyorum, kızgın değilim.", set()),
    ],
)
def test_what_is_present_in_a_customers_words(pack, text, flags):
    assert {f.key for f in find_flags([(from_customer(text), pack.read(text))])} == flags
