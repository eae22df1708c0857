"""Reading changes, writing notes and tags, signing in: against a small Zendesk that remembers."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter

from plugin.connectors import connect
from plugin.domain.ticket import Ticket
from plugin.ports import Account, Changes, Connector, Delivery, Disconnected, Rejected, Temporary
from tests.toydesk import ToyClock

OAUTH = {"client_id": "ft", "client_secret": "shh-client"}
BASIC = {"email": "bot@acme.example", "token": "shh-token"}


@dataclass
class Small(BaseAdapter):
    """One ticket, its tags and notes, with Zendesk's stamps of whole seconds and its 409."""

    clock: ToyClock
    tags: set[str] = field(default_factory=lambda: {"vip"})
    status: str = "open"
    stamp: datetime = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    before: Callable[[str, str], Any] | None = None
    """Called before each request is answered; may change things, raise, or return (status, document, headers)."""
    tokens: int = 0
    good_token: str = ""
    life: int = 1800
    extra: dict[str, Any] = field(default_factory=dict)
    newest_first: bool = True

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        query, body = dict(parse_qsl(parts.query)), json.loads(request.body) if request.body else None
        self.asked.append((str(request.method), parts.path, query, body))
        told = self.before(str(request.method), parts.path) if self.before else None
        status, said, headers = told or self.answer(request, parts.path, query, body)
        response = requests.Response()
        response.status_code, response.raw = status, io.BytesIO(json.dumps(said).encode() if said is not None else b"")
        response.headers.update(headers)
        return response

    def answer(self, request: Any, path: str, query: dict[str, str], body: Any) -> tuple[int, Any, dict[str, str]]:
        if path == "/oauth/tokens":
            self.tokens += 1
            self.good_token = f"token-{self.tokens}"
            return 200, {"access_token": self.good_token, "expires_in": self.life, "token_type": "bearer"}, {}
        if self.good_token and request.headers["Authorization"] != f"Bearer {self.good_token}":
            return 401, {"error": "invalid_token"}, {}
        if path == "/api/v2/tickets/17/tags":
            return self.change_tags(request.method, body)
        if path == "/api/v2/tickets/17" and request.method == "PUT":
            return self.update(body["ticket"])
        if path == "/api/v2/tickets/17":
            return 200, {"ticket": self.shown()}, {}
        if path == "/api/v2/tickets/17/comments":
            return self.list_comments(query)
        found = self.extra.get(path)
        return (200, found, {}) if found is not None else (404, {"error": "RecordNotFound"}, {})

    def shown(self) -> dict[str, Any]:
        at = self.stamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "id": 17,
            "status": self.status,
            "created_at": "2026-03-01T00:00:00Z",
            "updated_at": at,
            "tags": sorted(self.tags),
            "requester_id": 4001,
        }

    def touch(self) -> None:
        self.clock.move(seconds=1)
        self.stamp = self.clock.now()

    def change_tags(self, method: str, body: Any) -> tuple[int, Any, dict[str, str]]:
        assert body["safe_update"] == "true"
        if body["updated_stamp"] != self.shown()["updated_at"]:
            return 409, {"error": "UpdateConflict"}, {}
        self.tags = self.tags | set(body["tags"]) if method == "PUT" else self.tags - set(body["tags"])
        self.touch()
        return 200, {"tags": sorted(self.tags)}, {}

    def update(self, said: Any) -> tuple[int, Any, dict[str, str]]:
        if self.status == "closed":
            return 422, {"error": "RecordInvalid", "details": {"status": [{"description": "closed"}]}}, {}
        assert "tags" not in said
        self.touch()
        if "comment" in said:
            note = {"id": len(self.comments) + 1, "author_id": 9000, "public": said["comment"]["public"]}
            told = {"plain_body": "note", "created_at": self.shown()["updated_at"]}
            self.comments.append({**note, **told, "metadata": {"custom": said["metadata"]}})
        return 200, {"ticket": self.shown(), "audit": {}}, {}

    def list_comments(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        assert query["page[size]"] == "100"
        rows = list(reversed(self.comments)) if self.newest_first else list(self.comments)
        start = int(query.get("page[after]", "0"))
        more = start + 100 < len(rows)
        meta = {"has_more": more, "after_cursor": str(start + 100)}
        links = {"next": "https://evil.example/"}  # there on the last page too, as recorded
        return 200, {"comments": rows[start : start + 100], "meta": meta, "links": links}, {}

    def close(self) -> None:
        pass

    def wrote(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path, _, _ in self.asked if method != "GET"]


def open_small(credentials: dict[str, str] = BASIC, **settings: Any) -> tuple[Connector, Small]:
    clock = ToyClock()
    small = Small(clock, **settings)
    account = Account(
        "acme",
        "zendesk",
        "https://acme.zendesk.com",
        own_user_id="9000",
        credentials=credentials,
        settings={"bots": "71, 72"},
    )
    return connect(account, clock, transport=small, pause=clock.sleep), small


def seen(desk: Connector, small: Small) -> Ticket:
    """The ticket as a fetch would have it now."""
    small.extra |= {"/api/v2/tickets/17/audits": {"audits": []}, "/api/v2/users/show_many": {"users": []}}
    ticket = desk.fetch_ticket("17")
    small.asked.clear()
    return ticket


# --- writing ---------------------------------------------------------------------------------------------------------


def test_a_card_is_one_tag_call_one_look_and_one_update() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    tags = ("ft_promise_at_risk",)
    desk.write(ticket, Changes("v1", "<b>Cause</b>", add_tags=tags, field_id="36", field_value="rc_x"))
    assert [(m, p) for m, p, _, _ in small.asked] == [
        ("PUT", "/api/v2/tickets/17/tags"),
        ("GET", "/api/v2/tickets/17"),
        ("PUT", "/api/v2/tickets/17"),
    ]
    assert small.asked[-1][3] == {
        "ticket": {
            "comment": {"html_body": "<b>Cause</b>", "public": False},
            "custom_fields": [{"id": 36, "value": "rc_x"}],
            "metadata": {"followthrough": {"card": "v1"}},
        }
    }
    assert small.tags == {"vip", "ft_promise_at_risk"}


def test_a_note_without_tags_is_one_call() -> None:
    desk, small = open_small()
    desk.write(seen(desk, small), Changes("v1", "<b>Cause</b>"))
    assert small.wrote() == [("PUT", "/api/v2/tickets/17")]


def test_tags_that_stand_already_are_not_sent_again() -> None:
    desk, small = open_small(tags={"vip", "ft_a"})
    desk.write(seen(desk, small), Changes("v1", add_tags=("ft_a",), remove_tags=("ft_b",)))
    assert small.asked == []


def test_tags_are_added_and_removed_without_touching_others() -> None:
    desk, small = open_small(tags={"vip", "ft_promise_at_risk"})
    desk.write(seen(desk, small), Changes("v1", add_tags=("ft_promise_overdue",), remove_tags=("ft_promise_at_risk",)))
    assert small.tags == {"vip", "ft_promise_overdue"}
    assert [set(body["tags"]) for m, p, _, body in small.asked if p.endswith("/tags")] == [
        {"ft_promise_overdue"},
        {"ft_promise_at_risk"},
    ]


def test_a_stale_stamp_is_read_anew_and_the_foreign_tag_survives() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    small.tags.add("from_an_agent")
    small.touch()
    desk.write(ticket, Changes("v1", add_tags=("ft_a",)))
    assert small.tags == {"vip", "from_an_agent", "ft_a"}


def test_a_tag_that_was_lost_within_one_second_is_set_again() -> None:
    desk, small = open_small()
    ticket, lost = seen(desk, small), []

    def overwrite(method: str, path: str) -> None:
        if method == "GET" and not lost:
            lost.append(1)
            small.tags.discard("ft_a")

    small.before = overwrite
    desk.write(ticket, Changes("v1", add_tags=("ft_a",)))
    assert "ft_a" in small.tags
    assert small.wrote().count(("PUT", "/api/v2/tickets/17/tags")) == 2


def test_endless_collisions_come_back_later() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    small.before = lambda method, path: small.touch() if method == "PUT" else None
    with pytest.raises(Temporary) as error:
        desk.write(ticket, Changes("v1", "<b>x</b>", add_tags=("ft_a",)))
    assert not error.value.unknown
    assert len(small.wrote()) == 8
    assert small.comments == []


def test_two_writers_at_once_lose_nothing() -> None:
    desk, small = open_small()
    ticket, lock = seen(desk, small), threading.Lock()
    original = small.answer

    def one_at_a_time(*args: Any) -> Any:
        with lock:
            return original(*args)

    small.answer = one_at_a_time
    changes = [Changes(f"v{n}", add_tags=(f"ft_{n}",)) for n in (1, 2)]
    writers = [threading.Thread(target=desk.write, args=(ticket, change)) for change in changes]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert small.tags == {"vip", "ft_1", "ft_2"}


def test_a_ticket_closed_in_the_meantime_is_rejected() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    small.status = "closed"
    with pytest.raises(Rejected, match="422 RecordInvalid"):
        desk.write(ticket, Changes("v1", "<b>x</b>"))


def test_a_collision_on_the_note_may_have_left_half_of_it() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    small.before = lambda method, path: (409, {"error": "DatabaseConflict"}, {}) if method == "PUT" else None
    with pytest.raises(Temporary) as error:
        desk.write(ticket, Changes("v1", "<b>x</b>"))
    assert error.value.unknown


def test_a_note_whose_answer_is_lost_is_found_again() -> None:
    desk, small = open_small()
    ticket, began = seen(desk, small), small.clock.now()

    def lose(method: str, path: str) -> None:
        if method == "PUT":
            small.update(small.asked[-1][3]["ticket"])
            raise requests.ConnectionError("Connection aborted.")

    small.before = lose
    with pytest.raises(Temporary) as error:
        desk.write(ticket, Changes("v1", "<b>x</b>"))
    assert error.value.unknown
    small.before = None
    assert desk.find_marker("17", "v1", began)
    assert not desk.find_marker("17", "v2", began)
    assert len(small.comments) == 1


def test_thirty_writes_on_one_ticket_are_the_end_for_ten_minutes() -> None:
    desk, small = open_small()
    ticket = seen(desk, small)
    for n in range(30):
        desk.write(ticket, Changes(f"v{n}", "<b>x</b>"))
        small.clock.move(seconds=5)
    with pytest.raises(Temporary) as error:
        desk.write(ticket, Changes("v30", "<b>x</b>"))
    assert error.value.retry_after is not None
    assert not error.value.unknown
    assert len(small.comments) == 30


# --- finding our note again ------------------------------------------------------------------------------------------


def comment(number: int, at: datetime, marker: str = "") -> dict[str, Any]:
    custom = {"followthrough": {"card": marker}} if marker else {}
    return {"id": number, "created_at": at.isoformat(), "plain_body": "x", "metadata": {"custom": custom}}


@pytest.mark.parametrize("newest_first", [True, False])
def test_our_marker_is_found_among_hundreds_in_either_order(newest_first: bool) -> None:
    desk, small = open_small(newest_first=newest_first)
    start = small.clock.now()
    small.comments = [comment(n, start + timedelta(minutes=n), "v1" if n == 250 else "") for n in range(500)]
    assert desk.find_marker("17", "v1", start + timedelta(minutes=200))


def test_looking_stops_where_the_note_cannot_be() -> None:
    desk, small = open_small()
    start = small.clock.now()
    small.comments = [comment(n, start + timedelta(minutes=n), "v1" if n == 3 else "") for n in range(500)]
    assert not desk.find_marker("17", "v1", start + timedelta(minutes=450))
    assert len(small.asked) == 1


def test_a_deleted_ticket_has_no_marker() -> None:
    desk, small = open_small()
    small.before = lambda method, path: (404, {"error": "RecordNotFound"}, {})
    assert not desk.find_marker("17", "v1", small.clock.now())


# --- who speaks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "role"),
    [
        ({"id": 70, "role": "agent", "name": "Answer Bot"}, "bot"),
        ({"id": 70, "role": "end-user", "name": "Answer Bot"}, "customer"),
        ({"id": 70, "role": "agent", "name": "Bo Tanner"}, "agent"),
        ({"id": 71, "role": "agent", "name": "Our chat machine"}, "bot"),
    ],
)
def test_a_program_among_the_agents_is_a_bot(user: dict[str, Any], role: str) -> None:
    desk, small = open_small()
    small.comments = [{**comment(1, small.clock.now()), "author_id": user["id"], "public": True}]
    small.extra |= {"/api/v2/tickets/17/audits": {"audits": []}, "/api/v2/users/show_many": {"users": [user]}}
    message = desk.fetch_ticket("17").messages[0]
    assert (message.role, message.automatic) == (role, role == "bot")


