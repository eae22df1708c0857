"""Numbers and addresses are found in texts, and references, cards, dates and versions are not taken for them."""

import sys
from pathlib import Path

import pytest

from plugin import languages
from plugin.domain.points import find_loose_numbers, find_points, is_number, normalise, same_point
from plugin.domain.ticket import Channel
from tests.counting import steps


def values(text: str, region: str) -> list[str]:
    return [point.value for point in find_points(text, region)]


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("ring 020 7946 0921 please", "GB", ["+442079460921"]),
        ("ring (020) 7946-0921", "GB", ["+442079460921"]),
        ("020 7946 0921 ext 12", "GB", ["+442079460921;ext=12"]),
        ("+371 29 123 456", "LV", ["+37129123456"]),
        ("29123456", "LV", ["+37129123456"]),
        ("0037129123456 vai", "LV", ["+37129123456"]),
        ("+371 29 123 456", "", ["+37129123456"]),
        ("call 212-555-0134.", "US", ["+12125550134"]),
        ("(212) 555-0134", "US-CA", ["+12125550134"]),
        ("06 12 34 56 78", "FR", ["+33612345678"]),
        ("06.12.34.56.78", "FR", ["+33612345678"]),
        ("0532 123 45 67", "TR", ["+905321234567"]),
        ("٠٥٠ ٥٥٥ ٠١٩٩", "AE", ["+971505550199"]),
        ("0151 23456789", "DE", ["+4915123456789"]),
        ("612 34 56 78", "ES", ["+34612345678"]),
        ("write to Anna.B@Shop.example, not here", "GB", ["anna.b@shop.example"]),
        ("my insta is @lena_k", "GB", ["@lena_k"]),
        ("a@b.example or 020 7946 0921", "GB", ["a@b.example", "+442079460921"]),
    ],
)
def test_a_point_is_found_however_it_is_written(text, region, expected):
    assert values(text, region) == expected


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("order #2125550134", "US"),
        ("ref x2125550134", "US"),
        ("card 4111 1111 1111 1111", "US"),
        ("card 4111-1111-1111-1111", "GB"),
        ("GB29 NWBK 6016 1331 9268 19", "GB"),
        ("since 2026-03-02 and 02.03.2026", "LV"),
        ("between 02/03/2026 10:30 and 12:30", "LV"),
        ("version 10.12.4.2012", "US"),
        ("see https://shop.example/212-555-0134", "US"),
        ("1Z9992125550134", "US"),
        ("5 days, 3 boxes, 100 euros", "LV"),
        ("", "LV"),
    ],
)
def test_what_is_no_number_gives_no_point(text, region):
    assert values(text, region) == []


def test_a_reference_named_by_the_pack_is_left_out():
    text = "order 2125550134, call 2125550199"
    assert [p.value for p in find_points(text, "US", skip=[(0, 7)])] == ["+12125550199"]


def test_a_point_says_where_it_stands():
    text = "Please ring 020 7946 0921 today"
    (point,) = find_points(text, "GB")
    assert (text[point.start : point.end], point.channel) == ("020 7946 0921", Channel.CALL)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on 555-0134, please", ["555-0134"]),
        ("(555) 010-2233 until Friday", ["(555) 010-2233"]),
        ("07700 900123 30 minutes before", ["07700 900123"]),
        ("06131 77 40 25", ["06131 77 40 25"]),
        ("between 10-12 12:30", []),
        ("since 2026-03-02", []),
        ("4111 1111 1111 1111", []),
    ],
)
def test_digits_that_no_plan_knows_are_kept_as_written(text, expected):
    assert [p.value for p in find_loose_numbers(text)] == expected


@pytest.mark.parametrize(
    ("a", "b", "region", "same"),
    [
        ("07700 900142", "+447700900142", "", True),
        ("020 7946 0921", "+44 20 7946 0921", "GB", True),
        ("+442079460921;ext=12", "020 7946 0921", "GB", False),
        ("555-0134", "212-555-0134", "", True),
        ("555-0134", "555-0135", "US", False),
        ("29123456", "29123457", "LV", False),
        ("A@b.example", "a@B.example", "", True),
        ("a@b.example", "b@b.example", "", False),
        ("mobile", "my Mobile", "", True),
        ("mobile", "landline", "", False),
        ("mobile", "+37129123456", "LV", False),
        ("", "", "LV", False),
    ],
)
def test_two_ways_to_write_one_point_are_the_same_point(a, b, region, same):
    assert same_point(a, b, region) is same
    assert same_point(b, a, region) is same


def test_a_number_is_told_from_words_and_addresses():
    assert is_number("555-0134")
    assert not is_number("my mobile")
    assert not is_number("a1234567@b.example")
    assert normalise("020 7946 0921", "GB") == "+442079460921"


def test_the_library_of_numbers_is_not_loaded_before_a_number_comes(tmp_path):
    import subprocess

    code = "import sys; from plugin.domain.points import find_points; find_points('no digits', 'LV'); "
    code += "sys.exit('phonenumbers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_text_full_of_digits_costs_no_more_than_its_length():
    def cost(times: int) -> int:
        find_points("020 7946 0921", "GB")
        return steps(lambda: (find_points("020 7946 0921 " * times, "GB"), find_loose_numbers("1 (2-3." * 3 * times)))

    assert cost(8_000) < 6 * cost(2_000)


def _formats() -> list[tuple[str, str, str]]:
    rows, region, number = [], "", ""
    for line in Path(__file__).with_name("number_formats.txt").read_text("utf-8").splitlines():
        if line.startswith("== "):
            region, number = line[3:].split()
        elif line and not line.startswith("#"):
            rows.append((region, line, number))
    return rows


@pytest.mark.parametrize(("region", "text", "number"), _formats())
def test_a_number_is_the_same_however_a_country_writes_it(region, text, number):
    assert [p.value for p in find_points(text, region)] == [number]


def test_there_are_two_hundred_formats_of_twelve_countries():
    assert len(_formats()) >= 200
    assert len({region for region, _, _ in _formats()}) >= 12


NO_POINTS = [
    line.split(" ", 1)
    for line in Path(__file__).with_name("no_points.txt").read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize(("region", "text"), NO_POINTS)
def test_an_order_a_card_a_date_or_a_version_gives_no_point(region, text):
    """With the words of reference that a pack knows, as customers' messages are read."""
    packs = {"TR": "tr", "LV": "lv", "AE": "ar", "FR": "fr", "DE": "de", "ES": "es"}
    read = languages.load(packs.get(region, "en")).read(text)
    skip = [read.words.span(h.first, h.last) for h in read.hits("preferences.reference")]
    assert find_points(text, region, skip=[(start, end + 4) for start, end in skip]) == []
