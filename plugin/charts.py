"""Draw the picture of a digest: one bar a cause, the earlier span behind it, readable on light and dark pages."""

from __future__ import annotations

import io
import os
import threading
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal

from plugin.domain.digest import Bar, Chart
from plugin.domain.digest_words import tell_change

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TEXT, MUTED, GROUND = "#39434b", "#5c6970", "#ffffff"
"""An opaque ground: a transparent picture would put dark words on a dark page."""

NOW, BEFORE = "#1f73b7", "#b0b8be"
"""Told apart by lightness and thickness too, not by colour alone."""

WIDTH, DPI = 6.0, 200
"""Inches and dots: 1,200 points wide, twice the 600 that a note shows."""

HEAD, ROW, MARGIN = 0.62, 0.48, 0.03
"""Inches of the title with its legend and of a bar with its name; the share of the width that stays free."""

LONGEST_LABEL = 44
"""Letters of a cause's name beside its bar."""

_ONE_AT_A_TIME = threading.Lock()
"""matplotlib is not safe for threads (https://matplotlib.org/stable/users/faq.html#work-with-threads)."""


def draw(chart: Chart, cache: Path) -> bytes:
    """The chart as PNG; b"" where there is no bar. `cache` is a folder for the list of fonts. matplotlib is imported
    here, when a chart is made: half a second and 60 MB that no web process needs. It carries its own font and shapes
    Arabic."""
    if not chart.bars:
        return b""
    os.environ.setdefault("MPLCONFIGDIR", str(cache))
    with _ONE_AT_A_TIME:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(WIDTH, HEAD + ROW * len(chart.bars)), dpi=DPI, facecolor=GROUND)
        FigureCanvasAgg(figure)
        _draw_on(figure, chart)
        file = io.BytesIO()
        figure.savefig(file, format="png", facecolor=GROUND, metadata={"Software": None})
        return file.getvalue()


def _draw_on(figure: Figure, chart: Chart) -> None:
    """Names stand above their bars: a long name then needs no margin of its own."""
    axes = figure.add_axes((MARGIN, 0.0, 1 - 2 * MARGIN, 1 - HEAD / figure.get_figheight()))
    most = max(max(bar.now, bar.before or 0) for bar in chart.bars) or 1
    axes.set_xlim(0, most * 1.3)
    axes.set_ylim(len(chart.bars) - 0.45, -0.65)
    axes.set_axis_off()
    if chart.rtl:
        axes.invert_xaxis()
    for row, bar in enumerate(chart.bars):
        _draw_bar(axes, row, bar, most, "right" if chart.rtl else "left")
    _draw_head(figure, chart)


def _draw_bar(axes: Axes, row: int, bar: Bar, most: int, side: str) -> None:
    if bar.before is not None:
        axes.barh(row + 0.13, bar.before, height=0.34, color=BEFORE)
    axes.barh(row + 0.13, bar.now, height=0.34 if bar.before is None else 0.18, color=NOW)
    line = "".join(c if c.isprintable() else " " for c in bar.label)
    label = shorten(line, LONGEST_LABEL, placeholder="…")
    axes.text(0, row - 0.1, label, ha=side, va="bottom", **_letters(9.5, TEXT))
    end = max(bar.now, bar.before or 0) + most * 0.015
    axes.text(end, row + 0.13, _number(bar), ha=side, va="center", **_letters(9.5, TEXT, "bold"))


def _number(bar: Bar) -> str:
    """ "14 (+12)": customers, and how many more or fewer than before."""
    return str(bar.now) if bar.before is None else f"{bar.now} ({tell_change(bar.now, bar.before)})"


def _draw_head(figure: Figure, chart: Chart) -> None:
    """The title, and below it which colour is which span."""
    from matplotlib.patches import Patch

    height = figure.get_figheight()
    at = 1 - MARGIN if chart.rtl else MARGIN
    side: Literal["right", "left"] = "right" if chart.rtl else "left"
    corner: Literal["upper right", "upper left"] = "upper right" if chart.rtl else "upper left"
    figure.text(at, 1 - 0.1 / height, chart.title, ha=side, va="top", **_letters(11, TEXT, "bold"))
    shown = [Patch(color=NOW, label=chart.now)]
    if any(bar.before is not None for bar in chart.bars):
        shown.append(Patch(color=BEFORE, label=chart.before))
    legend = figure.legend(
        handles=shown[::-1] if chart.rtl else shown, loc=corner, bbox_to_anchor=(at, 1 - 0.34 / height),
        ncols=2, frameon=False, handlelength=1, fontsize=8.5, labelcolor=MUTED, borderaxespad=0, borderpad=0,
        markerfirst=not chart.rtl,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)


def _letters(size: float, color: str, weight: str = "normal") -> dict[str, Any]:
    """A "$" in a name is a dollar, not mathematics."""
    return {"fontsize": size, "color": color, "fontweight": weight, "parse_math": False}
