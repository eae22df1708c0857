"""How much causes learn from few and many labels, beside plain scikit-learn and TextBlob: `python bench/learning.py`.

    python bench/learning.py                        Banking77 and Bitext, 0, 5, 10 and all labels a class, 5 seeds
    python bench/learning.py banking77 --labels 10 --seeds 2
    python bench/learning.py banking77 --curve      50 corrections of one weak cause: what it gains, what others lose

The data lies in FOLLOWTHROUGH_DATA (see bench/data.py); a set that is absent is skipped and said. The test is split off
anew for each seed and never trained on. The name of a class counts as one more text of it, for all systems alike.
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.data import read
from plugin.learning import causes

SETS = {"banking77": ("rootcause_banking77_train", 2_000), "bitext": ("rootcause_bitext_test", 270)}
"""File and how many texts are split off as the test."""

ALL = 0
"""Stands for all labels."""

BLOB_TESTS = 60
"""Texts that TextBlob's classifier is asked about: it takes about a tenth of a second for each."""

BLOB_LABELS = 10
"""Labels a class above which it is not run: its time grows with texts times words."""

SLOW_SEEDS = 2
"""Seeds of plain logistic regression on all labels."""

Row = tuple[str, str]
Ask = Callable[[str], str]
Make = Callable[[Sequence[Row]], Ask]


@dataclass
class Result:
    accuracy: float
    train: float
    tag: float
    """CPU seconds of training, CPU milliseconds of tagging one text."""


def split(rows: Sequence[Row], test: int, seed: int, labels: int) -> tuple[list[Row], list[Row]]:
    """(training rows with at most `labels` a class, test rows)."""
    mixed = list(rows)
    random.Random(seed).shuffle(mixed)
    pool, kept, seen = mixed[test:], [], Counter[str]()
    for text, label in pool:
        seen[label] += 1
        if labels == ALL or seen[label] <= labels:
            kept.append((text, label))
    return kept, mixed[:test]


def with_names(rows: Sequence[Row], classes: Sequence[str]) -> list[Row]:
    return [*rows, *((name.replace("_", " "), name) for name in classes)]


def ours(rows: Sequence[Row]) -> Ask:
    model = causes.train([t for t, _ in rows], [label for _, label in rows])

    def ask(text: str) -> str:
        guess = model.guess(text)
        return guess.key if guess else ""

    return ask


def plain(rows: Sequence[Row]) -> Ask:
    """scikit-learn as it comes: TF-IDF of words, logistic regression, its defaults."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words, model = TfidfVectorizer(), LogisticRegression(max_iter=1_000)
    model.fit(words.fit_transform([t for t, _ in rows]), [label for _, label in rows])
    return lambda text: str(model.predict(words.transform([text]))[0])


def blob(rows: Sequence[Row]) -> Ask:
    """TextBlob's naive Bayes, with words cut by us: its own tokenizer needs a download."""
    from textblob.classifiers import NaiveBayesClassifier

    def features(document: list[str], known: set[str]) -> dict[str, bool]:
        here = set(document)
        return {f"contains({word})": word in here for word in known}

    model = NaiveBayesClassifier([(t.lower().split(), label) for t, label in rows], feature_extractor=features)
    return lambda text: str(model.classify(text.lower().split()))


SYSTEMS: dict[str, Make] = {"ours": ours, "scikit-learn TF-IDF + LR": plain, "TextBlob naive Bayes": blob}


def measure(make: Make, rows: Sequence[Row], tests: Sequence[Row]) -> Result:
    start = time.process_time()
    ask = make(rows)
    ask(tests[0][0])  # TextBlob counts at the first question
    trained = time.process_time()
    right = sum(ask(text) == label for text, label in tests)
    tagged = time.process_time()
    return Result(right / len(tests), trained - start, 1000 * (tagged - trained) / len(tests))


def compare(
    name: str, rows: Sequence[Row], test: int, labels: Sequence[int | None], seeds: int, systems: Mapping[str, Make]
) -> None:
    for some in labels:
        for system, make in systems.items():
            if make is blob and (some == ALL or (some or 0) > BLOB_LABELS):
                print(f"{name} {_of(some)}: {system} not run, too slow beyond {BLOB_LABELS} a class")
                continue
            few = make is blob or (make is plain and some == ALL)
            results = [_once(make, rows, test, some, seed) for seed in range(min(seeds, SLOW_SEEDS) if few else seeds)]
            note = f", {BLOB_TESTS} test texts" if make is blob else ""
            print(f"{name} {_of(some)}: {system} {_said(results)}{note}", flush=True)


