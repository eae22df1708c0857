"""Tell promises from what only looks like them: who, what, when, and on which condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from plugin.domain.commitments_scene import TOPIC, Scene
from plugin.domain.phrases import Hit, Read, Rule
from plugin.domain.words import Sentence

MAX_CLAIMS = 60
"""Claims of one message that are looked at; a message with more is a document, not a reply."""

_MAX_GAP = 14
"""Words after a frame in which its deed is looked for, however many of them are explained."""

_LOOKS = 4
"""How many hits are looked at before a search for one that counts ends."""

_MAX_BEFORE = 6
"""Words before a frame in which a time may stand ("on Friday we are sending …")."""

_MAX_AFTER_ONE = 3
"""Words after a verb that ends its clause in which its doer or its "you" may still follow."""

_LONGEST_QUOTE = 30
"""Words of the longest quote."""

_TALK = ("call", "reply", "update")
"""Kinds of deed that are a contact with the customer."""


_MATTER_WITHIN = 8
"""Words after an open verb in which the customer's matter must come up."""

_OPEN = Rule(TOPIC + "deed", (), {"kind": "other"})
"""The deed of an open frame: some verb that no rule names."""

_STEPS = ("investigate", "fix", "other")
"""Kinds that are a step on the way to what is promised in the same breath, when only that has a time."""

_BEHIND_TALK = ("investigate", "forward", "other")
"""Kinds that give way to a contact promised in the same breath: that is what the customer can see."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Something said to be done. Tokens `first` to `last` are its quote; `label` is F, K, I or N."""

    label: str
    kind: str
    first: int
    last: int
    sentence: int
    promiser: str = "speaker"
    party: tuple[int, int] | None = None
    """Tokens that name the doer."""
    condition: tuple[int, int] | None = None
    """Tokens of what must come first."""
    small: bool = False
    weak: bool = False
    """Says little by itself ("leave it with me")."""
    carried: bool = False
    """Is one with the claim before it: what that is done for."""


@dataclass(frozen=True, slots=True)
class _Match:
    """A frame and its deed (the same hit for a whole phrase), in one sentence."""

    frame: Hit
    deed: Hit
    index: int
    sentence: Sentence
    doer: Hit | None = None
    able: bool = False
    since: int = 0
    """Where its sentence begins, or its part of it, when there are several promises."""
    until: int = 0
    """Where that ends (exclusive)."""
    carried: bool = False
    """Is it what the promise before it leads to ("… and will tell you")?"""

    @property
    def first(self) -> int:
        return min(self.frame.first, self.deed.first)

    @property
    def last(self) -> int:
        return max(self.frame.last, self.deed.last)

    def fact(self, name: str, default: str = "") -> str:
        return self.deed.rule.facts.get(name, self.frame.rule.facts.get(name, default))


def find_claims(read: Read) -> list[Claim]:
    """Every claim of a text in its order, promises and near misses; what is plainly none is left out."""
    if not any(name in read.by_rule for name in (TOPIC + "frame", TOPIC + "promise", TOPIC + "able")):
        return []
    scene = Scene(read)
    claims: list[Claim] = []
    for match in _set_apart(scene, _matches(scene)):
        label, condition = _label(scene, match)
        if label == "N":
            continue
        claims.append(_claim(scene, match, label, condition))
        if len(claims) >= MAX_CLAIMS:
            break
    return _merge(claims)


def is_immediate(read: Read) -> bool:
    """Does the text speak of something done here and now?"""
    return read.has(TOPIC + "immediate")


# --- frames meet deeds -----------------------------------------------------------------------------------------------


def _matches(scene: Scene) -> list[_Match]:
    """Frames with their deeds, and whole phrases, in the order of the text."""
    found: list[_Match] = []
    sentences = scene.words.sentences
    for name in ("promise", "frame", "able"):
        for hit in scene.hits(name):
            index = scene.words.sentence_of(hit.first)
            match = _match(scene, name, hit, index, sentences[index])
            if match is not None:
                found.append(match)
    # of two frames in one place the one that is bound to more knows better who speaks
    found.sort(key=lambda m: (m.deed.first, m.able, m.frame.first, not m.frame.rule.facts.keys() & {"at", "with"}))
    return found


def _match(scene: Scene, name: str, hit: Hit, index: int, sentence: Sentence) -> _Match | None:
    deed = hit if name == "promise" else _deed_of(scene, hit, sentence) or _open_deed(scene, hit, sentence)
    deed = deed or _carried_deed(scene, hit, sentence)
    if deed is None:
        return None
    wanted = hit.rule.facts.get("with", "")
    holder = _beside(scene, wanted, hit, sentence) if wanted else None
    if wanted and holder is None:
        return None
    doer = holder if wanted == "doer" else None
    match = _Match(hit, deed, index, sentence, doer, name == "able", sentence.first, sentence.last)
    return match if _has_time(scene, match) and not _is_blocked(scene, match) else None


