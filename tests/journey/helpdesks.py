"""What differs between helpdesks in a journey: how they are set up, how others tag, and how a card is told."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import requests

from plugin.app import House
from plugin.ports import KeptCard
from plugin.sandbox import FreshAccount, Sandbox, Setup
from plugin.sandbox.server import AnyAccount
from tests.journey.conftest import account_of


class AtZendesk:
    """Every version of a card is a note of its own; tags are added safely."""

    def __init__(self, sandbox: Sandbox, url: str) -> None:
        self.desk: AnyAccount = sandbox.account
        hook = sandbox.account.subscribe(f"{url}/hooks/zendesk/main")
        self.account = account_of(sandbox, signing=(hook.secret,), zone="UTC")

    @property
    def limits(self) -> dict[str, Any]:
        """Settings of the account: Zendesk's limits would make this a test of patience."""
        names = ("limit", "update_limit", "per_ticket_limit", "export_limit")
        return dict.fromkeys(names, 1_000_000)

    def lose_an_answer(self) -> None:
        """The next write is done and its answer never comes."""
        self.desk.fail_next(1, "drop", methods=("PUT",), path=r"/tickets/\d+$")

    def tag(self, ticket: int, tag: str) -> bool:
        """Another integration adds a tag over REST; True if it stands."""
        desk = self.desk
        assert not isinstance(desk, FreshAccount)
        login = (f"{desk.desk.agent('Rest Robot').email}/token", desk.desk.state.settings.api_token)
        path = f"{desk.url}/api/v2/tickets/{ticket}/tags"
        return requests.put(path, json={"tags": [tag]}, auth=login, timeout=30).status_code == 200

    def lost_in_the_race(self) -> set[tuple[int, str]]:
        """Foreign tags that no client could have kept, as far as the helpdesk allows: none here."""
        return set()

    def wrong_deliveries(self, house: House, figures: dict[str, Any]) -> list[str]:
        """Every event answered with 202 is kept, by what its body says, and none twice."""
        accepted = {json.loads(body)["id"] for body in _accepted(self.desk)}
        kept = Counter(json.loads(body)["id"] for body in _kept(house))
        figures |= {"events answered 202": len(accepted), "events kept": len(kept)}
        lost = [f"event {event} was answered 202 and is not kept" for event in sorted(accepted - kept.keys())]
        return lost + [f"event {event} is kept {n} times" for event, n in sorted(kept.items()) if n > 1]

    def wrong_notes(self, ticket: int, cards: list[KeptCard], figures: dict[str, Any]) -> list[str]:
        """One note per posted version, none for any other."""
        found = Counter(note["custom"].get("followthrough", {}).get("card", "") for note in self.desk.notes(ticket))
        figures["notes"] = figures.get("notes", 0) + found.total()
        faults = [f"ticket {ticket} has {n} notes of card {card}" for card, n in found.items() if n > 1]
        posted = {card.version for card in cards if card.state == "posted"}
        faults += [f"ticket {ticket} has no note of card {v}, which counts as posted" for v in posted if not found[v]]
        known = {card.version for card in cards}
        return faults + [f"ticket {ticket} has a note of no card: {marker!r}" for marker in found.keys() - known]


