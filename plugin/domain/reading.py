"""Find the words a writer typed this time, among all that a mail program carries along."""

from __future__ import annotations

import re
from collections.abc import Sequence

from plugin.domain.marks import Marks, plain

LONGEST_MARK = 300
"""Characters: a line longer than this is prose and no header, closer or label (a disclaimer may be)."""

LONGEST_DISCLAIMER = 2000
"""Characters of a line within which a disclaimer is looked for."""

HEADER_LINES = 3
"""Mail programs break "On … wrote:" over up to so many lines."""

LABEL_REACH = 6
"""Lines from the first label of a header block within which its others stand."""

BLOCK_LINES = 8
"""A name and telephone block under a closer is no longer than this."""

SIGNATURE_LINES = 15
"""Lines that may stand under "--" before we believe it was a dash and no signature."""

ENOUGH = 10
"""Letters; with fewer than this left, the first part of the text is kept as it is."""

_REMNANT = re.compile(r"\[(?:image|cid|inline image|img)\s?:[^\]\n]{0,300}\]|\[cid\]", re.IGNORECASE)
_WHEN_OR_WHO = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}|\d{1,2}[./-]\d{1,2}|@")
_YEAR = re.compile(r"(?<!\d)(?:\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2})(?!\d)")
_HOUR = re.compile(r"(?<!\d)\d{1,2}[:.]\d{2}(?!\d)")
_SENTENCE_END = re.compile(r"[.!?؟]\s+")
_NAMES = re.compile(r"[^\W\d_](?:[^\W\d_]|[.'’-]){0,30}(?: (?:&|[^\W\d_](?:[^\W\d_]|[.'’-]){0,30})){1,4}")
_LETTER = re.compile(r"[^\W\d_]")
_TEN_LETTERS = re.compile(rf"(?:[\W\d_]*[^\W\d_]){{{ENOUGH}}}")
_PROSE = re.compile(r"[^\W\d_]{2,}")

# --- the whole text --------------------------------------------------------------------------------------------------


def own_words(text: str, marks: Marks) -> str:
    """The text with all that is not the writer's own new words made blank: same length, same line ends, so that a
    place in it is a place in the text. Time grows linearly with the text.

    Answers between quoted lines stay. Where next to nothing would be left although the writer wrote something above
    the first quotation, that part stays whole.
    """
    lines = text.split("\n")
    keep = [True] * len(lines)
    first_quote = _blank_history(lines, keep, marks)
    _blank_additions(lines, keep, marks)
    _blank_last_names(lines, keep)
    own = "\n".join(_blank_remnants(line) if kept else " " * len(line) for line, kept in zip(lines, keep, strict=True))
    if _has_letters(own):
        return own
    above = len("\n".join(lines[:first_quote]))
    return text[:above] + own[above:] if _LETTER.search(text[:above]) else own


def _has_letters(text: str) -> bool:
    """Enough of them to be somebody's words?"""
    return _TEN_LETTERS.match(text) is not None


def _blank_remnants(line: str) -> str:
    return _REMNANT.sub(lambda found: " " * len(found.group()), line) if "[" in line else line


# --- what others wrote -----------------------------------------------------------------------------------------------


def _blank_history(lines: Sequence[str], keep: list[bool], marks: Marks) -> int:
    """Blank quoted, forwarded and repeated mail; returns the line where the first of it stands."""
    first, at = len(lines), 0
    while at < len(lines):
        taken, to_the_end = _history_at(lines, at, marks)
        if taken:
            above = any(map(_LETTER.search, lines[:at])) if first == len(lines) else True
            first = min(first, at)
            to_the_end = to_the_end and (above or not _is_label(lines[at], marks))
            taken = len(lines) - at if to_the_end else taken
            keep[at : at + taken] = [False] * taken
        at += taken or 1
    return first


def _history_at(lines: Sequence[str], at: int, marks: Marks) -> tuple[int, bool]:
    """(lines that a quotation mark takes here, does everything below belong to it); (0, False) where there is none."""
    line = lines[at].strip()
    if line.startswith((">", "&gt;")):
        return 1, False
    if not line or len(line) > LONGEST_MARK:
        return 0, False
    if _asks_to_reply_above(line, marks) or _is_divider(line, marks):
        return 1, True
    header = _header_lines(lines, at, marks)
    if header:
        return header, not _quoted_below(lines, at + header)
    return _label_lines(lines, at, marks), True