def _deed_of(scene: Scene, frame: Hit, sentence: Sentence) -> Hit | None:
    """The deed that belongs to a frame: the next one that fits, over explained words and a few others."""
    facts = frame.rule.facts
    takes, reach = facts.get("takes", "").split(), int(facts.get("reach", "1"))
    if _in_one(frame):
        here = (*scene.deeds_ending.get(frame.last, ()), *scene.deeds.get(frame.first, ()))
        return _longest_fitting(takes, here)
    found = _walk(scene, range(frame.last, min(frame.last + _MAX_GAP, sentence.last)), takes, reach, scene.deeds)
    if found is None and facts.get("order") == "any":
        back = range(frame.first, max(frame.first - _MAX_GAP, sentence.first), -1)
        found = _walk(scene, back, takes, reach, scene.deeds_ending)
    return found


def _open_deed(scene: Scene, frame: Hit, sentence: Sentence) -> Hit | None:
    """Any verb after an open frame, when it does something and what follows is the customer's matter."""
    if _in_one(frame):
        return _open_ending(scene, frame, sentence)
    verb = frame.last
    while verb < sentence.last and scene.filled[verb]:
        verb += 1
    if frame.rule.facts.get("open") != "yes" or verb >= sentence.last or scene.words.kinds[verb] != "word":
        return None
    if scene.words.pauses[verb] or scene.first_in("stative", verb, verb + 1) is not None:
        return None
    tied = scene.first_in("matter", verb + 1, min(verb + 1 + _MATTER_WITHIN, sentence.last))
    return None if tied is None else Hit(_OPEN, verb, verb + 1)


def _carried_deed(scene: Scene, frame: Hit, sentence: Sentence) -> Hit | None:
    """The deed of a second verb, where the first says nothing by itself ("we'll dig a bit and get back to you")."""
    takes = frame.rule.facts.get("takes", "").split()
    last = min(frame.last + _MAX_GAP, sentence.last)
    carry = scene.first_in("carry", frame.last + 1, last)
    if carry is None or any(p not in ("", ",", "-") for p in scene.words.pauses[frame.last : carry.last]):
        return None
    return _longest_fitting(takes, scene.deeds.get(carry.last, ()))


def _open_ending(scene: Scene, frame: Hit, sentence: Sentence) -> Hit | None:
    """Any verb that begins or ends as an open frame says, when the customer's matter stands before it in its clause, or
    close after it where the frame says so (`matter` = "after")."""
    if frame.rule.facts.get("open") != "yes" or scene.first_in("stative", frame.first, frame.last) is not None:
        return None
    if frame.rule.facts.get("matter") == "after":
        tied = scene.first_in("matter", frame.last, min(frame.last + _MATTER_WITHIN, sentence.last))
    else:
        start = max(scene.clause_start(frame.first, sentence.first), frame.first - _MATTER_WITHIN)
        tied = scene.last_in("matter", start, frame.first)
    return None if tied is None else Hit(_OPEN, frame.last - 1, frame.last)


def _walk(scene: Scene, steps: range, takes: list[str], reach: int, deeds: dict[int, list[Hit]]) -> Hit | None:
    left = reach
    for token in steps:
        found = _longest_fitting(takes, deeds.get(token, ()))
        if found is not None:
            return found
        beside = token if steps.step > 0 else token - 1
        if scene.words.pauses[beside] not in ("", ",", "-"):
            return None
        if not scene.filled[beside]:
            left -= 1
            if left < 0:
                return None
    return None


def _longest_fitting(takes: list[str], deeds: Sequence[Hit]) -> Hit | None:
    """The longest deed in a form that the frame takes; one that says what is done before one that says something is."""
    fitting = [d for d in deeds if d.rule.facts.get("form") in takes]
    return max(fitting, key=lambda d: (d.rule.facts.get("kind") != "other", d.last - d.first), default=None)


def _in_one(frame: Hit) -> bool:
    """Do frame and deed end, or begin, in one word: a verb whose ending or beginning says who and when (Turkish
    "arayacağız", Arabic "سنتصل")?"""
    return frame.rule.facts.get("order") == "one"