# --- what changed ----------------------------------------------------------------------------------------------------

EXPORT = "/api/v2/incremental/tickets/cursor.json"


def test_the_export_goes_from_a_time_to_cursors_and_resumes() -> None:
    desk, small = open_small()
    row = {"id": 17, "updated_at": "2026-03-02T08:00:00Z"}
    small.extra[EXPORT] = {"tickets": [row], "after_cursor": "MTIz", "end_of_stream": False}
    first = desk.changed_since("")
    assert first.tickets == (("17", datetime(2026, 3, 2, 8, 0, tzinfo=UTC)),)
    assert first.more
    small.extra[EXPORT] = {"tickets": [], "after_cursor": "MTIz", "end_of_stream": True}
    second = desk.changed_since(first.cursor)
    assert not second.more
    assert timedelta(minutes=5) < small.clock.now() - datetime.fromtimestamp(int(second.cursor[2:]), UTC)
    day_before = int((small.clock.now() - timedelta(days=1)).timestamp())
    assert [query for _, _, query, _ in small.asked] == [{"start_time": str(day_before)}, {"cursor": "MTIz"}]


def test_an_empty_first_page_keeps_its_start_time() -> None:
    desk, small = open_small()
    small.extra[EXPORT] = {"tickets": [], "after_cursor": None, "end_of_stream": True}
    first = desk.changed_since("")
    small.clock.move(hours=2)
    desk.changed_since(first.cursor)
    assert small.asked[0][2] == small.asked[1][2]


