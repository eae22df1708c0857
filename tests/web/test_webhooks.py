"""A webhook is let in only with its signature, kept before it is acknowledged, and nothing it holds breaks the door."""

from __future__ import annotations

import json
import socket
import sqlite3
import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from plugin.ports import Temporary
from plugin.web.webhooks import MAX_BODY

from .conftest import Served
from .talk import (
    OWN_USER,
    PATH,
    SECRET,
    Answer,
    chunked,
    envelope,
    post,
    read_answer,
    request,
    send,
    sign,
    signed,
    stamp,
)

SIGNATURE, TIMESTAMP = "X-Zendesk-Webhook-Signature", "X-Zendesk-Webhook-Signature-Timestamp"


# --- let in, and kept ------------------------------------------------------------------------------------------------


def test_a_signed_webhook_is_on_disk_with_its_job_when_it_is_accepted(served: Served) -> None:
    answer = post(served.port, envelope(17, event_id="e1"))
    assert (answer.status, answer.said) == (202, {"status": "accepted"})
    database = sqlite3.connect(served.house.settings.home / "followthrough.sqlite3")
    assert database.execute("SELECT event_id, ticket_id FROM deliveries").fetchall() == [("e1", "17")]
    assert database.execute("SELECT kind, lane, state FROM jobs").fetchall() == [("analyse", "ticket:17", "waiting")]


def test_the_answer_waits_for_the_commit(served: Served) -> None:
    writer = sqlite3.connect(served.house.settings.home / "followthrough.sqlite3", isolation_level=None)
    post(served.port, envelope())
    writer.execute("BEGIN IMMEDIATE")
    body = envelope(event_id="held")
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(request(body, signed(body)))
        line.settimeout(0.6)
        with pytest.raises(TimeoutError):
            line.recv(1)
        writer.execute("ROLLBACK")
        line.settimeout(10)
        assert read_answer(line).status == 202


@pytest.mark.parametrize("secret", [SECRET, "the-secret-before"])
def test_both_secrets_are_good_during_a_rotation(served: Served, secret: str) -> None:
    assert post(served.port, envelope(), secret=secret).status == 202


def test_a_repeat_is_accepted_and_changes_nothing(served: Served) -> None:
    body = envelope(17, event_id="once")
    headers = signed(body, invocation="i1")
    repeats = {
        "byte for byte": headers,
        "the same bytes under another invocation": [*headers[:2], ("X-Zendesk-Webhook-Invocation-Id", "i2")],
        "the same event signed anew": signed(body, ago=7, invocation="i3"),
    }
    assert send(served.port, request(body, headers)).said == {"status": "accepted"}
    for name, again in repeats.items():
        answer = send(served.port, request(body, again))
        assert (answer.status, answer.said) == (202, {"status": "known already"}), name
    other = envelope(18)
    same_invocation = send(served.port, request(other, signed(other, invocation="i1")))
    assert same_invocation.said == {"status": "known already"}
    assert len(served.rows()) == len(served.jobs()) == 1