def _beside(scene: Scene, rule: str, frame: Hit, sentence: Sentence) -> Hit | None:
    """The doer or thing that a frame needs, close before it in its clause (after it too where order is free)."""
    near = int(frame.rule.facts.get("near", "3"))
    start = max(_subject_from(scene, frame, sentence), frame.first - near)
    held = scene.last_in(rule, start, frame.first)
    after = {"any": near + 1, "one": _MAX_AFTER_ONE}.get(frame.rule.facts.get("order", ""), 0)
    if held is None and after:
        held = scene.first_in(rule, frame.last, min(frame.last + after, sentence.last))
    return held


def _subject_from(scene: Scene, frame: Hit, sentence: Sentence) -> int:
    """Where the clause begins that holds the frame's subject: the one before, when a carrying word opens this one
    ("a refund was approved and should reach you")."""
    start = scene.clause_start(frame.first, sentence.first)
    carry = scene.last_in("carry", max(frame.first - 2, sentence.first), frame.first)
    if start < frame.first or carry is None or carry.first == sentence.first:
        return start
    return scene.clause_start(carry.first - 1, sentence.first)


def _has_time(scene: Scene, match: _Match) -> bool:
    needs = match.fact("needs")
    if needs not in ("time", "fixed"):
        return True
    first = max(match.sentence.first, match.first - _MAX_BEFORE)
    if _in_one(match.frame):
        first = scene.phrase_start(match.first, match.sentence.first)
    last = max(_quote_last(scene, match), match.last)
    return scene.first_in("later" if needs == "time" else "later.fixed", first, last) is not None


def _leads(match: _Match) -> bool:
    """Does the deed stand first, so that what denies it stands before it ("konnte nicht | storniert werden")?"""
    return match.frame is match.deed or _in_one(match.frame) or match.deed.first < match.frame.first


def _is_blocked(scene: Scene, match: _Match) -> bool:
    """Negation, offer or wish between frame and deed; a nobody before them; old promises; generalities."""
    sentence, first = match.sentence, match.first
    clause = scene.clause_start(first, sentence.first)
    if scene.first_in("block", match.frame.first, max(match.frame.first, match.deed.first) + 1) is not None:
        return True
    before = scene.last_in("block", max(clause, first - 3), first)
    return (
        (before is not None and before.last >= first - 1 and _leads(match))
        or scene.first_in("nobody", clause, match.deed.first) is not None
        or scene.first_in("block_after", first, scene.clause_end(match.last - 1, sentence.last)) is not None
        or scene.first_in("reported", max(sentence.first, first - 40), first) is not None
        or scene.first_in("general", max(sentence.first, first - 40), min(sentence.last, match.last + 40)) is not None
        or scene.in_quotes(first)
    )


# --- several promises in one sentence ---------------------------------------------------------------------------------


def _set_apart(scene: Scene, matches: list[_Match]) -> Iterator[_Match]:
    """Each match with its part of its sentence: two joined promises are two ("we refund it today and the courier will
    fetch it on Monday")."""
    groups = _grouped(matches)
    bounds = [(g[0].since, g[0].until, False) for g in groups]
    for at, (one, two) in enumerate(pairwise(groups)):
        joint = _joint(scene, one, two)
        if joint is None:
            continue
        ends, since, apart = joint
        if apart:
            bounds[at] = bounds[at][0], ends, bounds[at][2]
        bounds[at + 1] = (since if apart else bounds[at][0]), bounds[at + 1][1], not apart
    for group, (since, until, carried) in zip(groups, bounds, strict=True):
        yield from (replace(match, since=since, until=until, carried=carried) for match in group)


def _grouped(matches: list[_Match]) -> list[list[_Match]]:
    """Matches that share words are ways to see one promise."""
    groups: list[list[_Match]] = []
    last = -1
    for match in matches:
        if groups and match.first < last:
            groups[-1].append(match)
        else:
            groups.append([match])
        last = max(last, match.last)
    return groups


def _joint(scene: Scene, one: list[_Match], two: list[_Match]) -> tuple[int, int, bool] | None:
    """Where the first of two joined promises ends and the second begins, and do they stand apart? What is looked into
    and then answered, made and then sent, is one thing with one time. None where nothing joins them."""
    if one[0].index != two[0].index:
        return None
    first, begun = max(m.last for m in one), min(m.first for m in two)
    joint = scene.first_in("and", first, first + 1) or scene.last_in("and", first, begun + 1)
    if joint is not None:
        ends, since = joint.first, joint.last if joint.last <= begun else joint.first
    else:
        ends = since = max(scene.clause_start(begun, first), first)
    dated = (
        scene.first_in("later.fixed", one[0].since, ends) is not None,
        scene.first_in("later.fixed", since, two[0].until) is not None,
    )
    if all(dated):
        return (ends, since, True) if joint is not None or scene.words.pauses[since] else None
    if joint is None and not scene.words.pauses[since]:
        return None
    one_thing = _is_one(one, two, dated)
    return None if joint is None and one_thing else (ends, since, not one_thing)


