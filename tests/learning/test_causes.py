"""A model learns causes in any language, says which words counted, and is stored as numbers that nothing runs."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from plugin.learning import causes
from plugin.ports import Rejected

pytest.importorskip("sklearn")

LATE = [
    "The parcel has not come", "My parcel is late again", "Still waiting for the parcel", "Where is the parcel",
    "Der Karton ist nicht angekommen", "الطرد لم يصل بعد",
]  # fmt: skip
BILL = [
    "You charged me twice",
    "The invoice shows a wrong sum", "I was charged for nothing", "Why this charge on the invoice",
    "Die Rechnung ist falsch", "الفاتورة خاطئة",
]  # fmt: skip
TEXTS, LABELS = [*LATE, *BILL], ["late"] * len(LATE) + ["bill"] * len(BILL)


@pytest.fixture(scope="module")
def model() -> causes.CauseModel:
    return causes.train(TEXTS, LABELS)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("the parcel did not come today", "late"),
        ("chargd me again", "bill"),
        ("die Rechnungen stimmen nicht", "bill"),
        ("اين الطرد", "late"),
        ("الفاتورةِ", "bill"),
    ],
)
def test_new_words_of_the_same_kind_get_the_same_cause(model: causes.CauseModel, text: str, key: str) -> None:
    guess = model.guess(text)
    assert guess is not None
    assert guess.key == key
    assert 0.5 < guess.share <= 1


def test_the_words_that_counted_are_named_the_strongest_first(model: causes.CauseModel) -> None:
    guess = model.guess("Hello, the PARCEL is late and it was charged")
    assert guess is not None
    assert guess.words[0][0] in ("parcel", "late")
    assert "charged" not in dict(guess.words)
    assert [w for _, w in guess.words] == sorted((w for _, w in guess.words), reverse=True)


@pytest.mark.parametrize("text", ["", "…", "4711", "👍"])
def test_of_what_it_does_not_know_it_says_nothing(model: causes.CauseModel, text: str) -> None:
    assert model.guess(text) is None


def test_stored_and_loaded_it_says_the_same(model: causes.CauseModel) -> None:
    kept = causes.dump(model.adjusted(2.0, 0.7, ["late", "bill"], {"last": 7}))
    again = causes.load(kept)
    assert (again.heat, again.threshold, again.facts) == (2.0, 0.7, {"last": 7})
    for text in TEXTS:
        assert model.adjusted(2.0, 0.7, (), {}).guess(text).share == pytest.approx(again.guess(text).share, abs=0.01)  # type: ignore[union-attr]


def test_only_causes_that_were_taught_are_named(model: causes.CauseModel) -> None:
    shy = model.adjusted(1.0, 0.5, ["bill"], {})
    assert shy.guess("the parcel is late") is None
    assert shy.guess("charged twice") is not None


def _with_objects() -> bytes:
    stream = io.BytesIO()
    np.savez(stream, names=np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return stream.getvalue()


@pytest.mark.parametrize("body", [b"", b"junk", pickle.dumps({"a": 1}), _with_objects()])
def test_bytes_that_are_no_model_are_refused_and_never_run(body: bytes) -> None:
    with pytest.raises(Rejected, match="train it anew"):
        causes.load(body)


def test_one_cause_alone_is_nothing_to_tell_apart() -> None:
    with pytest.raises(Rejected, match="fewer than two"):
        causes.train(LATE, ["late"] * len(LATE))


def test_without_scikit_learn_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.svm", None)
    with pytest.raises(Rejected, match=r"followthrough\[ml\]"):
        causes.train(TEXTS, LABELS)


def test_a_model_is_used_without_scikit_learn(model: causes.CauseModel, tmp_path: object) -> None:
    file = f"{tmp_path}/model"
    with open(file, "wb") as out:
        out.write(causes.dump(model))
    code = (
        "import sys; sys.modules['sklearn'] = None; sys.modules['scipy'] = None\n"
        f"from plugin.learning.causes import load; m = load(open({file!r}, 'rb').read())\n"
        "assert m.guess('the parcel is late').key == 'late'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_nothing_heavy_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, plugin.learning.causes; assert not {'numpy', 'sklearn', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_long_text_is_cut_so_that_guessing_stays_quick() -> None:
    words, pieces = causes.clues("parcel " * 100_000)
    assert sum(words.values()) < 1_000
    assert sum(pieces.values()) < 5_000


def test_pairs_of_longer_words_count_in_either_order() -> None:
    def pairs(text: str) -> Counter[str]:
        return Counter(clue for clue in causes.clues(text)[0] if "+" in clue)

    assert pairs("card is defective") == pairs("defective my card") == Counter(["card+defec"])
