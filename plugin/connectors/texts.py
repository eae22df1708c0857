"""Read ids, telephone numbers and texts as helpdesks write them."""

from __future__ import annotations

import hashlib
import re

_ID = re.compile(r"[0-9]{1,20}", re.ASCII)

MOST_TEXT = 200_000
"""Letters of one message that are read."""

_RUBBISH = dict.fromkeys([0, *range(0xD800, 0xE000)])
"""NUL and lone surrogates: neither can be stored or sent on as UTF-8."""


def read_id(value: object) -> str:
    """An id as helpdesks write it: a number or its digits; "" for what stands for nothing (null, "", 0, "0")."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ""
    digits = str(value)
    return digits if _ID.fullmatch(digits) and digits.strip("0") else ""


def read_number(typed: str, region: str) -> str:
    """E.164 where the number can be parsed (`region` as in "LV" or "US-CA" for local ones), else as typed; "" for
    "Unknown", which partner telephony writes for a hidden number."""
    typed = typed.strip()
    if typed.lower() in ("unknown", "anonymous", "private", ""):
        return ""
    import phonenumbers  # heavy, and only needed when a number is read

    try:
        number = phonenumbers.parse(typed, region.split("-")[0].upper() or None)
    except phonenumbers.NumberParseException:
        return typed
    if not phonenumbers.is_possible_number(number):
        return typed
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def text_of_html(html: str) -> str:
    """HTML as plain text; "" where it cannot be read."""
    if not html.strip():
        return ""
    try:
        import inscriptis  # lxml is heavy, and most comments come with their plain text

        return str(inscriptis.get_text(html[:MOST_TEXT]))
    except Exception:  # whatever a parser makes of hostile markup, the raw body is still there
        return ""


def clean_text(text: str) -> str:
    """Plain spaces for hard ones (also where the entity was left standing), plain line ends, nothing unstorable."""
    text = text[:MOST_TEXT].replace("&nbsp;", " ").replace("\u00a0", " ").replace("\r\n", "\n").replace("\r", "\n")
    return text.translate(_RUBBISH).strip()


_NO_DIGIT = re.compile(r"[^0-9]")

_STAMP, _FINGERPRINT = 14, 64
"""Digits of a time to the second, and letters of the whole: 50 of them are the hash's, 200 bits."""


def fingerprint_of(stamp: str, body: bytes) -> str:
    """What a webhook is known again by: the same for the same time and body. It begins with the time, so that the index
    of many grows at its end; a bare hash touches a page of its own with each row, and all of them go to disk (measured:
    half of what a row costs)."""
    hashed = hashlib.sha256(stamp.encode("utf-8", "replace") + b"." + body).hexdigest()
    return (_NO_DIGIT.sub("", stamp[:30])[:_STAMP] + hashed)[:_FINGERPRINT]