def _is_one(one: list[_Match], two: list[_Match], dated: tuple[bool, bool]) -> bool:
    """Are two joined promises, not both with a time, one?"""
    kinds = _sort_of(one), _sort_of(two)
    step = not dated[0] and (kinds[0] in _STEPS or any(m.fact("needs") in ("time", "fixed") for m in one))
    return step or kinds[0] == kinds[1] or set(kinds) <= set(_TALK) or (kinds[1] == "other" and not any(dated))


def _sort_of(group: list[_Match]) -> str:
    """The kind that says most."""
    return next((kind for m in group if (kind := m.fact("kind", "other")) != "other"), "other")


# --- conditions, questions, the present moment -----------------------------------------------------------------------


def _label(scene: Scene, match: _Match) -> tuple[str, Hit | None]:
    """F, K, I or N, and what the K depends on."""
    condition = _condition(scene, match)
    if condition is not None:
        return "K", condition
    if match.able or _is_question(scene, match.sentence):
        return "N", None
    return ("I" if _is_now(scene, match) else "F"), None


def _is_question(scene: Scene, sentence: Sentence) -> bool:
    if sentence.ender != "?":
        return False
    tag = scene.last_in("tag", max(sentence.first, sentence.last - 5), sentence.last)
    return tag is None or tag.last != sentence.last


def _condition(scene: Scene, match: _Match) -> Hit | None:
    """What the promise waits for, in its own sentence or in one beside it."""
    sentence, first = match.sentence, match.first
    free = scene.last_in("regardless", sentence.first, match.deed.first)
    since = free.last if free is not None else sentence.first
    own = scene.last_in("condition", since, first + 1) or scene.last_in("request", since, first)
    if own is not None:
        return own
    after = _uncourteous(scene, "condition", match.deed.first, sentence.last)
    after = after or _uncourteous(scene, "request.yes", match.last, sentence.last)
    if after is not None or free is not None:
        return after
    return _asked_before(scene, match) or _asked_after(scene, match)


def _uncourteous(scene: Scene, name: str, first: int, last: int) -> Hit | None:
    """The first hit that is neither courtesy nor a second verb of the promise itself ("… and tell you")."""
    for _ in range(_LOOKS):
        hit = scene.first_in(name, first, last)
        if hit is None:
            return None
        joined = scene.last_in("join", max(hit.first - 1, 0), hit.first)
        carried = joined is not None and hit.rule.facts.get("at") == "start"
        if not carried and not scene.overlapped(hit, "courtesy"):
            return hit
        first = hit.first + 1
    return None


def _asked_before(scene: Scene, match: _Match) -> Hit | None:
    """A request to the customer in one of the two sentences before, with nothing since that makes it free. What is not
    asked for information ("unplug it, please") holds up no promise that names its own time or is only passed on."""
    free = match.fact("kind") == "forward" or _is_dated(scene, match)
    if (then := _then(scene, match)) is not None:
        return then
    for index in range(match.index - 1, max(match.index - 3, -1), -1):
        sentence = scene.words.sentences[index]
        if scene.first_in("regardless", sentence.first, sentence.last) is not None:
            return None
        asked = scene.last_in("request.yes", sentence.first, sentence.last)
        if asked is None and not free:
            asked = scene.last_in("request.other", sentence.first, sentence.last)
        if asked is not None and not scene.overlapped(asked, "courtesy"):
            return asked
    return None


def _then(scene: Scene, match: _Match) -> Hit | None:
    """The word that hangs a promise on the answer to the question just before ("Does Tuesday suit you? Then …")."""
    before = match.index - 1
    if before < 0 or scene.words.sentences[before].ender != "?":
        return None
    return scene.first_in("then", match.sentence.first, match.sentence.first + 1)


def _asked_after(scene: Scene, match: _Match) -> Hit | None:
    """Information asked for right after the promise: it is needed first, unless a time was named, it is only passed on,
    or the sentence only offers more help ("anything else? just reply to this email")."""
    if _is_dated(scene, match) or match.fact("kind") == "forward":
        return None
    for following in scene.words.sentences[match.index + 1 : match.index + 3]:
        if scene.first_in("regardless", following.first, following.last) is not None:
            return None
        if scene.first_in("courtesy", following.first, following.last) is not None:
            continue
        asked = scene.first_in("request.yes", following.first, following.last)
        if asked is not None:
            return asked
    return None


