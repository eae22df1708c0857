"""Learn an account's causes from texts that people named a cause for, and name the causes of new texts."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from math import log
from typing import TYPE_CHECKING, Any

from plugin.domain.learned import LONGEST, Guess
from plugin.domain.words import fold
from plugin.ports import Rejected

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_matrix  # type: ignore[import-untyped]

FORM = 1
"""Of the stored bytes."""

STEM = 5
"""Letters of a longer word that stand for it too: a crude stem, but the same in every language with an alphabet."""

NEAR = 3
"""Two longer words at most this far apart count as a pair, in either order."""

SHORTEST_IN_PAIR = 4

CHARACTERS = (2, 3, 4, 5)
"""Lengths of pieces of words: they forgive spelling and join the forms of a word."""

MANY = 20.0
"""Texts a class, on average, from which the quicker trainer is as good."""

FEW_C, MANY_C = 50.0, 1.0
"""How far the trainers trust the texts (scikit-learn's `C`), measured by `bench/learning.py`."""

BLEND, BLEND_C = 0.15, 30.0
"""Where texts are many, so much of logistic regression's scores is added to the other's: they err differently, and the
sum is one linear model still (half a point on Banking77, three seeds)."""

HELD_BACK = 2.0
"""Times the logarithm of how many more texts than the mean a class has, where texts are few. Fifty more texts of one
class of Banking77, two seeds: without it F1 0.6 fell to 0.35, with it 0.6 rose to 0.78. Not measured where texts are
many, and not done there."""

MOST_CLUES = 400_000
"""Kept in a model, those of most texts first."""

MOST_WORDS = 8
"""Words that are named when a tag is explained."""

NO_ML = "learning needs scikit-learn: pip install 'followthrough[ml]'; until then the phrases tag causes as before"

_WORD = re.compile("(?:[^\\W_]|[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670])+")


def clues(text: str) -> tuple[Counter[str], Counter[str]]:
    """What counts in a text, with how often: words, stems, neighbours and near pairs; and pieces of words."""
    words = [fold(word) for word in _WORD.findall(text[:LONGEST])]
    stems = [word[:STEM] for word in words]
    found = Counter(words)
    found.update(word[:STEM] + "*" for word in words if len(word) > STEM)
    found.update(f"{one} {other}" for one, other in pairwise(stems))
    found.update(_near([(at, stem) for at, stem in enumerate(stems) if len(stem) >= SHORTEST_IN_PAIR]))
    return found, _pieces(words)


def _near(long: Sequence[tuple[int, str]]) -> Iterable[str]:
    for at, (place, one) in enumerate(long):
        for where, other in long[at + 1 : at + 1 + NEAR]:
            if where - place <= NEAR:
                yield f"{one}+{other}" if one < other else f"{other}+{one}"


def _pieces(words: Iterable[str]) -> Counter[str]:
    found: Counter[str] = Counter()
    for word in words:
        found.update(_pieces_of(word))
    return found


@lru_cache(maxsize=20_000)
def _pieces_of(word: str) -> tuple[str, ...]:
    """Remembered, since few words make up most of every text."""
    edged = f" {word} "
    return tuple("/" + edged[at : at + n] for n in CHARACTERS for at in range(max(1, len(edged) - n + 1)))


@dataclass(frozen=True, slots=True)
class Table:
    """What the clues weigh: `places` is the column of each, `rarity` its idf."""

    places: Mapping[str, int]
    rarity: Sequence[float]

    def look(self, text: str) -> tuple[list[int], list[float]]:
        """(columns, values) of a text; words and pieces each have length one."""
        columns: list[int] = []
        values: list[float] = []
        for kind in clues(text):
            places, rarity = self.places, self.rarity
            known = [(at, n) for clue, n in kind.items() if (at := places.get(clue)) is not None]
            weighed = [(rarity[at] if n == 1 else rarity[at] * (1 + log(n))) for at, n in known]
            length = sum(v * v for v in weighed) ** 0.5 or 1.0
            columns += [at for at, _ in known]
            values += [v / length for v in weighed]
        return columns, values

    def matrix(self, texts: Iterable[str]) -> csr_matrix:
        """One row a text."""
        import numpy as np
        from scipy.sparse import csr_matrix

        rows = [self.look(text) for text in texts]
        ends = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        data = np.array([v for _, values in rows for v in values], dtype=np.float32)
        columns = [c for columns, _ in rows for c in columns]
        return csr_matrix((data, columns, ends), shape=(len(rows), len(self.places)))


def _table(texts: Sequence[str]) -> Table:
    seen: Counter[str] = Counter()
    for text in texts:
        for kind in clues(text):
            seen.update(kind.keys())
    kept = seen.most_common(MOST_CLUES)
    rarity = [log((1 + len(texts)) / (1 + n)) + 1 for _, n in kept]
    return Table({clue: at for at, (clue, _) in enumerate(kept)}, rarity)


@dataclass(frozen=True, slots=True)
class CauseModel:
    """`domain.learned.Learned`: a linear model, one column of `weights` a class."""

    classes: tuple[str, ...]
    table: Table
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]
    heat: float = 1.0
    """How strongly scores become shares."""
    threshold: float = 2.0
    taught: frozenset[str] = frozenset()
    """The causes it may name; the others are there to be told from them. Empty: all."""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def scores(self, text: str) -> Mapping[str, float]:
        """As the port says."""
        import numpy as np

        columns, values = self.table.look(text)
        scores = np.array(values, dtype=np.float32) @ self.weights[columns] + self.bias
        return dict(zip(self.classes, (float(s) for s in scores), strict=True))

    def adjusted(self, heat: float, threshold: float, taught: Collection[str], facts: Mapping[str, Any]) -> CauseModel:
        """As the port says."""
        return replace(self, heat=heat, threshold=threshold, taught=frozenset(taught), facts=facts)

    def guess(self, text: str) -> Guess | None:
        """As the port says; the words are folded, with what each added for this class over the average of all."""
        import numpy as np

        columns, values = self.table.look(text)
        if not columns:
            return None
        told = np.array(values, dtype=np.float32)
        scores = told @ self.weights[columns] + self.bias
        best = int(scores.argmax())
        if self.taught and self.classes[best] not in self.taught:
            return None
        parts = np.exp(self.heat * (scores - scores[best]))
        words = self._words(text, dict(zip(columns, values, strict=True)), best)
        return Guess(self.classes[best], float(1 / parts.sum()), words)

    def _words(self, text: str, told: Mapping[int, float], best: int) -> tuple[tuple[str, float], ...]:
        places = self.table.places
        known = [w for w in {fold(word) for word in _WORD.findall(text[:LONGEST])} if w in places]
        if not known:
            return ()
        columns = [places[w] for w in known]
        over = self.weights[columns, best] - self.weights[columns].mean(axis=1)
        added = [(w, told[at] * float(more)) for w, at, more in zip(known, columns, over, strict=True) if more > 0]
        return tuple(sorted(added, key=lambda p: (-p[1], p[0]))[:MOST_WORDS])


