"""Put files into a zip that is the same bytes each time, and read a zip somebody else made without trusting it."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Mapping

from plugin.ports import Rejected

Files = Mapping[str, bytes]
"""A package's content: path with forward slashes → bytes."""

MOST_FILES = 500
MOST_BYTES = 20_000_000
"""Bounds for a zip we are asked to check: an app is a few dozen small files."""

EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest moment a zip can name."""

_PLAIN_FILE = (stat.S_IFREG | 0o644) << 16


def to_json(value: object) -> bytes:
    """JSON as people read it, the same bytes each time: order as given, two spaces, one line end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()


def write_zip(files: Files) -> bytes:
    """The zip's bytes: sorted, undated, plain permissions, and not compressed: compressors differ between machines, and
    an app is small."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whatever machine we are on
            entry.external_attr = _PLAIN_FILE
            archive.writestr(entry, files[name])
    return out.getvalue()


def read_zip(data: bytes) -> Files:
    """The files in a zip. Raises Rejected for what is no zip, is too big, or holds links or paths that lead out."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            _refuse_tricks(entries)
            return {entry.filename: archive.read(entry) for entry in entries}
    # zipfile raises NotImplementedError for ways of packing that it does not know, RuntimeError for encrypted files
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise Rejected(f"this is not a zip that can be read ({type(error).__name__}); build it again") from None


def _refuse_tricks(entries: list[zipfile.ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_FILES or sum(entry.file_size for entry in entries) > MOST_BYTES:
        raise Rejected(f"the zip is too big for an app: at most {MOST_FILES} files and {MOST_BYTES // 1_000_000} MB")
    if len(set(names)) != len(names):
        raise Rejected("the zip holds one name twice; build it again")
    for entry in entries:
        parts = entry.filename.replace("\\", "/").split("/")
        if entry.filename.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
            raise Rejected("the zip holds a path that leads out of it; build it again")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise Rejected(f"{entry.filename} is a symbolic link, which no marketplace takes; put the file there")
