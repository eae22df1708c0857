"""Draw Followthrough's logo, a loop that closes with a tick, into the sizes marketplaces ask for.

Run it after a change of the drawing: `python -m plugin.marketplace.draw`. It needs nothing but Python, and the same
shapes stand, written by hand, in freshworks/app/styles/images/icon.svg.
"""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

SIZES = {"logo.png": 320, "logo-small.png": 128}

Point = tuple[float, float]
Colour = tuple[int, int, int]

GROUND: Colour = (0x0B, 0x4F, 0x5C)
LOOP: Colour = (0xF4, 0xF7, 0xF6)
TICK: Colour = (0xF2, 0xB1, 0x34)

CORNER = 14.0
CENTRE: Point = (32.0, 32.0)
RADIUS = 19.0
STROKE = 5.0
GAP = (-80.0, -16.0)
"""Degrees, clockwise from three o'clock, between which the loop is open."""

STEPS: tuple[Point, ...] = ((23.5, 32.5), (30.0, 39.0), (47.0, 18.0))
"""The tick's corners. All lengths are in the units of a square of 64."""

FINENESS = 4
"""Samples per pixel, each way: what makes edges smooth."""


def draw_logo(side: int) -> bytes:
    """A PNG of `side` × `side` pixels, with transparent corners."""
    rows = b"".join(b"\0" + b"".join(_pixel(x, y, side) for x in range(side)) for y in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pixel(x: int, y: int, side: int) -> bytes:
    seen = [colour for point in _samples(x, y, side) if (colour := _colour_at(point))]
    if not seen:
        return bytes(4)
    mixed = [round(sum(colour[i] for colour in seen) / len(seen)) for i in range(3)]
    return bytes((*mixed, round(255 * len(seen) / FINENESS**2)))


def _samples(x: int, y: int, side: int) -> Iterator[Point]:
    unit = 64 / side
    for row in range(FINENESS):
        for column in range(FINENESS):
            yield (x + (column + 0.5) / FINENESS) * unit, (y + (row + 0.5) / FINENESS) * unit


def _colour_at(point: Point) -> Colour | None:
    if not _in_square(point):
        return None
    if any(_distance(point, a, b) <= STROKE / 2 for a, b in pairwise(STEPS)):
        return TICK
    return LOOP if _on_loop(point) else GROUND


def _in_square(point: Point) -> bool:
    across, down = (max(0.0, abs(at - 32.0) - (32.0 - CORNER)) for at in point)
    return math.hypot(across, down) <= CORNER


def _on_loop(point: Point) -> bool:
    across, down = point[0] - CENTRE[0], point[1] - CENTRE[1]
    angle = math.degrees(math.atan2(down, across))
    if not GAP[0] < angle < GAP[1]:
        return abs(math.hypot(across, down) - RADIUS) <= STROKE / 2
    return any(math.dist(point, _end(degrees)) <= STROKE / 2 for degrees in GAP)


def _end(degrees: float) -> Point:
    turn = math.radians(degrees)
    return CENTRE[0] + RADIUS * math.cos(turn), CENTRE[1] + RADIUS * math.sin(turn)


def _distance(point: Point, a: Point, b: Point) -> float:
    """From a point to the line between two others."""
    along, down = b[0] - a[0], b[1] - a[1]
    share = ((point[0] - a[0]) * along + (point[1] - a[1]) * down) / (along**2 + down**2)
    share = min(1.0, max(0.0, share))
    return math.dist(point, (a[0] + share * along, a[1] + share * down))


def main() -> None:
    """Write the logos to where the Zendesk package takes them from."""
    folder = Path(__file__).parent / "zendesk" / "assets"
    for name, side in SIZES.items():
        (folder / name).write_bytes(draw_logo(side))


if __name__ == "__main__":
    main()
