"""Every table, and with each column why we keep it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    false,
    text,
)

from plugin.storage.clocktime import Key, Moment, Sealed, Words
from plugin.storage.entries import Topic

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

OF_THE_INSTALLATION = frozenset({"meta", "leases", "people", "alembic_version"})
"""Tables that belong to no account: they hold nothing about anybody's customers."""

_UNTIL_REMOVED = "until the account is removed"
_UNTIL_FORGOTTEN = "until the ticket is forgotten or the account is removed"
_Id = BigInteger().with_variant(Integer, "sqlite")
"""SQLite numbers rows by itself only where the type is exactly INTEGER (https://www.sqlite.org/autoinc.html)."""


def _account(topic: Topic) -> Column[Any]:
    return topic.column(
        "account_id", "operational", "keeps the rows of one installed helpdesk apart from all others", Key(),
        ForeignKey("accounts.id", ondelete="CASCADE"), origin="ours",
    )  # fmt: skip


def _ticket(topic: Topic) -> Column[Any]:
    return topic.column("ticket_id", "identity", "says which conversation the row is about", Key())


# --- the installation ------------------------------------------------------------------------------------------------

_installation = Topic("ours", "the database opens with its own keys only", "none", "nowhere", "as long as the database")

meta = Table(
    "meta", metadata,
    _installation.column("name", "operational", "names the value", Key(), primary_key=True),
    _installation.column("value", "operational", "proves the keys and derives look-up hashes", Sealed()),
)  # fmt: skip

_leases = Topic("ours", "a thing only one process may do is done once", "which process is at work", "health page",
                "until the next holder")  # fmt: skip

leases = Table(
    "leases", metadata,
    _leases.column("name", "operational", "names what only one may do", Key(), primary_key=True),
    _leases.column("holder", "operational", "says who does it", Key()),
    _leases.column("until", "operational", "frees the lease when its holder died", Moment()),
    _leases.column("token", "operational", "grows with every change of holder", BigInteger()),
)  # fmt: skip

# --- accounts --------------------------------------------------------------------------------------------------------

_accounts = Topic("the admin who installed it", "the helpdesk can be read and written as allowed",
                  "which helpdesks are connected, and how", "admin page, secrets nowhere", _UNTIL_REMOVED)  # fmt: skip

accounts = Table(
    "accounts", metadata,
    _accounts.column("id", "operational", "names the account", Key(), primary_key=True),
    _accounts.column("helpdesk", "operational", "chooses the connector", Words()),
    _accounts.column("host", "operational", "says where its API is", Words()),
    _accounts.column("mode", "operational", "limits what we may write", Words()),
    _accounts.column("external_id", "operational", "refuses payloads of other accounts", Words(), origin="helpdesk"),
    _accounts.column("own_user_id", "operational", "recognises our own writes", Words(), origin="helpdesk"),
    _accounts.column("zone", "operational", "computes due times", Words()),
    _accounts.column("hours", "operational", "computes due times", Words()),
    _accounts.column("holidays", "operational", "computes due times: ISO dates as JSON", Words()),
    _accounts.column("region", "operational", "chooses public holidays and number formats", Words()),
    _accounts.column("locale", "operational", "chooses the language of the card", Words()),
    _accounts.column("languages", "operational", "restricts language detection: codes as JSON", Words()),
    _accounts.column("follow_up_hours", "operational", "is the due time of promises without one", Integer()),
    _accounts.column("paused", "operational", "says why nothing is done at the moment", Words(), origin="ours"),
    _accounts.column("stopped", "operational", "is the kill switch", Boolean()),
    _accounts.column("settings", "operational", "holds further choices: JSON", Sealed()),
    _accounts.column("signing", "operational", "verifies webhooks: JSON", Sealed()),
    _accounts.column("credentials", "operational", "opens the helpdesk's API: JSON", Sealed()),
)  # fmt: skip

# --- inbox and outbox ------------------------------------------------------------------------------------------------

_deliveries = Topic("helpdesk: webhook", "every acknowledged delivery is looked at, a repeat is not",
                    "which tickets changed, when, and what we did not understand", "deliveries page, bodies by command",
                    _UNTIL_REMOVED + "; the body 90 days (FOLLOWTHROUGH_KEEP_DAYS) unless nobody could read it, "
                    "and that of a forgotten ticket goes at once")  # fmt: skip