def train(texts: Sequence[str], labels: Sequence[str], trust: Sequence[float] | None = None) -> CauseModel:
    """A model from at least one text of each of two classes; `trust` weighs the texts. Rejected where scikit-learn is
    not installed, or the texts are of one class only."""
    try:
        from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
        from sklearn.svm import LinearSVC  # type: ignore[import-untyped]
        from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
    except ImportError:
        raise Rejected(NO_ML) from None
    import numpy as np

    classes = sorted(set(labels))
    if len(classes) < 2:
        raise Rejected("there is nothing to tell apart yet: corrections name fewer than two causes")
    table = _table(texts)
    if len(texts) / len(classes) < MANY:
        trainers = [(1.0, LogisticRegression(C=FEW_C, max_iter=300))]
    else:
        trainers = [(1.0, LinearSVC(C=MANY_C)), (BLEND, LogisticRegression(C=BLEND_C, max_iter=60, tol=1e-3))]
    matrix = table.matrix(texts)
    with threadpool_limits(1):  # the workers beside us need the other cores
        for _, trainer in trainers:
            trainer.fit(matrix, list(labels), sample_weight=None if trust is None else list(trust))
    weights = sum(share * trainer.coef_.T for share, trainer in trainers)
    model = _model(classes, table, weights, sum(share * trainer.intercept_ for share, trainer in trainers))
    few = len(trainers) == 1
    return replace(model, bias=model.bias - np.array(_held_back(labels, classes), dtype=np.float32)) if few else model


def _held_back(labels: Sequence[str], classes: Sequence[str]) -> list[float]:
    """What is taken from the score of each class because it had more texts than others: fifty corrections of one cause
    would otherwise make it the answer to everything."""
    counts = Counter(labels)
    return [HELD_BACK * log(counts[key] * len(classes) / len(labels)) for key in classes]


def _model(classes: Sequence[str], table: Table, weights: Any, bias: Any) -> CauseModel:
    import numpy as np

    if len(classes) == 2:  # scikit-learn keeps one column for two classes
        weights, bias = np.hstack([-weights, weights]), np.hstack([-bias, bias])
    return CauseModel(tuple(classes), table, np.ascontiguousarray(weights, dtype=np.float32), bias.astype(np.float32))


def dump(model: CauseModel) -> bytes:
    """The model as bytes that only hold numbers and names: nothing in them is ever run."""
    import numpy as np

    head: dict[str, Any] = {"form": FORM, "classes": model.classes, "heat": model.heat, "threshold": model.threshold}
    head |= {"taught": sorted(model.taught), "facts": dict(model.facts)}
    names = json.dumps({"head": head, "clues": list(model.table.places)}, ensure_ascii=False).encode()
    stream = BytesIO()
    np.savez_compressed(
        stream, names=np.frombuffer(names, dtype=np.uint8), rarity=np.array(model.table.rarity, dtype=np.float32),
        weights=model.weights.astype(np.float16), bias=model.bias,
    )  # fmt: skip
    return stream.getvalue()


def load(body: bytes) -> CauseModel:
    """The model that `dump` wrote. Rejected for anything else."""
    import numpy as np

    try:
        with np.load(BytesIO(body), allow_pickle=False) as parts:
            names = json.loads(parts["names"].tobytes())
            weights, bias, rarity = parts["weights"].astype(np.float32), parts["bias"], parts["rarity"]
        head, known = names["head"], names["clues"]
        if head["form"] != FORM or weights.shape != (len(known), len(head["classes"])) or len(rarity) != len(known):
            raise ValueError("not a model of this form")
    except Exception as error:
        raise Rejected(f"the stored model cannot be read ({type(error).__name__}): train it anew") from None
    table = Table({clue: at for at, clue in enumerate(known)}, rarity.tolist())
    taught = frozenset(head["taught"])
    return CauseModel(
        tuple(head["classes"]), table, weights, bias, head["heat"], head["threshold"], taught, head["facts"]
    )