def _asks_to_reply_above(line: str, marks: Marks) -> bool:
    if line.startswith("##-") and line.endswith("-##"):
        return True
    if line[0] not in "-=_*#":
        return False
    folded = plain(line)
    return any(phrase in folded for phrase in marks.reply_above)


def _is_divider(line: str, marks: Marks) -> bool:
    """A known name between dashes, or alone with a colon; without either it could be a word of the writer's."""
    if line[0] not in "-_=*" and line[-1] != ":":
        return False
    return plain(line.strip("-_=*: ")) in marks.dividers


def _header_lines(lines: Sequence[str], at: int, marks: Marks) -> int:
    """How many lines an "On … wrote:" takes here, 0 if none stands here."""
    joined = ""
    for count, line in enumerate(lines[at : at + HEADER_LINES], 1):
        line = line.strip()
        if not line or line.startswith(">") or len(joined) + len(line) > LONGEST_MARK:
            return 0
        if count == 2 and not (_YEAR.search(joined[:50]) or marks.opens.match(plain(joined))):
            return 0
        joined = f"{joined} {line}".strip()
        if line.endswith(":"):
            return count if _says_who_wrote(joined, _quoted_below(lines, at + count), marks) else 0
    return 0


def _says_who_wrote(line: str, quoted_below: bool, marks: Marks) -> bool:
    """Programs give the address, or the year and the hour; "on the 3rd your agent wrote:" is a program's only with
    quoted lines below."""
    if not _WHEN_OR_WHO.search(line) or not marks.says.search(plain(line)):
        return False
    return quoted_below or "@" in line or bool(_YEAR.search(line) and _HOUR.search(line))


def _quoted_below(lines: Sequence[str], at: int) -> bool:
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return following.lstrip().startswith((">", "&gt;"))


def _label_of(line: str, marks: Marks) -> str:
    name, colon, _ = line[:60].partition(":")
    return (marks.labels or {}).get(plain(name.strip("*_ \t")), "") if colon else ""


def _is_label(line: str, marks: Marks) -> bool:
    return bool(_label_of(line, marks))


def _label_lines(lines: Sequence[str], at: int, marks: Marks) -> int:
    """How many lines a block "From: … Sent: … To: … Subject: …" takes here, 0 if none stands here.

    "From: Riga, To: Oslo" is a journey: an address, a subject or the word for sending must be among them.
    """
    if _label_of(lines[at], marks) != "from":
        return 0
    kinds, last = {"from"}, at
    for number in range(at + 1, min(at + LABEL_REACH, len(lines))):
        kind = _label_of(lines[number], marks)
        if kind:
            kinds.add(kind)
            last = number
    mail = bool(kinds & {"sent", "subject"}) or any("@" in line for line in lines[at : last + 1])
    return last + 1 - at if mail and len(kinds) >= 2 else 0


# --- what the program or a template added ----------------------------------------------------------------------------


def _blank_additions(lines: list[str], keep: list[bool], marks: Marks) -> None:
    """Blank signatures, closers with the names below them, disclaimers and "sent from my telephone"."""
    at = 0
    while at < len(lines):
        line = lines[at].strip()
        taken, from_next = _addition_at(lines, at, keep, marks) if keep[at] and line else (0, False)
        first = at + from_next
        keep[first : at + taken] = [False] * max(0, at + taken - first)
        at += taken or 1


def _blank_last_names(lines: Sequence[str], keep: list[bool]) -> None:
    """Blank a last paragraph that is nothing but names, "Agnes and Bill": Bill is no bill."""
    last = max((at for at, line in enumerate(lines) if keep[at] and line.strip()), default=0)
    line = lines[last].strip()
    if last < 2 or lines[last - 1].strip() or not _NAMES.fullmatch(line):
        return
    small = [word for word in line.split() if not word[0].isupper() and word != "&"]
    capitals = len(line.split()) - len(small)
    if capitals >= 2 and len(small) <= 1 and all(len(word) <= 3 for word in small):
        keep[last] = False