def test_the_start_time_is_never_within_the_last_minute() -> None:
    desk, small = open_small()
    small.extra[EXPORT] = {"tickets": [], "after_cursor": None, "end_of_stream": True}
    now = int(small.clock.now().timestamp())
    desk.changed_since(f"t:{now}")
    assert int(small.asked[0][2]["start_time"]) < now - 60


@pytest.mark.parametrize("cursor", ["x", "t:", "t:abc", "c:", ":", "z:9"])
def test_a_spoilt_cursor_starts_over(cursor: str) -> None:
    desk, small = open_small()
    small.extra[EXPORT] = {"tickets": [], "after_cursor": None, "end_of_stream": True}
    desk.changed_since(cursor)
    assert "start_time" in small.asked[0][2]


def test_a_cursor_that_does_not_move_ends_the_walk() -> None:
    desk, small = open_small()
    small.extra[EXPORT] = {"tickets": [], "after_cursor": "same", "end_of_stream": False}
    assert not desk.changed_since("c:same").more


# --- who we are, and their hours -------------------------------------------------------------------------------------


def test_whoami_tells_limit_and_skew() -> None:
    desk, small = open_small()
    me = {"id": 9000, "name": "Followthrough", "role": "agent", "iana_time_zone": "Europe/Riga"}
    headers = {"ratelimit-limit": "700", "ratelimit-remaining": "650", "Date": "Mon, 02 Mar 2026 09:00:07 GMT"}
    small.before = lambda method, path: (200, {"user": me}, headers)
    who = desk.whoami()
    assert (who.user_id, who.role, who.zone, who.limit, who.skew) == ("9000", "agent", "Europe/Riga", 700, 7.0)


