"""The three bodies of a comment: html_body, body and plain_body, each with the habits of the real ones."""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

import nh3

KEPT_TAGS = {
    "a", "b", "blockquote", "br", "code", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "li", "ol", "p",
    "pre", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
"""Tags a note keeps. Zendesk's own list is not published: this is the common subset of reference/libraries (notes)
and what the agent editor offers. `details`, `style`, `svg`, `form`, `script` and `iframe` do not survive."""

_BLOCKS = {"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote", "pre", "ul", "ol", "table", "hr"}


def clean_html(given: str) -> str:
    """`html_body` as it is stored: unknown tags and styles dropped, new lines collapsed to blanks."""
    kept = nh3.clean(given, tags=KEPT_TAGS, attributes={"a": {"href"}, "img": {"src", "alt"}}, url_schemes={"https"})
    joined = re.sub(r"\s*\n\s*", " ", kept).strip()
    return f'<div class="zd-comment" dir="auto">{joined}</div>'


def html_of_text(text: str) -> str:
    """`html_body` of a comment that was sent as text."""
    return f'<div class="zd-comment" dir="auto">{paragraphs_of(text)}</div>'


def paragraphs_of(text: str) -> str:
    """HTML of a text: paragraphs at empty lines, breaks at new lines."""
    paragraphs = re.split(r"\n\s*\n", text.strip())
    return "".join(f'<p dir="auto">{html.escape(p, quote=False).replace(chr(10), "<br>")}</p>' for p in paragraphs)


def text_of_html(given: str) -> str:
    """`plain_body` of a comment sent as HTML. Like the real one it keeps non-breaking blanks as "&nbsp;" and begins
    later paragraphs with a blank (zendesk.md 2.2)."""
    reader = _Reader()
    reader.feed(given)
    reader.close()
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", "".join(reader.parts)).strip()
    return re.sub(r"\n{2,}", "\n\n ", text).replace("\xa0", "&nbsp;")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)
