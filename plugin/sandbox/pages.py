"""The agent's page of a ticket: the conversation with its notes, for a person or a screenshot to look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import Environment, StrictUndefined

from plugin.sandbox.changes import comments_of
from plugin.sandbox.desk import Desk
from plugin.sandbox.state import Audit, Json, TicketRow
from plugin.sandbox.texts import clean_html

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' https:; frame-ancestors 'self'"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>#{{ sheet.id }} {{ sheet.title }}</title>
<style>
body { margin: 0; background: #f3f4f6; color: #1f2933; font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 760px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 20px; margin: 0 0 4px; } .meta { color: #52606d; font-size: 13px; }
article { background: #fff; border: 1px solid #d9dee4; border-radius: 6px; padding: 12px 16px; margin: 12px 0; }
article.note { background: #fff4cc; border-color: #e8d48a; }
header { display: flex; justify-content: space-between; font-size: 13px; color: #52606d; margin-bottom: 6px; }
header b { color: #1f2933; } ul.tags { list-style: none; padding: 0; margin: 8px 0; }
ul.tags li { display: inline-block; background: #e4e7eb; border-radius: 3px; padding: 0 8px; margin: 0 4px 4px 0; }
table { border-collapse: collapse; } td, th { padding: 2px 8px 2px 0; text-align: left; vertical-align: top; }
</style></head><body><main>
<h1>{{ sheet.title }}</h1>
<p class="meta">#{{ sheet.id }} · {{ sheet.about }}</p>
<ul class="tags">{% for tag in sheet.tags %}<li>{{ tag }}</li>{% endfor %}</ul>
{% if sheet.slot %}<article class="note" id="summary" dir="auto"><header><b>Summary</b></header>
{{ sheet.slot | safe }}</article>{% endif %}
{% for turn in sheet.turns %}
<article class="{{ 'reply' if turn.public else 'note' }}" id="comment-{{ turn.id }}" dir="auto">
<header><b>{{ turn.author }}</b><span>{{ 'public reply' if turn.public else 'internal note' }}
· {{ turn.via }} · {{ turn.at }}</span></header>
{{ turn.html | safe }}
{% if turn.lines %}<p class="meta">{{ turn.lines }}</p>{% endif %}
{% for link, name, picture in turn.files %}<p><a href="{{ link }}">{{ name }}</a>
{% if picture %}<br><img src="{{ link }}" alt="{{ name }}" style="max-width:100%">{% endif %}</p>{% endfor %}
</article>
{% endfor %}
</main></body></html>
"""

_LIST = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tickets</title></head><body><main><h1>Tickets</h1><ul>
{% for link, id, title, about in rows %}<li><a href="{{ link }}">#{{ id }} {{ title }}</a>
{{ about }}</li>{% endfor %}</ul></main></body></html>
"""

_environment = Environment(autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message as people see it. `html` was cleaned; `files` are (link, name, is a picture)."""

    id: int
    author: str
    public: bool
    at: str
    via: str
    html: str
    lines: str = ""
    files: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One ticket as people see it; `slot` is the cleaned HTML of a summary, "" for none."""

    id: int
    title: str
    about: str
    tags: tuple[str, ...]
    turns: tuple[Turn, ...]
    slot: str = ""


def render_sheet(sheet: Sheet) -> str:
    """The page of one ticket of any helpdesk."""
    return _environment.from_string(_PAGE).render(sheet=sheet)


def render_list(rows: Sequence[tuple[str, int, str, str]]) -> str:
    """Links to tickets: (link, number, title, what else)."""
    return _environment.from_string(_LIST).render(rows=rows)


def show_page(desk: Desk, ticket: TicketRow) -> str:
    """The page of one ticket; comment HTML goes through the tag list again."""
    turns = tuple(_turn(desk, audit, event) for audit, event in comments_of(desk, ticket))
    requester = desk.state.users[ticket.requester_id].name
    about = f"{ticket.gone or ticket.status} · {requester} · via {ticket.via['channel']}"
    return render_sheet(Sheet(ticket.id, ticket.subject, about, tuple(ticket.tags), turns))


def show_list(desk: Desk) -> str:
    """All tickets with links, the newest first."""
    tickets = [ticket for ticket in reversed(desk.state.tickets.values()) if not ticket.gone]
    return render_list([(f"/agent/tickets/{t.id}", t.id, t.subject, f"{t.status} {' '.join(t.tags)}") for t in tickets])


def _turn(desk: Desk, audit: Audit, event: Json) -> Turn:
    author = desk.state.users.get(event["author_id"])
    data = event.get("data", {})
    lines = f"{data['from']} → {data['to']}, {data['call_duration']} s" if "from" in data else data.get("title", "")
    return Turn(event["id"], author.name if author else "System", event["public"], audit.created_at,
                audit.via["channel"], clean_html(event["html_body"]), lines, _files(event))  # fmt: skip


def _files(event: Json) -> tuple[tuple[str, str, bool], ...]:
    files = event.get("attachments") or []
    return tuple((f"/agent/attachments/{f['id']}", f["file_name"], f["file_name"].endswith(".png")) for f in files)
