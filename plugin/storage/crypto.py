"""Keep what customers said and what opens their helpdesk unreadable to whoever only holds the database file."""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import stat
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from plugin.ports import Rejected
from plugin.storage.errors import WrongKey

MAKE_ONE = 'python -c "import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())"'
"""How a key is made by hand: 32 random bytes in URL-safe base64."""

FORM = b"\x01"
"""First byte of what is sealed with AES-GCM. Older rows are Fernet tokens, which begin with a letter; they are opened,
and `rotate` brings them into this form. Fernet took 34 µs for a webhook of 600 bytes, this takes one."""

NONCE = 12
"""Random bytes before each sealed text. With so many a key may seal 2**32 texts (NIST SP 800-38D, 8.3)."""


class Vault:
    """Seals and opens; `root` is the database's own secret, from which the keys of look-up hashes are derived, so that
    hashes survive a rotation of the sealing keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` newest first: the first one seals, all of them open. Rejected for something that is no key."""
        if not keys:
            raise Rejected(f"no encryption key: set FOLLOWTHROUGH_KEYS; make a key with: {MAKE_ONE}")
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
            self._ciphers = [AESGCM(_derived_from(base64.urlsafe_b64decode(key), "seal")) for key in keys]
        except (ValueError, TypeError):
            raise Rejected(f"FOLLOWTHROUGH_KEYS holds something that is no key; make one with: {MAKE_ONE}") from None
        self._root = b""
        self._derived: dict[str, bytes] = {}

    def know(self, root: bytes) -> None:
        """Take the database's look-up secret (32 bytes)."""
        self._root = root
        self._derived.clear()

    def seal(self, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return FORM + nonce + self._ciphers[0].encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """WrongKey for what none of the keys opens."""
        sealed = bytes(sealed)
        opened = self._open(sealed) if sealed.startswith(FORM) else self._open_old(sealed)
        if opened is None:
            raise WrongKey(
                "stored data cannot be decrypted with these keys: add the key it was written with to the end of "
                "FOLLOWTHROUGH_KEYS, or put the key file back from its back-up"
            )
        return opened

    def rotate(self, sealed: bytes) -> bytes:
        """The same content, sealed with the newest key."""
        try:
            return self.seal(self.open(sealed))
        except WrongKey:
            raise WrongKey("a row was written with a key that is not given; add it to FOLLOWTHROUGH_KEYS") from None

    def _open(self, sealed: bytes) -> bytes | None:
        for cipher in self._ciphers:
            try:
                return cipher.decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], None)
            except (InvalidTag, ValueError):  # ValueError: a nonce cut short
                continue
        return None

    def _open_old(self, sealed: bytes) -> bytes | None:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            return None

    def seal_text(self, text: str) -> bytes:
        """Lossless for every str, lone surrogates and NUL included."""
        return self.seal(text.encode("utf-8", "surrogatepass"))

    def open_text(self, sealed: bytes) -> str:
        return self.open(sealed).decode("utf-8", "surrogatepass")

    def lookup(self, purpose: str, *parts: str) -> str:
        """A keyed hash for equality look-ups (64 hex digits); purposes cannot be joined with one another."""
        key = self._derived.get(purpose)
        if key is None:
            if not self._root:
                raise RuntimeError("the vault does not know the look-up secret yet")
            key = self._derived[purpose] = _derived_from(self._root, purpose)
        text = "\x1f".join(parts).encode("utf-8", "surrogatepass")
        return hmac.new(key, text, sha256).hexdigest()


def _derived_from(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, None, purpose.encode()).derive(secret)


def read_key_file(path: Path) -> str:
    """The key in this file. WrongKey when it is not there, Rejected when others may read it."""
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        raise WrongKey(
            f"the key file {path} is missing: put it back from its back-up, or give the key in FOLLOWTHROUGH_KEYS; "
            "without it what is stored cannot be read"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"the key file {path} cannot be read: {type(error).__name__}") from None
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise Rejected(f"the key file {path} can be read by others: chmod 600 {path}")
    return text


def make_key_file(path: Path) -> str:
    """Make a key, keep it in a new 0600 file, and return it; a file another process made meanwhile wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    half_made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(half_made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.urlsafe_b64encode(os.urandom(32)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(half_made, path)  # never over an existing key: unlike rename, link fails when the name is taken
    except FileExistsError:
        pass
    finally:
        half_made.unlink()
    _sync_folder(path.parent)
    return read_key_file(path)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
