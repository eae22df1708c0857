"""Measure a topic on labelled messages from the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from plugin import languages
from plugin.app import policy_of
from plugin.domain.analysis import Policy
from plugin.ports import Account
from plugin.work.evaluate import Evaluator, Report, interval, read_rows

TOPICS = ("commitments", "deadlines", "preferences", "causes", "threads")


@click.command()
@click.argument("topic", type=click.Choice(TOPICS))
@click.option("--data", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Labelled rows, JSON lines.")
@click.option("--lang", multiple=True, help="Without --data: the packs' own examples of these languages.")
@click.option(
    "--held/--not-held",
    default=None,
    help="Of the packs' own examples: only rows kept for checking, or only the others.",
)
@click.option("--region", default="US", show_default=True, help="For local telephone numbers.")
@click.option("--lang-given", is_flag=True, help="Believe each row's language instead of finding it.")
@click.option(
    "--predictions", type=click.Path(dir_okay=False, path_type=Path), help="Write one prediction a line here."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def evaluate(
    topic: str, data: Path | None, lang: tuple[str, ...], held: bool | None, region: str, lang_given: bool,
    predictions: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Measure a topic on labelled messages; every figure with its n and a 95 % interval.

    \b
    Example: followthrough evaluate commitments --data messages.jsonl
             followthrough evaluate deadlines --lang en --held
    """
    rows = read_rows(data.read_text("utf-8")) if data else _own_examples(topic, lang, held)
    if not rows:
        raise click.UsageError("no rows: give --data FILE, or --lang of a pack with examples")
    evaluator = Evaluator(_policy(region), lambda h, z, d: _policy(region, h, z, d), lang_given=lang_given)
    shown = _with_progress(evaluator, topic, rows, as_json)
    if predictions:
        predictions.write_text("".join(json.dumps(p, ensure_ascii=False) + "\n" for p in shown.predictions), "utf-8")
    click.echo(shown.as_json() if as_json else "\n".join(_tell(shown)))


def _policy(region: str, hours: str = "Mon-Fri 09:00-17:00", zone: str = "UTC", holidays: Sequence[str] = ()) -> Policy:
    """Every language there is a pack for: the rows may be in any of them. Holidays are only those the row names."""
    account = Account(
        "evaluate", "none", "", zone=zone, hours=hours, holidays=tuple(holidays), languages=languages.available()
    )
    return replace(policy_of(account), region=region)


def _with_progress(evaluator: Evaluator, topic: str, rows: list[dict[str, Any]], quiet: bool) -> Report:
    hidden = quiet or not sys.stderr.isatty()
    with click.progressbar(rows, label=f"evaluating {len(rows)} rows", hidden=hidden, file=sys.stderr) as bar:
        return evaluator.run(topic, list(bar))


def _own_examples(topic: str, langs: Sequence[str], held: bool | None) -> list[dict[str, Any]]:
    rows = []
    for lang in langs or languages.available():
        for number, row in enumerate(languages.load_examples(lang, topic)):
            if held is None or held == bool(row.get("held")):
                rows.append({"id": f"{lang}-{number}", "lang": lang, **row})
    return rows


def _tell(report: Report) -> list[str]:
    lines = [f"{report.topic}: {report.n} rows"]
    for name, figures in [("all", report.overall), *report.by_lang.items()]:
        for metric, value in figures.items():
            if metric.endswith("_n") or metric.startswith("accuracy_decile"):
                continue
            n = figures.get(f"{metric}_n") or 0.0
            spread = f"  n={n:.0f}" if n else ""
            if n and not metric.startswith("risk_coverage"):  # those are no shares
                low, high = interval(value * n, n)
                spread = f"  [{low:.2f}–{high:.2f}]{spread}"
            lines.append(f"  {name:4} {metric:15} {value:.3f}{spread}")
    lines.append(f"  {len(report.errors)} rows wrong" + (f": {', '.join(report.errors[:20])}" if report.errors else ""))
    return lines