def _addition_at(lines: list[str], at: int, keep: Sequence[bool], marks: Marks) -> tuple[int, bool]:
    """(lines that belong to an addition here, does its first line stay)."""
    line = lines[at].strip()
    folded = plain(line[:LONGEST_DISCLAIMER])
    for phrase in marks.disclaimers if marks.may_disclaim(folded) else ():
        if phrase in folded:
            return _paragraph(lines, at), _keeps_start(lines, at, phrase)
    if len(line) > LONGEST_MARK:
        return 0, False
    if _is_dash(line):
        return _signature(lines, at, keep, marks), False
    if marks.may_say_sent_from(folded) and _says_sent_from(folded.rstrip(".!"), marks):
        return 1, False
    closing = folded.rstrip(" ,.!;:-–—،؛")
    if closing in marks.closers or _closes_with_name(line, marks):
        return 1 + _block(lines, at + 1, keep, marks), False
    if closing in marks.thanks:
        return 1 + _block(lines, at + 1, keep, marks), True
    return 0, False


def _says_sent_from(line: str, marks: Marks) -> bool:
    return any(line.startswith(begins) and line.endswith(ends) for begins, ends in marks.sent_from)


def _keeps_start(lines: list[str], at: int, phrase: str) -> bool:
    """Blank the line from the sentence that holds the phrase; True if something stands before it."""
    line = lines[at]
    low, high = 0, len(line)
    while low < high:  # the shortest start of the line that holds the phrase
        middle = (low + high) // 2
        low, high = (low, middle) if phrase in plain(line[:middle]) else (middle + 1, high)
    start = max((m.end() for m in _SENTENCE_END.finditer(line, 0, max(0, low - len(phrase)))), default=0)
    lines[at] = line[:start] + " " * (len(line) - start)
    return start > 0


def _paragraph(lines: Sequence[str], at: int) -> int:
    """Lines to the next empty one."""
    end = at
    while end < len(lines) and lines[end].strip():
        end += 1
    return end - at


def _is_dash(line: str) -> bool:
    return line in ("--", "—") or (len(line) > 3 and not line.strip("_"))


def _signature(lines: Sequence[str], at: int, keep: Sequence[bool], marks: Marks) -> int:
    """Lines of a signature under its dashes: to the end, a quotation, a postscript or more dashes; 0 if too long."""
    end, filled = at + 1, 0
    while end < len(lines) and keep[end]:
        line = lines[end].strip()
        if line and (_is_dash(line) or _is_afterword(line, marks)):
            break
        filled += bool(line)
        if filled > SIGNATURE_LINES:
            return 0
        end += 1
    return end - at


def _closes_with_name(line: str, marks: Marks) -> bool:
    """ "Best regards, Ana Ruiz" on one line: a closer, a comma, and nothing but a name."""
    closer, comma, name = line.partition(",")
    return bool(comma) and plain(closer) in marks.closers and len(name.split()) <= 4 and _is_block_line(name)


def _block(lines: Sequence[str], at: int, keep: Sequence[bool], marks: Marks) -> int:
    """How many lines from here are a name, a title, an address, a telephone number."""
    end, filled = at, 0
    while end < len(lines) and keep[end] and filled < BLOCK_LINES:
        line = lines[end].strip()
        if line and (_is_afterword(line, marks) or not _is_block_line(line)):
            break
        filled += bool(line)
        end += 1
    return end - at


def _is_block_line(line: str) -> bool:
    """Short, no question, and hardly a word in small letters: names and titles are written large. Scripts without
    capitals: at most four words."""
    words = _PROSE.findall(line)
    if len(line) > 70 or "?" in line or "؟" in line:
        return False
    small = sum(word[0].islower() for word in words if not _is_in_address(word, line))
    caseless = sum(word[0].lower() == word[0].upper() for word in words)
    return small <= 1 and caseless <= 4 and not (small and len(words) > 4)


def _is_in_address(word: str, line: str) -> bool:
    """Is this word only part of a mail or web address in the line?"""
    return any(word in piece for piece in line.split() if "@" in piece or "www." in piece or "://" in piece)


def _is_afterword(line: str, marks: Marks) -> bool:
    folded = plain(line[:20])
    return any(folded.startswith(word) and not folded[len(word) : len(word) + 1].isalpha() for word in marks.afterwords)
