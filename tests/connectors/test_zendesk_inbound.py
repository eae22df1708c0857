"""Zendesk's signature, by published and recorded examples, and what its deliveries point at."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plugin.connectors.zendesk
from plugin.connectors.texts import fingerprint_of
from plugin.connectors.zendesk import signature_matches
from plugin.connectors.zendesk.inbound import PUBLIC_SECRET, SIGNATURE, TIMESTAMP, point, verify
from plugin.ports import Delivery, Refused

RECORDED = Path(plugin.connectors.zendesk.__file__).parent / "fixtures" / "webhook_user_deleted.json"
"""The body of a delivery recorded in 2023, byte for byte."""

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), timestamp.encode() + body, hashlib.sha256).digest()).decode()


def delivery(body: bytes, timestamp: str = "2026-03-02T09:00:00Z", secret: str = "s", **headers: str) -> Delivery:
    return Delivery("a", {TIMESTAMP: timestamp, SIGNATURE: sign(secret, timestamp, body), **headers}, body, NOW)


def test_the_vector_of_timestamp_and_body_matches() -> None:
    assert signature_matches(
        PUBLIC_SECRET,
        "2021-03-25T05:09:27Z",
        b'{"event":"ticket.updated","id":123}',
        "S/RDdU2ERmj7LHDDoWJ2onPYH+t7/f2+LTM4dL7UiLM=",
    )


def test_the_old_vector_of_body_and_timestamp_does_not_match() -> None:
    secret, timestamp = "HRkRd4BeOAoUkfZr-mhauJT64rvBASlJRoIyPsd3zeA=", "2021-07-25T10:00:00Z"
    body, signature = b'{"say": "hello"}', "tRDSF7URY8BLCDlaBcQ7FHu051Zk+aAB0NKMP53teMw="
    assert not signature_matches(secret, timestamp, body, signature)
    # The vector itself is copied right: in the other order, and with the secret as it stands, it fits.
    assert signature_matches(secret, "", body + timestamp.encode(), signature)


def test_the_secret_is_not_decoded() -> None:
    secret = base64.b64encode(b"0123456789").decode()
    signature = base64.b64encode(hmac.new(b"0123456789", b"1" + b"{}", hashlib.sha256).digest()).decode()
    assert not signature_matches(secret, "1", b"{}", signature)


@given(st.text(), st.text(), st.binary(), st.text() | st.just("A" * 43 + "="))
def test_matching_never_raises(secret: str, timestamp: str, body: bytes, signature: str) -> None:
    assert signature_matches(secret, timestamp, body, signature) is False


def test_an_empty_secret_matches_nothing() -> None:
    assert not signature_matches("", "1", b"{}", sign("", "1", b"{}"))


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_five_minutes_either_way_are_let_in(seconds: int) -> None:
    verify(delivery(b"{}"), ["s"], NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301, 3600 * 24 * 365])
def test_a_second_more_is_not(seconds: int) -> None:
    with pytest.raises(Refused, match="too old or too new"):
        verify(delivery(b"{}"), ["s"], NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "timestamp",
    ["2026-03-02T09:00:00.123456789Z", "2026-03-02T11:00:00+02:00", "2026-03-02T04:00:00-05:00"],
)
def test_every_way_to_write_now_is_understood(timestamp: str) -> None:
    verify(delivery(b"{}", timestamp), ["s"], NOW)


@pytest.mark.parametrize(
    "timestamp", ["1772442000", "2026-03-02 09:00:00Z", "2026-03-02T09:00:00", "2026-03-02T09:00Z", "now", " "]
)
def test_a_signed_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    with pytest.raises(Refused) as error:
        verify(delivery(b"{}", timestamp), ["s"], NOW)
    assert error.value.status == 401


@pytest.mark.parametrize(
    ("signature", "status"),
    [("", 401), ("x", 400), ("A" * 43, 400), ("A" * 42 + "==", 400), ("é" * 44, 400), ("A" * 43 + "=", 401)],
)
def test_a_signature_that_is_none_is_400_and_a_wrong_one_401(signature: str, status: int) -> None:
    with pytest.raises(Refused) as error:
        verify(Delivery("a", {TIMESTAMP: "2026-03-02T09:00:00Z", SIGNATURE: signature}, b"{}", NOW), ["s"], NOW)
    assert error.value.status == status


def test_the_published_trial_secret_lets_nobody_in() -> None:
    with pytest.raises(Refused):
        verify(delivery(b"{}", secret=PUBLIC_SECRET), [PUBLIC_SECRET], NOW)


def test_the_recorded_delivery_passes_byte_for_byte() -> None:
    body = RECORDED.read_bytes()
    assert hashlib.sha256(body).hexdigest() == "bdde698912d0de49c33779d82874e2b48a8211f0db0c580b09e9b9d0ca30f5c9"
    sent = delivery(body, **{"x-zendesk-webhook-invocation-id": "01HANA2B"})
    verify(sent, ["s"], NOW)
    told = point(sent)
    assert (told.kind, told.event, told.account_ref) == ("other", "user.deleted", "12345678")
    assert (told.event_id, told.invocation_id) == ("b3695d61-2ef4-4e9c-97af-1f065c099564", "01HANA2B")


def test_a_repeat_under_another_invocation_has_the_same_fingerprint() -> None:
    first, again = (point(delivery(b"{}", **{"x-zendesk-webhook-invocation-id": i})) for i in ("A", "B"))
    assert first.fingerprint == again.fingerprint
    assert first.fingerprint != point(delivery(b"{ }")).fingerprint


def test_fingerprints_grow_with_time_so_that_their_index_does() -> None:
    stamps = ["2026-03-02T09:00:00Z", "2026-03-02T09:00:01Z", "2026-03-10T08:00:00Z"]
    found = [fingerprint_of(stamp, body) for stamp, body in zip(stamps, (b"c", b"a", b"b"), strict=True)]
    assert found == sorted(found)
    assert fingerprint_of(stamps[0], b"a") != fingerprint_of(stamps[0], b"b")
    assert len(fingerprint_of("\u0661 no time \0", b"a")) == 64
