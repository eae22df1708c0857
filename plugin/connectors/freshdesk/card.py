"""Keep one living card on a Freshdesk ticket: in its summary slot, else as one note that is edited in place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum

from plugin.connectors.freshdesk.asking import ticket_path, turn_pages
from plugin.connectors.freshdesk.conversation import OUR_MARK, is_ours, read_text
from plugin.connectors.freshdesk.payloads import Conversation, Summary, read
from plugin.http import Forbidden, Http, NotFound, Refusal
from plugin.ports import Rejected

SLACK = timedelta(minutes=5)
"""How far Freshdesk's clock may be from ours when we look for notes "since" a moment of ours."""

NO_FEATURE = "require_feature"
"""Error code of a plan that lacks something. https://developers.freshdesk.com/api/#error"""


class Slot(Enum):
    """What is in a ticket's summary slot."""

    NONE = "the plan has none"
    FREE = "nothing"
    OURS = "our card"
    THEIRS = "words of somebody else"


class Card:
    """The cards of one account. Whether its plan has summaries is found out once and remembered."""

    def __init__(self, http: Http, own_user_id: str) -> None:
        self._http, self._own = http, own_user_id
        self.has_slot: bool | None = None

    def place(self, ticket_id: str, html: str, marker: str) -> None:
        """Show this card and no other one of ours. A summary that a person wrote or edited is left alone: the card is a
        note then. Both an edited note and a summary can be written twice without harm; a new note cannot."""
        body = with_mark(html, "card", marker)
        notes = list(self._our_notes(ticket_id))
        if self._fill_slot(ticket_id, body):
            self._delete(notes)
            return
        for number, note in enumerate(reversed(notes), 1):
            if self._edit(note, body):
                self._delete(notes[:-number])
                return
        self._add(ticket_id, body)

    def clear(self, ticket_id: str) -> None:
        """Take our card away, wherever it is."""
        if self._look_at_slot(ticket_id)[0] is Slot.OURS:
            with suppress(NotFound):
                self._http.send("DELETE", ticket_path(ticket_id, "summary"), repeatable=True)
        self._delete(list(self._our_notes(ticket_id)))

    def find(self, ticket_id: str, marker: str, since: datetime) -> bool:
        """Does a note of ours from `since` on, or the summary, bear this marker?"""
        wanted = re.compile(rf"(?<![\w.:-]){re.escape(marker)}(?![\w.:-])")
        slot, text = self._look_at_slot(ticket_id)
        if slot is Slot.OURS and wanted.search(text):
            return True
        oldest = since - SLACK
        return any(
            wanted.search(read_text(note.body_text, note.body)) and _last_change(note) >= oldest
            for note in self._our_notes(ticket_id)
        )

    # --- the slot ----------------------------------------------------------------------------------------------------

    def _look_at_slot(self, ticket_id: str) -> tuple[Slot, str]:
        if self.has_slot is False:
            return Slot.NONE, ""
        try:
            said = read(Summary, self._http.get(ticket_path(ticket_id, "summary")).json())
        except NotFound:
            return Slot.FREE, ""  # no summary yet, or no such thing: writing one will tell
        except (Forbidden, Refusal) as refusal:
            self._learn(refusal)
            return Slot.NONE, ""
        self.has_slot = True
        text = read_text(said.body_text, said.body)
        editor = said.last_edited_user_id or said.user_id
        if not text:
            return Slot.FREE, ""
        mine = bool(OUR_MARK.search(text)) and editor in ("", self._own or editor)
        return (Slot.OURS if mine else Slot.THEIRS), text

    def _fill_slot(self, ticket_id: str, body: str) -> bool:
        if self._look_at_slot(ticket_id)[0] not in (Slot.FREE, Slot.OURS):
            return False
        try:
            self._http.send("PUT", ticket_path(ticket_id, "summary"), json={"body": body}, repeatable=True)
        except (Forbidden, Refusal) as refusal:
            if isinstance(refusal, Refusal) and refusal.status not in (404, 405):
                raise
            self._learn(refusal)
            return False
        self.has_slot = True
        return True

    def _learn(self, refusal: Rejected) -> None:
        """Only what the plan lacks is remembered: a single ticket may be forbidden to us for other reasons."""
        if isinstance(refusal, Forbidden | Refusal) and refusal.code == NO_FEATURE:
            self.has_slot = False

    # --- notes -------------------------------------------------------------------------------------------------------

    def _our_notes(self, ticket_id: str) -> Iterator[Conversation]:
        """Oldest first."""
        try:
            for rows, _ in turn_pages(self._http, ticket_id):
                yield from (row for row in rows if is_ours(row, self._own))
        except NotFound:
            return

    def _add(self, ticket_id: str, body: str) -> None:
        """`private` is said every time, and nobody is notified. Not repeatable: after an unknown outcome the marker has
        to be looked for."""
        try:
            self._http.send("POST", ticket_path(ticket_id, "notes"), json={"body": body, "private": True})
        except NotFound:
            raise Rejected("the ticket is gone") from None

    def _edit(self, note: Conversation, body: str) -> bool:
        try:
            self._http.send("PUT", f"/api/v2/conversations/{note.id}", json={"body": body}, repeatable=True)
        except NotFound:
            return False
        return True

    def _delete(self, notes: list[Conversation]) -> None:
        for note in notes:
            with suppress(NotFound):
                self._http.send("DELETE", f"/api/v2/conversations/{note.id}", repeatable=True)


def with_mark(html: str, word: str, marker: str) -> str:
    """The note with its code in sight ("card a1b2"), where it does not end with it already."""
    code = f"{word} {marker}"
    return html if code in html else f"{html}<div><code>{code}</code></div>"


def _last_change(note: Conversation) -> datetime:
    return max(at for at in (note.created_at, note.updated_at, note.last_edited_at) if at is not None)