def _is_dated(scene: Scene, match: _Match) -> bool:
    """Does the promise name its own time?"""
    last = min(match.sentence.last, match.last + 20)
    return scene.first_in("later.fixed", match.first, last) is not None


def _is_now(scene: Scene, match: _Match) -> bool:
    """Done in this very moment: the clause says so, or the sentences around it ask to wait, and no time is named."""
    if _kind(scene, match) in _TALK or _is_dated(scene, match):
        return False
    sentences = scene.words.sentences
    reach = 0 if match.fact("kind") in ("refund", "ship", "visit") else 1
    around = sentences[max(match.index - reach, 0) : match.index + reach + 1]
    return any(scene.first_in("immediate", s.first, s.last) is not None for s in around)


# --- from a match to a claim -----------------------------------------------------------------------------------------


def _claim(scene: Scene, match: _Match, label: str, condition: Hit | None) -> Claim:
    first = _quote_first(scene, match)
    doer = match.doer
    return Claim(
        label,
        _kind(scene, match),
        first,
        _quote_last(scene, match),
        match.index,
        (doer or match.frame).rule.facts.get("promiser", "speaker"),
        (min(first, doer.first), doer.last) if doer is not None else None,
        (condition.first, condition.last) if condition is not None else None,
        match.deed.rule.facts.get("small") == "yes",
        match.deed.rule.facts.get("weak") == "yes",
        match.carried,
    )


def _kind(scene: Scene, match: _Match) -> str:
    """The kind of the deed; of "look into it and tell you" the contact, because that is what can be seen."""
    kind = match.fact("kind", "other")
    if kind not in _BEHIND_TALK:
        return kind
    takes = match.frame.rule.facts.get("takes", "").split()
    for token in range(match.deed.last, min(match.deed.last + _MAX_GAP, match.until)):
        for deed in scene.deeds.get(token, ()):
            facts = deed.rule.facts
            if facts.get("kind") in _TALK and facts.get("form") in takes and scene.clause_start(token, 0) == token:
                return facts["kind"]
    return kind


def _quote_first(scene: Scene, match: _Match) -> int:
    facts = match.frame.rule.facts
    whole = match.doer is not None or "with" in facts or match.frame is match.deed or facts.get("clause") == "yes"
    if not whole and not _in_one(match.frame):
        return match.first
    return scene.phrase_start(match.first, match.since)


def _quote_last(scene: Scene, match: _Match) -> int:
    """The end of the clause: at punctuation that no time follows, or where the next promise begins."""
    last = min(match.until, match.first + _LONGEST_QUOTE)
    for token in range(match.last, last):
        if scene.words.pauses[token] and scene.first_in("later", token, token + 1) is None:
            return token
        if token > match.last and _begins_another(scene, token):
            joined = scene.last_in("join", token - 1, token)
            return token - 1 if joined is not None else token
    return max(last, match.last)


def _begins_another(scene: Scene, token: int) -> bool:
    """Does a frame begin here that has its deed? (A clitic such as Spanish "la" is an article elsewhere.)"""
    sentence = scene.words.sentences[scene.words.sentence_of(token)]
    return any(_deed_of(scene, f, sentence) or _open_deed(scene, f, sentence) for f in scene.beginning("frame", token))


def _merge(claims: list[Claim]) -> list[Claim]:
    """One claim for one thing: what overlaps in a sentence is one, and so is what a dropped subject carries on."""
    kept: list[Claim] = []
    for claim in claims:
        earlier = kept[-1] if kept else None
        if earlier is not None and earlier.sentence == claim.sentence and (claim.first < earlier.last or claim.carried):
            kept[-1] = _joined(earlier, claim)
        else:
            kept.append(claim)
    strong = [c for c in kept if not c.weak]
    return strong or kept


def _joined(one: Claim, two: Claim) -> Claim:
    """The stronger label wins with its quote; of the kinds, a contact, the thing sent rather than the message that
    carries it, goods rather than just something sent, and any before "other"."""
    best, other = (two, one) if "FKIN".index(two.label) < "FKIN".index(one.label) else (one, two)
    talks = other.kind in _TALK and best.kind in _BEHIND_TALK
    carried = other.kind == "send" and best.kind in _TALK
    goods = other.kind == "ship" and best.kind == "send"
    led_to = two.carried and best is one and one.kind in _STEPS and two.kind != "other"
    tells_more = talks or carried or goods or led_to or best.kind == "other"
    kind = other.kind if other.label == best.label and tells_more else best.kind
    first = one.first if two.carried and one.label == two.label else best.first
    return replace(best, kind=kind, first=first, last=max(one.last, two.last) if best is one else best.last)
