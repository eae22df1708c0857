"""Look at logos and icons: their size, and whether a drawing holds anything but a drawing."""

from __future__ import annotations

import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from plugin.marketplace.problems import Problem, shown

_PNG = b"\x89PNG\r\n\x1a\n"

DRAWN = frozenset(
    {"svg", "g", "path", "circle", "ellipse", "rect", "line", "polyline", "polygon", "title", "desc", "defs",
     "linearGradient", "radialGradient", "stop", "clipPath"}
)  # fmt: skip
"""Elements an icon may use. Scripts, styles, pictures in pictures and links are not among them: Zendesk's validator
cuts out what it thinks unsafe (zendesk/zendesk_apps_support, validations/svg.rb)."""


def png_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels of a PNG; None for what is no PNG."""
    if len(data) < 33 or not data.startswith(_PNG) or data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def check_png(files: dict[str, bytes], name: str, sizes: tuple[tuple[int, int], ...]) -> Iterator[Problem]:
    """One PNG that must be there in one of `sizes`."""
    wanted = " or ".join(f"{w}×{h}" for w, h in sizes)
    if name not in files:
        yield Problem(name, "", "is missing", f"add a PNG of {wanted} pixels")
        return
    size = png_size(files[name])
    if size is None:
        yield Problem(name, "", "is not a PNG", f"save it as PNG, {wanted} pixels")
    elif size not in sizes:
        yield Problem(name, "", f"is {size[0]}×{size[1]} pixels", f"draw it in {wanted}")


def check_svg(name: str, data: bytes, side: int | None = None) -> Iterator[Problem]:
    """One drawing; with `side`, it must say it is exactly that many pixels wide and high."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        yield Problem(name, "", "declares a document type", "leave out everything before <svg>")
        return
    try:
        root = ET.fromstring(data)  # noqa: S314 - entities are refused above
    except (ET.ParseError, ValueError, LookupError):
        yield Problem(name, "", "is not an SVG", "save the drawing as plain SVG")
        return
    if _local(root.tag) != "svg":
        yield Problem(name, "", "is not an SVG", "save the drawing as plain SVG")
        return
    for element in root.iter():
        yield from _check_element(name, element)
    if side is not None and (root.get("width"), root.get("height")) != (str(side), str(side)):
        size = f"{shown(root.get('width'))}×{shown(root.get('height'))}"
        yield Problem(name, "", f"is {size} pixels", f'write width="{side}" height="{side}" on <svg>')


def _check_element(name: str, element: ET.Element) -> Iterator[Problem]:
    tag = _local(element.tag)
    if tag not in DRAWN:
        yield Problem(name, f"<{shown(tag)}>", "is not part of a drawing", "draw with paths and shapes only")
    for key, value in element.attrib.items():
        outside = _local(key) == "href" or re.search(r"(?i)url\(\s*['\"]?(?!#)|javascript:", value)
        if _local(key).lower().startswith("on") or outside:
            yield Problem(name, f"<{tag} {_local(key)}>", "runs or fetches something", "take it out")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
