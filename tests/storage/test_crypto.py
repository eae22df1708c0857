"""What is sealed opens only with its key, unchanged or not at all; rows of the older form open too."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st

from plugin.storage.crypto import FORM, Vault
from plugin.storage.errors import WrongKey

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@given(st.binary(max_size=300))
def test_opens_as_it_was_sealed_and_never_looks_the_same_twice(plain: bytes) -> None:
    vault = Vault([NEW])
    one, other = vault.seal(plain), vault.seal(plain)
    assert one != other
    assert vault.open(one) == vault.open(other) == plain
    assert len(plain) < 8 or plain not in one


@given(st.binary(max_size=60), st.data())
def test_one_changed_bit_is_refused(plain: bytes, data: st.DataObject) -> None:
    sealed = bytearray(Vault([NEW]).seal(plain))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(WrongKey):
        Vault([NEW]).open(bytes(sealed))


@pytest.mark.parametrize("cut", [b"", FORM, FORM + b"short", FORM + b"x" * 12, b"gAAAA", b"\x00"])
def test_what_was_never_sealed_is_refused(cut: bytes) -> None:
    with pytest.raises(WrongKey):
        Vault([NEW]).open(cut)


def test_every_key_opens_and_the_first_one_seals() -> None:
    sealed = Vault([OLD]).seal(b"words")
    both = Vault([NEW, OLD])
    assert both.open(sealed) == b"words"
    with pytest.raises(WrongKey):
        Vault([NEW]).open(sealed)
    assert Vault([NEW]).open(both.rotate(sealed)) == b"words"


def test_rows_of_the_older_form_open_and_are_brought_into_the_new_one() -> None:
    token = Fernet(OLD).encrypt(b"words")
    both = Vault([NEW, OLD])
    assert both.open(token) == b"words"
    assert both.rotate(token).startswith(FORM)
    assert Vault([NEW]).open(both.rotate(token)) == b"words"
    with pytest.raises(WrongKey):
        Vault([NEW]).open(token)