def test_a_thousand_repeats_at_once_are_one_row(served: Served) -> None:
    body = envelope(event_id="popular")
    answers: list[int] = []

    def ring() -> None:
        answers.extend(post(served.port, body).status for _ in range(50))

    threads = [threading.Thread(target=ring) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [202] * 1000
    assert len(served.rows()) == 1


def test_what_we_wrote_ourselves_is_kept_and_wakes_nobody(served: Served) -> None:
    assert post(served.port, envelope(actor=OWN_USER)).status == 202
    assert len(served.rows()) == 1
    assert served.jobs() == []


def test_chunks_are_put_together(served: Served) -> None:
    body = envelope(event_id="in-pieces")
    assert send(served.port, chunked(body, signed(body), size=7)).status == 202
    assert [row["event_id"] for row in served.rows()] == ["in-pieces"]


# --- odd, but signed: kept and counted -------------------------------------------------------------------------------

UNREADABLE = {
    "empty": b"",
    "not text": b"\xff\xfe\x00\x01",
    "half a document": b'{"type": "zen:event-type:ticket.created"',
    "a list": b"[1, 2]",
    "a number": b"17",
    "nothing": b"null",
    "deep nesting": b"[" * 100_000,
    "a hundred thousand keys": json.dumps({f"k{n}": n for n in range(20_000)}).encode(),
    "no ticket": b'{"type": "zen:event-type:ticket.created", "subject": "zen:ticket:", "id": "x"}',
    "an id that is none": b'{"ticket_id": "../../users/me", "account_id": "22129848"}',
    "a huge id": b'{"ticket_id": 1e400}',
    "a lone surrogate": b'{"ticket_id": "\\ud800"}',
    "the same key twice, the last wrong": b'{"ticket_id": "1", "ticket_id": []}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_body_with_a_good_signature_is_kept_and_counted(served: Served, body: bytes) -> None:
    assert post(served.port, body).status == 202
    rows = served.rows("unreadable")
    assert len(rows) == 1
    with served.house.storage.unit() as u:
        assert u.history.delivery_counts() == {"unreadable": 1}
        assert u.history.body(rows[0]["id"]) == body
    assert served.jobs() == []


@pytest.mark.parametrize("name", ["ticket.tap_danced", "user.deleted", "messaging_ticket.unknown", "x" * 5000, ""])
def test_an_unknown_event_is_kept_and_counted(served: Served, name: str) -> None:
    assert post(served.port, envelope(event=name)).status == 202
    assert [row["kind"] for row in served.rows()] == ["other"]
    assert served.jobs() == []


def test_two_unreadable_bodies_are_two_rows(served: Served) -> None:
    assert [post(served.port, b"one").status, post(served.port, b"two").status] == [202, 202]
    assert len(served.rows("unreadable")) == 2


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["type", "subject", "detail", "id", "ticket_id", "status", "event", "actor_id"]), inner
            )
        ),
    ).map(lambda value: json.dumps(value).encode())
)
def test_whatever_is_signed_is_kept(served: Served, body: bytes) -> None:
    before = len(served.rows())
    answer = post(served.port, body)
    assert answer.status == 202
    known = answer.said["status"] == "known already"
    assert len(served.rows()) == before + (not known)


# --- refused ---------------------------------------------------------------------------------------------------------


def _with(name: str, value: str) -> Callable[[bytes], list[tuple[str, str]]]:
    return lambda body: [(n, value if n == name else v) for n, v in signed(body)]


def _without(*names: str) -> Callable[[bytes], list[tuple[str, str]]]:
    return lambda body: [(n, v) for n, v in signed(body) if n not in names]


def _at(when: str) -> Callable[[bytes], list[tuple[str, str]]]:
    """Rightly signed, at a moment that is none or is not near."""
    return lambda body: [(SIGNATURE, sign(body, when)), (TIMESTAMP, when)]


