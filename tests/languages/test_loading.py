"""A pack is data: what it holds is found, and what cannot be meant is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from plugin import languages
from plugin.languages import BadPack, load_folder

LANGUAGE = 'name = "Toy"\n[slots]\nwe = ["we", "our team"]\n'


def make(folder: Path, **files: str) -> Path:
    (folder / "language.toml").write_text(LANGUAGE, "utf-8")
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def test_a_topic_uses_the_slots_of_its_language_and_its_own(tmp_path: Path) -> None:
    rules = '[slots]\nact = ["call"]\n[[rules]]\nname = "promise"\nkind = "call"\nphrases = ["{we} will {act} you"]\n'
    read = load_folder(make(tmp_path, commitments=rules)).read("Our team will call you.")
    (hit,) = read.hits("commitments.promise")
    assert (read.quote(hit), hit.rule.facts["kind"]) == ("Our team will call you", "call")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[rules]]\nname = "a"\nphrases = ["fine", "{nobody} calls"]\n', "commitments.toml:3: no slot {nobody}"),
        ('[[rules]]\nname = "a"\nphrases = ["[maybe]"]\n', "may be empty"),
        ('[[rules]]\nphrases = ["x"]\n', "needs `name` and `phrases`"),
        ('[[rules]]\nname = "a"\nphrases = [\n', "commitments.toml"),
    ],
)
def test_a_bad_file_names_its_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadPack) as error:
        load_folder(make(tmp_path, commitments=text))
    assert says in str(error.value)


@pytest.mark.parametrize("lang", languages.available())
def test_every_pack_loads_and_says_its_own_name(lang: str) -> None:
    assert languages.load(lang).name


@pytest.mark.parametrize("lang", languages.available())
def test_a_third_of_every_packs_examples_is_kept_for_checking(lang: str) -> None:
    for topic in ("commitments", "preferences", "causes"):
        rows = languages.load_examples(lang, topic)
        held = sum(bool(r.get("held")) for r in rows)
        assert len(rows) >= 100
        assert 0.25 < held / len(rows) < 0.42
