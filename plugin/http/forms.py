"""Put fields and one file into a form, as browsers send it."""

from __future__ import annotations

from collections.abc import Mapping

from urllib3.filepost import encode_multipart_formdata


def encode_form(fields: Mapping[str, str], files: Mapping[str, tuple[str, bytes, str]]) -> tuple[bytes, str]:
    """The bytes of a multipart form and their media type. `files`: field → file name, bytes, media type."""
    body, kind = encode_multipart_formdata([*fields.items(), *files.items()])
    return body, kind
