"""What Freshdesk says in headers and errors, and what it is sent beside JSON."""

from __future__ import annotations

import io
import json
from email.parser import BytesParser
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from plugin.http import Budget, Forbidden, Http, Limit, Refusal, encode_form
from plugin.ports import Temporary
from tests.toydesk import ToyClock

ONE = Limit("tickets-list", 20, 60.0, share=1.0)


class Told(BaseAdapter):
    """Answers one after the other: status, headers, document (None: an empty body)."""

    def __init__(self, *answers: tuple[int, dict[str, str], Any]) -> None:
        super().__init__()
        self.answers = list(answers)
        self.asked: list[Any] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        self.asked.append(request)
        status, headers, said = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        response = requests.Response()
        response.status_code, response.raw = status, io.BytesIO(b"" if said is None else json.dumps(said).encode())
        response.headers.update(headers)
        return response

    def close(self) -> None:
        pass


def line(*answers: tuple[int, dict[str, str], Any]) -> tuple[Http, Budget, Told, ToyClock]:
    clock, told = ToyClock(), Told(*answers)
    budget = Budget(clock, pause=clock.sleep)
    http = Http("https://acme.freshdesk.com", clock=clock, budget=budget, transport=told, pause=clock.sleep)
    return http, budget, told, clock


@pytest.mark.parametrize("name", ["X-RateLimit", "X-Ratelimit", "x-ratelimit"])
def test_the_limit_of_the_account_is_learned_in_any_spelling(name: str) -> None:
    http, budget, _, _ = line((200, {f"{name}-Total": "50", f"{name}-Remaining": "49"}, {}))
    http.get("/api/v2/tickets/1")
    assert budget.allowed() == 25


def test_too_many_requests_are_waited_for_although_some_remain() -> None:
    full = (429, {"X-RateLimit-Total": "400", "X-RateLimit-Remaining": "371", "Retry-After": "22"}, {"message": "x"})
    http, _, told, clock = line(full, (200, {}, {}))
    http.get("/api/v2/tickets/1")
    assert len(told.asked) == 2
    assert 22 <= sum(clock.slept) < 25


def test_a_hidden_limit_shuts_only_what_it_counts() -> None:
    full = (429, {"X-RateLimit-Total": "400", "X-RateLimit-Remaining": "371", "Retry-After": "300"}, {})
    http, _, told, clock = line(full, (200, {}, {}))
    with pytest.raises(Temporary):
        http.get("/api/v2/tickets", limits=(ONE,))
    http.get("/api/v2/tickets/1")
    assert len(told.asked) == 2
    with pytest.raises(Temporary):
        http.get("/api/v2/tickets", limits=(ONE,))
    assert len(told.asked) == 2
    assert not clock.slept


def test_a_write_that_would_be_stale_is_not_sent_again() -> None:
    http, _, told, clock = line((429, {"Retry-After": "2"}, {}))
    with pytest.raises(Temporary) as error:
        http.send("PUT", "/api/v2/tickets/1", json={"tags": []}, tries=1)
    assert len(told.asked) == 1
    assert error.value.retry_after == 2
    assert not clock.slept


def test_a_write_that_would_be_stale_does_not_wait_for_room() -> None:
    http, _, told, clock = line((200, {}, {}))
    small = Limit("ticket-update", 1, 3.0, share=1.0)
    http.send("PUT", "/api/v2/tickets/1", json={"tags": []}, limits=(small,), tries=1)
    with pytest.raises(Temporary):
        http.send("PUT", "/api/v2/tickets/1", json={"tags": []}, limits=(small,), tries=1)
    assert len(told.asked) == 1
    assert not clock.slept
    http.send("PUT", "/api/v2/tickets/1", json={"tags": []}, limits=(small,))
    assert clock.slept


def test_fields_and_codes_of_a_refusal_are_named_and_its_sentences_are_not() -> None:
    said = {
        "description": "Validation failed",
        "errors": [
            {"field": "cf_order_number", "message": "Ana Berg must fill it", "code": "missing_field"},
            {"field": "type; DROP", "message": "x", "code": "invalid_value"},
        ],
    }
    http, *_ = line((400, {}, said))
    with pytest.raises(Refusal) as error:
        http.get("/api/v2/tickets/1")
    assert (error.value.code, error.value.fields) == ("missing_field", ("cf_order_number",))
    assert "Ana" not in str(error.value)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"code": "require_feature", "message": "Ana's plan"}, "require_feature"),
        (None, ""),
        ([], ""),
        ({"code": 5}, ""),
    ],
)
def test_what_forbids_is_named(said: Any, code: str) -> None:
    http, *_ = line((403, {}, said))
    with pytest.raises(Forbidden) as error:
        http.get("/api/v2/tickets/1/summary")
    assert error.value.code == code
    assert "Ana" not in str(error.value)


def test_a_file_goes_as_a_form_that_anybody_can_read() -> None:
    picture = b"\x89PNG\r\n\x1a\n--boundary\r\n\r\n" + bytes(range(256))
    content = encode_form({"body": "<b>é</b>", "private": "true"}, {"attachments[]": ("d.png", picture, "image/png")})
    http, _, told, _ = line((201, {}, {}))
    http.send("POST", "/api/v2/tickets/1/notes", content=content)
    (request,) = told.asked
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.body).get_payload()
    assert [part.get_payload(decode=True) for part in parts] == ["<b>é</b>".encode(), b"true", picture]
    assert [part.get_param("name", header="content-disposition") for part in parts] == [
        "body", "private", "attachments[]",
    ]  # fmt: skip
