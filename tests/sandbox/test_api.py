"""The sandbox answers as Zendesk does, quirk by quirk."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
import requests

from plugin.sandbox import Account, MovedClock
from plugin.sandbox.account import intervals_of
from tests.sandbox.conftest import Api

# --- getting in ---


def test_a_token_runs_out(api: Api, clock: MovedClock) -> None:
    assert 300 < api.grant["expires_in"] < 172800
    assert api("GET", "/api/v2/users/me").json()["user"]["role"] == "admin"
    clock.advance(timedelta(seconds=api.grant["expires_in"]))
    refused = api("GET", "/api/v2/users/me")
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_token")


def test_a_wrong_client_secret_is_refused(account: Account) -> None:
    asked = {"grant_type": "client_credentials", "client_id": "followthrough", "client_secret": "no"}
    assert requests.post(account.url + "/oauth/tokens", json=asked, timeout=5).status_code == 401


def test_the_legacy_token_works_until_tokens_are_switched_off(account: Account) -> None:
    legacy = account.legacy_credentials()
    login = (legacy["email"] + "/token", legacy["token"])
    url = account.url + "/api/v2/groups.json"
    assert requests.get(url, auth=login, timeout=5).status_code == 200
    assert requests.get(url, auth=(legacy["email"], legacy["token"]), timeout=5).status_code == 401
    account.desk.state.settings.tokens_allowed = False
    answer = requests.get(url, auth=login, timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"error": "Couldn't authenticate you"})


def test_nobody_is_the_anonymous_user(account: Account) -> None:
    answer = requests.get(account.url + "/api/v2/users/me", timeout=5)
    assert (answer.status_code, answer.json()["user"]["id"]) == (200, None)
    assert requests.get(account.url + "/api/v2/groups", timeout=5).status_code == 401


def test_a_read_token_cannot_write(account: Account, ticket: int) -> None:
    account.desk.state.clients[0].scopes = "read"
    reader = Api(account)
    grant = {"grant_type": "client_credentials", **account.credentials(), "scope": "tickets:read"}
    token = requests.post(account.url + "/oauth/tokens", json=grant, timeout=5).json()["access_token"]
    reader.session.headers["Authorization"] = "Bearer " + token
    assert reader("GET", f"/api/v2/tickets/{ticket}").status_code == 200
    assert reader("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["x"]}).status_code == 403


# --- tickets ---


def test_the_json_suffix_is_optional(api: Api, ticket: int) -> None:
    plain, suffixed = api("GET", f"/api/v2/tickets/{ticket}"), api("GET", f"/api/v2/tickets/{ticket}.json")
    assert plain.json() == suffixed.json()
    assert "comments" not in plain.json()["ticket"]


def test_an_unknown_ticket_is_a_real_404(api: Api) -> None:
    answer = api("GET", "/api/v2/tickets/999")
    assert (answer.status_code, answer.json()) == (404, {"error": "RecordNotFound", "description": "Not found"})


@pytest.mark.parametrize("path", ["/api/v2/tickets/show_many?ids=", "/api/v2/users/show_many?ids="])
def test_more_than_a_hundred_ids_are_too_many(api: Api, path: str) -> None:
    answer = api("GET", path + ",".join(str(n) for n in range(1, 102)))
    assert (answer.status_code, answer.json()["error"]) == (400, "TooManyValues")
    assert answer.json()["max_count"] == 100


def test_a_save_answers_with_ticket_and_audit(api: Api, account: Account, ticket: int) -> None:
    sent = {"comment": {"html_body": "<p>One</p>\n<script>x</script><p>Two &amp; three</p>", "public": False},
            "metadata": {"followthrough": {"card": "v1"}}}  # fmt: skip
    answer = api("PUT", f"/api/v2/tickets/{ticket}", json={"ticket": sent})
    assert answer.status_code == 200
    audit = answer.json()["audit"]
    assert audit["metadata"]["custom"] == {"followthrough": {"card": "v1"}}
    comment = api("GET", f"/api/v2/tickets/{ticket}/comments?sort=-created_at&page[size]=1").json()["comments"][0]
    assert comment["id"] == audit["events"][0]["id"]
    assert comment["audit_id"] == audit["id"]
    assert comment["metadata"]["custom"] == {"followthrough": {"card": "v1"}}
    assert comment["html_body"] == '<div class="zd-comment" dir="auto"><p>One</p> <p>Two &amp; three</p></div>'
    assert comment["plain_body"] == "One\n\n Two & three"
    assert [note["custom"] for note in account.notes(ticket)] == [{"followthrough": {"card": "v1"}}]


@pytest.mark.parametrize("first", [True, False])
def test_a_comment_is_as_public_as_the_first_one_unless_told(api: Api, first: bool) -> None:
    made = api("POST", "/api/v2/tickets", json={"ticket": {"subject": "s", "comment": {"body": "a", "public": first}}})
    number = made.json()["ticket"]["id"]
    answer = api("PUT", f"/api/v2/tickets/{number}", json={"ticket": {"comment": {"body": "b"}}})
    assert answer.json()["audit"]["events"][0]["public"] is first


def test_tags_in_a_ticket_update_replace_the_whole_set(api: Api, account: Account, ticket: int) -> None:
    account.do.tag(ticket, ["vip", "Line Fault"])
    assert account.tags(ticket) == ["fault", "line", "vip"]
    api("PUT", f"/api/v2/tickets/{ticket}", json={"ticket": {"tags": ["ft_x"]}})
    assert account.tags(ticket) == ["ft_x"]


def test_tag_calls_add_set_and_remove(api: Api, ticket: int) -> None:
    path = f"/api/v2/tickets/{ticket}/tags"
    assert api("PUT", path, json={"tags": ["b", "A"]}).json() == {"tags": ["a", "b"]}
    answer = api("POST", path, json={"tags": ["c"]})
    assert (answer.status_code, answer.json()) == (201, {"tags": ["c"]})
    assert api("DELETE", path, json={"tags": ["c"]}).status_code == 204
    assert api("GET", path).json() == {"tags": []}


def test_updated_at_stays_without_an_event(api: Api, clock: MovedClock, ticket: int) -> None:
    before = api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]
    clock.advance(timedelta(seconds=5))
    same = {"status": before["status"], "description": "ignored"}
    after = api("PUT", f"/api/v2/tickets/{ticket}", json={"ticket": same}).json()["ticket"]
    assert after == before


def test_a_stale_stamp_is_a_conflict(api: Api, account: Account, clock: MovedClock, ticket: int) -> None:
    stamp = api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]["updated_at"]
    safe = {"tags": ["ft_x"], "updated_stamp": stamp, "safe_update": "true"}
    clock.advance(timedelta(seconds=1))
    account.do.tag(ticket, ["vip"])
    answer = api("PUT", f"/api/v2/tickets/{ticket}/tags", json=safe)
    assert (answer.status_code, answer.json()["error"]) == (409, "UpdateConflict")
    ticket_safe = {"ticket": {"subject": "x", "updated_stamp": stamp, "safe_update": True}}
    assert api("PUT", f"/api/v2/tickets/{ticket}", json=ticket_safe).status_code == 409
    safe["updated_stamp"] = api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]["updated_at"]
    assert api("PUT", f"/api/v2/tickets/{ticket}/tags", json=safe).json() == {"tags": ["ft_x", "vip"]}


@pytest.mark.parametrize("safe", [False, True])
def test_two_writers_of_one_moment_lose_tags(account: Account, ticket: int, safe: bool) -> None:
    """Unprotected always; protected too within one second, since the stamp has no finer resolution."""
    account.desk.state.settings.race = 0.2
    writers = [Api(account), Api(account)]
    stamp = writers[0]("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]["updated_at"]
    guard = {"updated_stamp": stamp, "safe_update": "true"} if safe else {}

    def write(number: int) -> None:
        writers[number]("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": [f"t{number}"], **guard})

    threads = [threading.Thread(target=write, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(account.tags(ticket)) == 1


def test_a_closed_ticket_takes_tags_only(api: Api, account: Account, ticket: int) -> None:
    account.do.close(ticket)
    answer = api("PUT", f"/api/v2/tickets/{ticket}", json={"ticket": {"comment": {"body": "x", "public": False}}})
    assert (answer.status_code, answer.json()["error"]) == (422, "RecordInvalid")
    assert "closed" in json.dumps(answer.json()["details"])
    assert api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["ft_x"]}).status_code == 200


def test_deleted_and_spam_tickets_are_404_and_merged_ones_closed(api: Api, account: Account, ticket: int) -> None:
    mara = account.do.customer("Mara Quill", "mara@example.org")
    other, third, fourth = (account.do.customer_writes(mara, f"Text {n}") for n in range(3))
    account.do.merge(other, ticket)
    account.do.delete(third)
    account.do.mark_spam(fourth)
    merged = api("GET", f"/api/v2/tickets/{other}").json()["ticket"]
    assert merged["status"] == "closed"
    assert "closed_by_merge" in merged["tags"]
    assert [api("GET", f"/api/v2/tickets/{n}").status_code for n in (third, fourth)] == [404, 404]
    assert account.desk.state.users[mara].suspended


def test_a_customers_answer_reopens_a_solved_ticket(api: Api, account: Account, ticket: int) -> None:
    account.do.agent_replies(ticket, "Done.", status="solved")
    mara = account.do.customer("Mara Quill", "mara@example.org")
    account.do.customer_writes(mara, "It is not.", ticket=ticket)
    assert api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]["status"] == "open"
    assert api("GET", f"/api/v2/tickets/{ticket}/metrics").json()["ticket_metric"]["reopens"] == 1


def test_a_follow_up_knows_its_source(api: Api, account: Account, ticket: int) -> None:
    account.do.close(ticket)
    mara = account.do.customer("Mara Quill", "mara@example.org")
    next_one = account.do.follow_up(ticket, mara, "Still dead.")
    shown = api("GET", f"/api/v2/tickets/{next_one}").json()["ticket"]
    assert shown["via"]["source"]["rel"] == "follow_up"
    assert shown["via_followup_source_id"] == ticket
    assert api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]["followup_ids"] == [next_one]


def test_redacted_words_are_blacked_out_everywhere(api: Api, account: Account, ticket: int) -> None:
    number = account.do.newest_comment(ticket)
    account.do.redact(ticket, number, "Monday")
    comment = api("GET", f"/api/v2/tickets/{ticket}/comments").json()["comments"][0]
    assert "Monday" not in json.dumps(api("GET", f"/api/v2/tickets/{ticket}/audits").json())
    assert comment["plain_body"].endswith("Since ▇▇▇▇▇▇.")
    account.do.make_private(ticket, number)
    assert api("GET", f"/api/v2/tickets/{ticket}/comments").json()["comments"][0]["public"] is False


def test_a_tagger_field_and_its_tag_go_together(api: Api, account: Account, ticket: int) -> None:
    field = account.desk.add_field("Root cause", options=["rc_outage", "rc_defect"]).id
    chosen = {"ticket": {"custom_fields": [{"id": field, "value": "rc_outage"}]}}
    assert "rc_outage" in api("PUT", f"/api/v2/tickets/{ticket}", json=chosen).json()["ticket"]["tags"]
    api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["rc_defect"]})
    shown = api("GET", f"/api/v2/tickets/{ticket}").json()["ticket"]
    assert {"id": field, "value": "rc_defect"} in shown["custom_fields"]


# --- calls and people ---


def test_a_native_call_shows_its_numbers_and_a_partners_call_hides_them(
    api: Api, account: Account, ticket: int
) -> None:
    account.do.call(ticket, "+447700900142", seconds=40)
    account.do.call(ticket, "+447700900142", partner=True)
    native, partner = api("GET", f"/api/v2/tickets/{ticket}/comments").json()["comments"][1:]
    assert (native["type"], native["via"]["channel"]) == ("VoiceComment", "phone_call_outbound")
    assert (native["data"]["to"], native["data"]["call_duration"]) == ("+447700900142", "40")
    assert (partner["type"], partner["formatted_to"]) == ("TpeVoiceComment", "Unknown")
    found = api("GET", f"/api/v2/calls/{partner['data']['call_id']}").json()["call"]
    assert (found["direction"], found["to_line"]) == ("outbound", "+447700900142")


def test_identities_keep_numbers_as_typed(api: Api, account: Account) -> None:
    user = account.do.customer("Jo", "jo@example.org", "(020) 7946-0311", numbers=["07700 900 142"])
    rows = api("GET", f"/api/v2/users/{user}/identities").json()["identities"]
    assert [row["value"] for row in rows] == ["jo@example.org", "(020) 7946-0311", "07700 900 142"]
    shown = api("GET", f"/api/v2/users/{user}").json()["user"]
    assert (shown["time_zone"], shown["iana_time_zone"]) == ("London", "Europe/London")


def test_schedules_are_minutes_since_sunday_and_gated_by_plan(api: Api, account: Account) -> None:
    first = api("GET", "/api/v2/business_hours/schedules.json").json()["schedules"][0]
    assert first["intervals"][0] == {"start_time": 1440 + 540, "end_time": 1440 + 1020}
    assert first["time_zone"] == "London"
    account.desk.state.settings.schedules = False
    assert api("GET", "/api/v2/business_hours/schedules.json").status_code == 403


@pytest.mark.parametrize(
    ("hours", "spans"),
    [
        ("Sun-Thu 09:00-17:00", [(d * 1440 + 540, d * 1440 + 1020) for d in range(5)]),
        ("Fri-Sun 10:00-12:00", [(600, 720), (5 * 1440 + 600, 5 * 1440 + 720), (6 * 1440 + 600, 6 * 1440 + 720)]),
        ("Mon 09:00-12:00 13:00-17:00", [(1980, 2160), (2220, 2460)]),
        ("Mon 09:00-10:00, Sat 10:00-11:00", [(1980, 2040), (6 * 1440 + 600, 6 * 1440 + 660)]),
    ],
)
def test_hours_become_intervals(hours: str, spans: list[tuple[int, int]]) -> None:
    assert [(i["start_time"], i["end_time"]) for i in intervals_of(hours)] == spans


# --- pages ---


def test_the_last_page_still_has_a_next_link(api: Api, ticket: int) -> None:
    page = api("GET", f"/api/v2/tickets/{ticket}/comments?page[size]=100").json()
    assert page["meta"]["has_more"] is False
    assert page["links"]["next"] is not None
    after = api("GET", f"/api/v2/tickets/{ticket}/comments?page[after]={page['meta']['after_cursor']}").json()
    assert (after["comments"], after["meta"]["has_more"]) == ([], False)


def test_cursor_pages_reach_every_comment_once_and_hold_at_most_a_hundred(
    api: Api, account: Account, ticket: int
) -> None:
    for number in range(104):
        account.do.agent_notes(ticket, f"Note {number}")
    path, seen = f"/api/v2/tickets/{ticket}/comments?page[size]=500", []
    page = api("GET", path).json()
    assert len(page["comments"]) == 100
    while True:
        seen += [comment["id"] for comment in page["comments"]]
        if not page["meta"]["has_more"]:
            break
        page = api("GET", path + "&page[after]=" + page["meta"]["after_cursor"]).json()
    assert len(seen) == len(set(seen)) == 105


def test_offset_pages_end_after_a_hundred(api: Api, ticket: int) -> None:
    page = api("GET", f"/api/v2/tickets/{ticket}/audits?per_page=1").json()
    assert (page["count"], page["next_page"]) == (1, None)
    assert api("GET", f"/api/v2/tickets/{ticket}/audits?page=101").status_code == 400
    assert api("GET", f"/api/v2/tickets/{ticket}/audits?page=x").status_code == 400


# --- incremental export ---


def test_the_export_leaves_out_the_last_minute(api: Api, clock: MovedClock, ticket: int) -> None:
    start = int(clock.now().timestamp()) - 3600
    path = f"/api/v2/incremental/tickets/cursor.json?start_time={start}"
    empty = api("GET", path).json()
    assert (empty["tickets"], empty["after_cursor"], empty["end_of_stream"]) == ([], None, True)
    clock.advance(timedelta(seconds=61))
    found = api("GET", path).json()
    assert [row["id"] for row in found["tickets"]] == [ticket]
    after = api("GET", "/api/v2/incremental/tickets/cursor?cursor=" + found["after_cursor"]).json()
    assert (after["tickets"], after["after_cursor"]) == ([], found["after_cursor"])


def test_the_export_shows_deleted_tickets_and_resumes(
    api: Api, account: Account, clock: MovedClock, ticket: int
) -> None:
    start = int(clock.now().timestamp()) - 3600
    mara = account.do.customer("Mara Quill", "mara@example.org")
    others = [account.do.customer_writes(mara, f"Text {n}") for n in range(4)]
    account.do.delete(others[0])
    clock.advance(timedelta(minutes=2))
    page = api("GET", f"/api/v2/incremental/tickets/cursor?start_time={start}&per_page=2").json()
    seen = [(row["id"], row["status"]) for row in page["tickets"]]
    while not page["end_of_stream"]:
        page = api("GET", f"/api/v2/incremental/tickets/cursor?per_page=2&cursor={page['after_cursor']}").json()
        seen += [(row["id"], row["status"]) for row in page["tickets"]]
    assert sorted(seen) == [(ticket, "new"), (others[0], "deleted"), *[(n, "new") for n in others[1:]]]


def test_the_export_wants_an_older_start_and_ten_calls_a_minute(api: Api, clock: MovedClock) -> None:
    now = int(clock.now().timestamp())
    assert api("GET", f"/api/v2/incremental/tickets/cursor?start_time={now - 5}").status_code == 422
    path = f"/api/v2/incremental/tickets/cursor?start_time={now - 600}"
    codes = [api("GET", path).status_code for _ in range(10)]
    assert codes == [200] * 9 + [429]


# --- limits and faults ---


@pytest.mark.parametrize(
    ("spelling", "general", "special"),
    [
        ("2024", "ratelimit-remaining", "zendesk-ratelimit-tickets-update"),
        ("2023", "rate-limit-remaining", "zendesk-rate-limit-tickets-update"),
        ("old", "x-rate-limit-remaining", "zendesk-rate-limit-tickets-update"),
    ],
)
def test_rate_headers_come_in_three_spellings(
    api: Api, account: Account, ticket: int, spelling: str, general: str, special: str
) -> None:
    account.desk.state.settings.spelling = spelling
    headers = api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["x"]}).headers
    assert headers[general].isdigit()
    assert headers[special] == "total=100; remaining=99; resets=30"


def test_one_ticket_takes_thirty_updates_in_ten_minutes(api: Api, clock: MovedClock, ticket: int) -> None:
    path = f"/api/v2/tickets/{ticket}/tags"
    codes = [api("PUT", path, json={"tags": [f"t{n}"]}).status_code for n in range(31)]
    assert codes == [200] * 30 + [429]
    refused = api("PUT", path, json={"tags": ["x"]})
    assert refused.headers["content-type"].startswith("text/html")
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    clock.advance(timedelta(minutes=10))
    assert api("PUT", path, json={"tags": ["x"]}).status_code == 200


def test_agents_saves_use_up_ticket_updates_too(api: Api, account: Account, ticket: int) -> None:
    account.desk.state.settings.update_limit = 3
    for number in range(3):
        account.do.agent_notes(ticket, f"Note {number}")
    assert api("PUT", f"/api/v2/tickets/{ticket}/tags", json={"tags": ["x"]}).status_code == 429


def test_an_account_takes_only_its_requests_a_minute(api: Api, account: Account) -> None:
    account.desk.state.settings.limit = 3
    answers = [api("GET", "/api/v2/groups") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["error"] == "APIRateLimitExceeded"
    assert answers[3].headers["Retry-After"] == "30"


@pytest.mark.parametrize(
    ("kind", "status", "mime"),
    [
        ("429-json", 429, "application/json"),
        ("429-text", 429, "text/html"),
        ("429-html", 429, "text/html"),
        ("500", 500, "text/html"),
        ("503", 503, "text/plain"),
        ("html", 502, "text/html"),
        ("conflict", 409, "application/json"),
    ],
)
def test_a_fault_strikes_as_often_as_ordered(api: Api, account: Account, kind: str, status: int, mime: str) -> None:
    account.fail_next(1, kind, methods=["GET"], path="groups")
    answer = api("GET", "/api/v2/groups")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (status, mime)
    assert ("Retry-After" in answer.headers) == (status in (429, 503))
    assert api("GET", "/api/v2/groups").status_code == 200


@pytest.mark.parametrize(("kind", "notes"), [("drop", 1), ("reset", 0)])
def test_a_broken_connection_may_hide_a_write_that_happened(
    api: Api, account: Account, ticket: int, kind: str, notes: int
) -> None:
    account.fail_next(1, kind, methods=["PUT"])
    note = {"ticket": {"comment": {"body": "Card", "public": False}}}
    with pytest.raises(requests.ConnectionError):
        api("PUT", f"/api/v2/tickets/{ticket}", json=note)
    assert len(account.notes(ticket)) == notes


def test_a_hanging_request_outlasts_a_clients_patience(api: Api, account: Account) -> None:
    account.fail_next(1, "hang", seconds=1.0)
    with pytest.raises(requests.ReadTimeout):
        api.session.get(account.url + "/api/v2/groups", timeout=0.2)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/api/v2/tickets/{t}", b"{not json", 400),
        ("PUT", "/api/v2/tickets/{t}", b"[]", 400),
        ("PUT", "/api/v2/tickets/{t}", b"{}", 422),
        ("PUT", "/api/v2/tickets/{t}", b'{"ticket": {"status": "done"}}', 422),
        ("PUT", "/api/v2/tickets/{t}", b'{"ticket": {"group_id": 5}}', 422),
        ("PUT", "/api/v2/tickets/{t}", b'{"ticket": {"comment": {"body": ""}}}', 422),
        ("POST", "/api/v2/tickets", b'{"ticket": {}}', 422),
        ("GET", "/api/v2/nothing", b"", 404),
        ("GET", "/api/v2/tickets/{t}/comments?page[after]=zz", b"", 400),
    ],
)
def test_what_cannot_be_done_is_refused(
    api: Api, ticket: int, method: str, path: str, body: bytes, status: int
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = api(method, path.format(t=ticket), data=body, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]
