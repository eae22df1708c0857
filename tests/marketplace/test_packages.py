"""What is in the packages, that they keep every rule, and that they are the same bytes wherever they are built."""

from __future__ import annotations

import io
import json
import stat
import zipfile
import zlib
from dataclasses import replace

import pytest

from plugin import __version__
from plugin.connectors.zendesk.inbound import point
from plugin.marketplace import HELPDESKS, Place, build, read_manifest, read_place, read_zip, write_zip
from plugin.marketplace.archive import MOST_FILES
from plugin.marketplace.draw import draw_logo
from plugin.marketplace.pictures import png_size
from plugin.marketplace.zendesk.requirements import AT_RISK, DIGEST, HOLD_DATA, OVERDUE
from plugin.ports import Delivery, Rejected
from plugin.settings import SystemClock
from plugin.work.analyse import AT_RISK_TAG, OVERDUE_TAG
from tests.marketplace.packages import PLACE, good, problems

LOCALES = {"ar", "de", "en", "es", "fr", "lv", "tr"}

BARE = Place("https://ft.acme.example", "acme")


@pytest.mark.parametrize("helpdesk", HELPDESKS)
@pytest.mark.parametrize("place", [PLACE, BARE], ids=["all known", "address only"])
def test_a_package_keeps_every_rule(helpdesk: str, place: Place) -> None:
    assert problems(helpdesk, good(helpdesk, place)) == []


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_two_builds_are_the_same_bytes(helpdesk: str) -> None:
    one, two = write_zip(good(helpdesk)), write_zip(dict(reversed(list(good(helpdesk).items()))))
    assert one == two


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_a_zip_names_no_time_no_machine_and_plain_files(helpdesk: str) -> None:
    with zipfile.ZipFile(io.BytesIO(write_zip(good(helpdesk)))) as archive:
        entries = archive.infolist()
    assert [e.filename for e in entries] == sorted(e.filename for e in entries)
    assert {(e.date_time, e.create_system, e.external_attr >> 16) for e in entries} == {
        ((1980, 1, 1, 0, 0, 0), 3, stat.S_IFREG | 0o644)
    }


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_a_zip_is_read_back_as_it_was_written(helpdesk: str) -> None:
    assert read_zip(write_zip(good(helpdesk))) == good(helpdesk)


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_only_our_own_server_is_named(helpdesk: str) -> None:
    for name, content in good(helpdesk).items():
        if not name.endswith(".png"):
            assert "followthrough.example" not in content.decode(), name


def test_the_version_is_the_plugins() -> None:
    assert json.loads(good("zendesk")["manifest.json"])["version"] == __version__
    assert read_manifest()["version"] == __version__


def test_zendesk_gets_its_part_of_the_manifest_and_freshworks_the_other() -> None:
    theirs = json.loads(good("zendesk")["manifest.json"])
    assert "freshworks" not in theirs
    assert theirs["location"]["support"]["ticket_sidebar"]["url"] == "https://ft.acme.example/sidebar/zendesk"
    assert json.loads(good("freshdesk")["manifest.json"]) == read_manifest()["freshworks"]


def test_a_manifest_without_freshworks_is_told_so() -> None:
    with pytest.raises(Rejected, match='no key "freshworks"'):
        build("freshdesk", {}, PLACE)


def test_zendesk_speaks_the_languages_of_the_interface() -> None:
    files = good("zendesk")
    assert {name.split("/")[1][:-5] for name in files if name.startswith("translations/")} == LOCALES
    words = [json.loads(files[f"translations/{x}.json"])["app"]["long_description"] for x in LOCALES]
    assert len(set(words)) == len(LOCALES)


def test_the_logos_are_the_drawing() -> None:
    files = good("zendesk")
    assert (png_size(files["assets/logo.png"]), png_size(files["assets/logo-small.png"])) == ((320, 320), (128, 128))
    assert _pixels(files["assets/logo-small.png"]) == _pixels(draw_logo(128))


def _pixels(png: bytes) -> bytes:
    """What a PNG of ours shows, however tightly it was pressed."""
    start = png.index(b"IDAT") + 4
    return zlib.decompress(png[start : start + int.from_bytes(png[start - 8 : start - 4])])


def test_the_bell_is_one_our_connector_understands() -> None:
    """The trigger's body with Zendesk's values in it, read by the code that will receive it."""
    requirements = json.loads(good("zendesk")["requirements.json"])
    webhook, body = requirements["triggers"]["followthrough_ring"]["actions"][0]["value"]
    assert requirements["webhooks"][webhook]["endpoint"] == "https://ft.acme.example/hooks/zendesk/acme"
    said = body.replace("{{ticket.id}}", "4711").replace("{{current_user.id}}", "900123")
    bell = point(Delivery("acme", {}, said.encode(), SystemClock().now()))
    assert (bell.kind, bell.ticket_id, bell.actor_id, bell.account_ref) == ("ticket", "4711", "900123", "12345678")


