"""Add what sentences mean to what their words are: an encoder of an installed package beside the linear model.

A package offers an encoder by an entry point in the group `followthrough.encoders`: a callable without arguments that
returns an `Encoder`. Nothing is downloaded, and no account uses one unless its setting `encoder` names it. Languages
that the encoder does not speak are left to the words: an English one is worse than words in Arabic (25 against 60 %).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import entry_points
from io import BytesIO
from math import exp, log
from typing import TYPE_CHECKING, Any, Protocol

from plugin.domain.learned import Guess
from plugin.learning import causes
from plugin.ports import Rejected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

GROUP = "followthrough.encoders"

C = 30.0
"""How far the trainer trusts the texts; vectors have length one."""

WORDS = 0.3
"""What words say beside what the sentence means. Measured on Banking77 with all-MiniLM-L6-v2: at ten texts a class
words as loud as the meaning take 3 points away, at a hundred they add one; a third costs neither."""

MOST_REMEMBERED = 20_000
"""Texts whose vectors are remembered while a model is trained and compared: each is encoded once."""


class Encoder(Protocol):
    """Turns texts into vectors. Local, quick (milliseconds a text) and the same on every run."""

    @property
    def name(self) -> str:
        """Which weights these are, with their version: a model is only used with those it was trained with."""
        ...

    @property
    def languages(self) -> Collection[str]:
        """The languages it was made for: "en"."""
        ...

    def encode(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """A vector for each text, all of one length."""
        ...


@lru_cache(maxsize=8)
def find_encoder(name: str) -> Encoder:
    """The installed encoder with this entry point. Rejected where there is none."""
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        there = ", ".join(sorted(found)) or "none"
        raise Rejected(f"no encoder is called {name} here (installed: {there}): the extra [semantic] needs a package")
    made: Encoder = found[name].load()()
    return made


@dataclass(frozen=True, slots=True)
class Semantic:
    """`domain.learned.Learner` for one account: words, and meaning where its encoder speaks the language of a text."""

    encoder: Encoder
    language_of: Callable[[str], str]
    seen: dict[str, tuple[float, ...] | None] = field(default_factory=dict)

    def vectors(self, texts: Sequence[str]) -> list[tuple[float, ...] | None]:
        """Of length one; None for a text in another language, or one that means nothing."""
        if len(self.seen) + len(texts) > MOST_REMEMBERED:
            self.seen.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self.seen]
        spoken = [text for text in new if self.language_of(text) in self.encoder.languages]
        self.seen.update(dict.fromkeys(new))
        for text, vector in zip(spoken, self.encoder.encode(spoken) if spoken else (), strict=True):
            length = sum(v * v for v in vector) ** 0.5
            self.seen[text] = tuple(v / length for v in vector) if length else None
        return [self.seen[text] for text in texts]

    def train(self, texts: Sequence[str], labels: Sequence[str], trust: Sequence[float] | None = None) -> MixedModel:
        """As the port says. Where fewer than two classes have texts in its languages, words alone speak."""
        words = causes.train(texts, labels, trust)
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

        rows = [(v, at) for at, v in enumerate(self.vectors(texts)) if v is not None]
        spoken = [labels[at] for _, at in rows]
        if len(set(spoken)) < 2:
            return MixedModel(words, self, (), _nothing(), _nothing())
        model = LogisticRegression(C=C, max_iter=300)
        model.fit([v for v, _ in rows], spoken, sample_weight=None if trust is None else [trust[at] for _, at in rows])
        return MixedModel(words, self, tuple(str(c) for c in model.classes_), *_columns(model))

    def dump(self, model: MixedModel) -> bytes:
        """Numbers and names only."""
        import numpy as np

        head = json.dumps({"encoder": self.encoder.name, "classes": model.classes}).encode()
        stream = BytesIO()
        np.savez_compressed(
            stream, words=np.frombuffer(causes.dump(model.words), dtype=np.uint8), weights=model.weights,
            head=np.frombuffer(head, dtype=np.uint8), bias=model.bias,
        )  # fmt: skip
        return stream.getvalue()

    def load(self, body: bytes) -> MixedModel:
        """As the port says. A model of words alone is taken as it is; one of other weights is Rejected."""
        import numpy as np

        try:
            with np.load(BytesIO(body), allow_pickle=False) as parts:
                if "head" not in parts:
                    return MixedModel(causes.load(body), self, (), _nothing(), _nothing())
                head, words = json.loads(parts["head"].tobytes()), parts["words"].tobytes()
                weights, bias = parts["weights"].astype(np.float32), parts["bias"].astype(np.float32)
        except (ValueError, OSError, KeyError, EOFError):
            raise Rejected("the stored model cannot be read: train it anew") from None
        if head["encoder"] != self.encoder.name:
            raise Rejected(f"the stored model belongs to the encoder {head['encoder']}: train it anew")
        return MixedModel(causes.load(words), self, tuple(head["classes"]), weights, bias)


@dataclass(frozen=True, slots=True)
class MixedModel:
    """`domain.learned.Trained`: what words and meaning say, as the weighted sum of the logarithms of their shares."""

    words: causes.CauseModel
    learner: Semantic
    classes: tuple[str, ...]
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @property
    def threshold(self) -> float:
        return self.words.threshold

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.words.facts

    def adjusted(self, heat: float, threshold: float, taught: Collection[str], facts: Mapping[str, Any]) -> MixedModel:
        """As the port says."""
        return replace(self, words=self.words.adjusted(heat, threshold, taught, facts))

    def scores(self, text: str) -> Mapping[str, float]:
        """As the port says; a class that only the words know has the least that meaning gives to any."""
        import numpy as np

        told = self.words.scores(text)
        (vector,) = self.learner.vectors([text]) if self.classes else (None,)
        if vector is None:
            return told
        meant = np.array(vector, dtype=np.float32) @ self.weights + self.bias
        logs = _logs(dict(zip(self.classes, (float(m) for m in meant), strict=True)), 1.0)
        least = min(logs.values())
        return {key: WORDS * share + logs.get(key, least) for key, share in _logs(told, 1.0).items()}

    def guess(self, text: str) -> Guess | None:
        """As the port says; the words that counted are those of the words' model."""
        (vector,) = self.learner.vectors([text]) if self.classes else (None,)
        said = self.words.guess(text)
        if vector is None:
            return said
        logs = _logs(self.scores(text), self.words.heat)
        best = max(logs, key=lambda key: logs[key])
        if self.words.taught and best not in self.words.taught:
            return None
        return Guess(best, exp(logs[best]), said.words if said and said.key == best else ())


def _logs(scores: Mapping[str, float], heat: float) -> dict[str, float]:
    """Logarithms of the shares that scores become."""
    most = max(scores.values())
    whole = log(sum(exp(heat * (score - most)) for score in scores.values()))
    return {key: heat * (score - most) - whole for key, score in scores.items()}


def _columns(model: Any) -> tuple[Any, Any]:
    """Weights and bias with a column for each class, also where scikit-learn keeps one for two."""
    import numpy as np

    weights, bias = model.coef_.T.astype(np.float32), model.intercept_.astype(np.float32)
    return (np.hstack([-weights, weights]), np.hstack([-bias, bias])) if len(model.classes_) == 2 else (weights, bias)


def _nothing() -> Any:
    import numpy as np

    return np.zeros(0, dtype=np.float32)
