"""Say in which language a message is written, or that nobody can tell; never call a foreign text one of ours."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from threading import Lock

from plugin.domain.words import fold

UNKNOWN = ("unknown", "unknown")
"""What is said of a text whose language we cannot tell: (language, how)."""

_WORLD = (
    "af ar az bg bn ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk ko lt lv "
    "mk mn mr ms mt ne nl no pl ps pt ro ru sk sl sq sr sv sw ta te th tl tr uk ur uz vi zh"
)
WORLD = frozenset(_WORLD.split())
"""Languages looked for in every account, so that a letter in one of them is not taken for one of the account's."""

RARE = frozenset({"af", "az", "ca", "cy", "eu", "ga", "gl", "ms", "mt", "sq", "sw", "tl", "uz"})
"""Those of them that short texts of others are easily mistaken for: they must be plainer."""

# --- how much is enough. Weights are in nats of the detector's score at temperature √bytes; tuned on bench/language.py

SAMPLE_WORDS = 120
SAMPLE_CHARACTERS = 1500
"""How much of a text is looked at: more changes no answer and costs time."""

DETECTOR_CHARACTERS = 240
"""How much of it the detector reads when the small words have not decided."""

SHORT = 20
"""Letters below which a guess alone is not believed against the prior: of single words the detector calls only two in
three right."""

NOTHING = 6
"""Letters below which nothing but a known word or a strange letter speaks against the prior ("ok ok", "hm")."""

PLAIN = 2.0
"""Small words of one language that make it plain without asking the detector."""

FAVOUR, PRIOR, RARITY, STRANGE_LETTER, SMALL_WORD = 1.2, 0.5, 0.5, 0.5, 1.5
"""For a language of the account; for the writer's locale; against a rare one; against one that has not this letter
(each of up to three); for each small word, over the root of the number of words."""

DOUBT = 0.1
"""A lead smaller than this decides nothing."""

AGAINST_PRIOR, AGAINST_PRIOR_SHORT = 0.7, 1.2
"""Leads over the writer's locale below which the locale is believed: in a doubtful text, in a short one."""


