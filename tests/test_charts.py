"""The picture of a digest can be read on any page, in any direction, whatever a cause is called."""

from __future__ import annotations

import io
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import numpy
import pytest
from PIL import Image

from plugin.charts import BEFORE, GROUND, NOW, draw
from plugin.domain.digest import Bar, Chart

CHART = Chart(
    "Customers by root cause", "16 – 22 Nov", "9 – 15 Nov", (Bar("Charged wrongly", 34, 22), Bar("Down", 3, 9))
)


def open_picture(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    assert picture.format == "PNG"
    return picture.convert("RGBA")


def has(picture: Image.Image, color: str) -> bool:
    wanted = tuple(int(color[n : n + 2], 16) for n in (1, 3, 5))
    return wanted in {pixel[:3] for _, pixel in picture.getcolors(1_000_000) or ()}  # type: ignore[index]


def middle_of(picture: Image.Image, color: str) -> float:
    """Where, between left (0) and right (1), the points of this colour lie on average."""
    wanted = [int(color[n : n + 2], 16) for n in (1, 3, 5)]
    points = numpy.argwhere((numpy.asarray(picture)[:, :, :3] == wanted).all(axis=2))
    return float(points[:, 1].mean() / picture.width)


def test_it_is_twice_as_wide_as_it_is_shown_and_has_a_ground_of_its_own(tmp_path: Path) -> None:
    picture = open_picture(draw(CHART, tmp_path))
    assert picture.width == 1200
    assert picture.getpixel((0, 0)) == (255, 255, 255, 255)
    assert picture.getextrema()[3] == (255, 255), "nothing is transparent: dark pages show it as it is"
    assert all(has(picture, color) for color in (GROUND, NOW, BEFORE))


def test_nothing_before_is_drawn_where_nothing_can_be_compared(tmp_path: Path) -> None:
    alone = Chart("Customers by root cause", "20 Nov", "13 Nov", (Bar("Charged wrongly", 3, None),))
    assert not has(open_picture(draw(alone, tmp_path)), BEFORE)


def test_in_arabic_the_bars_begin_on_the_right(tmp_path: Path) -> None:
    bars = (Bar("تحصيل مبلغ بالخطأ", 40, None), Bar("الخدمة متوقفة", 4, None))
    left, right = (
        open_picture(draw(Chart("العملاء حسب السبب", "نوفمبر", "أكتوبر", bars, rtl), tmp_path)) for rtl in (False, True)
    )
    assert middle_of(left, NOW) < 0.5 < middle_of(right, NOW)


@pytest.mark.parametrize(
    "name",
    [
        "x" * 2000,
        "one word " * 200,
        "costs $5 more, not $3",
        r"\frac{1}{2} $\alpha",
        "line\nbreak\ttab\0",
        "",
        "Kas notiek? ģķļņ",
    ],
)
def test_whatever_a_cause_is_called_it_is_drawn_and_fits(name: str, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        picture = open_picture(
            draw(Chart("Causes", "now", "before", (Bar(name, 99_999, 0), Bar(name, 0, 0))), tmp_path)
        )
    edge = {picture.getpixel((picture.width - 1, y)) for y in range(picture.height)}
    assert edge == {(255, 255, 255, 255)}, "nothing runs over the edge"
    assert picture.width == 1200


def test_without_causes_there_is_no_picture(tmp_path: Path) -> None:
    assert draw(Chart("Causes", "now", "before", ()), tmp_path) == b""


def test_the_same_chart_is_the_same_picture_also_from_several_threads(tmp_path: Path) -> None:
    first, made = draw(CHART, tmp_path), []
    threads = [threading.Thread(target=lambda: made.append(draw(CHART, tmp_path))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == [first] * 4


def test_matplotlib_is_loaded_only_when_a_chart_is_made(tmp_path: Path) -> None:
    look = (
        "import sys, plugin.charts, plugin.work.report, plugin.app, plugin.cli.digest\n"
        "from pathlib import Path\n"
        "from plugin.domain.digest import Bar, Chart\n"
        "print('matplotlib' in sys.modules)\n"
        "plugin.charts.draw(Chart('', '', '', (Bar('a', 1, None),)), Path(sys.argv[1]))\n"
        "print('matplotlib' in sys.modules, 'matplotlib.pyplot' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", look, str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": "/nowhere"},
    )
    assert done.stdout.split() == ["False", "True", "False"]