MALFORMED = {
    "no signature": (_without(SIGNATURE), 401),
    "no timestamp": (_without(TIMESTAMP), 401),
    "neither": (_without(SIGNATURE, TIMESTAMP), 401),
    "an empty signature": (_with(SIGNATURE, ""), 401),
    "an empty timestamp": (_with(TIMESTAMP, ""), 401),
    "not base64": (_with(SIGNATURE, "%" * 44), 400),
    "base64 of too few bytes": (_with(SIGNATURE, "aGVsbG8="), 400),
    "base64 of too many bytes": (_with(SIGNATURE, "A" * 88), 400),
    "base64 without its end": (_with(SIGNATURE, "A" * 43), 400),
    "letters beyond ASCII": (_with(SIGNATURE, "é" * 44), 400),
    "a signature of 100,000 letters": (_with(SIGNATURE, "A" * 100_000), 400),
    "10,000 signatures": (_with(SIGNATURE, "A, " * 10_000), 400),
    "another signature": (_with(SIGNATURE, "A" * 43 + "="), 401),
    "another timestamp": (_with(TIMESTAMP, stamp(3)), 401),
    "a timestamp beyond ASCII": (_with(TIMESTAMP, "²" * 20), 401),
    "a time that is none": (_at("yesterday"), 401),
    "a number as time": (_at("1772442000"), 401),
    "a day that does not exist": (_at("2026-02-30T10:00:00Z"), 401),
    "no zone": (_at(stamp()[:-1]), 401),
    "five minutes and one second ago": (lambda body: signed(body, ago=301), 401),
    "five minutes and two seconds ahead": (lambda body: signed(body, ago=-302), 401),
    "the year 9999": (_at("9999-12-31T23:59:59Z"), 401),
    "a secret of somebody else": (lambda body: signed(body, secret="another"), 401),
    "the secret everybody knows": (
        lambda body: signed(body, secret="dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="),
        401,
    ),
    "an empty secret": (lambda body: signed(body, secret=""), 401),
    "the signature twice": (lambda body: [*signed(body), signed(body)[0]], 400),
    "two signatures, the second right": (lambda body: [(SIGNATURE, "A" * 43 + "="), *signed(body)], 400),
    "the timestamp twice": (lambda body: [*signed(body), signed(body)[1]], 401),
}


@pytest.mark.parametrize(("headers", "status"), MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_header_is_refused_in_one_line(
    served: Served, headers: Callable[[bytes], list[tuple[str, str]]], status: int
) -> None:
    body = envelope()
    answer = send(served.port, request(body, headers(body)))
    assert answer.status == status
    assert list(answer.said) == ["error"]
    assert answer.body.count(b"\n") == 1
    assert served.rows() == []


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([SIGNATURE, TIMESTAMP, SIGNATURE.lower(), "X-Zendesk-Webhook-Invocation-Id", "Host"]),
            st.text(st.characters(max_codepoint=255), max_size=60),
        ),
        max_size=5,
    )
)
def test_no_header_whatever_it_holds_is_an_error_of_ours(served: Served, headers: list[tuple[str, str]]) -> None:
    assert send(served.port, request(envelope(), headers)).status in (400, 401, 501)
    assert served.rows() == []


RAW = {
    "no request line": b"\x00\x01\x02\r\n\r\n",
    "a header without a colon": b"POST " + PATH.encode() + b" HTTP/1.1\r\nnonsense\r\n\r\n",
    "a length that is no number": request(b"{}", [], length="many"),
    "a length below zero": request(b"{}", [], length="-5"),
    "two lengths": request(b"{}", [("Content-Length", "1")]),
    "a length with a plus": request(b"{}", [], length="+2"),
    "chunks of no size": request(b"zz\r\n", [("Transfer-Encoding", "chunked")], length="0"),
    "a control character in the signature": request(b"{}", [(SIGNATURE, "\x01" * 44)]),
    "NUL in a header": request(b"{}", [("X-A", "a\x00b")]),
}


@pytest.mark.parametrize("raw", RAW.values(), ids=RAW.keys())
def test_what_is_not_http_is_a_bad_request(served: Served, raw: bytes) -> None:
    assert send(served.port, raw).status in (400, 401)
    assert served.rows() == []


def test_a_length_of_five_thousand_digits_does_not_stop_the_server(served: Served) -> None:
    assert send(served.port, request(b"{}", [], length="9" * 5000)).status != 500
    assert post(served.port, envelope()).status == 202


@pytest.mark.parametrize(
    "path",
    ["/hooks/zendesk/nobody", "/hooks/freshdesk/acme", "/hooks/zendesk", "/hooks/", "/hooks/zendesk/acme/more",
     "/hooks/zendesk/acme%00", "/hooks/zendesk/" + "a" * 5000, "/hooks/zendesk/%ff%fe", "/hooks/ZENDESK/acme",
     "/hooks/zendesk/acme%0a", "/hooks/zendesk/..%2facme"],
)  # fmt: skip
def test_an_unknown_address_is_not_found(served: Served, path: str) -> None:
    body = envelope()
    assert send(served.port, request(body, signed(body), path=path)).status == 404
    assert served.rows() == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"])
