"""People at a browser without scripts: they open pages, fill in the forms they find there, and follow redirects."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.security import generate_password_hash
from werkzeug.test import TestResponse

from plugin.app import House
from plugin.ports import Human

PASSWORD = "twelve letters and more"
CHEAP = generate_password_hash(PASSWORD, method="scrypt:256:8:1")
"""As the real ones, but quick: only the figures inside differ."""


@dataclass
class Form:
    """One form of a page."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("action", ""), given.get("method", "get")))
        elif tag == "input" and self.found and given.get("name"):
            chosen = given.get("type") not in ("radio", "checkbox") or "checked" in given
            if chosen:
                self.found[-1].fields[given["name"]] = given.get("value", "")


def forms(page: str) -> list[Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.found


class Visitor:
    """One person with one browser."""

    def __init__(self, app: Flask, **headers: str) -> None:
        self.client: FlaskClient = app.test_client()
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def open(self, path: str) -> TestResponse:
        return self.client.get(path, headers=self.headers)

    def key(self, path: str = "/sign-in") -> str:
        """The form token of a page."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.open(path).text)
        return found[1] if found else ""

    def send(self, path: str, fields: dict[str, str] | None = None, *, from_page: str = "") -> TestResponse:
        """Send a form as the page would: with its token."""
        key = self.key(from_page or self.somewhere())
        return self.client.post(path, data={"csrf_token": key, **(fields or {})}, headers=self.headers)

    def is_in(self) -> bool:
        """Do our pages open to this visitor?"""
        answer = self.open("/")
        return answer.status_code == 200 or not answer.headers["Location"].startswith("/sign-in")

    def somewhere(self) -> str:
        """A page that holds a form: the sign-in, or for who is in even a refusal, since one can sign out there."""
        return "/admin" if self.is_in() else "/sign-in"

    def sign_in(self, name: str, password: str = PASSWORD, towards: str = "") -> TestResponse:
        return self.send("/sign-in", {"name": name, "password": password, "next": towards}, from_page="/sign-in")


def add_person(house: House, name: str, role: str = "admin", accounts: tuple[str, ...] = ()) -> Human:
    """Somebody whose password is PASSWORD."""
    with house.storage.unit() as u:
        u.people.add(Human(name, role, CHEAP, accounts), house.clock.now())
        human = u.people.get(name)
    assert human is not None
    return human


def come_in(app: Flask, house: House, name: str, role: str = "admin", accounts: tuple[str, ...] = ()) -> Visitor:
    """A new person, signed in."""
    add_person(house, name, role, accounts)
    visitor = Visitor(app)
    assert visitor.sign_in(name).status_code == 302
    return visitor
