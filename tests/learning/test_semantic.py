"""An encoder of an installed package adds meaning to words, in its own languages only, and only where it is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from plugin.app import build
from plugin.learning import causes, semantic
from plugin.learning.semantic import Semantic, find_encoder
from plugin.ports import Account, Rejected
from plugin.settings import Settings

pytest.importorskip("sklearn")

MEANS = {
    "parcel": (1.0, 0.0), "package": (1.0, 0.0), "box": (1.0, 0.1), "delivery": (0.9, 0.0), "shipment": (1.0, 0.0),
    "invoice": (0.0, 1.0), "bill": (0.0, 1.0), "charge": (0.1, 1.0), "statement": (0.0, 0.9), "payment": (0.0, 1.0),
}  # fmt: skip


class Tiny:
    """Knows ten English words."""

    name = "tiny-1"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> list[tuple[float, float]]:
        self.asked += texts
        known = [[MEANS[w] for w in text.lower().split() if w in MEANS] for text in texts]
        return [(sum(x for x, _ in k), sum(y for _, y in k)) for k in known]


def language_of(text: str) -> str:
    return "de" if "der" in text.lower().split() else "en"


TEXTS = [
    "my parcel is late", "the package is late", "der Karton fehlt",
    "the bill is wrong", "wrong invoice", "der Betrag ist falsch",
]  # fmt: skip
LABELS = ["late", "late", "late", "money", "money", "money"]


@pytest.fixture
def learner() -> Semantic:
    return Semantic(Tiny(), language_of)


def key(model: Any, text: str) -> str:
    guess = model.guess(text)
    return guess.key if guess else ""


def test_words_never_seen_are_understood_by_what_they_mean(learner: Semantic) -> None:
    model = learner.train(TEXTS, LABELS)
    assert (key(model, "shipment"), key(model, "statement")) == ("late", "money")
    unknown = causes.train(TEXTS, LABELS).guess("shipment")
    assert unknown is None or unknown.share < model.guess("shipment").share  # type: ignore[union-attr]


def test_other_languages_are_left_to_the_words(learner: Semantic) -> None:
    model, words = learner.train(TEXTS, LABELS), causes.train(TEXTS, LABELS)
    for text in ("der Karton payment", "der Betrag shipment"):
        assert model.guess(text) == words.guess(text)
        assert model.scores(text) == words.scores(text)
    assert not any("der" in text for text in learner.encoder.asked)  # type: ignore[attr-defined]


def test_where_no_text_is_in_its_languages_words_alone_speak() -> None:
    learner = Semantic(Tiny(), lambda _: "ar")
    model = learner.train(TEXTS, LABELS)
    assert model.scores("parcel") == causes.train(TEXTS, LABELS).scores("parcel")


def test_each_text_is_encoded_once(learner: Semantic) -> None:
    learner.train(TEXTS, LABELS).guess("shipment")
    learner.train(TEXTS, LABELS).guess("shipment")
    asked = learner.encoder.asked  # type: ignore[attr-defined]
    assert len(asked) == len(set(asked))


def test_shares_are_shares_and_scores_name_every_class(learner: Semantic) -> None:
    model = learner.train(TEXTS, LABELS)
    assert set(model.scores("shipment")) == {"late", "money"}
    guess = model.adjusted(2.0, 0.5, (), {}).guess("my parcel is late")
    assert guess is not None
    assert 0.5 < guess.share <= 1
    assert "parcel" in dict(guess.words)
    assert model.adjusted(1.0, 0.5, ["money"], {}).guess("shipment") is None


def test_stored_and_loaded_it_says_the_same(learner: Semantic) -> None:
    model = learner.train(TEXTS, LABELS).adjusted(2.0, 0.7, ["late", "money"], {"last": 3})
    again = Semantic(Tiny(), language_of).load(learner.dump(model))
    assert (again.threshold, again.facts) == (0.7, {"last": 3})
    for text in (*TEXTS, "shipment"):
        assert key(again, text) == key(model, text)


def test_a_model_of_other_weights_is_not_used_and_one_of_words_is(learner: Semantic) -> None:
    other = Tiny()
    other.name = "tiny-2"
    body = learner.dump(learner.train(TEXTS, LABELS))
    with pytest.raises(Rejected, match="tiny-1"):
        Semantic(other, language_of).load(body)
    with pytest.raises(Rejected, match="train it anew"):
        causes.load(body)
    with pytest.raises(Rejected, match="train it anew"):
        learner.load(b"junk")
    words = causes.train(TEXTS, LABELS)
    assert learner.load(causes.dump(words)).guess("my parcel is late").key == "late"  # type: ignore[union-attr]


def test_only_an_account_that_names_an_encoder_uses_one_and_never_for_promises(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("plugin.app.find_encoder", lambda name: Tiny() if name == "tiny" else None)
    account = Account("a", "zendesk", "https://a.example", languages=("en", "fr"))
    named = replace(account, settings={"encoder": "tiny"})
    house = build(Settings(home=tmp_path))
    try:
        assert house.semantic(account, "causes") is None
        assert house.semantic(named, "commitments") is None
        learner = house.semantic(named, "causes")
        assert learner is not None
        assert learner.vectors(["Where is my parcel now, please?", "Bonjour, où est mon colis ?"]) == [(1.0, 0.0), None]
        assert house.tools.learner_of(named, "commitments") is causes
    finally:
        house.close()


def test_an_encoder_is_found_by_its_entry_point_or_named_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("tiny", f"{__name__}:Tiny", semantic.GROUP)
    monkeypatch.setattr(semantic, "entry_points", lambda group: [point] if group == semantic.GROUP else [])
    find_encoder.cache_clear()
    assert find_encoder("tiny").name == "tiny-1"
    with pytest.raises(Rejected, match=r"no encoder is called huge here \(installed: tiny\)"):
        find_encoder("huge")
    find_encoder.cache_clear()