def test_only_a_post_is_a_webhook(served: Served, method: str) -> None:
    body = envelope()
    assert send(served.port, request(body, signed(body), method=method)).status == 405
    assert served.rows() == []


def test_a_payload_that_names_another_account_is_refused(served: Served) -> None:
    for account in (999, "999", "22129849"):
        assert post(served.port, envelope(account=account)).status == 401
    trigger = json.dumps({"ticket_id": "17", "account_id": "999"}).encode()
    assert post(served.port, trigger).status == 401
    assert served.rows() == []


# --- too long --------------------------------------------------------------------------------------------------------


def test_a_body_of_exactly_one_mebibyte_is_kept_whole(served: Served) -> None:
    body = envelope().ljust(MAX_BODY)
    assert post(served.port, body).status == 202
    kept = served.rows()[0]["id"]
    with served.house.storage.unit() as u:
        assert u.history.body(kept) == body


@pytest.mark.parametrize("wrap", [lambda b: request(b, signed(b)), lambda b: chunked(b, signed(b), 65_536)])
@pytest.mark.parametrize("size", [MAX_BODY + 1, 1_100_000, 3 * MAX_BODY])
def test_a_longer_body_is_refused(served: Served, size: int, wrap: Callable[[bytes], bytes]) -> None:
    assert send(served.port, wrap(b" " * size)).status == 413
    assert served.rows() == []


def test_a_body_that_is_announced_too_long_is_refused_before_it_comes(served: Served) -> None:
    body = envelope()
    assert send(served.port, request(b"", signed(body), length=str(10**12))).status == 413


# --- when we cannot --------------------------------------------------------------------------------------------------


def test_a_full_disk_is_a_503_that_comes_back_soon_and_then_all_is_well(served: Served) -> None:
    engine = served.house.storage.engine  # type: ignore[attr-defined] # storage offers it to tests

    def full(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count=1")  # SQLite then says "disk full" whenever it needs a page

    body = envelope().ljust(300_000)
    event.listen(engine, "connect", full)
    engine.dispose()
    answer = post(served.port, body)
    assert answer.status == 503
    assert 0 < int(answer.headers["retry-after"]) < 60
    assert served.rows() == []
    event.remove(engine, "connect", full)
    engine.dispose()
    assert post(served.port, body).status == 202


@pytest.mark.parametrize("error", [Temporary("the database is away"), ValueError("a bug"), MemoryError()])
@pytest.mark.parametrize("failing", ["draft", "keep_all"])
def test_any_failure_of_ours_asks_to_come_back(
    served: Served, failing: str, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bool:
        raise error

    monkeypatch.setattr(served.house.storage, failing, fails)
    answer = post(served.port, envelope())
    assert answer.status == 503
    assert 0 < int(answer.headers["retry-after"]) < 60
    assert "bug" not in answer.body.decode()


# --- those who stall -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["in the head", "in the body"])
def test_three_hundred_stalled_connections_keep_nobody_waiting(served: Served, where: str) -> None:
    body = envelope()
    whole = request(body, signed(body))
    head = whole.index(b"\r\n\r\n") + 4
    lines = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(300)]
    try:
        for line in lines:
            line.sendall(whole[:10] if where == "in the head" else whole[: head + 10])
        time.sleep(0.3)
        answers, slowest = _time_some(served.port, 30)
        assert [answer.status for answer in answers] == [202] * 30
        assert slowest < 2.0
        assert len(served.rows()) == 30
        lines[150].sendall(whole[10:] if where == "in the head" else whole[head + 10 :])
        assert read_answer(lines[150]).status == 202  # slow, but honest
    finally:
        for line in lines:
            line.close()


def _time_some(port: int, number: int) -> tuple[list[Answer], float]:
    answers, slowest = [], 0.0
    for _ in range(number):
        begun = time.monotonic()
        answers.append(post(port, envelope()))
        slowest = max(slowest, time.monotonic() - begun)
    return answers, slowest
