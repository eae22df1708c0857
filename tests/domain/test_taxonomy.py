"""An account's list of causes goes through a file and comes back the same, and no change of it loses what was found."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from plugin.domain.causes import tag_cause
from plugin.domain.findings import Cause
from plugin.domain.taxonomy import EXAMPLES, MOST_CAUSES, NO_FAILURE, UNROUTED, CauseKind, CounterExample, Taxonomy
from plugin.domain.taxonomy_edits import (
    add,
    bring_back,
    checked,
    merge,
    part_of,
    rename,
    replace_with,
    retire,
    route,
    split,
    tell_changes,
)
from plugin.domain.taxonomy_toml import BadTaxonomy, line_of, phrase_fault, read_taxonomy, write_taxonomy
from plugin.domain.ticket import Message, Role
from plugin.languages import available, load
from plugin.languages.taxonomy import load_taxonomy

TODAY = date(2026, 3, 2)
DEFAULT = load_taxonomy()
OUTAGE = "No signal anywhere in our village since noon, all the neighbours are offline too."


def tag(text: str, taxonomy: Taxonomy, lang: str = "en") -> Cause:
    pack = load(lang)
    message = Message("m1", Role.CUSTOMER, datetime(2026, 3, 2, tzinfo=UTC), text)
    return tag_cause([(message, pack.read(text), pack)], (), (), (), taxonomy)[0]


def own(key: str = "own_line", **more: object) -> CauseKind:
    return CauseKind(key, "Our own", "Something of ours alone.", "own", "product", **more)  # type: ignore[arg-type]


# --- the default -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", DEFAULT.causes)
def test_each_default_cause_has_all_that_people_need_to_tell_it_apart(key: str) -> None:
    kind = DEFAULT.causes[key]
    assert kind.lacks == ()
    assert (len(kind.examples), len(kind.counter_examples)) == (EXAMPLES, EXAMPLES)
    assert all(c.cause in DEFAULT.causes for c in kind.counter_examples)
    assert kind.journey or key in ("none", "unwanted_contact")


def test_no_text_is_an_example_twice() -> None:
    texts = [text for kind in DEFAULT.causes.values() for text in kind.examples]
    assert len(set(texts)) == len(texts)


# --- the file --------------------------------------------------------------------------------------------------------


def whole() -> Taxonomy:
    """A taxonomy with everything a file can say, and words that want to break it."""
    kind = own(
        names={"de": 'Unser "eigener"', "ar": "سبب"}, examples=("a\\b", "tab\there", 'say "x"', "é\u2028\x7f"),
        counter_examples=(CounterExample("not it", "outage"), CounterExample("nor this")),
        phrases=("snorbel* … (blinks|hums)", "[our] wuffle"), catastrophic=True,
    )  # fmt: skip
    made = add(DEFAULT, replace(kind, owner=""), TODAY)
    made = merge(made, "wait_time", "transferred_or_repeated", TODAY)
    made = split(made, "outage", [part_of(made.causes["outage"], f"outage_{x}", x) for x in "ab"], "outage_a", TODAY)
    return retire(made, "price_or_fee", TODAY)


@pytest.mark.parametrize("taxonomy", [DEFAULT, whole()], ids=["default", "everything"])
def test_what_is_written_is_read_back_the_same(taxonomy: Taxonomy) -> None:
    text = write_taxonomy(taxonomy, "Causes of acme\nversion 3")
    assert read_taxonomy(text) == taxonomy
    assert list(read_taxonomy(text).causes) == list(taxonomy.causes)
    assert write_taxonomy(read_taxonomy(text), "Causes of acme\nversion 3") == text


HEAD = '[owners]\nfinance = "Finance"\n[causes.none]\nname = "None"\ndefinition = "Well"\nfamily = "none"\n'
GOOD = '[causes.late]\nname = "Late"\ndefinition = "It is late"\nfamily = "order"\n'


@pytest.mark.parametrize(("more", "line", "key", "fix"), [
    ('definiton = "x"', 11, "causes.late.definiton", "did you mean 'definition'?"),
    ('owner = "finanse"', 11, "causes.late.owner", "did you mean 'finance'?"),
    ('journey = ["moon"]', 11, "causes.late.journey", "choose of pre_sale"),
    ('critical = "yes"', 11, "causes.late.critical", "critical = true"),
    ('phrases = ["{slot} x"]', 11, "causes.late.phrases", "no slot"),
    ('phrases = ["[x]"]', 11, "causes.late.phrases", "may be empty"),
    ('counter_examples = [{ text = "a", cause = "nona" }]', 11, "causes.late.counter_examples", "did you mean 'none'?"),
    ('counter_examples = [{ words = "a" }]', 11, "causes.late.counter_examples", "write each as"),
    ('examples = "one"', 11, "causes.late.examples", 'examples = ["…", "…"]'),
    ('outranks = ["late"]', 11, "causes.late.outranks", "another cause"),
    ('unrouted_since = "2026"', 11, "causes.late.unrouted_since", "2026-03-31"),
    ("names = { DE = \"x\" }", 11, "causes.late.names", "language code"),
    ('[causes.Late]\nname = "L"\ndefinition = "d"\nfamily = "f"', 11, "causes.Late", "a-z"),
    ('[causes.unsure]\nname = "L"\ndefinition = "d"\nfamily = "f"', 11, "causes.unsure", "not unsure"),
    ('[causes.x1]\nname = "L"\nfamily = "f"', 11, "causes.x1.definition", "add a line definition"),
    ('[past.gone]\nname = "G"\ninto = ["lat"]', 13, "past.gone.into", "name a cause"),
    ('[past.g1]\nname = "G"\ninto = ["g2"]\n[past.g2]\nname = "G"\ninto = ["g1"]', 13, "past.g1.into", "circle"),
    ('[past.late]\nname = "G"\ninto = []', 11, "past.late", "remove one of the two"),
    ('[elsewhere]\nx = 1', 11, "elsewhere", "means nothing"),
])  # fmt: skip
def test_a_fault_is_told_with_line_key_and_remedy(more: str, line: int, key: str, fix: str) -> None:
    with pytest.raises(BadTaxonomy) as told:
        read_taxonomy(f"{HEAD}{GOOD}{more}\n")
    assert f"line {line}, {key}: " in str(told.value)
    assert fix in str(told.value)


def test_all_faults_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(BadTaxonomy) as told:
        read_taxonomy(f'{HEAD}{GOOD}owner = "a"\n[causes.l2]\nname = "L"\nfamily = "x"\ncritical = 1\n')
    assert [said.partition(",")[0] for said in str(told.value).splitlines()] == ["line 11", "line 12", "line 15"]


@pytest.mark.parametrize("text", ["[causes", "x = ", 'a = "', "[a]\n[a]", "[" * 9999])
def test_what_is_no_toml_names_the_line_where_the_parser_stopped(text: str) -> None:
    with pytest.raises(BadTaxonomy, match="not TOML"):
        read_taxonomy(text)


@pytest.mark.parametrize("text", ["causes = 1", "causes = { a = 1 }", "owners = 3", "[past]\nx = 1", ""])
def test_wrong_shapes_are_faults_and_no_crash(text: str) -> None:
    with pytest.raises(BadTaxonomy):
        read_taxonomy(text)


def test_forty_causes_fit_and_no_more() -> None:
    many = DEFAULT
    for n in range(MOST_CAUSES - len(DEFAULT.causes)):
        many = add(many, own(f"own_{n:02}"), TODAY)
    assert len(checked(many).causes) == MOST_CAUSES
    with pytest.raises(BadTaxonomy, match="41 causes"):
        checked(add(many, own("one_more"), TODAY))


def test_a_line_is_found_by_its_table_and_key() -> None:
    text = '[causes.a]\nname = "x"\n[causes.b]\nname = "y"\n'
    assert [line_of(text, "causes", "b", "name"), line_of(text, "causes", "b"), line_of(text, "nowhere")] == [4, 3, 1]


@pytest.mark.parametrize(
    ("phrase", "good"), [("snorbel* … hums", True), ("(a|b) c", True), ("[x]", False), ("…", False)]
)
def test_a_phrase_is_tried_before_it_is_kept(phrase: str, good: bool) -> None:
    assert (phrase_fault(phrase) == "") is good


# --- changes ---------------------------------------------------------------------------------------------------------


def test_a_renamed_cause_keeps_its_key_so_old_findings_go_by_the_new_name() -> None:
    made = rename(DEFAULT, "outage", "Nothing works")
    assert (made.names["outage"], made.owner_of("outage")) == ("Nothing works", DEFAULT.owner_of("outage"))
    assert rename(made, "outage", "Ausfall", "de").spoken("de-AT").names["outage"] == "Ausfall"
    assert rename(made, "outage", "Ausfall", "de").spoken("fr").names["outage"] == "Nothing works"


def test_a_merged_cause_goes_by_the_name_of_the_other_also_after_a_second_merge() -> None:
    made = merge(merge(DEFAULT, "wait_time", "outage", TODAY), "outage", "product_defect", TODAY)
    assert made.now("wait_time") == "product_defect"
    assert made.names["wait_time"] == DEFAULT.names["product_defect"]
    assert made.owner_of("wait_time") == DEFAULT.owner_of("product_defect")
    assert set(made.sources("product_defect")) == {"product_defect", "outage", "wait_time"}
    assert not [k for k in checked(made).causes.values() if k.outranks & {"wait_time", "outage"}]


def test_what_spoke_for_a_merged_cause_is_tagged_as_the_other() -> None:
    assert tag(OUTAGE, DEFAULT).key == "outage"
    found = tag(OUTAGE, merge(DEFAULT, "outage", "product_defect", TODAY))
    assert (found.key, found.owner) == ("product_defect", "product")
    assert found.weight >= tag(OUTAGE, DEFAULT).weight - 1e-9, "shares add up"
    assert found.evidence == tag(OUTAGE, DEFAULT).evidence


def test_a_retired_cause_is_unsure_and_is_not_given_to_another() -> None:
    made = retire(DEFAULT, "outage", TODAY)
    assert tag(OUTAGE, made).key == "unsure"
    assert made.names["outage"] == DEFAULT.names["outage"]


def test_a_split_gives_each_part_what_its_phrases_name_and_the_rest_to_one() -> None:
    whole = DEFAULT.causes["outage"]
    mobile = replace(part_of(whole, "mobile_outage", "No mobile network"), phrases=("no signal",))
    other = part_of(whole, "other_outage", "Something else is down")
    made = checked(split(DEFAULT, "outage", [mobile, other], "other_outage", TODAY))
    assert tag(OUTAGE, made).key == "mobile_outage"
    assert tag("Your whole website is down since noon, nobody here can open it.", made).key == "other_outage"
    without = checked(split(DEFAULT, "outage", [mobile, other], "", TODAY))
    assert tag("Your whole website is down since noon, nobody here can open it.", without).key == "unsure"
    assert made.names["outage"] == DEFAULT.names["outage"], "what was found before keeps its name"


def test_a_cause_is_brought_back_as_it_was() -> None:
    made = bring_back(retire(DEFAULT, "outage", TODAY), "outage", DEFAULT)
    assert (made.causes["outage"], made.past) == (DEFAULT.causes["outage"], {})
    assert tag(OUTAGE, made).key == "outage"


@pytest.mark.parametrize("act", [
    lambda: retire(DEFAULT, NO_FAILURE, TODAY), lambda: merge(DEFAULT, NO_FAILURE, "outage", TODAY),
    lambda: merge(DEFAULT, "outage", "outage", TODAY), lambda: merge(DEFAULT, "outage", "nowhere", TODAY),
    lambda: rename(DEFAULT, "nowhere", "x"), lambda: add(DEFAULT, own("outage"), TODAY),
    lambda: split(DEFAULT, "outage", [own("part")], "", TODAY),
    lambda: split(DEFAULT, "outage", [own("part_a"), own("part_b")], "part_c", TODAY),
    lambda: bring_back(DEFAULT, "outage", DEFAULT), lambda: checked(rename(DEFAULT, "outage", "x" * 61)),
    lambda: checked(route(DEFAULT, "outage", "nobody", TODAY)),
])  # fmt: skip
def test_what_cannot_be_meant_is_refused(act: object) -> None:
    with pytest.raises(BadTaxonomy):
        act()  # type: ignore[operator]


def test_a_cause_without_an_owner_is_unrouted_and_ages_until_it_has_one() -> None:
    made = route(DEFAULT, "outage", UNROUTED, TODAY)
    assert (made.owner_of("outage"), made.days_unrouted("outage", date(2026, 3, 12))) == (UNROUTED, 10)
    again = route(made, "outage", "", date(2026, 3, 8))
    assert again.days_unrouted("outage", date(2026, 3, 12)) == 10, "asked again it is no younger"
    assert route(again, "outage", "product", TODAY).days_unrouted("outage", date(2027, 1, 1)) == 0


def test_a_file_in_place_of_the_list_retires_what_it_leaves_out_and_keeps_what_was_known() -> None:
    before = merge(DEFAULT, "wait_time", "outage", TODAY)
    given = read_taxonomy(HEAD + GOOD)
    made = checked(replace_with(before, given, TODAY))
    assert list(made.causes) == ["none", "late"]
    assert (made.past["outage"].act, made.past["wait_time"].act) == ("retired", "merged")
    assert made.days_unrouted("late", date(2026, 3, 3)) == 1
    assert made.names["wait_time"] == DEFAULT.names["outage"]


def test_the_same_file_again_changes_nothing() -> None:
    made = replace_with(DEFAULT, read_taxonomy(write_taxonomy(DEFAULT)), TODAY)
    assert made == DEFAULT
    assert tell_changes(DEFAULT, made) == []


def test_changes_are_told_a_line_each() -> None:
    made = merge(rename(add(DEFAULT, own(), TODAY), "outage", "Down"), "wait_time", "outage", TODAY)
    told = tell_changes(DEFAULT, made)
    assert "- wait_time: merged into outage" in told
    assert "+ own_line: Our own (owner: product)" in told
    assert f"~ outage.name: {DEFAULT.names['outage']} -> Down" in told


# --- phrases of the account ------------------------------------------------------------------------------------------

SAID = {
    "en": "Hello, the snorbel in the hall blinks again.", "de": "Hallo, der Snorbel im Flur blinkt wieder.",
    "fr": "Bonjour, le snorbel de l'entrée clignote encore.", "es": "Hola, el snorbel del pasillo parpadea.",
    "tr": "Merhaba, salondaki snorbel yine yanıp sönüyor.", "lv": "Labdien, snorbel gaitenī atkal mirgo.",
    "ar": "مرحبا، جهاز snorbel في المدخل يومض مرة أخرى.",
}  # fmt: skip


@pytest.mark.parametrize("lang", available())
def test_a_phrase_of_the_account_tags_its_cause_in_every_language(lang: str) -> None:
    made = checked(add(DEFAULT, own(phrases=("snorbel*",)), TODAY))
    found = tag(SAID[lang], made, lang)
    assert (found.key, found.owner) == ("own_line", "product")
    assert "norbel" in found.evidence[0].quote
    assert tag(SAID[lang].replace("norbel", "tuhl"), made, lang).key != "own_line"


def test_without_phrases_a_new_cause_changes_no_tag() -> None:
    for text in (OUTAGE, "You charged my card twice."):
        assert tag(text, add(DEFAULT, own(), TODAY)) == tag(text, DEFAULT)