deliveries = Table(
    "deliveries", metadata,
    _deliveries.column("id", "operational", "names the delivery", _Id, primary_key=True, origin="ours"),
    _account(_deliveries),
    _deliveries.column("kind", "operational", "counts what was understood", Words(), origin="ours"),
    _deliveries.column("event", "behavioural", "counts what happened", Key()),
    _deliveries.column("event_id", "operational", "recognises a repeat", Key(), nullable=True),
    _deliveries.column("invocation_id", "operational", "recognises a repeat", Key(), nullable=True),
    _deliveries.column("fingerprint", "operational", "recognises a replay", Key(), nullable=True, origin="ours"),
    _ticket(_deliveries),
    _deliveries.column("actor_id", "identity", "tells our own changes from those of others", Key()),
    _deliveries.column("received_at", "operational", "orders deliveries", Moment(), origin="ours"),
    _deliveries.column("body", "descriptive", "replays a delivery that was misread", Sealed()),
    UniqueConstraint("account_id", "event_id"),
    UniqueConstraint("account_id", "invocation_id"),
    UniqueConstraint("account_id", "fingerprint"),
)  # fmt: skip
Index("ix_deliveries_ticket", deliveries.c.account_id, deliveries.c.ticket_id)

_jobs = Topic("ours", "what must be done is done, once, in order, whatever fails", "what waits and what is stuck",
              "jobs page", "until done, or until an admin decides about a buried one")  # fmt: skip

