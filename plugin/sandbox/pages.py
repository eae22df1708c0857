"""The agent's page of a ticket: the conversation with its notes, for a person or a screenshot to look at."""

from __future__ import annotations

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from plugin.sandbox.changes import comments_of
from plugin.sandbox.desk import Desk
from plugin.sandbox.state import Audit, Json, TicketRow
from plugin.sandbox.texts import clean_html

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src https:; frame-ancestors 'self'"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>#{{ ticket.id }} {{ ticket.subject }}</title>
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
<h1>{{ ticket.subject }}</h1>
<p class="meta">#{{ ticket.id }} · {{ status }} · {{ requester }} · via {{ ticket.via.channel }}</p>
<ul class="tags">{% for tag in ticket.tags %}<li>{{ tag }}</li>{% endfor %}</ul>
{% for turn in turns %}
<article class="{{ 'reply' if turn.public else 'note' }}" id="comment-{{ turn.id }}" dir="auto">
<header><b>{{ turn.author }}</b><span>{{ 'public reply' if turn.public else 'internal note' }}
· {{ turn.via }} · {{ turn.at }}</span></header>
{{ turn.html }}
{% if turn.lines %}<p class="meta">{{ turn.lines }}</p>{% endif %}
</article>
{% endfor %}
</main></body></html>
"""

_LIST = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Tickets</title></head><body><main><h1>Tickets</h1><ul>
{% for ticket in tickets %}<li><a href="/agent/tickets/{{ ticket.id }}">#{{ ticket.id }} {{ ticket.subject }}</a>
{{ ticket.status }} {{ ticket.tags | join(" ") }}</li>{% endfor %}</ul></main></body></html>
"""

_environment = Environment(autoescape=True, undefined=StrictUndefined)


def show_page(desk: Desk, ticket: TicketRow) -> str:
    """The page of one ticket; comment HTML goes through the tag list again."""
    turns = [_turn(desk, audit, event) for audit, event in comments_of(desk, ticket)]
    requester = desk.state.users[ticket.requester_id].name
    status = ticket.gone or ticket.status
    return _environment.from_string(_PAGE).render(ticket=ticket, turns=turns, requester=requester, status=status)


def show_list(desk: Desk) -> str:
    """All tickets with links, the newest first."""
    tickets = [ticket for ticket in reversed(desk.state.tickets.values()) if not ticket.gone]
    return _environment.from_string(_LIST).render(tickets=tickets)


def _turn(desk: Desk, audit: Audit, event: Json) -> Json:
    author = desk.state.users.get(event["author_id"])
    data = event.get("data", {})
    lines = f"{data['from']} → {data['to']}, {data['call_duration']} s" if "from" in data else data.get("title", "")
    html = Markup(clean_html(event["html_body"]))  # noqa: S704  # cleaned one call before
    return {"id": event["id"], "author": author.name if author else "System", "public": event["public"],
            "at": audit.created_at, "via": audit.via["channel"], "html": html, "lines": lines}  # fmt: skip
