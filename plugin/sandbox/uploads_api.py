"""Files that a comment may carry: uploaded first, named by a token, used once."""

from __future__ import annotations

from base64 import b64encode

from plugin.sandbox.desk import Desk
from plugin.sandbox.errors import bad_request, invalid
from plugin.sandbox.state import Json
from plugin.sandbox.web import Call, Reply, Routes

UPLOADS = "/api/v2/uploads"
"""The only path that takes something else than JSON."""


def add_routes(routes: Routes) -> None:
    routes.add("POST", UPLOADS, upload)


def upload(call: Call) -> Reply:
    """The raw bytes of one file; `filename` stands in the query."""
    name = call.query.get("filename", "")
    if not name:
        raise bad_request("filename is required", "AttachmentMissingFileName")
    token = f"{call.desk.random.getrandbits(128):032x}"
    kept = {"id": call.desk.new_id(), "file_name": name, "size": len(call.body), "inline": False, "used": False,
            "content": b64encode(call.body).decode()}  # fmt: skip
    call.desk.state.uploads[token] = kept
    shown = shown_file(kept)
    return 201, {"upload": {"token": token, "attachment": shown, "attachments": [shown]}}


def take_files(desk: Desk, tokens: list[str]) -> list[Json]:
    """The files of these tokens, as a comment shows them; 422 for one that is unknown or was used."""
    files = [desk.state.uploads.get(token, {"used": True}) for token in tokens]
    if any(kept["used"] for kept in files):
        raise invalid("base", "Upload: token is invalid")
    for kept in files:
        kept["used"] = True
    return [shown_file(kept) for kept in files]


def shown_file(kept: Json) -> Json:
    """A file as the API shows it: without its bytes."""
    return {name: value for name, value in kept.items() if name not in ("content", "used")}
