"""Outgoing requests: what is tried again, what is not, how long we wait, and what never leaks."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from plugin.http import Basic, Budget, Conflict, Http, Limit, NotFound, Refusal
from plugin.http import client as client_module
from plugin.http.client import check_host
from plugin.http.headers import LONGEST_WAIT, Window, read_retry_after, read_windows
from plugin.ports import Disconnected, Rejected, Temporary
from tests.toydesk import ToyClock

HOST = "https://acme.zendesk.com"
URL = HOST + "/api/v2/users/me"


@pytest.fixture
def clock() -> ToyClock:
    return ToyClock()


def http_for(clock: ToyClock, host: str = HOST, **more: Any) -> Http:
    budget = more.pop("budget", None) or Budget(clock, pause=clock.sleep)
    return Http(host, clock=clock, budget=budget, pause=clock.sleep, **more)


# --- what an answer means --------------------------------------------------------------------------------------------


@responses.activate
@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 408])
def test_a_read_is_tried_again_after_what_may_pass(clock: ToyClock, status: int) -> None:
    responses.get(URL, status=status)
    responses.get(URL, json={"ok": True})
    assert http_for(clock, budget=Budget(clock, patience=60, pause=clock.sleep)).get("/api/v2/users/me").json() == {
        "ok": True
    }
    assert len(responses.calls) == 2
    assert sum(clock.slept) > 0


@responses.activate
def test_a_read_is_given_back_after_four_tries(clock: ToyClock) -> None:
    responses.get(URL, status=503)
    with pytest.raises(Temporary) as error:
        http_for(clock).get("/api/v2/users/me")
    assert len(responses.calls) == 4
    assert not error.value.unknown


@responses.activate
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_write_that_ends_in_5xx_is_not_repeated_and_its_outcome_is_unknown(clock: ToyClock, status: int) -> None:
    responses.put(URL, status=status)
    with pytest.raises(Temporary) as error:
        http_for(clock).send("PUT", "/api/v2/users/me", json={})
    assert len(responses.calls) == 1
    assert error.value.unknown


@responses.activate
def test_a_write_that_may_be_repeated_is_repeated(clock: ToyClock) -> None:
    responses.put(URL, status=502)
    responses.put(URL, json={})
    assert http_for(clock).send("PUT", "/api/v2/users/me", json={}, repeatable=True).status == 200


@responses.activate
def test_a_write_is_tried_again_after_429(clock: ToyClock) -> None:
    responses.put(URL, status=429, headers={"Retry-After": "3"}, body="<html>slow down</html>")
    responses.put(URL, json={})
    http_for(clock).send("PUT", "/api/v2/users/me", json={})
    assert sum(clock.slept) >= 3


@responses.activate
@pytest.mark.parametrize("failure", [requests.ReadTimeout("x"), requests.ConnectionError("Connection aborted.")])
def test_a_write_whose_connection_broke_has_an_unknown_outcome(clock: ToyClock, failure: Exception) -> None:
    responses.put(URL, body=failure)
    with pytest.raises(Temporary) as error:
        http_for(clock).send("PUT", "/api/v2/users/me", json={})
    assert error.value.unknown
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, Disconnected),
        (403, Disconnected),
        (404, NotFound),
        (409, Conflict),
        (400, Refusal),
        (422, Refusal),
        (301, Refusal),
    ],
)
def test_each_refusal_has_its_error_and_is_not_repeated(clock: ToyClock, status: int, kind: type[Exception]) -> None:
    responses.get(URL, status=status, headers={"Location": "https://evil.example/"} if status == 301 else {})
    with pytest.raises(kind):
        http_for(clock).get("/api/v2/users/me")
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("status", [403, 404])
def test_what_the_plan_does_not_have_is_none_when_we_only_look_for_it(clock: ToyClock, status: int) -> None:
    responses.get(URL, status=status)
    assert http_for(clock).look_for("/api/v2/users/me") is None


@responses.activate
def test_an_error_names_the_code_and_the_field_and_nothing_a_customer_wrote(clock: ToyClock) -> None:
    words = "Status: closed prevents ticket update; my card is 4111"
    details = {"status": [{"description": words}], "my card 4111": []}
    said = {"error": "RecordInvalid", "description": "my card is 4111", "details": details}
    responses.put(URL, status=422, json=said)
    with pytest.raises(Refusal) as error:
        http_for(clock).send("PUT", "/api/v2/users/me", json={})
    assert str(error.value) == "HTTP 422 RecordInvalid (status)"


@responses.activate
@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"error": {"title": "x"}}', b'{"error": "a b"}', b"\xff"])
def test_an_error_in_any_shape_is_still_that_error(clock: ToyClock, body: bytes) -> None:
    responses.get(URL, status=400, body=body)
    with pytest.raises(Refusal, match=r"^HTTP 400$"):
        http_for(clock).get("/api/v2/users/me")


@responses.activate
def test_a_page_that_is_not_json_may_be_a_proxy_and_is_temporary(clock: ToyClock) -> None:
    responses.get(URL, body="<html>Ana's ticket</html>")
    with pytest.raises(Temporary) as error:
        http_for(clock).get("/api/v2/users/me").json()
    assert "Ana" not in str(error.value)
    assert error.value.__cause__ is None


@responses.activate
@pytest.mark.parametrize("zipped", [False, True])
def test_an_answer_beyond_all_bounds_is_not_read(
    clock: ToyClock, zipped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "MOST_BYTES", 1_000_000)
    bomb = b" " * 3_000_000
    headers = {"Content-Encoding": "gzip"} if zipped else {}
    responses.get(URL, body=gzip.compress(bomb) if zipped else bomb, headers=headers)
    with pytest.raises(Temporary, match="too long"):
        http_for(clock).get("/api/v2/users/me")


# --- waiting ---------------------------------------------------------------------------------------------------------

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("93", 93.0),
        (" 5 ", 5.0),
        ("2.5", 2.0),
        ("0", 0.0),
        ("-7", 0.0),
        ("1000000000", LONGEST_WAIT),
        ("9" * 400, None),
        ("٣", None),
        ("Mon, 02 Mar 2026 09:00:30 GMT", 30.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("Mon, 02 Mar 2099 08:00:00 GMT", LONGEST_WAIT),
        ("Mon, 99 Mar 2026 08:00:00 GMT", None),
    ],
)
def test_retry_after_is_read_in_every_form(value: str | None, seconds: float | None) -> None:
    assert read_retry_after(value, NOW) == seconds


@given(st.text(max_size=100))
def test_no_retry_after_can_make_us_fail_or_wait_for_ever(value: str) -> None:
    seconds = read_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


@responses.activate
@pytest.mark.parametrize("asked", ["93", "1000000000"])
def test_a_long_wait_is_left_to_the_queue(clock: ToyClock, asked: str) -> None:
    responses.get(URL, status=429, headers={"Retry-After": asked}, body="Rate limit exceeded")
    with pytest.raises(Temporary) as error:
        http_for(clock).get("/api/v2/users/me")
    assert error.value.retry_after == min(float(asked), LONGEST_WAIT)
    assert clock.slept == []


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"X-Rate-Limit": "700", "X-Rate-Limit-Remaining": "696"}, {"account": Window(700, 696)}),
        (
            {"rate-limit": "700", "rate-limit-remaining": "6", "rate-limit-reset": "59"},
            {"account": Window(700, 6, 59)},
        ),
        (
            {"RateLimit-Limit": "400", "ratelimit-remaining": "1", "RATELIMIT-RESET": "3"},
            {"account": Window(400, 1, 3)},
        ),
        (
            {"Zendesk-RateLimit-Tickets-Index": "total=100; remaining=99; resets=43"},
            {"tickets-index": Window(100, 99, 43)},
        ),
        ({"zendesk-rate-limit-tickets-update": "total=20;remaining=19"}, {"tickets-update": Window(20, 19, None)}),
        ({"zendesk-ratelimit-per-ticket-updates": "TOTAL = 30; resets=8"}, {"per-ticket-updates": Window(30, None, 8)}),
        ({"zendesk-rate-limit-x": "nonsense", "x-rate-limit": "many"}, {"x": Window()}),
        ({}, {}),
    ],
)
def test_rate_headers_are_read_in_every_spelling(headers: dict[str, str], expected: dict[str, Window]) -> None:
    assert read_windows(headers) == expected


# --- the budget ------------------------------------------------------------------------------------------------------


def test_half_of_the_account_is_ours_and_no_more_in_any_minute(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=200, pause=clock.sleep)
    for _ in range(100):
        budget.spend()
    with pytest.raises(Temporary) as error:
        budget.spend()
    assert error.value.retry_after == pytest.approx(60, abs=0.1)
    clock.move(seconds=60.1)
    budget.spend()


def test_a_short_wait_is_waited_out(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=2, pause=clock.sleep)
    budget.spend()
    clock.move(seconds=57)
    budget.spend()
    assert sum(clock.slept) == pytest.approx(3, abs=0.1)


def test_the_budget_learns_the_real_limit(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=200)
    budget.learn({"account": Window(700, 650, 30)})
    assert budget.allowed() == 350


def test_when_others_have_used_it_up_we_stand_back_until_it_starts_anew(clock: ToyClock) -> None:
    budget = Budget(clock, pause=clock.sleep)
    budget.learn({"account": Window(700, 20, 42)})
    with pytest.raises(Temporary) as error:
        budget.spend()
    assert error.value.retry_after == pytest.approx(42, abs=0.1)


def test_thirty_writes_on_one_ticket_leave_room_on_another(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=1_000)
    one, two = (Limit("per-ticket-updates", 30, 600, ticket, share=1.0) for ticket in ("1", "2"))
    for _ in range(30):
        budget.spend((one,))
    with pytest.raises(Temporary):
        budget.spend((one,))
    budget.spend((two,))


def test_a_refused_call_does_not_count(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=1_000)
    one = Limit("per-ticket-updates", 1, 600, "1", share=1.0)
    budget.spend((one,))
    for _ in range(600):
        with pytest.raises(Temporary):
            budget.spend((one,))
    budget.spend()


def test_a_429_shuts_only_the_window_that_is_full(clock: ToyClock) -> None:
    budget, one = Budget(clock), Limit("per-ticket-updates", 30, 600, "1", share=1.0)
    budget.shut(300, {"account": Window(700, 600, 30), "per-ticket-updates": Window(30, 0, 300)}, (one,))
    budget.spend()
    with pytest.raises(Temporary):
        budget.spend((one,))


def test_a_429_for_one_ticket_leaves_the_others_open(clock: ToyClock) -> None:
    budget, every = Budget(clock), Limit("tickets-update", 100, 60)
    one, two = (Limit("per-ticket-updates", 30, 600, ticket, share=1.0) for ticket in ("1", "2"))
    budget.shut(300, {"per-ticket-updates": Window(30, 0, 300)}, (every, one))
    budget.spend((every, two))
    with pytest.raises(Temporary):
        budget.spend((every, one))


def test_a_429_without_figures_shuts_the_account(clock: ToyClock) -> None:
    budget = Budget(clock)
    budget.shut(93, {})
    with pytest.raises(Temporary) as error:
        budget.spend()
    assert error.value.retry_after == pytest.approx(93, abs=0.1)


def test_ten_threads_together_never_exceed_the_budget(clock: ToyClock) -> None:
    budget, sent = Budget(clock, per_minute=200), []

    def work() -> None:
        for _ in range(50):
            try:
                budget.spend()
                sent.append(1)
            except Temporary:
                return

    threads = [threading.Thread(target=work) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sent) == 100


def test_a_clock_that_is_set_back_does_not_lock_us_out(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=2)
    budget.spend()
    clock.move(hours=-1)
    budget.spend()


def test_windows_of_idle_tickets_are_forgotten(clock: ToyClock) -> None:
    budget = Budget(clock, per_minute=10**9)
    for number in range(5_000):
        budget.spend((Limit("per-ticket-updates", 30, 600, str(number), share=1.0),))
        clock.move(seconds=1)
    assert len(budget._windows) < 2_100


# --- where requests go and what they carry ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.zendesk.com",
        "https://acme.zendesk.com/",
        "http://127.0.0.1:8080",
        "http://localhost:1",
        "http://[::1]:5",
    ],
)
def test_a_plain_host_is_accepted(url: str) -> None:
    assert check_host(url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://acme.zendesk.com",
        "https://user:pass@acme.zendesk.com",
        "https://acme.zendesk.com/api",
        "ftp://x",
        "",
        "https://",
        "https://acme.zendesk.com?x=1",
        "https://acme.zendesk.com@evil.example",
        "http://localhost.evil.example",
        "https://[::1",
        "https://acme.zendesk.com:port",
    ],
)
def test_any_other_address_is_refused(url: str) -> None:
    with pytest.raises(Rejected):
        check_host(url)


@pytest.mark.parametrize("path", ["//evil.example/x", "https://evil.example", "api", "/a?b=c", "/a\\b", "/a#b"])
def test_no_path_leads_to_another_host(clock: ToyClock, path: str) -> None:
    with pytest.raises(ValueError, match="a path starts with one slash"):
        http_for(clock).get(path)


@responses.activate
def test_a_redirect_is_not_followed(clock: ToyClock) -> None:
    responses.get(URL, status=302, headers={"Location": "https://evil.example/"})
    evil = responses.get("https://evil.example/", json={})
    with pytest.raises(Refusal, match="RedirectRefused"):
        http_for(clock, auth=Basic("a", "b")).get("/api/v2/users/me")
    assert evil.call_count == 0


@responses.activate
def test_credentials_are_sent_and_never_shown(clock: ToyClock, capfd: pytest.CaptureFixture[str]) -> None:
    responses.get(URL, body=requests.ConnectionError("boom Authorization: Basic c2VjcmV0"))
    http = http_for(clock, auth=Basic("ana@acme.example/token", "secret-token"))
    with pytest.raises(Temporary) as error:
        http.get("/api/v2/users/me")
    assert responses.calls[0].request.headers["Authorization"].startswith("Basic ")
    shown = repr(http) + str(error.value) + repr(error.value.__cause__) + "".join(capfd.readouterr())
    assert "secret" not in shown
    assert "c2VjcmV0" not in shown


@responses.activate
def test_cookies_are_not_kept(clock: ToyClock) -> None:
    responses.get(URL, json={}, headers={"Set-Cookie": "session=1; Path=/"})
    http = http_for(clock)
    http.get("/api/v2/users/me")
    http.get("/api/v2/users/me")
    assert "Cookie" not in responses.calls[1].request.headers


@responses.activate
def test_passwords_of_a_netrc_file_are_not_used(
    clock: ToyClock, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine acme.zendesk.com login ana password hunter2\n")
    monkeypatch.setenv("NETRC", str(netrc))
    responses.get(URL, json={})
    http_for(clock).get("/api/v2/users/me")
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
def test_a_401_is_answered_once_with_other_credentials(clock: ToyClock) -> None:
    class Renewable:
        current = "Bearer old"

        def header(self) -> str:
            return self.current

        def refused(self, header: str) -> bool:
            self.current = "Bearer new"
            return True

    responses.put(URL, status=401)
    responses.put(URL, json={})
    http_for(clock).signed(Renewable()).send("PUT", "/api/v2/users/me", json={})
    assert [c.request.headers["Authorization"] for c in responses.calls] == ["Bearer old", "Bearer new"]


# --- real sockets ----------------------------------------------------------------------------------------------------


@contextmanager
def server(answer: bytes | None) -> Iterator[tuple[str, list[bytes]]]:
    """Reads a request, answers these bytes (None: nothing) and hangs up; yields its address and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    heard.append(connection.recv(65_536))
                    if answer is not None:
                        connection.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", heard
        listener.shutdown(socket.SHUT_RDWR)


def test_a_connection_dropped_after_a_write_was_sent_is_an_unknown_outcome(clock: ToyClock) -> None:
    with server(None) as (url, heard), pytest.raises(Temporary) as error:
        http_for(clock, url).send("PUT", "/x", json={})
    assert error.value.unknown
    assert len(heard) == 1


def test_an_answer_that_breaks_off_leaves_a_write_unknown(clock: ToyClock) -> None:
    torn = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
    with server(torn) as (url, heard), pytest.raises(Temporary) as error:
        http_for(clock, url).send("PUT", "/x", json={})
    assert error.value.unknown
    assert len(heard) == 1


def test_a_host_that_was_never_reached_did_nothing(clock: ToyClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Temporary) as error:
        http_for(clock, f"http://127.0.0.1:{port}").send("PUT", "/x", json={})
    assert not error.value.unknown
    assert len(clock.slept) == 3