class AtFreshdesk:
    """One living card a ticket, in the summary slot or as a note; the list of tags is only replaced."""

    def __init__(self, sandbox: Sandbox, url: str, *, summaries: bool, app: bool) -> None:
        desk = sandbox.add_account(Setup("fresh", helpdesk="freshdesk", zone="UTC"))
        assert isinstance(desk, FreshAccount)
        desk.desk.state.settings.summaries = summaries
        self.desk = desk
        hook = desk.subscribe(f"{url}/hooks/freshdesk/main/guessme")
        secrets = {"hook_path": "guessme", "app_secret": "s"}
        if app:
            desk.subscribe(f"{url}/hooks/freshdesk/main", kind="app", secret="s")
        ours = str(desk.integration.id)
        self.account = account_of(sandbox, helpdesk="freshdesk", host=desk.url, own_user_id=ours, external_id="",
                                  signing=(hook.secret,), credentials=desk.credentials() | secrets,
                                  zone="UTC")  # fmt: skip

    @property
    def limits(self) -> dict[str, Any]:
        """As above; and foreign tags pile up here."""
        return {"limit": 1_000_000, "sub_limits": False, "max_tags": 10_000}

    def lose_an_answer(self) -> None:
        """The next write of a card is done and its answer never comes."""
        self.desk.fail_next(1, "drop", methods=("PUT", "POST"), path=r"/(summary|notes|conversations/\d+)$")

    def tag(self, ticket: int, tag: str) -> bool:
        """Another integration adds a tag over REST, in the only way there is: read the list, write it longer."""
        login = (self.desk.desk.agent("Rest Robot").key, "X")
        path = f"{self.desk.url}/api/v2/tickets/{ticket}"
        tags = requests.get(path, auth=login, timeout=30).json().get("tags", [])
        return requests.put(path, json={"tags": [*tags, tag]}, auth=login, timeout=30).status_code == 200

    def lost_in_the_race(self) -> set[tuple[int, str]]:
        """Foreign tags that somebody wrote between another's reading and writing: no client can prevent or see it."""
        return {(row.ticket, row.tag) for row in self.desk.desk.overwritten if not row.seen}

    def races(self) -> tuple[int, int]:
        """Foreign tags overwritten (or brought back) by us, and tags of any kind overwritten by others."""
        ours = self.desk.integration.id
        raced = [row for row in self.desk.desk.overwritten if not row.seen]
        return sum(row.actor == ours for row in raced), sum(row.actor != ours for row in raced)

    def wrong_deliveries(self, house: House, figures: dict[str, Any]) -> list[str]:
        """Every delivery answered with 202 is kept. A rule's never says whether it is a
        repeat, so each counts; of signed events the same is kept once."""
        accepted = Counter(_what_it_says(body) for body in _accepted(self.desk))
        kept = Counter(_what_it_says(body) for body in _kept(house))
        figures |= {"events answered 202": accepted.total(), "events kept": kept.total()}
        figures |= dict(zip(("foreign tags lost in the race by us", "by others"), self.races(), strict=True))
        need = {what: number if what.startswith("rule") else 1 for what, number in accepted.items()}
        return [f"{what} was answered 202 {n} times, kept {kept[what]}" for what, n in need.items() if kept[what] < n]

    def wrong_notes(self, ticket: int, cards: list[KeptCard], figures: dict[str, Any]) -> list[str]:
        """Exactly one card on a ticket that deserves one, and it is the newest version; none on any other."""
        found = [note["html_body"] for note in self.desk.notes(ticket)]
        wanted = cards[-1] if cards and cards[-1].note_html else None
        figures["notes"] = figures.get("notes", 0) + len(found)
        figures["versions"] = figures.get("versions", 0) + sum(card.state == "posted" for card in cards)
        if len(found) != bool(wanted):
            return [f"ticket {ticket} has {len(found)} cards, not {int(bool(wanted))}"]
        if wanted and wanted.version not in found[0]:
            return [f"ticket {ticket} does not show its newest card {wanted.version}"]
        return []


Line = AtZendesk | AtFreshdesk


def open_line(helpdesk: str, sandbox: Sandbox, url: str, *, app: bool = True) -> Line:
    """`helpdesk`: "zendesk", "freshdesk" (cards in the summary slot) or "freshdesk without summaries". Without our
    `app` inside it Freshdesk rings once for a change, by a rule, instead of twice."""
    if helpdesk == "zendesk":
        return AtZendesk(sandbox, url)
    return AtFreshdesk(sandbox, url, summaries=helpdesk == "freshdesk", app=app)


def _accepted(desk: AnyAccount) -> list[bytes]:
    rows = zip(desk.webhooks.deliveries(), desk.webhooks.bodies(), strict=True)
    return [body for row, body in rows if row["status"] == "success"]


def _kept(house: House) -> list[bytes]:
    with house.storage.unit() as u:
        return [u.history.body(row["id"]) for row in u.history.deliveries("main", None, 100_000)]


def _what_it_says(body: bytes) -> str:
    """A delivery by what is left of it when the actor's secrets are gone: a rule's words, or an event and its time."""
    said = json.loads(body)
    return (
        f"{said['event']} {said['timestamp']}" if "timestamp" in said else f"rule {said['ticket_id']} {said['event']}"
    )