def _once(
    make: Make, rows: Sequence[Row], test: int, some: int | None, seed: int
) -> Result:  # fmt: skip
    trained, tests = split(rows, test, seed, ALL if some is None else some)
    named = with_names([] if some is None else trained, sorted({label for _, label in rows}))
    return measure(make, named, tests[:BLOB_TESTS] if make is blob else tests)


def _of(some: int | None) -> str:
    return "names only" if some is None else "all labels" if some == ALL else f"{some} a class"


def _said(results: Sequence[Result]) -> str:
    right = [r.accuracy for r in results]
    spread = f" (±{statistics.stdev(right):.4f}, {len(right)} seeds)" if len(right) > 1 else " (1 seed)"
    train, tag = (statistics.mean(getattr(r, what) for r in results) for what in ("train", "tag"))
    return f"{statistics.mean(right):.4f}{spread}; training {train:.1f} CPU-s, tagging {tag:.2f} CPU-ms a text"


def f1_by_class(ask: Ask, tests: Sequence[Row]) -> dict[str, float]:
    told = [(label, ask(text)) for text, label in tests]
    found, there, both = (
        Counter(x) for x in ((f for _, f in told), (e for e, _ in told), (e for e, f in told if e == f))
    )
    return {key: 2 * both[key] / (there[key] + found[key]) for key in there}


def curve(rows: Sequence[Row], test: int, seeds: int, labels: int = 10, more: int = 50) -> None:
    """A class with an F1 below 0.7 at `labels` a class gets `more` corrections."""
    gains, falls = [], []
    for seed in range(seeds):
        few, tests = split(rows, test, seed, labels)
        pool, _ = split(rows, test, seed, ALL)
        classes = sorted({label for _, label in rows})
        before = f1_by_class(ours(with_names(few, classes)), tests)
        known = set(few)
        spare = Counter(label for row in pool if row not in known for label in [row[1]])
        weak = min((k for k in before if spare[k] >= more), key=lambda k: abs(before[k] - 0.6))
        added = [row for row in pool if row[1] == weak and row not in known][:more]
        after = f1_by_class(ours(with_names([*few, *added], classes)), tests)
        others = [after[k] - before[k] for k in before if k != weak]
        gains.append(after[weak] - before[weak])
        falls.append(sum(d < -0.02 for d in others))
        print(
            f"curve, seed {seed}: {weak} F1 {before[weak]:.2f} -> {after[weak]:.2f}; of {len(others)} others "
            f"{falls[-1]} lost more than 2 points, on average {100 * statistics.mean(others):+.2f}, "
            f"worst {100 * min(others):+.0f}",
            flush=True,
        )
    half = 2.78 * statistics.stdev(gains) / len(gains) ** 0.5 if len(gains) == 5 else float("nan")
    print(f"curve: gain {100 * statistics.mean(gains):+.1f} points (95 % ±{100 * half:.1f}, {len(gains)} seeds)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET", help=" or ".join(SETS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--labels", nargs="*", default=["names", "5", "10", "all"], help="names, all, or numbers")
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--test", type=int, help="texts split off as the test (default: 2000 of 10003, 270 of 810)")
    parser.add_argument("--only-ours", action="store_true", help="leave the others out")
    options = parser.parse_args()
    labels = [None if x == "names" else ALL if x == "all" else int(x) for x in options.labels]
    for name in options.sets:
        file, test = SETS[name][0], options.test or SETS[name][1]
        try:
            rows = [(row["text"], row["label"]) for row in read(file)]
        except FileNotFoundError:
            print(f"SKIPPED {name}: no file {file}.jsonl; set FOLLOWTHROUGH_DATA to the folder that holds it")
            continue
        if options.curve:
            curve(rows, test, options.seeds)
        else:
            compare(name, rows, test, labels, options.seeds, {"ours": ours} if options.only_ours else SYSTEMS)
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print("sentence embeddings ([semantic]): not measured, no weights are installed")


if __name__ == "__main__":
    main()
