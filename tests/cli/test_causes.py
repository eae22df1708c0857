"""The list of causes is seen, changed, moved as a file and gone back to on the command line; faults say what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from plugin.app import build
from plugin.cli import cli
from plugin.domain.taxonomy_toml import read_taxonomy
from plugin.languages.taxonomy import load_taxonomy
from plugin.settings import Settings
from tests.web.inside import make_inside


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    make_inside(tmp_path / "home").house.close()
    monkeypatch.setenv("FOLLOWTHROUGH_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = cli(["causes", *arguments])
    said = capsys.readouterr()
    return code, said.out, said.err


def names() -> dict[str, str]:
    """Names by key, as the house reads tickets now."""
    house = build(Settings())
    with house.storage.unit(reading=True) as u:
        account = u.accounts.get("acme")
    assert account is not None
    taxonomy = house.taxonomy(account)
    house.close()
    return dict(taxonomy.names)


def test_the_list_of_the_program_needs_no_account(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "export")
    assert (code, read_taxonomy(out)) == (0, load_taxonomy())
    rows = json.loads(run(capsys, "list", "--json")[1])["causes"]
    assert [row["key"] for row in rows] == list(load_taxonomy().causes)
    assert all(len(row["examples"]) == len(row["counter_examples"]) == 3 for row in rows)
    assert {row["touchpoint"] for row in rows} == {"critical", "minor"}


@pytest.mark.usefixtures("home")
def test_a_dry_run_says_what_would_change_and_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "rename", "acme", "outage", "Nothing works", "--dry-run")
    assert (code, out.strip()) == (0, "~ outage.name: The service is down -> Nothing works")
    assert "dry run" in err
    assert names()["outage"] == load_taxonomy().names["outage"]
    assert "never changed" in run(capsys, "history", "acme")[2]


@pytest.mark.usefixtures("home")
def test_it_is_changed_listed_and_gone_back_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "acme", "rename", "outage", "Nothing works")[0] == 0, "the account may stand first"
    code, out, err = run(capsys, "merge", "acme", "wait_time", "outage")
    assert (code, "- wait_time: merged into outage" in out) == (0, True)
    assert "Kept as version 2. Undo: followthrough causes restore acme" in err
    assert names()["wait_time"] == "Nothing works"
    assert "wait_time was merged into outage" in run(capsys, "show", "acme", "wait_time")[2]
    assert "past: wait_time" in run(capsys, "list", "acme")[1]
    run(capsys, "restore", "acme")
    assert names()["wait_time"] == load_taxonomy().names["wait_time"]
    assert names()["outage"] == "Nothing works"
    rows = json.loads(run(capsys, "history", "acme", "--json")[1])
    assert [row["what"] for row in rows] == ["restore version 1", "merge wait_time into outage", "rename outage"]
    run(capsys, "restore", "acme", "0")
    assert names() == dict(load_taxonomy().names)


@pytest.mark.usefixtures("home")
def test_split_retire_reinstate_add_and_owner(capsys: pytest.CaptureFixture[str]) -> None:
    parts = ("--part", "site_down=The site is down", "--part", "net_down=No network", "--rest", "site_down")
    assert run(capsys, "split", "acme", "outage", *parts)[0] == 0
    assert run(capsys, "retire", "acme", "missing_feature")[0] == 0
    assert run(capsys, "reinstate", "acme", "missing_feature")[0] == 0
    added = ("add", "acme", "meter_reading", "--name", "Meter reading", "--definition", "A meter is read wrongly.")
    assert run(capsys, *added, "--phrase", "meter* … read*")[0] == 0
    listed = run(capsys, "list", "acme")[1]
    assert "meter_reading  Meter reading  owner: unrouted for 0 days  lacks: examples, counter-examples" in listed
    assert run(capsys, "owner", "acme", "meter_reading", "operations")[0] == 0
    (row,) = [r for r in json.loads(run(capsys, "list", "acme", "--json")[1])["causes"] if r["key"] == "meter_reading"]
    assert (row["owner"], row["phrases"]) == ("operations", ["meter* … read*"])
    assert names()["outage"] == load_taxonomy().names["outage"]


@pytest.mark.usefixtures("home")
def test_a_file_goes_out_and_comes_back(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "causes.toml"
    assert run(capsys, "export", "acme", "--file", str(file))[0] == 0
    assert "nothing would differ" in run(capsys, "import", "acme", str(file))[2]
    text = file.read_text("utf-8").replace("The service is down", "Nothing works")
    file.write_text(text, "utf-8")
    assert run(capsys, "import", "acme", str(file))[0] == 0
    assert names()["outage"] == "Nothing works"
    file.write_text(text.replace('owner = "operations"', 'owner = "operatons"', 1), "utf-8")
    code, _, err = run(capsys, "import", "acme", str(file))
    assert code == 1
    assert "causes.outage.owner: 'operatons' is not known: name it in [owners]; did you mean 'operations'?" in err
    assert "line " in err


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(("arguments", "hint"), [
    (("list", "nobody"), "there is: acme"),
    (("show", "acme", "nothing"), "followthrough causes list acme"),
    (("rename", "acme", "nothing", "x"), "there is product_defect"),
    (("retire", "acme", "none"), "cannot go"),
    (("restore", "acme"), "never changed"),
    (("restore", "acme", "7"), "causes history acme"),
    (("reinstate", "acme", "nothing"), "never was"),
    (("split", "acme", "outage", "--part", "a"), "KEY=NAME"),
    (("owner", "acme", "outage", "nobody"), "name it in [owners]"),
    (("emerging", "dismiss", "acme", "4"), "no open proposal 4"),
    (("emerging", "reopen", "acme", "4"), "no proposal 4"),
    (("emerging", "list", "acme"), "nothing is proposed"),
    (("emerging", "find", "acme"), "nothing is new"),
])  # fmt: skip
def test_what_cannot_be_done_says_what_to_do(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    _, _, err = run(capsys, *arguments)
    assert hint in err
