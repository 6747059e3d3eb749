"""The things of the clinic that a message names: providers, specialties, kinds of visits, locations, video or in
person, insurers and plans, pharmacies, postal addresses (BRIEF 3.3, 3.5, 3.7, 3.10). In English and Spanish.

Each is found with its canonical value, its place in the text, how sure it is, and whether the message rules it out.
Precision comes before recall: what is missed is asked for, what is wrong is booked. Nothing here asks the records; the
clinic's lists are handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bedside.language.addresses import read_addresses
from bedside.language.clinic_lists import ClinicLists
from bedside.language.clinic_phrases import IN_PERSON, TELEHEALTH, Kind, Meaning, Strength, phrase_table
from bedside.language.negation import continues, negated
from bedside.language.pharmacies import place_end, value_of
from bedside.language.phrases import Word, words_of
from bedside.language.provider_names import Roster
from bedside.language.wordlists import load, tidy, word_set

__all__ = ["IN_PERSON", "TELEHEALTH", "ClinicReader", "Found", "Kind", "read_clinic_words", "reader_for"]

SURE = {
    Strength.PLAIN: 1.0,
    Strength.NOUN: 0.9,
    Strength.UNLESS: 0.9,
    Strength.CONTEXT: 0.8,
    Strength.ASKED: 0.8,
}
MISSPELLED, VOUCHED, RULED_OUT = 0.75, 0.9, 0.8

_NEAR = 8  # words around a phrase in which its context counts
_BESIDE = 25  # characters between a name and a specialty that vouches for it
_SHORT_ANSWER = 8  # words up to which a message may be the bare answer to a question
_SHORTEST_MISSPELLED = 8  # letters of a word of the lists; shorter ones are too like ordinary words
_LONG = 10  # letters from which two slips are forgiven instead of one


@dataclass(frozen=True)
class Found:
    """One thing named. `start` and `end` are places in the tidied text (`wordlists.tidy`), `text` what stands there.

    `value` is the clinic's own name for it where the clinic has one (for a location its key, for Kind.WAY
    "telehealth" or "in_person"); `others` are values as likely meant. `sure` is from 0 to 1; below 0.6 ask first.
    `negated`: the message rules it out ("anyone but Dr. Lowe").
    """

    kind: Kind
    value: str
    text: str
    start: int
    end: int
    sure: float
    negated: bool = False
    others: tuple[str, ...] = ()


def read_clinic_words(text: str, lists: ClinicLists, asked: Set[Kind] = frozenset()) -> tuple[Found, ...]:
    """All things of the clinic that the message names, in the order of the text.

    `asked`: what the assistant's last question was about; bare and common words count as answers to it ("heart").
    """
    return reader_for(lists).read(text, asked)


@lru_cache(maxsize=4)
def reader_for(lists: ClinicLists) -> ClinicReader:
    """The reader for these lists, made once (about 0.2 s)."""
    return ClinicReader(lists)


@dataclass(frozen=True)
class _Candidate:
    """Something found before overlaps are settled: `first` to `last` are its words, from `shown` on it is shown."""

    first: int
    last: int
    shown: int
    end: int
    kind: Kind | None
    value: str
    sure: float
    others: tuple[str, ...] = ()


class ClinicReader:
    """Reads messages for one clinic; may be shared by threads."""

    def __init__(self, lists: ClinicLists) -> None:
        """Make the tables of these lists."""
        self.lists = lists
        self._phrases = phrase_table(lists)
        self._roster = Roster(lists.providers)
        self._spellings = sorted(
            key[0]
            for key in self._phrases.keys
            if len(key) == 1 and len(key[0]) >= _SHORTEST_MISSPELLED and self._is_plain(key)
        )
        self._meant = lru_cache(maxsize=4096)(self._nearest)
        self.read("dr x not 1 main st")  # the word lists are loaded now, not with the first patient

    def read(self, text: str, asked: Set[Kind] = frozenset()) -> tuple[Found, ...]:
        """All things named, in the order of the text; see `read_clinic_words`."""
        clean = tidy(text)
        words = words_of(clean)
        shouted = sum(word.capital for word in words) > max(3, 0.8 * len(words)) or clean.isupper()
        chosen = _without_overlaps(
            [
                *self._addresses(clean, words),
                *self._providers(words, asked, shouted),
                *self._named(clean, words, asked),
                *self._misspelled(clean, words),
            ]
        )
        return tuple(self._vouched(list(_told(clean, words, chosen))))

    def _vouched(self, found: list[Found]) -> Iterator[Found]:
        """Surer of a provider whose specialty stands beside the name: "Lowe the foot doctor"."""
        own = {one.name: one.specialties for one in self.lists.providers}
        for one in found:
            beside = [
                other.value
                for other in found
                if other.kind is Kind.SPECIALTY and -_BESIDE <= other.start - one.end <= _BESIDE + one.end - one.start
            ]
            if one.kind is Kind.PROVIDER and set(beside) & set(own.get(one.value, ())):
                yield replace(one, sure=max(one.sure, VOUCHED))
            else:
                yield one

    # What is found, kind by kind ---------------------------------------------------------------------------------

    def _addresses(self, clean: str, words: Sequence[Word]) -> Iterator[_Candidate]:
        for address in read_addresses(clean):
            inside = [place for place, word in enumerate(words) if address.start <= word.start < address.end]
            if inside:
                first, last = inside[0], inside[-1] + 1
                yield _Candidate(first, last, first, last, Kind.ADDRESS, address.line, 1.0 if address.complete else 0.8)

    def _providers(self, words: Sequence[Word], asked: Set[Kind], shouted: bool) -> Iterator[_Candidate]:
        for one in self._roster.find(words, asked=Kind.PROVIDER in asked, shouted=shouted):
            kind = Kind.PROVIDER if one.names else Kind.UNKNOWN_PROVIDER
            value = one.names[0] if one.names else one.typed.title()
            yield _Candidate(one.first, one.last, one.titled, one.last, kind, value, one.sure, one.names[1:])

    def _named(self, clean: str, words: Sequence[Word], asked: Set[Kind]) -> Iterator[_Candidate]:
        matches = list(self._phrases.find(words))
        plain = [
            (match.first, match.last, one.kind)
            for match in matches
            for one in match.meanings
            if one.strength is Strength.PLAIN
        ]
        for match in matches:
            meanings = match.meanings
            if any(one.kind is None for one in meanings):
                yield _Candidate(match.first, match.last, match.first, match.last, None, "", 1.0)
                continue
            seen: set[Kind | None] = set()
            for meaning in sorted(meanings, key=lambda one: -SURE[one.strength]):
                if meaning.kind in seen:
                    continue
                first, last = _core(words, match.first, match.last, meaning)
                if self._counts(words, first, last, meaning, asked, plain):
                    seen.add(meaning.kind)
                    yield self._candidate(clean, words, match.first, match.last, first, last, meaning)

    def _candidate(
        self, clean: str, words: Sequence[Word], first: int, last: int, shown: int, end: int, meaning: Meaning
    ) -> _Candidate:
        sure, value, others = SURE[meaning.strength], meaning.value, meaning.others
        if meaning.kind is Kind.PHARMACY:
            end = place_end(words, end)
            place = _place_words(clean, words, last, end)
            value, others = value_of(meaning.value, place, self.lists.pharmacies)
            last = max(last, end)
        return _Candidate(first, last, shown, end, meaning.kind, value, sure, others)

    def _misspelled(self, clean: str, words: Sequence[Word]) -> Iterator[_Candidate]:
        for place, word in enumerate(words):
            if len(word.text) < _SHORTEST_MISSPELLED - 1 or word.owns or not word.text.isalpha():
                continue
            for meaning in self._meant(word.text):
                first, last = place, place + 1
                if meaning.kind is Kind.LOCATION and not _is_place(words, first, last):
                    continue
                yield replace(self._candidate(clean, words, first, last, first, last, meaning), sure=MISSPELLED)

    def _nearest(self, text: str) -> tuple[Meaning, ...]:
        if (
            text in word_set("ordinary", "words")
            or text in word_set("names", "family")
            or text in word_set("names", "given")
        ):
            return ()
        if self._phrases.meanings((text,)):
            return ()
        near = process.extract(text, self._spellings, scorer=OSA.distance, score_cutoff=2, limit=3)
        good = [
            (name, slips)
            for name, slips, _ in near
            if name[0] == text[0] and slips <= (2 if len(name) >= _LONG and len(text) >= _LONG - 1 else 1)
        ]
        if not good or not text.removesuffix("s") or any(text in (f"{name}s", f"{name}es") for name, _ in good):
            good = [(name, slips) for name, slips in good if text in (f"{name}s", f"{name}es")]
        least = [name for name, slips in good if slips == good[0][1]]
        meanings = {self._phrases.meanings((name,))[0] for name in least}
        return tuple(meanings) if len({(one.kind, one.value) for one in meanings}) == 1 else ()

    def _is_plain(self, key: tuple[str, ...]) -> bool:
        return all(one.kind is not None and one.strength is Strength.PLAIN for one in self._phrases.meanings(key))

    # Whether a phrase counts -------------------------------------------------------------------------------------

    def _counts(
        self,
        words: Sequence[Word],
        first: int,
        last: int,
        meaning: Meaning,
        asked: Set[Kind],
        plain: Sequence[tuple[int, int, Kind | None]],
    ) -> bool:
        kind = meaning.kind
        if kind is Kind.LOCATION and not _is_place(words, first, last):
            return False
        if meaning.strength is Strength.PLAIN:
            return True
        if kind in asked and len(words) <= _SHORT_ANSWER:
            return True
        if meaning.strength is Strength.NOUN:
            return last == len(words) or words[last].after_stop or words[last].text in word_set("visits", "noun_before")
        if meaning.strength is Strength.UNLESS:
            return not _around(words, first, last) & word_set("ways", "unless_words")
        if meaning.strength is Strength.ASKED or kind is None:
            return False
        if _is_all(words, first, last) or (kind is Kind.PHARMACY and _is_singled_out(words, first, last)):
            return True
        vouching = _VOUCHING.get(kind, ())
        if any(
            other in vouching and begin != first and (abs(begin - last) <= 3 or abs(first - end) <= 3)
            for begin, end, other in plain
        ):
            return True
        return _in_context(words, first, last, kind)


_VOUCHING = {
    Kind.PAYER: (Kind.PAYER, Kind.PLAN),
    Kind.PLAN: (Kind.PAYER, Kind.PLAN),
    Kind.LOCATION: (Kind.LOCATION,),
}
"""What stands close by and makes a common word count: "Riverside or Harbor", "United PPO"."""

_OWNED = frozenset({Kind.PAYER, Kind.PLAN, Kind.PHARMACY})

_CONTEXTS = {
    Kind.SPECIALTY: ("specialties", "context_words", None),
    Kind.VISIT_TYPE: ("visits", "context_words", "against_words"),
    Kind.WAY: ("ways", "context_words", "against_words"),
    Kind.PAYER: ("insurers", "context_words", None),
    Kind.PLAN: ("insurers", "context_words", None),
    Kind.PHARMACY: ("pharmacies", "context_words", None),
    Kind.LOCATION: ("clinic", "place_context", None),
}


def _in_context(words: Sequence[Word], first: int, last: int, kind: Kind) -> bool:
    name, wanted, unwanted = _CONTEXTS.get(kind, ("", "", None))
    if not name:
        return False
    around = _around(words, first, last)
    return not (unwanted and around & word_set(name, unwanted)) and bool(around & word_set(name, wanted))


def _around(words: Sequence[Word], first: int, last: int) -> set[str]:
    near = (*words[max(0, first - _NEAR) : first], *words[last : last + _NEAR])
    return {word.text for word in near}


def _core(words: Sequence[Word], first: int, last: int, meaning: Meaning) -> tuple[int, int]:
    """The words of the name itself in a longer phrase ("the Harbor one")."""
    size = len(meaning.core)
    for place in range(first, last - size + 1):
        if size and tuple(word.text for word in words[place : place + size]) == meaning.core:
            return place, place + size
    return first, last


def _is_place(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the name of a location is not a part of another place's name, or where somebody lives."""
    if last < len(words) and words[last].joined and words[last].text in word_set("clinic", "not_after"):
        return False
    following = words[last : last + 1]
    if following and following[0].joined and following[0].capital and words[first].capital:
        return following[0].text in word_set("clinic", "place_context")  # not "Harbor House"
    begin = first
    while begin > 0 and not words[begin].after_stop:
        begin -= 1
    before = " ".join(word.text for word in words[begin:first])
    return re.search(load("clinic")["lives"], before + " ") is None


