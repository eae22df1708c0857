"""Make a language's `line_words.toml`: how much each word of a sentence speaks for a promise, or for a contact wish.

    python bench/learn_lines.py en            writes plugin/languages/en/line_words.toml
    python bench/learn_lines.py en --dry-run  only says how well it does on sentences it has not seen
    python bench/learn_lines.py en --curve    also with a quarter and half of the sentences
    python bench/learn_lines.py en --wrong    also lists the sentences it gets wrong: look here for wrong labels

It reads `commitment_lines.txt`, `preference_lines.txt` and the rows of `examples.toml` that are not held; what a wish
is not it also learns from `cause_stories.toml`, in which people tell at length why they write. A third of
the lines, told by a hash of their words, is held: figures come from a model that has not seen it; the file that is
shipped is then learned from all lines. Needs the extra [ml]; the program that runs needs the result only. The same
lines and phrases give the same file.
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

sys.path.insert(0, str(Path(__file__).parent.parent))

from plugin.domain.commitments_grammar import find_claims
from plugin.domain.heard import weigh_claims
from plugin.domain.line_words import clues, word_clues
from plugin.domain.phrases import Pack, Read
from plugin.domain.preferences import find_preferences
from plugin.domain.sounding import ways_named
from plugin.domain.ticket import Message, Role
from plugin.languages import FOLDER, BadPack, load, load_examples
from plugin.languages.stories import load_stories
from plugin.work.evaluate import interval

KINDS = ("call", "reply", "update", "send", "refund", "ship", "fix", "investigate", "forward", "visit", "other")
COUNTS = {"commitments": KINDS, "preferences": ("want", "refuse")}
"""Headings of the sentences that count."""

REST = {"commitments": ("K", "I", "N"), "preferences": ("G", "N")}
"""Headings of those that do not."""

STORIES_OF_WISHES = frozenset({"contact_preference_ignored", "unwanted_contact"})
"""Causes whose stories repeat a wish."""

STRENGTH = {"commitments": 0.1, "preferences": 0.3}
"""Inverse of the regularisation. Less of it does as well on lines left out and worse on real messages: our lines are
short, and a long complaint adds up many small weights."""

OPEN = 2.0
"""What a sentence weighs in learning of which the phrases say nothing: those the words have to decide."""

SEEN = 2
"""A clue counts if at least so many sentences have it."""

FOLDS = 6

PRECISE = 0.85
"""Promises that the words raise must be right so often in sentences left out. Lower would find more and please less: a
promise that was none stands on the card. For wishes the lines are the same in every language: see sounding.py."""

NOWHERE = 99.0
"""Where the line is drawn that nothing reaches."""

SMALLEST = 2
"""Weights nearer to zero than so many hundredths are left out of the file."""

HEAD = """# {lang}: how much each word of a sentence speaks for a promise or a contact wish; made by
# bench/learn_lines.py from our own lines. On the held third, by a model that had not seen it:
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence to learn from: where it stands in its text, what it is, and whether it only checks."""

    head: str
    read: Read
    index: int
    held: bool
    text: str


def without_words(pack: Pack) -> Pack:
    """The pack as its phrases alone make it."""
    return replace(pack, tables={name: table for name, table in pack.tables.items() if name != "line_words"})


# --- reading the lines -----------------------------------------------------------------------------------------------


def read_lines(pack: Pack, topic: str) -> list[Line]:
    """The lines of a file under their headings. Raises BadPack with file and line number."""
    file = FOLDER / pack.lang / f"{topic.removesuffix('s')}_lines.txt"
    heads = COUNTS[topic] + REST[topic]
    head, found = "", []
    for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
        text = text.strip()
        if not text or text.startswith("#"):
            continue
        if text[0] == "[" and text[-1] == "]":
            head = text[1:-1]
            if head not in heads:
                raise BadPack(f"{file}:{number}: no heading {head!r}; there are {', '.join(heads)}")
        else:
            try:
                found += _lines(pack, head, text, head in COUNTS[topic])
            except ValueError as error:
                raise BadPack(f"{file}:{number}: {error}") from None
    return found


def _lines(pack: Pack, head: str, text: str, counts: bool) -> Iterator[Line]:
    """The sentences of a line outside its braces; one that counts must hold exactly one."""
    if not head:
        raise ValueError("a line before the first [heading]")
    plain, own = "", []
    for part in re.split(r"(\{[^{}]*\})", text):
        if part.startswith("{"):
            plain += part[1:-1]
        else:
            own.append((len(plain), len(plain) + len(part)))
            plain += part
    read = pack.read(plain)
    starts = [read.words.starts[s.first] for s in read.words.sentences]
    mine = [i for i, start in enumerate(starts) if any(a <= start < b for a, b in own)]
    if counts and len(mine) != 1:
        raise ValueError(f"{len(mine)} sentences outside braces: put all but the one that counts into {{…}}")
    held = int(sha256(text.encode()).hexdigest(), 16) % 3 == 0
    yield from (Line(head, read, i, held, text) for i in mine)


def read_examples(pack: Pack, topic: str) -> Iterator[Line]:
    """Sentences of the pack's examples that are not held; of a message that counts only those its quotes stand in."""
    for row in load_examples(pack.lang, topic):
        if row.get("held"):
            continue
        read = pack.read(row["text"])
        quotes = _quotes(topic, row)
        for index, sentence in enumerate(read.words.sentences):
            start, end = read.words.span(sentence.first, sentence.last)
            inside = [sort for quote, sort in quotes if (at := row["text"].find(quote)) >= 0 and start <= at < end]
            if inside or not quotes:
                yield Line(inside[0] if inside else row["label"], read, index, False, row["text"])


