"""Words are weighed as the file says; a language without the file lives on its phrases."""

import tomllib
from dataclasses import replace

import pytest

from plugin.domain.cause_words import Senses, add_rows, clues, pack_row, read_table, words_of
from plugin.domain.words import fold
from plugin.languages import FOLDER, load, load_examples

TABLE = "parcel\t0:250 1:-100\nparcel late\t0:100\n%came\t0:50\n"


def model(senses: Senses | None = None):
    return read_table("late none", "0.1 -0.1", TABLE, 0.2, 1.0, senses or Senses({}))


def test_known_clues_are_added_and_averaged():
    told = model().weigh(load("en").read("The parcel late"))
    norm = (2 + 4) ** 0.5
    assert told.score["late"] == pytest.approx(0.1 + 3.5 / norm)
    assert told.score["none"] == pytest.approx(-0.1 - 1.0 / norm)


def test_the_subject_counts_each_clue_once():
    read = load("en").read
    assert (
        model().weigh(read("The parcel late"), read("A parcel")).score == model().weigh(read("The parcel late")).score
    )


@pytest.mark.parametrize("text", ["", "parcel", "12345 67", "nothing known here"])
def test_too_few_or_unknown_words_say_nothing(text):
    assert model().weigh(load("en").read(text)).score == {}


@pytest.mark.parametrize(
    ("word", "senses"),
    [
        ("arrive", ("%came",)),
        ("arrived", ("%came",)),
        ("arriving", ()),
        ("turned", ("%came", "%move")),
        ("arrivederci", ()),
        ("cup", ()),
    ],
)
def test_a_word_stands_for_what_is_listed_or_its_shorter_form(word, senses):
    assert Senses({"came": "arrive turned", "move": "turned", "dish": "cups"}).of(word) == senses


def test_senses_near_each_other_are_a_clue_of_their_own():
    senses = Senses({"goods": "sofa", "came": "came"})
    assert "%goods %came" in clues(load("en").read("The sofa we wanted came."), senses)


def test_a_joined_word_is_known_by_its_pieces():
    table = read_table("late none", "0 0", "#fee_\t0:300\n#leav\t1:200\nthat\t1:0\n", 0.2, 1.0, Senses({}))
    assert {"#_lea", "#leav", "#ngfe", "#fee_"} <= set(clues(load("en").read("That leavingfee"), Senses({})))
    told = table.weigh(load("en").read("That leavingfee")).score
    assert told["late"] == pytest.approx(3 / (3 + 4) ** 0.5)
    assert not table.weigh(load("en").read("One leavingfee")).score, "pieces alone say nothing"
    assert table.weigh(load("en").read("The fee")).score == {}


def test_a_pack_without_words_has_a_model_that_knows_none():
    pack = load("en")
    bare = replace(pack, tables={})
    assert words_of(bare).weigh(pack.read("The parcel is late")).score == {}
    assert words_of(pack) is words_of(pack)


def test_no_held_row_was_learned_from():
    stories = tomllib.loads((FOLDER / "en" / "cause_stories.toml").read_text("utf-8"))
    learned = {fold(" ".join(text.split())) for texts in stories.values() for text in texts}
    held = {fold(" ".join(r["text"].split())) for r in load_examples("en", "causes") if r.get("held")}
    assert held
    assert not held & learned


def test_the_shipped_table_knows_every_cause():
    assert set(words_of(load("en")).classes) == set(
        tomllib.loads((FOLDER / "en" / "cause_stories.toml").read_text("utf-8"))
    )


def test_rows_packed_into_one_number_add_up_class_by_class():
    one, two = pack_row({0: -700, 2: 5}, 3), pack_row({0: 250, 1: -1}, 3)
    assert add_rows([one, two], 3) == [-450, -1, 5]
    assert add_rows([one] * 1000, 3) == [-700_000, 0, 5000]


def test_a_message_met_again_weighs_the_same():
    read, once, again = load("en").read("The parcel late, the parcel came"), model(), model()
    again.weigh(read)
    assert again.weigh(read) == once.weigh(read)


def test_a_word_of_nothing_but_joiners_harms_nobody():
    assert model().weigh(load("ar").read("ـ parcel ـ late")).score["late"] > 0
