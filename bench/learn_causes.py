"""Make a language's `cause_words.toml`: how much each word speaks for each cause, from stories we wrote ourselves.

    python bench/learn_causes.py en            writes plugin/languages/en/cause_words.toml
    python bench/learn_causes.py en --dry-run  only says how well it does on stories it has not seen

It reads `cause_stories.toml` and the rows of `examples.toml` that are not held; and what people say beside any story:
wishes for the contact (`preference_lines.txt`), greetings and thanks (`courtesies.txt`). Needs the extra [ml]; the
program that runs needs the result only. The same files give the same result.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Collection
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

sys.path.insert(0, str(Path(__file__).parent.parent))

from plugin.domain.calm import calm
from plugin.domain.cause_words import averaging, clues, senses_of
from plugin.domain.causes import phrase_points
from plugin.languages import FOLDER, load, load_examples

STRENGTH = 10.0
"""Inverse of the regularisation; 1 and 3 did no better on stories left out."""

SEEN = 12
"""A clue counts if at least so many stories have it, twins included."""

PHRASE = 0.2
"""What one point of a phrase adds on top; 0.1 to 0.3 are alike."""

ASIDES = ("want", "refuse", "G")
SEED = 5
TWINS = 2

FOLDS = 6
SMALLEST = 0.08
"""Weights nearer to zero than this are left out of the file."""

HEAD = """# {lang}: how much each word speaks for each cause; made by bench/learn_causes.py from {n} stories.
# On stories left out of the learning ({folds} folds): accuracy {accuracy:.3f}, macro-F1 {f1:.3f}.
"""


def read_stories(lang: str) -> list[tuple[str, str]]:
    """(cause, text) of every story and example that may be learned from."""
    file = FOLDER / lang / "cause_stories.toml"
    rows = [(cause, text) for cause, texts in tomllib.loads(file.read_text("utf-8")).items() for text in texts]
    examples = [row for row in load_examples(lang, "causes") if not row.get("held")]
    return rows + [(row["cause"], f"{row.get('subject') or ''}\n\n{row['text']}".strip()) for row in examples]


def read_lines(lang: str, name: str, heads: Collection[str]) -> list[str]:
    """The lines under these headings, without what stands in braces."""
    head, found = "", []
    for line in (FOLDER / lang / name).read_text("utf-8").splitlines():
        line = line.strip()
        if line.startswith("["):
            head = line[1:-1]
        elif line and not line.startswith("#") and head in heads:
            found.append(re.sub(r"\{[^}]*\}", " ", line).strip())
    return found


def twins_of(lang: str, rows: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Each story twice more: with a wish for the contact beside it ("please call my mobile"), and as a letter that
    begins and ends as letters do. Whoever adds such words still writes for the same reason: they must weigh nothing."""
    chance = random.Random(SEED)
    wishes = read_lines(lang, "preference_lines.txt", ASIDES)
    openings, closings = (read_lines(lang, "courtesies.txt", (head,)) for head in ("opening", "closing"))

    def some(lines: list[str], *numbers: int) -> list[str]:
        return chance.sample(lines, chance.choice(numbers))

    beside = []
    for cause, text in rows:
        before, after = (some(wishes, 1, 2), []) if chance.random() < 0.25 else ([], some(wishes, 1, 2))
        beside.append((cause, " ".join([*before, text, *after])))
    letters = [
        (cause, "\n".join([*some(openings, 0, 1, 2), text, *some(wishes, 0, 0, 1), *some(closings, 1, 2, 3)]))
        for cause, text in rows
    ]
    return beside + letters


class Table:
    """Stories as numbers: which clues each has, and what the phrases alone say."""

    def __init__(self, lang: str, rows: list[tuple[str, str]]) -> None:
        pack = load(lang)
        reads = [calm(pack.read(text), pack) for _, text in rows]
        found = [set(clues(read, senses_of(pack))) for read in reads]
        counts = Counter(clue for clues_of_one in found for clue in clues_of_one)
        self.clues = sorted(c for c, n in counts.items() if n >= SEEN)
        self.classes = sorted({cause for cause, _ in rows})
        self.labels = np.array([self.classes.index(cause) for cause, _ in rows])
        at = {clue: i for i, clue in enumerate(self.clues)}
        self.clue_rows = [[at[c] for c in sorted(one) if c in at] for one in found]
        points = [phrase_points(read) for read in reads]
        self.phrases = np.array([[p.get(c, 0.0) for c in self.classes] for p in points])

    def matrix(self) -> csr_matrix:
        """One row a story; every clue it has weighs the same."""
        data = [1 / averaging(len(row)) for row in self.clue_rows for _ in row]
        columns = [c for row in self.clue_rows for c in row]
        ends = np.cumsum([0, *(len(row) for row in self.clue_rows)])
        return csr_matrix((data, columns, ends), shape=(len(self.clue_rows), len(self.clues)))


