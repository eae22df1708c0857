"""What the Arabic pack finds in its own examples, held rows included, stays found."""

from __future__ import annotations

from typing import Any

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.commitments import label_message as label_commitment
from plugin.domain.flags import find_flags
from plugin.domain.phrases import Pack
from plugin.domain.preferences import find_preferences
from plugin.domain.preferences import label_message as label_preference
from plugin.domain.ticket import Person, Role
from plugin.languages import load, load_examples
from plugin.languages.taxonomy import load_taxonomy
from plugin.work.evaluate import _message, macro_f1, precision_recall

CUSTOMER = Person("customer")


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load("ar")


def rows_of(topic: str, least: int) -> list[dict[str, Any]]:
    rows = load_examples("ar", topic)
    assert len(rows) >= least
    return rows


def test_promises_are_told_from_what_only_looks_like_them_in_229_messages(pack):
    rows = rows_of("commitments", 229)
    found = [label_commitment(pack.read(row["text"]), pack)[0] for row in rows]
    figures = precision_recall((row["label"] == "F", label == "F") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.96


def test_wishes_about_contact_are_heard_in_138_messages(pack):
    rows = rows_of("preferences", 138)
    found = [
        label_preference(pack.read(row["text"]), _message(row["text"], Role.CUSTOMER), CUSTOMER, pack) for row in rows
    ]
    figures = precision_recall((row["label"] == "P", label == "P") for row, label in zip(rows, found, strict=True))
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.93


def test_the_cause_is_named_in_131_messages(pack):
    taxonomy = load_taxonomy()
    pairs = []
    for row in rows_of("causes", 131):
        said = [(_message(row["text"], Role.CUSTOMER), pack.read(row["text"]), pack)]
        cause, _, _ = tag_cause(said, [], [], [], taxonomy, row.get("subject") or "")
        pairs.append((str(row["cause"]), cause.key))
    assert macro_f1(pairs) >= 0.86


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("سنتصل بك غداً", "F"),
        ("سَنَتَّصِلُ بِكَ غَداً", "F"),
        ("هنكلمك بكرة", "F"),
        ("راح نتواصل معاك اليوم", "F"),
        ("سيتم تحويل المبلغ إلى حسابكم خلال 3 أيام", "F"),
        ("لا تقلق سنتصل بك غدا", "F"),
        ("غادي نعيطو ليك غدا", "F"),
        ("سأخبرك حالما تهبط الطائرة", "F"),
        ("لن نتصل بك غداً", "N"),
        ("ما راح نقدر نرجع لك المبلغ هذا الشهر", "N"),
        ("محد راح يجيك اليوم للأسف", "N"),
        ("قلتوا راح ترجعون لي الفلوس يوم الأحد", "N"),
        ("ممكن نبعتلك نسخة على الإيميل لو حابب", "N"),
        ("نقدر نستبدلها لك بلون ثاني", "N"),
        ("اتصلنا بك أمس", "N"),
        ("هل نتصل بك غداً؟", "N"),
        ("إذا أرسلت الفاتورة سنعيد المبلغ", "K"),
        ("أرسل لنا رقم الطلب من فضلك. سنتابع الموضوع.", "K"),
        ("لحظة من فضلك، أراجع حسابك", "I"),
    ],
)
def test_person_tense_and_condition_decide_what_is_promised(pack, text, label):
    assert label_commitment(pack.read(text), pack)[0] == label


@pytest.mark.parametrize(
    ("text", "wishes"),
    [
        ("كلموني على 0501234567", [("call", False, "0501234567")]),
        ("ما أبي اتصالات، بس رسايل", [("call", True, ""), ("sms", False, "")]),
        ("متكلمونيش بالليل", [("call", True, "")]),
        ("ما تعيطوليش في الخدمة", [("call", True, "")]),
        ("صيفطو ليا إيميل", [("email", False, "")]),
        ("أرسلوا رسالة نصية بدل الاتصال من فضلكم", [("sms", False, ""), ("call", True, "")]),
        ("هل يوجد موظف يتحدث الإنجليزية؟", []),
        ("بريدي الإلكتروني تغير إلى x@y.com حدثوه", []),
        ("السائق اتصل بي ولم يجدني", []),
        ("لماذا لا تردون على الهاتف؟", []),
    ],
)
def test_who_calls_whom_decides_what_is_wished(pack, text, wishes):
    found = find_preferences(pack.read(text), _message(text, Role.CUSTOMER), CUSTOMER, pack)
    assert [(str(p.channel), p.refuse, p.point) for p in found] == wishes


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("خدمة سيئة جدا، سألغي اشتراكي", {"upset", "leaving"}),
        ("الشاحن انفجر واحترقت يد ابني", {"catastrophic"}),
        ("لست غاضبا، أسأل فقط", set()),
        ("أريد إلغاء الطلب", set()),
    ],
)
def test_a_flag_is_present_or_it_is_not(pack, text, flags):
    message = _message(text, Role.CUSTOMER)
    assert {flag.key for flag in find_flags([(message, pack.read(text))])} == flags