def test_a_known_user_is_left_out_and_then_private_notes_ring_too() -> None:
    def trigger(place: Place) -> dict[str, list[dict[str, str]]]:
        found: dict[str, list[dict[str, str]]] = json.loads(good("zendesk", place)["requirements.json"])["triggers"][
            "followthrough_ring"
        ]
        return found

    known, unknown = trigger(PLACE), trigger(BARE)
    role = {"field": "role", "operator": "is_not", "value": "900123"}
    comment = {"field": "comment_is_public", "operator": "is", "value": "not_relevant"}
    assert role in known["all"]
    assert comment in known["any"]
    assert comment | {"value": "true"} in unknown["any"]
    assert comment not in unknown["any"]


def test_the_view_and_the_trigger_know_the_tags_we_set() -> None:
    assert (OVERDUE, AT_RISK) == (OVERDUE_TAG, AT_RISK_TAG)
    requirements = json.loads(good("zendesk")["requirements.json"])
    tags = {"field": "current_tags", "operator": "includes", "value": f"{OVERDUE_TAG} {AT_RISK_TAG}"}
    assert tags in requirements["views"]["followthrough_promises"]["all"]
    assert {"field": "current_tags", "operator": "not_includes", "value": DIGEST} in requirements["triggers"][
        "followthrough_ring"
    ]["all"]
    assert not requirements.keys() & set(HOLD_DATA)


def test_freshdesk_is_asked_for_the_secret_and_suggested_the_account() -> None:
    iparams = json.loads(good("freshdesk")["config/iparams.json"])
    assert iparams["account"]["default_value"] == "acme"
    assert iparams["app_secret"]["secure"] is True
    assert "default_value" not in iparams["app_secret"]


def test_every_freshworks_template_goes_to_our_server() -> None:
    templates = json.loads(good("freshdesk")["config/requests.json"])
    assert {t["schema"]["host"] for t in templates.values()} == {"ft.acme.example"}
    assert templates["ring"]["schema"]["path"] == "/hooks/freshdesk/<%= iparam.account %>"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://ft.acme.example", "https://ft.acme.example"),
        ("https://FT.acme.example/", "https://ft.acme.example"),
        ("https://ft.acme.example:443", "https://ft.acme.example"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_address_is_taken_as_scheme_and_host(url: str, expected: str) -> None:
    assert read_place(url, "acme").url == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://ft.acme.example", "must begin with https://"),
        ("ft.acme.example", "must begin with https://"),
        ("", "must begin with https://"),
        ("https://ft.acme.example/app", "scheme and host only"),
        ("https://ft.acme.example:8443", "scheme and host only"),
        ("https://ft.acme.example?a=1", "scheme and host only"),
        ("https://me:s3cret@ft.acme.example", "scheme and host only"),
        ("https://ft.acme.example:99999", "cannot be read"),
        ("https://[::1", "cannot be read"),
        ("https://[::1]", "name a host and not a number"),
        ("https://192.0.2.7", "name a host and not a number"),
        ("https://2130706433", "name a host and not a number"),
        ("https://localhost", "reachable from the internet"),
        ("https://ft", "reachable from the internet"),
        ("https://ft.local", "reachable from the internet"),
        ("https://ft.corp.internal", "reachable from the internet"),
        ("https://-ft.acme.example", "cannot be a host"),
        ("https://ft..example", "cannot be a host"),
        ("https://ft_1.acme.example", "cannot be a host"),
    ],
)
def test_an_address_that_helpdesks_cannot_reach_is_refused(url: str, expected: str) -> None:
    with pytest.raises(Rejected, match=expected) as refused:
        read_place(url, "acme")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("change", [{"account": "a/b"}, {"account": ""}, {"number": "12 3"}, {"own_user": "me"}])
def test_names_and_numbers_that_would_change_the_meaning_are_refused(change: dict[str, str]) -> None:
    place = replace(PLACE, **change)
    with pytest.raises(Rejected):
        read_place(place.url, place.account, place.number, place.own_user)


def _zip_of(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return out.getvalue()


def _link() -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo("assets/logo.png")
    entry.create_system = 3
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "not a zip"),
        (b"PK\x03\x04 and so on", "not a zip"),
        (_zip_of(("../outside", b"")), "leads out of it"),
        (_zip_of(("/etc/passwd", b"")), "leads out of it"),
        (_zip_of((_link(), b"/etc/passwd")), "is a symbolic link"),
        (_zip_of(*((str(n), b"") for n in range(MOST_FILES + 1))), "too big for an app"),
    ],
    ids=["empty", "torn", "upwards", "absolute", "link", "many"],
)
def test_a_zip_with_tricks_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(Rejected, match=expected):
        read_zip(data)