def _is_singled_out(words: Sequence[Word], first: int, last: int) -> bool:
    """ "The Walmart one", "my Kroger pharmacy"."""
    one = last < len(words) and words[last].text in ("one", "pharmacy", "farmacia")
    return one and first > 0 and words[first - 1].text in ("the", "my", "la", "el", "mi")


def _is_all(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the message says nothing else: "Harbor please"."""
    return all(word.text in word_set("clinic", "polite") for word in (*words[:first], *words[last:]))


def _place_words(clean: str, words: Sequence[Word], after: int, end: int) -> str:
    """Where a pharmacy is, as typed: "on Main"."""
    if after < end and words[after].text in {str(word) for word in load("pharmacies")["suffix"]}:
        after += 1
    return clean[words[after].start : words[end - 1].end] if after < end else ""


def _told(clean: str, words: Sequence[Word], chosen: Sequence[_Candidate]) -> Iterator[Found]:
    """What was chosen, with its place in the text and whether it is ruled out."""
    taken = {place for one in chosen for place in range(one.first, one.last)}
    before: dict[Kind, tuple[tuple[int, int], bool]] = {}
    for one in chosen:
        if one.kind is None:
            continue
        shown = one.shown if not set(range(one.shown, one.first)) & taken else one.first
        span = (shown, one.end)
        denied = one.kind is not Kind.ADDRESS and negated(words, span, owned=one.kind in _OWNED)
        last = before.get(one.kind)
        denied = denied or (last is not None and last[1] and continues(words, last[0], span))
        before[one.kind] = (span, denied)
        start, end = words[shown].start, words[one.end - 1].end
        sure = max(one.sure, RULED_OUT) if denied and one.kind is Kind.PROVIDER else one.sure
        yield Found(one.kind, one.value, clean[start:end], start, end, sure, denied, one.others)


def _without_overlaps(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """The longest first, then the surest; several kinds may share the very same words. In the order of the text."""
    chosen: list[_Candidate] = []
    for one in sorted(candidates, key=lambda one: (one.first - one.last, -one.sure, one.first)):
        rivals = [other for other in chosen if other.first < one.last and one.first < other.last]
        same = all(
            (other.first, other.last) == (one.first, one.last)
            and other.kind is not one.kind
            and other.kind is not None
            and Kind.ADDRESS not in (one.kind, other.kind)
            and Kind.PROVIDER not in (one.kind, other.kind)
            and Kind.UNKNOWN_PROVIDER not in (one.kind, other.kind)
            for other in rivals
        )
        if same:
            chosen.append(one)
    return sorted(chosen, key=lambda one: (one.first, one.last))
