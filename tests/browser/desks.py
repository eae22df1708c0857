"""Two helpdesks as a browser sees them: a window around our page that plays the documented client protocols."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from plugin.cli.server import make_server
from plugin.connectors.freshdesk import pages as freshdesk
from plugin.marketplace import freshworks
from plugin.ports import Account, Mode
from tests.web.inside import Inside, an_account, make_inside

HERE = Path(__file__).parent
APP_SECRET = "the-secret-of-the-app"


@dataclass
class Window:
    """The helpdesk's own server: pages around the app. `open_for` maps a path to what is answered."""

    port: int = 0
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    template: Any = None
    """Answers POST /template, as the helpdesk's servers do for a request template."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serve_window() -> Iterator[Window]:
    window = Window()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = window.pages.get(urlsplit(self.path).path, ("text/plain", b""))
            self._answer(kind, body)

        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._answer("application/json", json.dumps(window.template(said)).encode())

        def _answer(self, kind: str, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    window.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield window
    server.shutdown()
    server.server_close()


@dataclass
class Desk:
    """A helpdesk, our house behind it, and where its windows are."""

    inside: Inside
    window: Window
    app: str
    account: Account

    def show(self, ticket: str = "17", width: int = 320, scheme: str = "light", token: str | None = None) -> str:
        """The address of a window with our page in it."""
        self.inside.clock.move(seconds=1)
        name = "zendesk.html" if self.account.helpdesk == "zendesk" else "freshdesk.html"
        query = f"?origin={self.window.url}&app_guid=g-1&colorScheme={scheme}"
        told = {
            "ACTION": f"{self.app}/sidebar/zendesk{query}", "APP": self.app, "WIDTH": str(width), "TICKET": ticket,
            "TOKEN": token or self.inside.token(iss=urlsplit(self.window.url).netloc),
            "GROUND": "#151a1e" if scheme == "dark" else "#fff",
        }  # fmt: skip
        html = re.sub(r"\b(" + "|".join(told) + r")\b|WIDTH(?=px)", lambda m: told[m[0]], (HERE / name).read_text())
        self.window.pages["/agent"] = ("text/html; charset=utf-8", html.encode())
        return f"{self.window.url}/agent"

    def change(self, **changes: Any) -> None:
        with self.inside.house.storage.unit() as u:
            u.accounts.update(self.account.id, **changes)
        self.inside.house._accounts.clear()


@contextmanager
def _serve(inside: Inside) -> Iterator[str]:
    server = make_server(inside.house, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    inside.house.close()


@contextmanager
def zendesk_desk(home: Path) -> Iterator[Desk]:
    with serve_window() as window:
        account = an_account(host=window.url)
        inside = make_inside(home, account)
        with _serve(inside) as app:
            yield Desk(inside, window, app, account)


@contextmanager
def freshdesk_desk(home: Path) -> Iterator[Desk]:
    with serve_window() as window:
        account = Account(
            "fresh", "freshdesk", window.url, mode=Mode.SUGGEST, zone="Europe/Riga",
            credentials={"api_key": "k", "app_secret": APP_SECRET},
        )  # fmt: skip
        inside = make_inside(home, account)
        inside.desk.open_page = freshdesk.open_page  # type: ignore[method-assign]
        with _serve(inside) as app:
            window.pages |= packaged_pages()
            window.template = lambda said: invoke(said["name"], said["options"], app)
            yield Desk(inside, window, app, account)


def packaged_pages() -> dict[str, tuple[str, bytes]]:
    """The app's own files, with the platform's client where the platform puts it."""
    kinds = {"html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    folder = Path(freshworks.__file__).parent / "app"
    pages = {
        f"/app/{path.relative_to(folder).as_posix()}": (kinds[path.suffix[1:]], path.read_bytes())
        for path in folder.rglob("*")
        if path.is_file()
    }
    pages["/app/styles/card.css"] = ("text/css", freshworks.LOOK.read_bytes())
    kind, html = pages["/app/index.html"]
    pages["/app/index.html"] = (kind, html.replace(b"{{{appclient}}}", b"/client.js"))
    return pages | {"/client.js": ("text/javascript", (HERE / "freshworks_client.js").read_bytes())}


def invoke(name: str, options: dict[str, Any], app: str) -> dict[str, Any]:
    """What Freshworks' servers do with a request template: fill it and send it, far from any browser."""
    templates = json.loads((Path(freshworks.__file__).parent / "config" / "requests.json").read_text())
    schema = templates[name]["schema"]
    values = {"iparam.account": "fresh", "iparam.app_secret": APP_SECRET}
    values |= {f"context.{key}": str(value) for key, value in options.get("context", {}).items()}

    def fill(text: str) -> str:
        return re.sub(r"<%=\s*([\w.]+)\s*%>", lambda found: values[found[1]], text)

    headers = {key: fill(value) for key, value in schema["headers"].items()}
    reply = requests.request(
        schema["method"], app + fill(schema["path"]), headers=headers, data=options.get("body"), timeout=5
    )
    return {"status": reply.status_code, "headers": dict(reply.headers), "response": reply.text}
