"""The sandbox's Freshdesk over REST: its shapes, its refusals, and what the reference says is odd about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from plugin.sandbox import FreshAccount, MovedClock, Sandbox, Setup, open_sandbox
from tests.sandbox.conftest import NOON

ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def sandbox(clock: MovedClock) -> Iterator[Sandbox]:
    with open_sandbox(clock, setup=Setup("fresh", helpdesk="freshdesk")) as opened:
        yield opened


@pytest.fixture
def desk(sandbox: Sandbox) -> FreshAccount:
    sandbox.freshdesk.desk.state.settings.limit = 100_000
    sandbox.freshdesk.desk.state.settings.sub_limits = False
    return sandbox.freshdesk


@pytest.fixture
def ticket(desk: FreshAccount) -> int:
    mara = desk.do.customer("Mara Quill", "mara@example.org", "+44 20 7946 0311")
    return desk.do.customer_writes(mara, "My line is dead.\n\nSince <Monday>.", subject="Dead line")


class Line:
    """Speaks to one account with its key."""

    def __init__(self, desk: FreshAccount, key: str = "") -> None:
        self.desk, self.session = desk, requests.Session()
        self.session.trust_env = False
        self.session.auth = (key or desk.credentials()["api_key"], "X")

    def __call__(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.session.request(method, f"{self.desk.url}/api/v2{path}", timeout=10, **more)


@pytest.fixture
def api(desk: FreshAccount) -> Line:
    return Line(desk)


def codes(answer: requests.Response) -> set[tuple[str, str]]:
    return {(fault["field"], fault["code"]) for fault in answer.json()["errors"]}


def test_the_first_message_is_the_description_and_no_conversation(api: Line, ticket: int) -> None:
    shown = api("GET", f"/tickets/{ticket}").json()
    assert shown["description_text"] == "My line is dead.\n\n Since <Monday>."
    assert "&lt;Monday&gt;" in shown["description"]
    assert api("GET", f"/tickets/{ticket}/conversations").json() == []
    assert ZONE.fullmatch(shown["created_at"])
    assert (shown["status"], shown["source"], shown["tags"]) == (2, 1, [])


def test_tags_are_replaced_as_a_whole(api: Line, desk: FreshAccount, ticket: int) -> None:
    desk.do.tag(ticket, ["VIP", "billing"])
    assert api("PUT", f"/tickets/{ticket}", json={"tags": ["ft_cause"]}).json()["tags"] == ["ft_cause"]
    assert desk.tags(ticket) == ["ft_cause"]
    assert api("PUT", f"/tickets/{ticket}", json={"tags": ["vip"]}).json()["tags"] == ["VIP"]


def test_a_tag_lost_in_a_race_is_told_from_one_that_was_taken_off(api: Line, desk: FreshAccount, ticket: int) -> None:
    path, lost = f"/tickets/{ticket}", desk.desk.overwritten
    desk.do.tag(ticket, ["a", "b"])
    api("GET", path)
    desk.do.tag(ticket, ["late"])
    api("PUT", path, json={"tags": ["a", "ft_x"]})
    assert {(row.tag, row.seen, row.back) for row in lost} == {("late", False, False), ("b", True, False)}
    lost.clear()
    desk.do.tag(ticket, ["a"], remove=True)
    api("PUT", path, json={"tags": ["a", "ft_x"]})
    assert {(row.tag, row.seen, row.back) for row in lost} == {("a", False, True)}


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"tags": ["a"], "note": "x"}, ("note", "invalid_field")),
        ({"ticket": {"tags": []}}, ("ticket", "invalid_field")),
        ({"tags": "a,b"}, ("tags", "datatype_mismatch")),
        ({"tags": ["a" * 33]}, ("tags", "invalid_value")),
        ({"tags": ["a,b"]}, ("tags", "invalid_value")),
        ({"tags": [f"t{n}" for n in range(31)]}, ("tags", "invalid_value")),
        ({"status": 99}, ("status", "invalid_value")),
        ({"status": True}, ("status", "datatype_mismatch")),
        ({"priority": "4"}, ("priority", "datatype_mismatch")),
        ({"custom_fields": {"cf_no": 1}}, ("custom_fields.cf_no", "invalid_field")),
        ({}, ("request", "missing_field")),
    ],
)
def test_what_does_not_hold_is_400_with_field_and_code(
    api: Line, ticket: int, body: Any, fault: tuple[str, str]
) -> None:
    answer = api("PUT", f"/tickets/{ticket}", json=body)
    assert answer.status_code == 400
    assert answer.json()["description"] == "Validation failed"
    assert fault in codes(answer)


def test_a_required_field_refuses_a_change_of_tags_alone(api: Line, desk: FreshAccount, ticket: int) -> None:
    desk.desk.state.settings.required = ["type"]
    answer = api("PUT", f"/tickets/{ticket}", json={"tags": ["x"]})
    assert (answer.status_code, codes(answer)) == (400, {("type", "missing_field")})
    assert api("PUT", f"/tickets/{ticket}", json={"tags": ["x"], "type": "Question"}).status_code == 200


def test_a_private_note_moves_the_ticket_but_is_no_answer(
    api: Line, desk: FreshAccount, clock: MovedClock, ticket: int
) -> None:
    desk.do.agent_replies(ticket, "We will call you.")
    clock.advance(timedelta(minutes=5))
    made = api("POST", f"/tickets/{ticket}/notes", json={"body": "<b>card</b><!-- x --><i data-x='1' class='y'>t</i>"})
    shown = api("GET", f"/tickets/{ticket}?include=stats").json()
    assert (made.status_code, made.json()["private"], made.json()["user_id"]) == (201, True, desk.integration.id)
    assert made.json()["body"] == "<b>card</b><i>t</i>"
    assert shown["updated_at"] == "2026-03-02T12:05:30Z"
    assert shown["stats"]["agent_responded_at"] == "2026-03-02T12:00:30Z"


def test_notes_are_edited_in_place_and_replies_are_not(api: Line, desk: FreshAccount, ticket: int) -> None:
    note = api("POST", f"/tickets/{ticket}/notes", json={"body": "one"}).json()["id"]
    said = desk.do.agent_replies(ticket, "Hello")
    assert api("PUT", f"/conversations/{note}", json={"body": "two"}).json()["body_text"] == "two"
    assert api("GET", f"/tickets/{ticket}/conversations").json()[0]["body"] == "two"
    assert api("PUT", f"/conversations/{note}", json={"body": "x", "private": False}).status_code == 400
    assert api("PUT", f"/conversations/{said}", json={"body": "x"}).status_code == 403
    assert api("DELETE", f"/conversations/{note}").status_code == 204
    assert api("PUT", f"/conversations/{note}", json={"body": "x"}).status_code == 404


def test_a_ticket_includes_only_its_ten_oldest_conversations(api: Line, desk: FreshAccount, ticket: int) -> None:
    said = [desk.do.agent_notes(ticket, f"note {n}") for n in range(35)]
    answer = api("GET", f"/tickets/{ticket}?include=conversations")
    assert [row["id"] for row in answer.json()["conversations"]] == said[:10]
    assert answer.headers["X-RateLimit-Used-CurrentRequest"] == "2"
    first = api("GET", f"/tickets/{ticket}/conversations")
    assert len(first.json()) == 30
    second = requests.get(first.links["next"]["url"], auth=api.session.auth, timeout=5)
    assert [row["id"] for row in first.json() + second.json()] == said
    assert "Link" not in second.headers


def test_the_summary_slot_is_one_and_a_matter_of_the_plan(api: Line, desk: FreshAccount, ticket: int) -> None:
    path = f"/tickets/{ticket}/summary"
    assert (api("GET", path).status_code, api("GET", path).content) == (404, b"")
    assert api("PUT", path, json={"body": "<p>one</p>"}).status_code == 200
    assert api("PUT", path, json={"body": "<p>two</p>"}).json()["last_edited_user_id"] == desk.integration.id
    assert [note["html_body"] for note in desk.notes(ticket)] == ["<p>two</p>"]
    assert api("DELETE", path).status_code == 204
    desk.desk.state.settings.summaries = False
    answer = api("PUT", path, json={"body": "x"})
    assert (answer.status_code, answer.json()["code"]) == (403, "require_feature")


def test_a_list_shows_thirty_days_unless_asked_since(api: Line, desk: FreshAccount, clock: MovedClock) -> None:
    mara = desk.do.customer("Mara", "mara@example.org")
    old = desk.do.customer_writes(mara, "old", subject="old")
    clock.advance(timedelta(days=40))
    new = desk.do.customer_writes(mara, "new", subject="new")
    gone, spam = (desk.do.customer_writes(mara, word, subject=word) for word in ("gone", "spam"))
    desk.do.delete(gone)
    desk.do.mark_spam(spam)
    assert [row["id"] for row in api("GET", "/tickets").json()] == [new]
    assert "description" not in api("GET", "/tickets").json()[0]
    since = "/tickets?updated_since=2026-01-01T00:00:00Z&order_by=updated_at&order_type=asc"
    assert [row["id"] for row in api("GET", since).json()] == [old, new]
    of_that_second = "/tickets?updated_since=2026-04-11T12:00:30Z"
    assert [row["id"] for row in api("GET", of_that_second).json()] == [new]
    assert [row["id"] for row in api("GET", "/tickets?filter=deleted").json()] == [gone]
    assert [row["id"] for row in api("GET", "/tickets?filter=spam").json()] == [spam]


@pytest.mark.parametrize(
    "query", ["per_page=101", "page=301", "page=0", "order_by=id", "filter=mine", "updated_since=yesterday"]
)
def test_a_list_refuses_what_it_does_not_know(api: Line, query: str) -> None:
    assert api("GET", f"/tickets?{query}").status_code == 400


def test_pages_end_without_a_link(api: Line, desk: FreshAccount) -> None:
    mara = desk.do.customer("Mara", "mara@example.org")
    made = [desk.do.customer_writes(mara, str(n), subject=str(n)) for n in range(5)]
    path, seen = "/tickets?per_page=2&order_by=created_at&order_type=asc", []
    answer = api("GET", path)
    while True:
        seen += [row["id"] for row in answer.json()]
        if "next" not in answer.links:
            break
        answer = requests.get(answer.links["next"]["url"], auth=api.session.auth, timeout=5)
    assert seen == made


@pytest.mark.parametrize(("how", "status"), [("404", 404), ("403", 403), ("shown", 200)])
def test_a_deleted_ticket_answers_as_the_account_does(
    api: Line, desk: FreshAccount, ticket: int, how: str, status: int
) -> None:
    desk.desk.state.settings.deleted_answer = how
    desk.do.delete(ticket)
    answer = api("GET", f"/tickets/{ticket}")
    assert answer.status_code == status
    assert status != 200 or answer.json()["deleted"] is True
    assert api("PUT", f"/tickets/{ticket}", json={"tags": []}).status_code in (403, 404)
    desk.do.restore(ticket)
    assert api("GET", f"/tickets/{ticket}").status_code == 200


def test_a_merged_ticket_closes_with_a_note_and_no_pointer(api: Line, desk: FreshAccount, ticket: int) -> None:
    other = desk.do.customer_writes(desk.do.customer("Jo", "jo@example.org"), "again", subject="Again")
    asked = {"primary_id": ticket, "ticket_ids": [other]}
    assert api("PUT", "/tickets/merge", json=asked).status_code == 204
    shown = api("GET", f"/tickets/{other}").json()
    assert shown["status"] == 5
    assert not [key for key in shown if "merge" in key]
    (note,) = api("GET", f"/tickets/{other}/conversations").json()
    assert note["body_text"] == f"This ticket is closed and merged into ticket {ticket}"


def test_an_archived_ticket_lives_on_another_path(api: Line, desk: FreshAccount, ticket: int) -> None:
    desk.do.agent_replies(ticket, "Done", status="closed")
    desk.do.archive(ticket)
    assert api("GET", f"/tickets/{ticket}").status_code == 404
    assert api("GET", f"/tickets/{ticket}/conversations").status_code == 404
    assert api("GET", f"/tickets/archived/{ticket}").json()["id"] == ticket
    assert len(api("GET", f"/tickets/archived/{ticket}/conversations").json()) == 1
    assert api("GET", "/tickets?updated_since=2020-01-01").json() == []


def test_search_lags_behind(api: Line, desk: FreshAccount, clock: MovedClock, ticket: int) -> None:
    query = "/search/tickets?query=\"tag:'ft_x' AND (status:2 OR status:3)\""
    api("PUT", f"/tickets/{ticket}", json={"tags": ["ft_x"]})
    assert api("GET", query).json() == {"total": 0, "results": []}
    clock.advance(timedelta(minutes=3))
    assert api("GET", query).json()["total"] == 1
    for wrong in ("/search/tickets?query=status:2", '/search/tickets?query="subject:x"', f"{query}&page=11"):
        assert api("GET", wrong).status_code == 400


def test_survey_answers_and_automatic_replies_are_conversations_of_their_kind(
    api: Line, desk: FreshAccount, ticket: int
) -> None:
    desk.do.bot_replies(ticket, "We answer within a day.")
    desk.do.rate(ticket, 103, "Great")
    automatic, survey = api("GET", f"/tickets/{ticket}/conversations").json()
    assert (automatic["auto_response"], automatic["incoming"]) == (True, False)
    assert automatic["automation_id"]
    assert (survey["source"], survey["category"], survey["incoming"]) == (6, 7, True)
    stats = api("GET", f"/tickets/{ticket}?include=stats").json()["stats"]
    assert (stats["agent_responded_at"], stats["requester_responded_at"]) == (None, "2026-03-02T12:00:30Z")
    assert api("GET", f"/tickets/{ticket}/satisfaction_ratings").json()[0]["ratings"] == {"default_question": 103}


def test_a_call_leaves_a_time_entry_and_nothing_else(api: Line, desk: FreshAccount, ticket: int) -> None:
    assert desk.do.call(ticket, "+442079460311", text="Told her") == 0
    assert api("GET", f"/tickets/{ticket}/conversations").json() == []
    (entry,) = api("GET", f"/tickets/{ticket}/time_entries").json()
    assert (entry["note"], entry["time_spent"], entry["time_spent_in_seconds"]) == ("Told her", "00:02", 120)


def test_agents_and_contacts_share_ids_but_not_paths(api: Line, desk: FreshAccount, ticket: int) -> None:
    ours = desk.integration.id
    requester = api("GET", f"/tickets/{ticket}").json()["requester_id"]
    assert api("GET", f"/contacts/{requester}").json()["phone"] == "+44 20 7946 0311"
    assert api("GET", f"/agents/{requester}").status_code == 404
    assert api("GET", f"/contacts/{ours}").status_code == 404
    assert api("GET", "/agents/me").json()["id"] == ours
    assert {row["id"] for row in api("GET", "/agents").json()} >= {ours}


def test_an_agent_without_rights_sees_less_and_is_refused(desk: FreshAccount, ticket: int) -> None:
    agent = desk.desk.agent("Nora")
    agent.scope = 3
    small = Line(desk, agent.key)
    assert small("GET", "/tickets").json() == []
    assert small("GET", f"/tickets/{ticket}").status_code == 403
    assert small("GET", "/agents").status_code == 403
    assert small("GET", "/business_hours").json()["code"] == "access_denied"
    assert small("GET", "/agents/me").json()["ticket_scope"] == 3


def test_refusals_have_their_forms(api: Line, desk: FreshAccount, ticket: int) -> None:
    assert Line(desk, "wrong")("GET", "/tickets").json()["code"] == "invalid_credentials"
    assert requests.get(f"{desk.url}/api/v2/tickets", timeout=5).status_code == 401
    missing = api("GET", "/tickets/999")
    assert (missing.status_code, missing.content) == (404, b"")
    assert api("GET", "/nothing").content == b""
    wrong = api("PUT", "/agents/me", json={})
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "GET")
    assert api("PUT", f"/tickets/{ticket}", data="tags=x").status_code == 415
    broken = api("PUT", f"/tickets/{ticket}", data="{", headers={"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["code"]) == (400, "invalid_json")
    desk.desk.state.settings.key_trouble = "password_expired"
    assert (api("GET", "/tickets").status_code, api("GET", "/tickets").json()["code"]) == (403, "password_expired")


def test_a_hidden_limit_refuses_while_some_remain(api: Line, desk: FreshAccount) -> None:
    desk.desk.state.settings.limit, desk.desk.state.settings.sub_limits = None, True
    desk.desk.state.settings.plan = "growth"
    answers = [api("GET", "/tickets") for _ in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    assert int(answers[-1].headers["X-RateLimit-Remaining"]) > 100
    assert answers[-1].headers["Retry-After"] == "30"
    assert "Retry-After" not in answers[0].headers


def test_the_account_limit_counts_credits_and_wrong_requests(api: Line, desk: FreshAccount, clock: MovedClock) -> None:
    desk.desk.state.settings.limit = 6
    desk.desk.state.settings.header_case = "X-Ratelimit"
    assert api("GET", "/tickets?include=stats,requester").headers["X-Ratelimit-Remaining"] == "1"
    assert Line(desk, "wrong")("GET", "/tickets").headers["X-Ratelimit-Remaining"] == "0"
    assert api("GET", "/agents/me").status_code == 429
    clock.advance(timedelta(minutes=1))
    assert api("GET", "/agents/me").status_code == 200
    desk.desk.state.settings.limit, desk.desk.state.settings.plan = None, "free"
    assert api("GET", "/agents/me").json()["code"] == "require_feature"


def test_hours_and_fields_are_the_accounts_own(api: Line, desk: FreshAccount) -> None:
    (hours,) = api("GET", "/business_hours").json()
    assert hours["time_zone"] == "London"
    assert hours["business_hours"]["monday"] == {"start_time": "9:00 am", "end_time": "5:00 pm"}
    assert "sunday" not in hours["business_hours"]
    (field,) = api("GET", "/ticket_fields?type=default_status").json()
    assert field["choices"]["2"] == ["Open", "Being Processed"]


@pytest.mark.parametrize(("spelling", "nine"), [("long", "09:00:00 am"), ("short", "9:00 am")])
def test_hours_come_in_two_spellings(clock: MovedClock, spelling: str, nine: str) -> None:
    setup = Setup("h", helpdesk="freshdesk", settings={"hours_spelling": spelling})
    with open_sandbox(clock, setup=setup) as opened:
        assert opened.freshdesk.desk.state.hours[0].days["friday"]["start_time"] == nine


@pytest.mark.parametrize(("generation", "blank"), [("new", []), ("old", None)])
def test_empty_lists_are_null_on_older_accounts(
    api: Line, desk: FreshAccount, ticket: int, generation: str, blank: Any
) -> None:
    desk.desk.state.settings.generation = generation
    assert api("GET", f"/tickets/{ticket}").json()["cc_emails"] == blank


def test_files_come_by_form_and_go_by_link(api: Line, ticket: int) -> None:
    files = [("attachments[]", ("week.png", b"\x89PNG", "image/png"))]
    data = {"body": "<p>Digest</p>", "private": "true"}
    made = api("POST", f"/tickets/{ticket}/notes", data=data, files=files)
    assert made.status_code == 201
    (file,) = made.json()["attachments"]
    assert (file["name"], file["content_type"], file["size"]) == ("week.png", "image/png", 4)
    assert requests.get(file["attachment_url"], timeout=5).content == b"\x89PNG"
    assert api("POST", f"/tickets/{ticket}/notes", json={"body": "x", "attachments": ["y"]}).status_code == 400


def test_a_ticket_is_made_for_an_agent_or_a_new_contact(api: Line, desk: FreshAccount) -> None:
    asked = {"subject": "Digest", "description": "<p>x</p>", "requester_id": desk.integration.id, "tags": ["ft_digest"],
             "source": 2, "status": 2, "priority": 1}  # fmt: skip
    made = api("POST", "/tickets", json=asked)
    assert (made.status_code, made.json()["requester_id"]) == (201, desk.integration.id)
    other = api("POST", "/tickets", json={"subject": "s", "description": "d", "email": "new@example.org"}).json()
    assert api("GET", f"/contacts/{other['requester_id']}").json()["email"] == "new@example.org"
    assert codes(api("POST", "/tickets", json={"subject": "s"})) == {("description", "missing_field")}


def test_a_write_whose_answer_is_lost_was_done(api: Line, desk: FreshAccount, ticket: int) -> None:
    desk.fail_next(1, "drop", methods=["POST"], path="/notes$")
    with pytest.raises(requests.ConnectionError):
        api("POST", f"/tickets/{ticket}/notes", json={"body": "card"})
    assert len(desk.notes(ticket)) == 1
    desk.fail_next(1, "required", methods=["PUT"])
    assert codes(api("PUT", f"/tickets/{ticket}", json={"tags": ["x"]})) == {("type", "missing_field")}


def test_a_customers_word_opens_a_closed_ticket(api: Line, desk: FreshAccount, ticket: int) -> None:
    desk.do.agent_replies(ticket, "Done", status="closed")
    customer = desk.desk.state.tickets[ticket].requester_id
    desk.do.customer_writes(customer, "Not done", ticket=ticket)
    shown = api("GET", f"/tickets/{ticket}?include=stats").json()
    assert (shown["status"], shown["stats"]["reopened_at"]) == (2, "2026-03-02T12:00:30Z")


def test_the_state_outlives_the_process(tmp_path: Any, clock: MovedClock) -> None:
    kept = tmp_path / "state.json"
    with open_sandbox(clock, setup=Setup("f", helpdesk="freshdesk"), state_file=kept) as first:
        first.add_account(Setup("z"))
        mara = first.freshdesk.do.customer("Mara", "m@example.org")
        ticket = first.freshdesk.do.customer_writes(mara, "Hello", subject="Hi")
        first.freshdesk.do.agent_replies(ticket, "Done", tags=["a"])
        Line(first.freshdesk)("PUT", f"/tickets/{ticket}/summary", json={"body": "card"})
        first.freshdesk.subscribe("http://127.0.0.1:9/")
        before = first.freshdesk.desk.state
    with open_sandbox(clock, state_file=kept) as second:
        assert second.freshdesk.desk.state == before
        assert second.account.key == "z"


def test_another_process_can_drive_it(desk: FreshAccount, ticket: int) -> None:
    def ask(name: str, **asked: Any) -> requests.Response:
        return requests.post(f"{desk.url}/_sandbox/{name}", json=asked, timeout=5)

    about = ask("about").json()
    assert (about["helpdesk"], about["credentials"]) == ("freshdesk", desk.credentials())
    assert ask("act", do="agent_replies", ticket=ticket, text="Hello").json()["result"] > 0
    assert "no deed" in ask("act", do="redact", ticket=ticket).json()["description"]
    assert ask("settings", summaries=False).status_code == 200
    assert desk.desk.state.settings.summaries is False
    assert ask("settings", schedules=True).status_code == 400
    hook = ask("subscribe", endpoint="http://127.0.0.1:9/", kind="app").json()
    assert desk.desk.state.hooks[hook["id"]].secret == hook["secret"]
    assert ask("fail", count=1, kind="conflict").status_code == 400


def test_times_are_whole_seconds_of_the_sandboxes_clock(api: Line, ticket: int) -> None:
    answer = api("GET", f"/tickets/{ticket}")
    assert datetime.fromisoformat(answer.json()["updated_at"]) == NOON.astimezone(UTC)
    assert answer.headers["Date"] == api("GET", "/nothing").headers["Date"] == "Mon, 02 Mar 2026 12:00:30 GMT"


def test_the_agents_page_shows_slot_and_notes_and_nothing_dangerous(api: Line, desk: FreshAccount) -> None:
    eve = desk.do.customer("Eve <img src=x onerror=a()>", "eve@example.org")
    evil = "<script>alert(1)</script><p onclick=a()>Hi</p>"
    ticket = desk.do.customer_writes(eve, evil, subject="<script>x</script>", html=True)
    api("PUT", f"/tickets/{ticket}/summary", json={"body": "<b>1 promise due</b><script>x</script>"})
    page = requests.get(desk.page_of(ticket), timeout=5)
    assert "<script" not in page.text
    assert "onclick" not in page.text
    assert "<img" not in page.text
    assert "<b>1 promise due</b>" in page.text
    assert requests.get(f"{desk.url}/a/tickets/77", timeout=5).status_code == 404
    assert f'href="/a/tickets/{ticket}"' in requests.get(f"{desk.url}/a/tickets/", timeout=5).text