def read_stories(pack: Pack) -> Iterator[Line]:
    """Sentences of people who tell why they write and hardly ever how to reach them, long ones among them, and not a
    few of calls and mails: what no contact wish looks like."""
    for cause, text in load_stories(pack.lang):
        if cause not in STORIES_OF_WISHES:
            read = pack.read(text)
            yield from (Line("story", read, index, False, text) for index in range(len(read.words.sentences)))


def _quotes(topic: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    if topic == "commitments":
        return [(row["quote"], row["kind"])] if row["label"] == "F" else []
    return [(p["quote"], p["polarity"]) for p in row.get("prefs", ())] if row["label"] == "P" else []


# --- learning --------------------------------------------------------------------------------------------------------


class Table:
    """Sentences as rows of clues, and a model of some of them."""

    def __init__(self, found: Sequence[list[str]]) -> None:
        counts = Counter(clue for row in found for clue in set(row))
        self.clues = sorted(c for c, n in counts.items() if n >= SEEN and "\t" not in c and "'''" not in c)
        self._at = {clue: i for i, clue in enumerate(self.clues)}

    def matrix(self, found: Sequence[list[str]]) -> csr_matrix:
        rows = [sorted(self._at[c] for c in row if c in self._at) for row in found]
        ends = np.cumsum([0, *(len(row) for row in rows)])
        ones = np.ones(int(ends[-1]))
        return csr_matrix((ones, [c for row in rows for c in row], ends), shape=(len(rows), len(self.clues)))


@dataclass(frozen=True, slots=True)
class Part:
    """Some sentences: their clues, whether each counts, and whether the words alone have to decide."""

    clues: list[list[str]]
    y: np.ndarray
    open: np.ndarray

    def pick(self, chosen: np.ndarray) -> Part:
        return Part([self.clues[i] for i in chosen], self.y[chosen], self.open[chosen])


def learn(part: Part, topic: str) -> tuple[Table, LogisticRegression]:
    table = Table(part.clues)
    model = LogisticRegression(C=STRENGTH[topic], solver="liblinear", random_state=1)
    return table, model.fit(table.matrix(part.clues), part.y, sample_weight=np.where(part.open, OPEN, 1.0))


def weigh(seen: Part, unseen: Part, topic: str) -> np.ndarray:
    """Weights of sentences by a model of others."""
    table, model = learn(seen, topic)
    return np.asarray(model.decision_function(table.matrix(unseen.clues)))


def weigh_left_out(part: Part, topic: str) -> np.ndarray:
    """Each sentence weighed by a model that has not seen it."""
    weights = np.zeros(len(part.y))
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(part.y, part.y):
        weights[unseen] = weigh(part.pick(seen), part.pick(unseen), topic)
    return weights


def draw_line(weights: np.ndarray, y: np.ndarray, precise: float) -> float:
    """As low as what lies above it is right so often."""
    order = np.argsort(-weights, kind="stable")
    right = np.cumsum(y[order])
    good = np.flatnonzero(right >= precise * np.arange(1, len(y) + 1))
    return float(weights[order[good[-1]]]) if len(good) else NOWHERE


# --- what phrases say alone ------------------------------------------------------------------------------------------


def found_in(line: Line, topic: str, pack: Pack) -> str:
    """Label of what is found in this sentence, by phrases alone where the pack has no words: F, K, I or N; P or N."""
    if topic == "commitments":
        claims = weigh_claims(line.read, find_claims(line.read), pack)
        labels = {c.label for c in claims if c.sentence == line.index}
        return next((label for label in "FKI" if label in labels), "N")
    message = Message("m", Role.CUSTOMER, datetime(2026, 3, 2, tzinfo=UTC), line.read.words.text)
    starts = [p.evidence.start for p in find_preferences(line.read, message, None, pack)]
    sentence = line.read.words.sentences[line.index]
    start, end = line.read.words.span(sentence.first, sentence.last)
    return "P" if any(start <= at < end for at in starts) else "N"


# --- figures ---------------------------------------------------------------------------------------------------------


def tell(name: str, y: np.ndarray, found: np.ndarray) -> str:
    found = found.astype(int)
    both, said, there = int((y * found).sum()), int(found.sum()), int(y.sum())
    p, r = both / max(1, said), both / max(1, there)
    f1 = 2 * p * r / max(1e-9, p + r)
    low, high = interval(both, said) if said else (0.0, 1.0)
    least, most = interval(both, there) if there else (0.0, 1.0)
    return (
        f"{name}: precision {p:.3f} [{low:.2f}-{high:.2f}] of {said}, "
        f"recall {r:.3f} [{least:.2f}-{most:.2f}] of {there}, F1 {f1:.3f}, n {len(y)}"
    )


@dataclass(slots=True)
class Study:
    """One topic of one language: its lines, their clues, and what phrases say of them."""

    topic: str
    lines: list[Line]
    clues: list[list[str]]
    y: np.ndarray
    held: np.ndarray
    phrased: np.ndarray
    open: np.ndarray
    """Nothing was found by phrases, nor anything that rules it out: these may be raised."""

    def part(self) -> Part:
        return Part(self.clues, self.y, self.open)

    def only(self, chosen: np.ndarray) -> Study:
        """The same of some sentences, by their index."""
        lines, clues = [self.lines[i] for i in chosen], [self.clues[i] for i in chosen]
        return Study(
            self.topic, lines, clues, self.y[chosen], self.held[chosen], self.phrased[chosen], self.open[chosen]
        )

    def high(self) -> float:
        """The line, drawn in what the words have to decide."""
        part = self.part()
        return draw_line(weigh_left_out(part, self.topic)[part.open], part.y[part.open], PRECISE)


def study(pack: Pack, topic: str) -> Study:
    lines = [*read_lines(pack, topic), *read_examples(pack, topic)]
    if topic == "preferences":
        lines += read_stories(pack)
    found = [clues(line.read, line.index, topic) for line in lines]
    y = np.array([int(line.head in COUNTS[topic]) for line in lines])
    labels = [found_in(line, topic, pack) for line in lines]
    return Study(
        topic,
        lines,
        found,
        y,
        np.array([line.held for line in lines]),
        np.array([label in "FP" for label in labels]),
        np.array([label == "N" and _may(line, topic) for line, label in zip(lines, labels, strict=True)]),
    )


def _may(line: Line, topic: str) -> bool:
    return topic == "commitments" or line.index in ways_named(line.read)


def check(s: Study, pack: Pack) -> list[str]:
    """Figures on the held lines, from a model of the others."""
    seen, unseen = parts(s)
    return [
        f"{s.topic}: {len(s.lines)} sentences, {int(s.y.sum())} count",
        tell(f"{s.topic}, phrases alone", unseen.y, unseen.phrased),
        tell(f"{s.topic}, words alone", unseen.y, weigh(seen.part(), unseen.part(), s.topic) >= 0),
        tell(f"{s.topic}, both", unseen.y, together(seen, unseen, pack)),
    ]


def parts(s: Study) -> tuple[Study, Study]:
    """The lines to learn from, and those that are held."""
    return s.only(np.flatnonzero(~s.held)), s.only(np.flatnonzero(s.held))


def draw_curve(s: Study, pack: Pack) -> list[str]:
    """The same with fewer sentences to learn from."""
    seen, unseen = parts(s)
    order = np.random.RandomState(1).permutation(len(seen.y))
    some = [seen.only(order[: int(share * len(order))]) for share in (0.25, 0.5)]
    return [tell(f"{s.topic}, both, with {len(p.y)} sentences", unseen.y, together(p, unseen, pack)) for p in some]


def together(seen: Study, unseen: Study, pack: Pack) -> np.ndarray:
    """What phrases and the words of the sentences seen find in the others, as the product joins them."""
    told = replace(pack, tables={**pack.tables, "line_words": tomllib.loads(write_topic(seen))})
    return np.array([found_in(line, seen.topic, told) in "FP" for line in unseen.lines])


def list_wrong(s: Study, pack: Pack) -> list[str]:
    """Held lines that are missed, or found and none, by weight."""
    seen, unseen = parts(s)
    weights, found = weigh(seen.part(), unseen.part(), s.topic), together(seen, unseen, pack)
    rows = sorted(zip(weights, unseen.lines, found, unseen.y, strict=True), key=lambda row: float(row[0]))
    return [f"{w:6.2f} {line.head}, {'found' if f else 'missed'}: {line.text}" for w, line, f, t in rows if f != t]


# --- writing ---------------------------------------------------------------------------------------------------------


def learn_sorts(s: Study) -> tuple[Table, np.ndarray, np.ndarray]:
    """What a sentence that counts is, from its own words; hundredths for each of COUNTS."""
    mine = [i for i in range(len(s.lines)) if s.y[i]]
    found = [word_clues(s.lines[i].read, s.lines[i].index) for i in mine]
    y = np.array([COUNTS[s.topic].index(s.lines[i].head) for i in mine])
    table = Table(found)
    bias, weights = [], []
    for sort in range(len(COUNTS[s.topic])):
        model = LogisticRegression(C=1.0, solver="liblinear", random_state=1).fit(table.matrix(found), y == sort)
        bias.append(round(100 * model.intercept_[0]))
        weights.append(np.round(100 * model.coef_[0]).astype(int))
    return table, np.array(bias), np.array(weights).T


def write_topic(s: Study) -> str:
    table, model = learn(s.part(), s.topic)
    weights = np.round(100 * model.coef_[0]).astype(int)
    words = "\n".join(f"{c}\t{w}" for c, w in zip(table.clues, weights, strict=True) if abs(w) >= SMALLEST)
    sorts, sort_bias, rows = learn_sorts(s)
    sort_words = "\n".join(
        f"{c}\t{' '.join(map(str, row))}" for c, row in zip(sorts.clues, rows, strict=True) if abs(row).max() >= 15
    )
    high = f"high = {round(100 * s.high())}\n" if s.topic == "commitments" else ""
    return (
        f"[{s.topic}]\nbias = {round(100 * model.intercept_[0])}\n{high}"
        f'sorts = "{" ".join(COUNTS[s.topic])}"\nsort_bias = "{" ".join(map(str, sort_bias))}"\n'
        f"words = '''\n{words}\n'''\nsort_words = '''\n{sort_words}\n'''\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lang")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--curve", action="store_true", help="figures with fewer sentences too")
    parser.add_argument("--wrong", action="store_true", help="list what it gets wrong")
    options = parser.parse_args()
    pack = without_words(load(options.lang))
    studies = [study(pack, topic) for topic in COUNTS]
    figures = [line for s in studies for line in check(s, pack)]
    print("\n".join(figures))
    for look, asked in ((draw_curve, options.curve), (list_wrong, options.wrong)):
        if asked:
            print("\n".join(line for s in studies for line in look(s, pack)))
    if options.dry_run:
        return
    head = HEAD.format(lang=options.lang) + "".join(f"# {line}\n" for line in figures)
    file = FOLDER / options.lang / "line_words.toml"
    file.write_text(head + "\n" + "\n".join(map(write_topic, studies)), "utf-8")
    print(file)


if __name__ == "__main__":
    main()
