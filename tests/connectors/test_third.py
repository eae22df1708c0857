"""A third helpdesk takes one folder and one word: the same questions, the command line, a webhook's whole way."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


def run(*arguments: str, given: str = "", **environment: str) -> str:
    """A process of its own, in which the toy is a connector like the others; its whole output."""
    done = subprocess.run(
        [sys.executable, *arguments], input=given, capture_output=True, text=True, cwd=ROOT, timeout=100,
        env={**os.environ, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_every_question_to_connectors_is_asked_of_the_toy_as_well() -> None:
    told = run(
        "-m", "pytest", "-p", "tests.connectors.add_third", "tests/connectors/test_contract.py", "-o", "addopts=", "-q",
        "-p", "no:randomly", "-p", "no:cacheprovider", "-k", "third and not whatever",
    )  # fmt: skip
    passed = re.search(r"(\d+) passed, \d+ deselected", told)
    assert passed
    assert int(passed[1]) > 50
    assert "skipped" not in told


class Toy:
    """The toy helpdesk itself, with one ticket."""

    def __init__(self) -> None:
        self.notes: list[dict[str, str]] = []
        self.tags = ["vip"]
        toy = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                said = json.dumps(toy.answer(self.command, self.path, body)).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            do_GET = do_PUT = do_POST = answer  # noqa: N815 - names that http.server looks for

            def log_message(self, *_args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"

    def answer(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        if path == "/api/me":
            return {"id": 9}
        if method == "POST":
            self.notes.append(json.loads(body))
        if method == "PUT":
            self.tags.append(path.rsplit("/", 1)[1])
        words = "You charged me twice for the same invoice, I want the wrong charge refunded!"
        said = [{"by": "customer", "at": "2026-03-02T08:00:00+00:00", "text": words}]
        return {"said": said, "tags": self.tags, "markers": [note["marker"] for note in self.notes]}


@pytest.fixture
def toy() -> Iterator[Toy]:
    made = Toy()
    yield made
    made.server.shutdown()
    made.server.server_close()


WAY = """
import io, sys
import tests.connectors.add_third
from plugin.app import build
from plugin.cli import cli
from plugin.settings import Settings
from plugin.web.webhooks import Webhooks
from plugin.work.drain import drain
from datetime import timedelta

url = sys.argv[1]
assert cli(["accounts", "add", "third", "acme", "--url", url, "--mode", "write"]) == 0
house = build(Settings(workers=0, quiet_seconds=0, reconcile_seconds=0))
body = b'{"t": "17"}'
environ = {"PATH_INFO": "/hooks/third/acme", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)),
           "wsgi.input": io.BytesIO(body), "HTTP_X_THIRD_KEY": "hook-key"}
print("hook:", *Webhooks(lambda *_: [], house)(environ, lambda status, _: print("status:", status)))
print("jobs:", drain(house.tools))
house.close()
"""


def test_a_webhook_of_the_toy_becomes_a_card_on_its_ticket(toy: Toy, tmp_path: Path) -> None:
    told = run("-c", WAY, toy.url, given="key=k\nsigning=hook-key\n", FOLLOWTHROUGH_HOME=str(tmp_path))
    assert "status: 202" in told
    assert len(toy.notes) == 1
    assert "charged me twice" in toy.notes[0]["html"]
    assert any(tag.startswith("ft_cause_") for tag in toy.tags)