def test_an_anonymous_user_means_that_nobody_is_signed_in() -> None:
    desk, small = open_small()
    small.extra["/api/v2/users/me"] = {"user": {"id": None, "name": "Anonymous user", "role": "end-user"}}
    with pytest.raises(Disconnected):
        desk.whoami()


def interval(day: int, start: int, end: int) -> dict[str, int]:
    return {"start_time": day * 1440 + start * 60, "end_time": day * 1440 + end * 60}


@pytest.mark.parametrize(
    ("intervals", "hours"),
    [
        ([interval(d, 9, 17) for d in range(1, 6)], "Mon-Fri 09:00-17:00"),
        ([*(interval(d, 8, 17) for d in range(1, 5)), interval(5, 8, 12)], "Mon-Thu 08:00-17:00, Fri 08:00-12:00"),
        ([interval(d, 0, 24) for d in range(7)], "Mon-Sun 00:00-24:00"),
        ([interval(d, 9, 18) for d in range(5)], "Mon-Thu 09:00-18:00, Sun 09:00-18:00"),
        ([interval(1, 13, 17), interval(1, 9, 12)], "Mon 09:00-12:00, Mon 13:00-17:00"),
    ],
)
def test_their_schedule_becomes_our_words(intervals: list[dict[str, int]], hours: str) -> None:
    desk, small = open_small()
    schedule = {"id": 5, "time_zone": "Pacific Time (US & Canada)", "intervals": intervals}
    small.extra["/api/v2/business_hours/schedules.json"] = {"schedules": [schedule]}
    holidays = [{"start_date": "2026-12-24", "end_date": "2026-12-26"}, {"start_date": "?", "end_date": "?"}]
    small.extra["/api/v2/business_hours/schedules/5/holidays.json"] = {"holidays": holidays}
    found = desk.calendar()
    assert found is not None
    assert (found.zone, found.hours) == ("America/Los_Angeles", hours)
    assert found.holidays == ("2026-12-24", "2026-12-25", "2026-12-26")


