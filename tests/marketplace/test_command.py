"""The command as its user types it."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from plugin import __version__
from plugin.cli import root
from plugin.marketplace import HELPDESKS
from plugin.ports import Rejected

URL = ("--url", "https://ft.acme.example")


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FOLLOWTHROUGH_PUBLIC_URL", raising=False)
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, what it says to programs, what it says to people."""
    result = CliRunner().invoke(root, ["package", *arguments], standalone_mode=False)
    if result.exception:
        raise result.exception
    return int(result.return_value), result.stdout, result.stderr


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_a_package_is_built_and_its_path_is_the_answer(helpdesk: str) -> None:
    code, answer, said = run(helpdesk, *URL)
    path = Path("dist") / f"followthrough-{helpdesk}-{__version__}.zip"
    assert (code, answer) == (0, f"{path}\n")
    assert "every rule kept" in said
    with zipfile.ZipFile(path) as archive:
        assert "manifest.json" in archive.namelist()


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_two_folders_hold_the_same_bytes(helpdesk: str) -> None:
    for folder in ("one", "two/deep"):
        run(helpdesk, *URL, "--account", "acme", "--out", folder)
    one, two = (next(Path(folder).glob("*.zip")).read_bytes() for folder in ("one", "two/deep"))
    assert one == two


@pytest.mark.parametrize("helpdesk", HELPDESKS)
def test_what_was_built_passes_the_check(helpdesk: str) -> None:
    _, answer, _ = run(helpdesk, *URL)
    code, _, said = run(helpdesk, "--check", answer.strip())
    assert code == 0
    assert "every rule kept" in said


def test_check_without_a_file_writes_nothing() -> None:
    code, answer, _ = run("zendesk", *URL, "--check")
    assert (code, answer) == (0, "")
    assert not Path("dist").exists()


def test_building_touches_no_database() -> None:
    run("zendesk", *URL)
    assert not Path("home").exists()


def test_the_account_and_its_numbers_reach_the_trigger() -> None:
    _, answer, said = run("zendesk", *URL, "--account", "acme", "--account-number", "12345678", "--own-user", "900123")
    with zipfile.ZipFile(answer.strip()) as archive:
        requirements = archive.read("requirements.json").decode()
    assert json.loads(requirements)["webhooks"]["followthrough_bell"]["endpoint"].endswith("/hooks/zendesk/acme")
    assert '\\"12345678\\"' in requirements
    assert '"900123"' in requirements
    assert "Without" not in said


def test_what_the_package_cannot_know_is_said() -> None:
    said = run("zendesk", *URL)[2]
    assert "Without --own-user" in said
    assert "Without --account-number" in said


def test_the_address_may_come_from_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWTHROUGH_PUBLIC_URL", "https://from.settings.example")
    assert "https://from.settings.example" in run("freshdesk")[2]


def test_without_an_address_it_says_what_to_give() -> None:
    with pytest.raises(Exception, match=r"--url https://ft\.acme\.example"):
        run("zendesk")


@pytest.mark.parametrize("url", ["http://ft.acme.example", "https://localhost:8080"])
def test_an_address_nobody_can_reach_is_refused(url: str) -> None:
    with pytest.raises(Rejected, match="--url"):
        run("zendesk", "--url", url)


def test_a_broken_package_is_told_rule_by_rule(tmp_path: Path) -> None:
    _, answer, _ = run("zendesk", *URL)
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(answer.strip()) as good, zipfile.ZipFile(broken, "w") as bad:
        for name in good.namelist():
            if name != "assets/logo.png":
                bad.writestr(name, good.read(name).replace(b'"2.0"', b'"1.0"'))
    code, _, said = run("zendesk", "--check", str(broken))
    assert code == 1
    assert "manifest.json, frameworkVersion: must be 2.0" in said
    assert "assets/logo.png: is missing" in said
    assert "2 to mend" in said


@pytest.mark.parametrize("name", ["none.zip", "."])
def test_a_file_that_cannot_be_read_is_told(name: str) -> None:
    with pytest.raises(Exception, match="cannot be read"):
        run("zendesk", "--check", name)


def test_the_wrong_helpdesks_package_is_told() -> None:
    _, answer, _ = run("freshdesk", *URL)
    code, _, said = run("zendesk", "--check", answer.strip())
    assert code == 1
    assert "platform-version: is no key that Zendesk knows" in said