@dataclass(frozen=True, slots=True)
class CommonWords:
    """What small words and letters say; data, see `plugin/languages/common_words.toml`."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Folded small word ("icin") → the languages it is common in."""
    letters: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Language → its letters beyond a-z."""
    met: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)
    """Words met lately, as written, and their languages: few words make up most of every text."""

    def languages_of(self, word: str) -> tuple[str, ...]:
        """The languages in which a word, as written, is a small one; an elided one counts by its beginning ("l'")."""
        langs = self.met.get(word)
        if langs is None:
            key = fold(word.replace("’", "'"))
            langs = self.words.get(key) or self.words.get(key.partition("'")[0] + "'", ())
            if len(self.met) >= MOST_MET:
                self.met.clear()
            self.met[word] = langs
        return langs


MOST_MET = 50_000
"""Different words whose languages are remembered."""

NO_WORDS = CommonWords()

# --- scripts ---------------------------------------------------------------------------------------------------------

_SCRIPTS: Mapping[str, tuple[str, str]] = {
    "latin": ("A-Za-zªºÀ-ÖØ-öø-ʯḀ-ỿ", ""),
    "arabic": ("\u0620-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\u0750-\u077f", "ar fa ur ps"),
    "cyrillic": ("\u0400-\u052f", "ru uk bg sr mk kk mn"),
    "greek": ("\u0370-\u03ff\u1f00-\u1fff", "el"),
    "hebrew": ("\u05d0-\u05ea", "he"),
    "armenian": ("\u0531-\u0587", "hy"),
    "georgian": ("\u10a0-\u10ff", "ka"),
    "devanagari": ("\u0904-\u0939\u0958-\u0961", "hi mr ne"),
    "bengali": ("\u0985-\u09b9\u09dc-\u09e1", "bn"),
    "gujarati": ("\u0a85-\u0ab9", "gu"),
    "tamil": ("\u0b85-\u0bb9", "ta"),
    "telugu": ("\u0c05-\u0c39", "te"),
    "thai": ("\u0e01-\u0e46", "th"),
    "hangul": ("\u1100-\u11ff\uac00-\ud7a3", "ko"),
    "kana": ("\u3041-\u30ff", "ja"),
    "han": ("\u3400-\u9fff", "zh"),
}
"""Script → (its letters as the inside of a character class, the languages we tell apart in it). Letters by Unicode
block, unicode.org/Public/UNIDATA/Blocks.txt."""

_LETTERS = {name: re.compile(f"[{inside}]+") for name, (inside, _) in _SCRIPTS.items()}
_NOT_ARABIC = re.compile("[\u067e\u0686\u0698\u06af\u0679\u0688\u0691\u06ba\u06d2\u06a9\u06cc]")
"""Letters of Persian and Urdu that Arabic is hardly ever typed with (پ چ ژ گ ٹ ڈ ڑ ں ے, and their own ک ی)."""

_OTHERWISE_WRITTEN = frozenset(lang for _, langs in _SCRIPTS.values() for lang in langs.split()) - {"sr"}
_IN_LATIN = WORLD - _OTHERWISE_WRITTEN

_NOISE = re.compile(r"(?:https?://|www\.)\S{1,1500}|\S{1,64}@\S{1,255}|[@#]\w{1,50}|[<{]\w{1,30}[>}]|\b\w*\d\w*")
_MAY_BE_NOISE = re.compile(r"[\d@#<{/]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_CODE = re.compile(r"[a-z]{2,3}(?![a-z])")
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "fil": "tl", "arz": "ar", "ary": "ar", "yue": "zh"}


@dataclass(frozen=True, slots=True)
class _Sample:
    """The part of a text that is looked at, without addresses and numbers, and its words."""

    text: str
    words: list[str]
    letters: int
    accented: frozenset[str]
    """Letters beyond a-z, in lower case."""

    @property
    def only_names(self) -> bool:
        """A few words that all begin with a capital: a person, a product, a place; no language in it."""
        return 2 <= len(self.words) <= 4 and all(w[0].isupper() and not w.isupper() for w in self.words)


def find_language(
    text: str,
    *,
    locale: str,
    account_languages: Sequence[str],
    supported: Collection[str],
    common: CommonWords = NO_WORDS,
) -> tuple[str, str]:
    """The language of one message, and how we know: (ISO 639-1 code or "unknown", "script", "detector", "locale" or
    "unknown").

    `locale` is the writer's (BCP 47, "pt-BR", or ""); where it is empty and the account has one language, that one
    stands in. `common` makes the answer quicker, and better for short texts. Time is bounded: only the first
    `SAMPLE_WORDS` words count. May be called from several threads.
    """
    ours = frozenset(base_language(code) for code in account_languages)
    prior = base_language(locale) or (next(iter(ours)) if len(ours) == 1 else "")
    sample = _take_sample(text)
    if not sample.words:
        return _believe(prior)
    counts = _count_words(sample.words, common)
    script = _script_of(sample, counts)
    if script != "latin":
        return _tell_apart(script, sample, prior, ours)
    plain = _plain_by_words(sample, counts)
    if plain and (plain in ours or plain == prior or plain in supported):
        return plain, "detector"
    if sample.only_names or _says_nothing(sample, prior, common):
        return _believe(prior)
    return _weigh(_score(sample, counts, prior, ours, common), sample, prior, ours)


def _says_nothing(sample: _Sample, prior: str, common: CommonWords) -> bool:
    """So few letters that nothing in them speaks against the prior."""
    if not prior or prior in _OTHERWISE_WRITTEN:
        return False
    return sample.letters < NOTHING and not _strange(sample, prior, common)


@lru_cache(maxsize=1024)
def base_language(code: str) -> str:
    """ "pt-BR" → "pt", "nb" → "no"; "" where it is none."""
    match = _CODE.match(code.strip().lower())
    return _SAME.get(match.group(), match.group()) if match else ""


def _believe(prior: str) -> tuple[str, str]:
    return (prior, "locale") if prior else UNKNOWN


def _take_sample(text: str) -> _Sample:
    start = " ".join(text.split(None, SAMPLE_WORDS)[:SAMPLE_WORDS])[:SAMPLE_CHARACTERS]
    clean = " ".join(_NOISE.sub(" ", start).split()) if _is_noisy(start) else start.rstrip()
    words = _WORD.findall(clean)
    accented = frozenset() if clean.isascii() else frozenset(c for c in clean.lower() if c > "\x7f" and c.isalpha())
    return _Sample(clean, words, sum(map(len, words)), accented)


def _is_noisy(text: str) -> bool:
    """May there be addresses or numbers? Looking for them at every word costs as much as all else here."""
    return _MAY_BE_NOISE.search(text) is not None or "www." in text


# --- by script -------------------------------------------------------------------------------------------------------


def _script_of(sample: _Sample, counts: Mapping[str, float]) -> str:
    """The script that carries the message: product names in Latin letters do not make an Arabic question English."""
    if sample.text.isascii() or max(sample.text) < "\u02b0":
        return "latin"
    found = {name: sum(map(len, letters.findall(sample.text))) for name, letters in _LETTERS.items()}
    latin = found.pop("latin")
    if found["kana"]:
        found["kana"] += found.pop("han")
    script = max(found, key=lambda name: found[name])
    if not found[script]:
        return "latin"
    if latin > found[script] and max(counts.values(), default=0) >= PLAIN:
        return "latin"
    spoken = sum(len(w) for w in sample.words if w[0] < "\u0250" and w.islower())
    return script if found[script] * 2 >= spoken else "latin"


def _tell_apart(script: str, sample: _Sample, prior: str, ours: frozenset[str]) -> tuple[str, str]:
    """Which of the languages written in this script."""
    langs = _SCRIPTS[script][1].split()
    if len(langs) == 1:
        return langs[0], "script"
    if script == "arabic" and not _looks_persian(sample.text):
        return "ar", "script"
    if sample.letters < SHORT and prior in langs:
        return prior, "script"
    scores = _detect(sample)
    return max(langs, key=lambda lang: scores[lang] + FAVOUR * (lang in ours) + PRIOR * (lang == prior)), "detector"


def _looks_persian(text: str) -> bool:
    """Persian and Urdu use their own letters in every fourth word or so; a dialect of Arabic one now and then."""
    return len(_NOT_ARABIC.findall(text)) * 25 > sum(map(len, _LETTERS["arabic"].findall(text)))


# --- by small words --------------------------------------------------------------------------------------------------


def _count_words(words: Sequence[str], common: CommonWords) -> dict[str, float]:
    """How many small words of each language; a word of several languages counts for each in part."""
    counts: defaultdict[str, float] = defaultdict(float)
    for word in words:
        langs = common.languages_of(word)
        for lang in langs:
            counts[lang] += 1 / len(langs)
    return counts


def _plain_by_words(sample: _Sample, counts: Mapping[str, float]) -> str:
    """The language that the small words make plain, or ""."""
    lang = max(counts, key=lambda code: counts[code], default="")
    most, total = counts.get(lang, 0.0), len(sample.words)
    if any(count > 0.4 * most for other, count in counts.items() if other != lang):
        return ""
    if most >= PLAIN and most >= 0.1 * total:
        return lang
    return lang if total <= 3 and most >= 1 and most >= 0.5 * total else ""


# --- by the detector -------------------------------------------------------------------------------------------------


def _score(
    sample: _Sample, counts: Mapping[str, float], prior: str, ours: frozenset[str], common: CommonWords
) -> list[tuple[float, str]]:
    """All languages written in Latin letters, the best first."""
    share = SMALL_WORD / math.sqrt(len(sample.words))
    scores = _detect(sample)
    ranked = []
    for lang, favour in _favours(prior, ours):
        if lang in scores:
            strange = STRANGE_LETTER * min(3, _strange(sample, lang, common)) if sample.accented else 0.0
            ranked.append((scores[lang] + share * counts.get(lang, 0.0) + favour - strange, lang))
    return sorted(ranked, reverse=True)


@lru_cache(maxsize=256)
def _favours(prior: str, ours: frozenset[str]) -> list[tuple[str, float]]:
    """What stands for or against each language written in Latin letters before the text is looked at."""
    return [
        (
            lang,
            FAVOUR * (lang in ours) + PRIOR * (lang == prior) - RARITY * (lang in RARE and lang not in ours | {prior}),
        )
        for lang in (_IN_LATIN | ours | {prior}) - _OTHERWISE_WRITTEN
    ]


def _strange(sample: _Sample, lang: str, common: CommonWords) -> int:
    """How many different letters of the text this language is not written with; 0 where we do not know its letters."""
    known = common.letters.get(lang)
    return len(sample.accented - known) if known is not None else 0


def _weigh(ranked: list[tuple[float, str]], sample: _Sample, prior: str, ours: frozenset[str]) -> tuple[str, str]:
    """Believe the best, or the prior where the text is too short or too doubtful to speak against it, or nothing."""
    (best, lang), (second, _) = ranked[:2]
    short, doubtful = sample.letters < SHORT, best - second < DOUBT
    if lang == prior:
        return prior, "locale" if short or doubtful else "detector"
    against = best - next((score for score, other in ranked if other == prior), -math.inf)
    if (short and against < AGAINST_PRIOR_SHORT) or (doubtful and against < AGAINST_PRIOR):
        return prior, "locale"
    return UNKNOWN if doubtful and (short or lang not in ours) else (lang, "detector")


def _detect(sample: _Sample) -> Mapping[str, float]:
    """Log likelihood of every language the detector knows, at temperature √bytes, the best being 0."""
    text = sample.text[:DETECTOR_CHARACTERS]
    ranked = _load_detector()(text)
    cool = math.sqrt(len(text.encode("utf-8", "surrogatepass")))
    best = max(score for lang, score in ranked if lang in WORLD)
    return {lang: (score - best) / cool for lang, score in ranked}


_loading = Lock()
_detector: Callable[[str], list[tuple[str, float]]] | None = None


def _load_detector() -> Callable[[str], list[tuple[str, float]]]:
    """py3langid's own ranking, loaded at the first text that needs it (1.4 s, 120 MB; never on import)."""
    global _detector
    if _detector is None:
        with _loading:
            if _detector is None:
                from py3langid.langid import MODEL_FILE, LanguageIdentifier

                _detector = LanguageIdentifier.from_model_file(MODEL_FILE).rank
    return _detector
