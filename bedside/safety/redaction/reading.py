"""One message while it is read: its groups of digits, and what the words beside them say they are."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

from bedside.language.numerals import Numeral, numerals, read_cardinal
from bedside.safety.redaction.cues import KINDS_BEHIND, Cue, cues
from bedside.safety.redaction.protected import protected
from bedside.safety.redaction.spans import Index, Span
from bedside.safety.redaction.words import expression, word_set

BEFORE = 64  # characters before a number in which a word can say what it is
AFTER = 48
_GAP = 44  # characters between two pieces of one number
TIGHT = re.compile(r"[\s\-._,/*:|()\u200b\u200c\u200d\ufeff\ufe0f\u20e3+]{0,4}")
_YEAR = re.compile(r"(?:19|20)\d\d")
_STRAYED = r"\b(?:{strayed})\b"
LINK = r"[\s:#=,\-()>*'\"]*(?:(?:{link})[\s:#=,\-.]*){0,3}"
_ANSWERED = r"[^\d.!?;\n]{0,32}[.!?;\n\s]+(?:(?:{answered})\W+){0,3}"
_BANK_BEFORE = r"\b(?:{bank_before})(?:'s)?[^\w.!?;\n]*$"


class Reading:
    """One message while it is read: its plain form, its groups of digits, what is protected, what goes.

    In `joined`, of the same length, the words that count digits ("the last four") or name a code ("cvv2") are blank.
    """

    def __init__(self, plain: str) -> None:
        rules = cues()
        self.plain = plain
        joined = rules.counts.sub(_blank, plain)
        self.cues: list[Cue] = []
        self._cue_ends: list[int] = []
        self.groups = _groups(joined)
        self.joined = joined
        self.taken: list[Span] = []
        self._taken = Index(())
        self._kinds: dict[tuple[int, int], str | None] = {}
        self._chains: dict[tuple[bool, int], list[list[Numeral]]] = {}
        if not self.groups:
            self.protected = Index(())
            return
        self.cues = [Cue(cue.start(), cue.end(), str(cue.lastgroup)) for cue in rules.any_cue.finditer(plain)]
        self._cue_ends = [cue.end for cue in self.cues]
        ends = {place for group in self.groups for place in (group.end + 1, group.end + 2)}
        # "one two three on the back": there the three is a digit.
        named = [cue for cue in self.cues if cue.kind == "cvv" and cue.start not in ends]
        if named:
            for cue in named:
                joined = joined[: cue.start] + " " * (cue.end - cue.start) + joined[cue.end :]
            self.joined = joined
            self.groups = _groups(joined)
        self.protected = Index(protected(plain))

    def take(self, spans: Iterable[Span]) -> None:
        """Mark these to be removed."""
        self.taken.extend(spans)
        self._taken = Index(self.taken)

    def is_taken(self, start: int, end: int) -> bool:
        """Whether something between these places is marked already."""
        return bool(self.taken) and bool(self._taken.over(start, end))

    def chains(self, *, loose: bool) -> list[list[Numeral]]:
        """Groups of digits that may be one number: only marks between them, or, when `loose`, a few words of passage.

        What is taken is left out.
        """
        key = (loose, len(self.taken))
        if key not in self._chains:
            self._chains[key] = list(_linked(self, loose))
        return self._chains[key]

    def about(self, *kinds: str) -> bool:
        """Whether a word for one of these kinds stands anywhere."""
        return any(cue.kind in kinds for cue in self.cues)

    def cues_before(self, place: int) -> Iterator[Cue]:
        """The cues close before a place, the nearest first."""
        for index in range(bisect_right(self._cue_ends, place) - 1, -1, -1):
            if self.cues[index].start < place - BEFORE:
                return
            yield self.cues[index]

    def kind_of(self, start: int, end: int) -> str | None:
        """What the words beside a number say it is.

        Those behind it when they speak of it ("… is my social") or nothing is said before it; else the nearest before.
        """
        if (start, end) not in self._kinds:
            self._kinds[start, end] = _kind_of(self, start, end)
        return self._kinds[start, end]


def parted(reading: Reading, chain: list[Numeral], *kinds: str) -> Iterator[list[Numeral]]:
    """The chain, parted where a protected thing of these kinds stands."""
    run: list[Numeral] = []
    if not reading.protected.over(chain[0].start, chain[-1].end, *kinds):
        yield chain
        return
    for group in chain:
        if not reading.protected.over(group.start, group.end, *kinds):
            run.append(group)
            continue
        if run:
            yield run
        run = []
    if run:
        yield run


def is_direct(reading: Reading, start: int, end: int, kind: str) -> bool:
    """Whether a word of the kind speaks of the number with nothing else between."""
    last = next((cue for cue in reading.cues_before(start) if cue.kind == kind), None)
    if last and expression(LINK).fullmatch(reading.plain[last.end : start]):
        return True
    behind = cues().behind.match(reading.plain[end : end + AFTER])
    return bool(behind and behind.group(f"is_{kind}"))


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _groups(text: str) -> list[Numeral]:
    """The groups of digits, with hundreds and thousands in words as one group ("five hundred thirty six")."""
    groups = numerals(text)
    large = cues().large
    if not large.search(text):
        return groups
    words = [(found.group(), found.start(), found.end()) for found in re.finditer(r"[^\W_]+", text)]
    wholes: list[Numeral] = []
    free = 0
    for found in large.finditer(text):
        place = bisect_left(words, found.start(), key=lambda word: word[1])
        for first in range(max(free, place - 3), place + 1):
            last = first
            while last + 1 < min(first + 8, len(words)) and not text[words[last][2] : words[last + 1][1]].strip(" -"):
                last += 1
            read = read_cardinal([word for word, _, _ in words[first : last + 1]]) if last >= place else None
            if read and first + read[1] > place:
                free = first + read[1]
                wholes.append(Numeral(words[first][1], words[free - 1][2], str(read[0]), True))
                break
    if not wholes:
        return groups
    over = Index(Span(whole.start, whole.end, "") for whole in wholes)
    kept = [group for group in groups if not over.over(group.start, group.end)]
    return sorted([*kept, *wholes], key=lambda group: group.start)


def _linked(reading: Reading, loose: bool) -> Iterator[list[Numeral]]:
    chain: list[Numeral] = []
    for group in reading.groups:
        if reading.is_taken(group.start, group.end):
            continue
        if chain and not _belongs(reading.joined[chain[-1].end : group.start], loose):
            yield chain
            chain = []
        chain.append(group)
    if chain:
        yield chain


def _belongs(gap: str, loose: bool) -> bool:
    if TIGHT.fullmatch(gap):
        return True
    if not loose or len(gap) > _GAP or re.search(r"[$%!?]", gap):
        return False
    return all(word in word_set("inside") for word in re.findall(r"[^\W\d_]+", gap))


def _kind_of(reading: Reading, start: int, end: int) -> str | None:
    plain = reading.plain
    before = _cue_before(reading, start)
    behind = cues().behind.match(plain[end : end + AFTER])
    if behind:
        speaks = behind["verb"] or (
            before is None and not re.match(r"\W*(?:\w+\W+)?\d", plain[end + behind.end() : end + behind.end() + 24])
        )
        if speaks:
            return next((kind for kind in KINDS_BEHIND if behind[f"is_{kind}"]), before)
    return before


def _cue_before(reading: Reading, start: int) -> str | None:
    plain = reading.plain
    for cue in reading.cues_before(start):
        between = plain[cue.end : start]
        if re.search(r"[.!?;\n][^\d]*\d[^\d]*$", between):
            continue
        if cue.kind in {"cvv", "pin", "expiry"} and not _leads_to(between, plain[start : start + 4]):
            return None
        if cue.kind == "account" and expression(_BANK_BEFORE).search(plain[max(0, cue.start - AFTER) : cue.start]):
            return "bank"
        return cue.kind
    return None


def _leads_to(between: str, number: str) -> bool:
    """Whether what stands between a word for a code and a number lets the word speak of it."""
    if expression(LINK).fullmatch(between):
        return True
    if expression(_STRAYED).search(between) or _YEAR.match(number):
        return False
    return bool(cues().between.match(between) or (len(between) <= BEFORE and expression(_ANSWERED).fullmatch(between)))
