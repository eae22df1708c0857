"""How much causes learn from few and many labels, beside plain scikit-learn and TextBlob: `python bench/learning.py`.

    python bench/learning.py                        Banking77 and Bitext, 0, 5, 10 and all labels a class, 5 seeds
    python bench/learning.py banking77 --labels 10 --seeds 2
    python bench/learning.py banking77 --labels 10 --only-ours --encoder=minilm
    python bench/learning.py --correct              50 corrections of one weak cause of an account: what it gains, and
                                                    what others lose; a made-up bicycle hire, and Banking77's bank

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
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench.data import BANKING, read
from plugin.app import policy_of, stories_of
from plugin.domain import lessons
from plugin.domain.learned import Learner, Trained, may_overrule
from plugin.domain.lessons import QUIET, STORY, Lesson
from plugin.languages.taxonomy import load_taxonomy
from plugin.learning import causes
from plugin.learning.semantic import Semantic, find_encoder
from plugin.ports import Account
from plugin.work.learn import MOST_QUIET, lesson_of

SETS = {"banking77": ("rootcause_banking77_train", 1_000), "bitext": ("rootcause_bitext_test", 270)}
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


def ours(rows: Sequence[Row], learner: Learner = causes) -> Ask:
    model = learner.train([t for t, _ in rows], [label for _, label in rows])

    def ask(text: str) -> str:
        guess = model.guess(text)
        return guess.key if guess else ""

    return ask


def with_encoder(name: str) -> Make:
    """Ours with an installed encoder; both sets are English."""
    semantic = Semantic(find_encoder(name), lambda text: "en")
    return lambda rows: ours(rows, semantic)


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


# --- corrections of one cause, through all that stands between them and a tag -----------------------------------------


CORRECTIONS = 50

WEAK = 0.7
"""F1 below which a cause counts as weak."""


def f1_by_class(labels: Sequence[str], told: Sequence[str]) -> dict[str, float]:
    there, found = Counter(labels), Counter(told)
    both = Counter(one for one, other in zip(labels, told, strict=True) if one == other)
    return {key: 2 * both[key] / (there[key] + found[key]) for key in there}


@dataclass(frozen=True)
class Change:
    """F1 of the corrected cause and accuracy of the whole, before and after; what the other causes changed by."""

    cause: str
    before: float
    after: float
    whole: tuple[float, float]
    others: Mapping[str, float]

    def told(self) -> str:
        falls = ", ".join(f"{k} {100 * d:+.0f}" for k, d in self.others.items() if d < -0.02) or "none"
        return (
            f"{self.cause} F1 {self.before:.2f} -> {self.after:.2f}; all right {self.whole[0]:.3f} -> "
            f"{self.whole[1]:.3f}; others on average {100 * statistics.mean(self.others.values()):+.1f} points, "
            f"fell by more than 2: {falls}"
        )


def correct_one(tickets: Sequence[Lesson], stories: Sequence[Lesson], weak: str, seed: int) -> Change:
    """Half of an account's tickets have come already: 50 of the weak cause, wrong ones first, were corrected, and of
    the others nobody said anything. The other half are asked before and after."""
    mixed = list(tickets)
    random.Random(seed).shuffle(mixed)
    of_weak = sum(x.label == weak for x in mixed)
    test = _split_off(mixed, {weak: max(of_weak // 4, min(of_weak - CORRECTIONS, of_weak // 2))})
    tested = {x.number for x in test}
    come = sorted((x for x in mixed if x.number not in tested), key=lambda x: x.found.key == weak)
    corrected = [x for x in come if x.label == weak][:CORRECTIONS]
    told = {x.number for x in corrected}
    quiet = _quiet([x for x in mixed if x.number not in tested | told])
    model, figures = lessons.compare(corrected, stories, causes, None, quiet=quiet)
    before = [x.found.key for x in test]
    after = [_asked(x, model) if figures["better"] else x.found.key for x in test]
    return _change(weak, [x.label for x in test], before, after)


def _quiet(tickets: Sequence[Lesson]) -> list[Lesson]:
    """As the product takes them: so many of each cause that the phrases name, right or wrong."""
    keys = sorted({x.found.key for x in tickets} - {"unsure"})
    by_cause = [[x for x in tickets if x.found.key == key][:MOST_QUIET] for key in keys]
    return [replace(x, number=QUIET, label=x.found.key) for some in by_cause for x in some]


def _split_off(mixed: Sequence[Lesson], most: Mapping[str, int]) -> list[Lesson]:
    """Every second ticket of each cause, at most so many of some."""
    seen, test = Counter[str](), []
    for x in mixed:
        seen[x.label] += 1
        if seen[x.label] % 2 and seen[x.label] // 2 < most.get(x.label, len(mixed)):
            test.append(x)
    return test


def _asked(x: Lesson, model: Trained) -> str:
    guess = model.guess(x.text)
    if guess is None or guess.share < model.threshold or not may_overrule(model, x.found.key, guess.share):
        return x.found.key
    return guess.key


def _change(weak: str, labels: Sequence[str], before: Sequence[str], after: Sequence[str]) -> Change:
    was, now = f1_by_class(labels, before), f1_by_class(labels, after)
    right = [sum(a == b for a, b in zip(labels, said, strict=True)) / len(labels) for said in (before, after)]
    others = {key: now[key] - was[key] for key in was if key != weak}
    return Change(weak, was[weak], now[weak], (right[0], right[1]), others)


def correct(name: str, rows: Sequence[Row], weak: Sequence[str], seeds: int) -> None:
    """Rows are (text, cause of our list)."""
    account = Account("bench", "none", "", languages=("en",))
    policy, taxonomy = policy_of(account), load_taxonomy()
    tickets = [x for n, (t, cause) in enumerate(rows, 1) if (x := lesson_of(n, [t], cause, policy, taxonomy))]
    stories = [x for cause, t in stories_of(account, taxonomy) if (x := lesson_of(STORY, [t], cause, policy, taxonomy))]
    f1 = f1_by_class([x.label for x in tickets], [x.found.key for x in tickets])
    for cause in weak:
        if f1[cause] >= WEAK:
            print(f"{name}: {cause} is not weak (F1 {f1[cause]:.2f})")
            continue
        changes = [correct_one(tickets, stories, cause, seed) for seed in range(seeds)]
        for seed, change in enumerate(changes):
            print(f"{name}, seed {seed}: {change.told()}", flush=True)
        print(f"{name}, {cause}: gain {_mean([c.after - c.before for c in changes])} points", flush=True)
        for key in changes[0].others:
            print(f"    {key}: {_mean([c.others.get(key, 0.0) for c in changes])}")


STUDENT = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}
"""Of the t distribution for a 95 % interval, by the number of seeds."""


def _mean(changes: Sequence[float]) -> str:
    """In points, with the 95 % interval over the seeds."""
    half = STUDENT.get(len(changes), 1.96) * statistics.stdev(changes) / len(changes) ** 0.5 if changes[1:] else 0.0
    return f"{100 * statistics.mean(changes):+.1f} (95 % ±{100 * half:.1f}, {len(changes)} seeds)"


def correct_all(seeds: int) -> None:
    rows = tomllib.loads((Path(__file__).parent / "bicycles.toml").read_text("utf-8"))
    hire = [(text, cause) for cause, texts in rows.items() for text in texts]
    correct("bicycle hire", hire, ["billing_error"], seeds)
    try:
        bank = [(row["text"], BANKING[row["label"]]) for row in read(SETS["banking77"][0]) if row["label"] in BANKING]
    except FileNotFoundError:
        print("SKIPPED the bank: no file rootcause_banking77_train.jsonl; set FOLLOWTHROUGH_DATA")
        return
    correct("bank", bank, ["product_defect", "billing_error"], seeds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", default=list(SETS), metavar="SET", help=" or ".join(SETS))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--labels", nargs="*", default=["names", "5", "10", "all"], help="names, all, or numbers")
    parser.add_argument("--correct", action="store_true", help="50 corrections of one weak cause")
    parser.add_argument("--test", type=int, help="texts split off as the test (default: 1000 of 10003, 270 of 810)")
    parser.add_argument("--only-ours", action="store_true", help="leave the others out")
    parser.add_argument("--encoder", help="also measure with this installed encoder (extra [semantic])")
    options = parser.parse_args()
    extra = {f"ours with {options.encoder}": with_encoder(options.encoder)} if options.encoder else {}
    if options.correct:
        correct_all(options.seeds)
        return
    labels = [None if x == "names" else ALL if x == "all" else int(x) for x in options.labels]
    for name in options.sets:
        file, test = SETS[name][0], options.test or SETS[name][1]
        try:
            rows = [(row["text"], row["label"]) for row in read(file)]
        except FileNotFoundError:
            print(f"SKIPPED {name}: no file {file}.jsonl; set FOLLOWTHROUGH_DATA to the folder that holds it")
            continue
        compare(
            name,
            rows,
            test,
            labels,
            options.seeds,
            {"ours": ours, **extra} if options.only_ours else {**SYSTEMS, **extra},
        )
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    if not extra:
        print("sentence embeddings ([semantic]): not measured; name an installed encoder with --encoder")


if __name__ == "__main__":
    main()