@pytest.mark.parametrize("status", [403, 404])
def test_a_plan_without_schedules_has_no_calendar(status: int) -> None:
    desk, small = open_small()
    small.before = lambda method, path: (status, {"error": "x"}, {})
    assert desk.calendar() is None


# --- signing in ------------------------------------------------------------------------------------------------------


def test_a_token_is_fetched_once_and_used_until_shortly_before_its_end() -> None:
    desk, small = open_small(OAUTH)
    for _ in range(3):
        desk.find_marker("17", "v1", small.clock.now())
    small.clock.move(seconds=1700)
    desk.find_marker("17", "v1", small.clock.now())
    assert small.tokens == 1
    small.clock.move(seconds=50)
    desk.find_marker("17", "v1", small.clock.now())
    assert small.tokens == 2
    assert small.asked[0][3] == {"grant_type": "client_credentials", "scope": "read write", **OAUTH}


def test_ten_threads_whose_token_is_refused_fetch_one_new_one() -> None:
    desk, small = open_small(OAUTH)
    desk.find_marker("17", "v1", small.clock.now())
    small.good_token, lock, original = "another", threading.Lock(), small.answer
    barrier, late = threading.Barrier(10), []

    def answer(request: Any, path: str, *rest: Any) -> Any:
        if "token-1" in request.headers.get("Authorization", ""):
            barrier.wait(timeout=10)
        with lock:
            return original(request, path, *rest)

    def work() -> None:
        late.append(desk.find_marker("17", "v1", small.clock.now()))

    small.answer = answer
    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert small.tokens == 2
    assert late == [False] * 10


def test_credentials_that_stay_wrong_disconnect_after_one_renewal() -> None:
    desk, small = open_small(OAUTH)
    small.before = lambda method, path: None if path == "/oauth/tokens" else (401, {"error": "invalid_token"}, {})
    with pytest.raises(Disconnected):
        desk.whoami()
    assert small.tokens == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_client_that_is_not_accepted_disconnects_without_showing_its_secret(status: int) -> None:
    desk, small = open_small(OAUTH)
    small.before = lambda method, path: (status, {"error": "invalid_client", "description": "shh-client"}, {})
    with pytest.raises(Disconnected) as error:
        desk.whoami()
    assert "shh" not in str(error.value) + repr(error.value.__cause__) + repr(desk)


@pytest.mark.parametrize("token", ["", "a\r\nX-Evil: 1", "a b", None, 5])
def test_a_token_that_is_none_is_temporary(token: Any) -> None:
    desk, small = open_small(OAUTH)
    small.before = lambda method, path: (200, {"access_token": token}, {})
    with pytest.raises(Temporary):
        desk.whoami()


def test_an_account_without_credentials_hears_webhooks_but_is_refused_every_call() -> None:
    desk, _ = open_small({})
    assert desk.point(Delivery("acme", {}, b"[", datetime.now(UTC))).kind == "unreadable"
    with pytest.raises(Disconnected, match="client_id"):
        desk.whoami()


def test_a_shape_we_do_not_know_names_its_place_and_not_its_words() -> None:
    desk, small = open_small()
    wrong = {"tickets": [{"id": 1, "updated_at": "Ana said no"}], "end_of_stream": True}
    small.extra[EXPORT] = wrong
    with pytest.raises(Rejected, match=r"tickets\.0\.updated_at") as error:
        desk.changed_since("")
    assert "Ana" not in str(error.value)
    assert error.value.__cause__ is None