def learn(x: csr_matrix, y: np.ndarray) -> LogisticRegression:
    return LogisticRegression(C=STRENGTH, max_iter=500).fit(x, y)


def scores_unseen(table: Table) -> np.ndarray:
    """Each row scored by a model that has seen neither the story nor its twins (which follow in the same order)."""
    x, y = table.matrix(), table.labels
    scores, n = np.zeros((len(y), len(table.classes))), len(y) // (TWINS + 1)
    for seen, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=1).split(x[:n], y[:n]):
        all_seen, left = (np.concatenate([part + n * k for k in range(TWINS + 1)]) for part in (seen, unseen))
        scores[left] = learn(x[all_seen], y[all_seen]).decision_function(x[left])
    return scores + PHRASE * table.phrases


def fit_heat(scores: np.ndarray, y: np.ndarray) -> float:
    """The heat at which shares are closest to how often they are right."""

    def surprise(heat: float) -> float:
        z = heat * scores
        z = z - z.max(axis=1, keepdims=True)
        return float(-np.mean(z[np.arange(len(y)), y] - np.log(np.exp(z).sum(axis=1))))

    return float(min((h / 20 for h in range(4, 80)), key=surprise))


def macro_f1(expected: np.ndarray, found: np.ndarray) -> float:
    figures = []
    for c in sorted(set(expected)):
        both = int(((expected == c) & (found == c)).sum())
        figures.append(2 * both / max(1, int((expected == c).sum() + (found == c).sum())))
    return float(np.mean(figures))


def show_shares(scores: np.ndarray, y: np.ndarray) -> None:
    """How often the best cause is right, by its share of the evidence: what THRESHOLD and SURE are read off."""
    parts = np.exp(scores - scores.max(axis=1, keepdims=True))
    share = (parts / parts.sum(axis=1, keepdims=True)).max(axis=1)
    right = scores.argmax(axis=1) == y
    for low, high in ((0, 0.1), (0.1, 0.15), (0.15, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.7), (0.7, 1.01)):
        mine = right[(share >= low) & (share < high)]
        if len(mine):
            print(f"    share {low:.2f}-{high:.2f}: right {mine.mean():.2f} of {len(mine)}")


def write(lang: str, table: Table, heat: float, head: str) -> Path:
    model = learn(table.matrix(), table.labels)
    lines = []
    for at, clue in enumerate(table.clues):
        row = [f"{c}:{round(100 * w)}" for c, w in enumerate(model.coef_[:, at]) if abs(w) >= SMALLEST]
        if row and "'''" not in clue and "\t" not in clue:
            lines.append(f"{clue}\t{' '.join(row)}")
    file = FOLDER / lang / "cause_words.toml"
    bias = " ".join(f"{b:.3f}" for b in model.intercept_)
    body = "\n".join(lines)
    file.write_text(
        f'{head}classes = "{" ".join(table.classes)}"\nbias = "{bias}"\nphrase = {PHRASE}\nheat = {heat}\n'
        f"words = '''\n{body}\n'''\n",
        "utf-8",
    )
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lang")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    options = parser.parse_args()
    rows = read_stories(options.lang)
    table, n = Table(options.lang, rows + twins_of(options.lang, rows)), len(rows)
    scores = scores_unseen(table)
    found = scores.argmax(axis=1)
    alone, wishing, letter = (found == table.labels).reshape(TWINS + 1, n).mean(axis=1)
    heat = fit_heat(scores[:n], table.labels[:n])
    f1 = macro_f1(table.labels[:n], found[:n])
    head = HEAD.format(lang=options.lang, n=n, folds=FOLDS, accuracy=alone, f1=f1)
    head += f"# The same with a contact wish beside them: accuracy {wishing:.3f}; as letters: {letter:.3f}.\n"
    print(head, f"# {len(table.clues)} clues, heat {heat}", sep="")
    show_shares(heat * scores[:n], table.labels[:n])
    if not options.dry_run:
        print(write(options.lang, table, heat, head))


if __name__ == "__main__":
    main()