jobs = Table(
    "jobs", metadata,
    _jobs.column("id", "operational", "orders the lane", _Id, primary_key=True),
    _account(_jobs),
    _jobs.column("kind", "operational", "says what to do", Key()),
    _jobs.column("lane", "identity", "keeps the work on one ticket in order", Key(), origin="helpdesk: ticket id"),
    _jobs.column("payload", "operational", "says what to do it with: JSON, empty for {}", Sealed()),
    _jobs.column("state", "operational", "waiting, leased or buried", Words()),
    _jobs.column("attempts", "operational", "ends endless tries", Integer()),
    _jobs.column("token", "operational", "fences off an older holder", BigInteger()),
    _jobs.column("due_at", "operational", "says when", Moment()),
    _jobs.column("wake_at", "operational", "due time while waiting, end of lease while leased, NULL when buried",
                 Moment(), nullable=True),
    _jobs.column("reason", "operational", "says why the last try failed", Words()),
    _jobs.column("created_at", "operational", "shows the age", Moment()),
    sqlite_autoincrement=True,
)  # fmt: skip
"""AUTOINCREMENT: an id that comes back could let the holder of a deleted job finish its successor."""
Index("ux_jobs_waiting", jobs.c.account_id, jobs.c.kind, jobs.c.lane, unique=True,
      sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"))  # fmt: skip
Index("ux_jobs_leased", jobs.c.account_id, jobs.c.lane, unique=True,
      sqlite_where=text("state = 'leased'"), postgresql_where=text("state = 'leased'"))  # fmt: skip
Index("ix_jobs_wake", jobs.c.wake_at, jobs.c.id)
Index("ix_jobs_lane", jobs.c.account_id, jobs.c.lane, jobs.c.id)

_counters = Topic("ours", "finished work is counted though its row is gone", "how much was done", "health page",
                  _UNTIL_REMOVED)  # fmt: skip

counters = Table(
    "counters", metadata,
    _account(_counters),
    _counters.column("name", "operational", 'names what is counted: "done:analyse"', Key()),
    _counters.column("value", "operational", "counts", BigInteger()),
    PrimaryKeyConstraint("account_id", "name"),
)  # fmt: skip

_cursors = Topic("helpdesk: export cursor", "nothing that changed is missed", "how far reconciling has come",
                 "health page", _UNTIL_REMOVED)  # fmt: skip

cursors = Table(
    "cursors", metadata,
    _account(_cursors),
    _cursors.column("name", "operational", "names the stream", Key()),
    _cursors.column("value", "operational", "resumes where it stopped", Words()),
    _cursors.column("set_at", "operational", "shows a stream that stands still", Moment(), origin="ours"),
    PrimaryKeyConstraint("account_id", "name"),
)  # fmt: skip

# --- the ledger ------------------------------------------------------------------------------------------------------

_tickets = Topic("helpdesk: ticket", "the reader of a ticket sees why, and what is owed", "causes, promises, effort",
                 "card, sidebar, digest (no identities there)", _UNTIL_FORGOTTEN)  # fmt: skip

tickets = Table(
    "tickets", metadata,
    _account(_tickets),
    _ticket(_tickets),
    _tickets.column("status", "descriptive", "leaves ended tickets alone", Words()),
    _tickets.column("channel", "behavioural", "groups by the way the customer came", Words()),
    _tickets.column("group_id", "operational", "groups by who answered", Words()),
    _tickets.column("requester_key", "identity", "counts distinct customers without naming them: keyed hash", Key()),
    _tickets.column("journey", "descriptive", "groups by journey component: words joined by commas", Words(),
                    origin="ours: analysis"),
    _tickets.column("created_at", "behavioural", "places the contact in a period", Moment()),
    _tickets.column("updated_at", "behavioural", "shows what changed since", Moment()),
    _tickets.column("judged_at", "operational", "says how old the findings are", Moment(), origin="ours"),
    _tickets.column("saved_at", "operational", "says when they were stored", Moment(), origin="ours"),
    _tickets.column("body", "attitudinal", "all findings but the promises, with their quotes: JSON", Sealed(),
                    origin="ours: analysis"),
    PrimaryKeyConstraint("account_id", "ticket_id"),
)  # fmt: skip
Index("ix_tickets_created", tickets.c.account_id, tickets.c.created_at)
Index("ix_tickets_requester", tickets.c.account_id, tickets.c.requester_key)

_promises = Topic("ours: analysis of what the company wrote", "what was promised is done or renewed in time",
                  "which promises are kept, and where they break", "card, sidebar, digest (no quotes there)",
                  _UNTIL_FORGOTTEN)  # fmt: skip

commitments = Table(
    "commitments", metadata,
    _account(_promises),
    _ticket(_promises),
    _promises.column("key", "operational", "names the promise", Key()),
    _promises.column("position", "operational", "keeps the order of the conversation", Integer()),
    _promises.column("kind", "behavioural", "groups promises", Words()),
    _promises.column("state", "behavioural", "shows what is still owed", Words()),
    _promises.column("conditional", "descriptive", "leaves out what is not owed yet", Boolean()),
    _promises.column("small", "descriptive", "leaves small ones off the short card", Boolean()),
    _promises.column("said_at", "behavioural", "places the promise in a period", Moment()),
    _promises.column("due_at", "descriptive", "puts the soonest first", Moment(), nullable=True),
    _promises.column("look_at", "operational", "next moment when time alone changes the state", Moment(),
                     nullable=True, origin="ours"),
    _promises.column("body", "descriptive", "the whole promise with its quote and life: JSON", Sealed()),
    PrimaryKeyConstraint("account_id", "ticket_id", "position"),
)  # fmt: skip
Index("ix_commitments_look", commitments.c.look_at)
Index("ix_commitments_state", commitments.c.account_id, commitments.c.state, commitments.c.due_at)

transitions = Table(
    "transitions", metadata,
    _account(_promises),
    _ticket(_promises),
    _promises.column("key", "operational", "names the promise", Key()),
    _promises.column("step", "operational", "recognises a step already kept: keyed hash", Key()),
    _promises.column("state", "behavioural", "says where the promise went", Words()),
    _promises.column("at", "behavioural", "says when", Moment()),
    _promises.column("body", "descriptive", "says why, with the words that show it: JSON", Sealed()),
    _promises.column("saved_at", "operational", "orders steps of the same moment", Moment()),
    PrimaryKeyConstraint("account_id", "ticket_id", "key", "step"),
)  # fmt: skip
Index("ix_transitions_period", transitions.c.account_id, transitions.c.at)

_causes = Topic("ours: analysis", "the team that can remove a cause hears of it", "why customers have to write",
                "digest, dashboard", _UNTIL_FORGOTTEN)  # fmt: skip

causes = Table(
    "causes", metadata,
    _account(_causes),
    _ticket(_causes),
    _causes.column("key", "descriptive", "names the cause", Key()),
    _causes.column("main", "descriptive", "tells the root cause from contributing ones", Boolean()),
    _causes.column("owner", "operational", "names the team that can remove it", Words()),
    _causes.column("confidence", "operational", "leaves out what is unsure", Words()),
    _causes.column("requester_key", "identity", "counts distinct customers without naming them: keyed hash", Key()),
    _causes.column("created_at", "behavioural", "places the contact in a period", Moment(), origin="helpdesk: ticket"),
    PrimaryKeyConstraint("account_id", "ticket_id", "key", "main"),
)  # fmt: skip
Index("ix_causes_period", causes.c.account_id, causes.c.created_at, causes.c.key)

_effort = Topic("ours: counted from the conversation", "what costs customers effort is seen and removed",
                "which effort is made most often", "card, digest, dashboard", _UNTIL_FORGOTTEN)  # fmt: skip

effort = Table(
    "effort", metadata,
    _account(_effort),
    _ticket(_effort),
    _effort.column("kind", "behavioural", "names the effort", Key()),
    _effort.column("count", "behavioural", "counts it", Integer()),
    _effort.column("created_at", "behavioural", "places the contact in a period", Moment(), origin="helpdesk: ticket"),
    PrimaryKeyConstraint("account_id", "ticket_id", "kind"),
)  # fmt: skip
Index("ix_effort_period", effort.c.account_id, effort.c.created_at, effort.c.kind)

_flags = Topic("ours: analysis of the customer's words", "somebody answers who can help", "how often it happens",
               "card, digest as counts", _UNTIL_FORGOTTEN)  # fmt: skip

flags = Table(
    "flags", metadata,
    _account(_flags),
    _ticket(_flags),
    _flags.column("key", "attitudinal", "is present, never a number", Key()),
    _flags.column("created_at", "behavioural", "places the contact in a period", Moment(), origin="helpdesk: ticket"),
    PrimaryKeyConstraint("account_id", "ticket_id", "key"),
)  # fmt: skip

_contacts = Topic("ours: analysis", "customers are contacted the way they asked", "how often that is done, and not",
                  "digest, dashboard", _UNTIL_FORGOTTEN)  # fmt: skip

contacts = Table(
    "contacts", metadata,
    _account(_contacts),
    _ticket(_contacts),
    _contacts.column("position", "operational", "keeps the order of the conversation", Integer()),
    _contacts.column("verdict", "behavioural", "followed, breached or unknown", Words()),
    _contacts.column("channel", "behavioural", "groups by the way of contact", Words()),
    _contacts.column("at", "behavioural", "places the contact in a period", Moment(), origin="helpdesk: message"),
    _contacts.column("chosen", "behavioural", "tells contacts that a customer's choice bound", Boolean(),
                     server_default=false()),
    PrimaryKeyConstraint("account_id", "ticket_id", "position"),
)  # fmt: skip
Index("ix_contacts_period", contacts.c.account_id, contacts.c.at)

_choices = Topic("ours: analysis", "customers choose how they are contacted, and it is done",
                 "how often a choice is offered", "digest of the lead", _UNTIL_FORGOTTEN)  # fmt: skip

choices = Table(
    "choices", metadata,
    _account(_choices),
    _ticket(_choices),
    _choices.column("offered", "behavioural", "yes, no or unknown; without a row nobody was contacted", Words()),
    _choices.column("created_at", "behavioural", "places the contact in a period", Moment(), origin="helpdesk: ticket"),
    PrimaryKeyConstraint("account_id", "ticket_id"),
)  # fmt: skip
Index("ix_choices_period", choices.c.account_id, choices.c.created_at)

_unread = Topic("ours: analysis", "silence is not taken for calm", "which languages we lack", "digest, dashboard",
                _UNTIL_FORGOTTEN)  # fmt: skip

unread = Table(
    "unread", metadata,
    _account(_unread),
    _ticket(_unread),
    _unread.column("lang", "descriptive", 'names the language no pack reads, or "unknown"', Key()),
    _unread.column("count", "descriptive", "counts its messages", Integer()),
    PrimaryKeyConstraint("account_id", "ticket_id", "lang"),
)  # fmt: skip

_cards = Topic("ours: made from the findings", "one living card per ticket, never shown twice",
               "what was shown and when", "the ticket in the helpdesk, sidebar", _UNTIL_FORGOTTEN)  # fmt: skip

cards = Table(
    "cards", metadata,
    _account(_cards),
    _ticket(_cards),
    _cards.column("number", "operational", "orders the versions of one ticket", Integer()),
    _cards.column("version", "operational", "recognises the same content and marks the note", Key()),
    _cards.column("state", "operational", "kept, due, started, posted or skipped", Words()),
    _cards.column("why", "operational", "says why it was skipped", Words()),
    _cards.column("made_at", "operational", "shows its age", Moment()),
    _cards.column("started_at", "operational", "tells a first try from a second", Moment(), nullable=True),
    _cards.column("posted_at", "operational", "limits notes per day", Moment(), nullable=True),
    _cards.column("body", "descriptive", "the note, its items and its tags: JSON", Sealed()),
    PrimaryKeyConstraint("account_id", "ticket_id", "number"),
)  # fmt: skip

# --- corrections, digests, people ------------------------------------------------------------------------------------

_corrections = Topic("a person who looked: sidebar, helpdesk or command line",
                     "the same wrong finding is not made twice", "what we get wrong",
                     "learning job, sidebar; never a figure about a person", _UNTIL_FORGOTTEN)  # fmt: skip

corrections = Table(
    "corrections", metadata,
    _corrections.column("id", "operational", "orders corrections; the last one counts", _Id, primary_key=True,
                        origin="ours"),
    _account(_corrections),
    _ticket(_corrections),
    _corrections.column("topic", "descriptive", "says what kind of finding is meant", Key()),
    _corrections.column("key", "operational", "names the finding", Key()),
    _corrections.column("act", "descriptive", "confirm, correct or dismiss", Key()),
    _corrections.column("text_key", "operational", "recognises the same words elsewhere: keyed hash", Key()),
    _corrections.column("surface", "operational", "sidebar, helpdesk or cli: where it was said", Words()),
    _corrections.column("made_at", "behavioural", "orders corrections in time", Moment()),
    _corrections.column("undone_at", "behavioural", "takes it back", Moment(), nullable=True),
    _corrections.column("body", "descriptive", "the right value and the quoted words: JSON", Sealed()),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ux_corrections_ticket", corrections.c.account_id, corrections.c.ticket_id, corrections.c.id, unique=True)
Index("ix_corrections_text", corrections.c.account_id, corrections.c.topic, corrections.c.text_key)

_wishes = Topic("the customer: their words, profile, fields, or their own page",
                "a person is contacted the way they asked, on whichever ticket", "which ways of contact people ask for",
                "card, guard, the customer's own page", "until it expires or the person erases it")  # fmt: skip

person_preferences = Table(
    "person_preferences", metadata,
    _wishes.column("id", "operational", "names the statement", _Id, primary_key=True, origin="ours"),
    _account(_wishes),
    _wishes.column("person_key", "identity", "says whose it is without a name: keyed hash", Key()),
    _ticket(_wishes),
    _wishes.column("key", "operational", "recognises the same statement when its ticket is read again", Key()),
    _wishes.column("source", "descriptive", "text, profile, field, agent, page, fault; or erased", Key()),
    _wishes.column("said_at", "behavioural", "lets the newer replace the older", Moment()),
    _wishes.column("kept_at", "operational", "says when we took it down", Moment(), origin="ours"),
    _wishes.column("expires_at", "operational", "ends it", Moment(), nullable=True, origin="ours"),
    _wishes.column("withdrawn_at", "behavioural", "ends it because the customer said so", Moment(), nullable=True),
    _wishes.column("body", "attitudinal", "the statement with its quote, point and provenance: JSON", Sealed()),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ux_person_preferences_person", person_preferences.c.account_id, person_preferences.c.person_key,
      person_preferences.c.id, unique=True)  # fmt: skip
Index("ix_person_preferences_ticket", person_preferences.c.account_id, person_preferences.c.ticket_id)

_overrides = Topic("an agent who went on in spite of the guard", "no stop is ever overruled silently",
                   "where the guard stands in the way, or is not heeded", "admin page", _UNTIL_FORGOTTEN)  # fmt: skip

guard_overrides = Table(
    "guard_overrides", metadata,
    _overrides.column("id", "operational", "orders them", _Id, primary_key=True, origin="ours"),
    _account(_overrides),
    _ticket(_overrides),
    _overrides.column("channel", "behavioural", "groups by the way of contact", Words()),
    _overrides.column("verdict", "operational", "says what the guard had said", Words(), origin="ours"),
    _overrides.column("reason", "operational", "says why the guard had said so", Words(), origin="ours"),
    _overrides.column("user_id", "identity", "says who went on, where the helpdesk proves it", Words()),
    _overrides.column("made_at", "behavioural", "says when", Moment(), origin="ours"),
    _overrides.column("body", "descriptive", "the point and the agent's own words: JSON", Sealed()),
    sqlite_autoincrement=True,
)  # fmt: skip
Index("ux_guard_overrides_ticket", guard_overrides.c.account_id, guard_overrides.c.ticket_id, guard_overrides.c.id,
      unique=True)  # fmt: skip

_models = Topic("ours: counted from corrections of this account", "causes are tagged as this account means them",
                "which words speak for which cause here", "analysis of the same account's tickets",
                "until newer versions have replaced it or the account is removed")  # fmt: skip

models = Table(
    "models", metadata,
    _account(_models),
    _models.column("topic", "operational", "what it tags: causes", Key()),
    _models.column("version", "operational", "orders versions; the one in use is loaded once", Integer()),
    _models.column("made_at", "operational", "shows its age", Moment()),
    _models.column("state", "operational", "used, spare or dropped", Words()),
    _models.column("figures", "operational", "how it did on corrections it had not seen: JSON of numbers", Words()),
    _models.column("body", "descriptive", "words, pieces of words and their weights: numbers and names only", Sealed()),
    PrimaryKeyConstraint("account_id", "topic", "version"),
)  # fmt: skip

_taxonomies = Topic("an admin of this account", "causes are named and owned as this company works",
                    "how the list of causes changed, and why figures did", "admin page, card, digest",
                    _UNTIL_REMOVED)  # fmt: skip

taxonomies = Table(
    "taxonomies", metadata,
    _account(_taxonomies),
    _taxonomies.column("version", "operational", "orders versions; the newest is in use", Integer(), origin="ours"),
    _taxonomies.column("made_at", "operational", "says when it changed", Moment(), origin="ours"),
    _taxonomies.column("by", "identity", "says which admin or lead changed it", Words()),
    _taxonomies.column("body", "descriptive", "what was changed, and the whole list: JSON", Sealed()),
    PrimaryKeyConstraint("account_id", "version"),
)  # fmt: skip

cause_names = Table(
    "cause_names", metadata,
    _account(_taxonomies),
    _taxonomies.column("key", "operational", "names a cause as it was found", Key()),
    _taxonomies.column("now", "operational", "names the cause that it counts for since a merge", Key()),
    _taxonomies.column("owner", "operational", "names the team that can remove it now", Words()),
    PrimaryKeyConstraint("account_id", "key"),
)  # fmt: skip

_unexplained = Topic("helpdesk: what a customer wrote", "what is new is noticed", "causes that nobody has named yet",
                     "weekly look for new causes, lead's page",
                     "nine weeks, or until the ticket is forgotten")  # fmt: skip

unexplained = Table(
    "unexplained", metadata,
    _account(_unexplained),
    _ticket(_unexplained),
    _unexplained.column("created_at", "behavioural", "places it in a week", Moment()),
    _unexplained.column("requester_key", "identity", "counts distinct customers without a name: keyed hash", Key()),
    _unexplained.column("lang", "descriptive", "chooses the words of feeling that are left out", Key(), origin="ours"),
    _unexplained.column("body", "attitudinal", "the beginning and the newest of what they wrote", Sealed()),
    PrimaryKeyConstraint("account_id", "ticket_id"),
)  # fmt: skip
Index("ix_unexplained_created", unexplained.c.account_id, unexplained.c.created_at)

_proposals = Topic("ours: grouped from what no cause surely explains", "a new cause gets a name, an owner and an end",
                   "what is new among the reasons to write", "lead's page, digest", _UNTIL_REMOVED)  # fmt: skip

proposals = Table(
    "proposals", metadata,
    _account(_proposals),
    _proposals.column("number", "operational", "names the proposal", Integer()),
    _proposals.column("state", "operational", "open, accepted, merged or dismissed", Words()),
    _proposals.column("found_at", "operational", "shows its age", Moment()),
    _proposals.column("cause", "operational", "what it became, or went into", Words(), origin="a lead"),
    _proposals.column("by", "identity", "says which lead decided", Words(), origin="a lead"),
    _proposals.column("decided_at", "operational", "says when", Moment(), nullable=True, origin="a lead"),
    _proposals.column("body", "descriptive", "its name words and counts: JSON", Sealed()),
    PrimaryKeyConstraint("account_id", "number"),
)  # fmt: skip

proposal_quotes = Table(
    "proposal_quotes", metadata,
    _account(_proposals),
    _ticket(_proposals),
    _proposals.column("number", "operational", "says which proposal it shows", Integer()),
    _proposals.column("position", "operational", "keeps their order", Integer()),
    _proposals.column("body", "attitudinal", "the customer's words", Sealed(), origin="helpdesk: message"),
    PrimaryKeyConstraint("account_id", "number", "ticket_id"),
)  # fmt: skip

_digests = Topic("ours: added up from the findings", "a team sees what hurts and what it owes",
                 "causes, promises and adherence of a period", "digest ticket in the helpdesk, lead's page",
                 _UNTIL_REMOVED)  # fmt: skip

digests = Table(
    "digests", metadata,
    _account(_digests),
    _digests.column("audience", "operational", 'whom it is for: "lead" or "owner:product"', Key()),
    _digests.column("period", "operational", 'what it covers: "day:2026-11-20", "week:2026-W47"', Key()),
    _digests.column("state", "operational", "made, due, started, posted, shown or empty", Words()),
    _digests.column("version", "operational", "marks its note", Key()),
    _digests.column("made_at", "operational", "shows its age", Moment()),
    _digests.column("started_at", "operational", "tells a first try from a second", Moment(), nullable=True),
    _digests.column("posted_at", "operational", "shows that it arrived", Moment(), nullable=True),
    _digests.column("body", "descriptive", "its figures and quotes: JSON", Sealed()),
    _digests.column("picture", "descriptive", "its chart: PNG, empty without one", Sealed()),
    PrimaryKeyConstraint("account_id", "audience", "period"),
)  # fmt: skip

digest_tickets = Table(
    "digest_tickets", metadata,
    _account(_digests),
    _digests.column("audience", "operational", "whom it is for", Key()),
    _digests.column("desk_ticket", "identity", "is where its notes go; never a customer's ticket", Key()),
    _digests.column("started_at", "operational", "tells a first try from a second", Moment()),
    _digests.column("opened_at", "operational", "shows that it is there", Moment(), nullable=True),
    PrimaryKeyConstraint("account_id", "audience"),
)  # fmt: skip

_people = Topic("an admin of this installation", "only those who may see the pages see them", "none",
                "sign-in page, admin page", "until the person is removed")  # fmt: skip

people = Table(
    "people", metadata,
    _people.column("name", "identity", "is what the person signs in with", Key(), primary_key=True),
    _people.column("role", "operational", "admin or lead: what the person may do", Words()),
    _people.column("password", "operational", "a salted scrypt hash", Words()),
    _people.column("accounts", "operational", "which accounts the person sees: JSON, [] for all", Words()),
    _people.column("epoch", "operational", "ends all sessions when it grows", Integer(), origin="ours"),
    _people.column("failures", "operational", "slows down guessing", Integer(), origin="ours"),
    _people.column("locked_until", "operational", "slows down guessing", Moment(), nullable=True, origin="ours"),
    _people.column("created_at", "operational", "shows the age", Moment(), origin="ours"),
    _people.column("seen_at", "behavioural", "shows whether the sign-in is used", Moment(), nullable=True,
                   origin="ours"),
)  # fmt: skip
