"""The emergency phrases and their contexts, read from `lexicon/*.yml` and matched over tokens (R2).

Why not spaCy's Matcher: what decides here is a phrase *and* what stands round it in the same sentence (negation, a date
long past, a bill), misspelled words, and 10,000-character messages within milliseconds. The matcher below asks only for
the patterns whose rarest word occurs in the text, knows the place of a found phrase inside a context pattern (`%`), and
costs no import of a language pipeline. The language rules are data; this is a small reader of them.

Patterns, one a line: words parted by spaces. `a|b` either; `breath*` a beginning; `word?` optional; `@name` a list of
`words.yml`; `~` up to three words between, `~6` up to six, never over the end of a sentence; `^` start of a message,
`$` end of a clause.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein
from ruamel.yaml import YAML

from bedside.safety.normalize import Speller, Token, readable, tokens

DATA = Path(__file__).parent / "lexicon"

MEDICAL, SELF_HARM, HARM_OTHERS = "medical", "self_harm", "harm_others"
KINDS = (MEDICAL, SELF_HARM, HARM_OTHERS)
ALWAYS, NOW, ASK, SET_ASIDE = "always", "now", "ask", "set_aside"
LEVELS = (ALWAYS, NOW, ASK)
_GAP = 3
_RECENT, _LIVE = "recent", "live"
_BILLING = "billing"
_ONESELF = frozenset({"myself", "my", "me", "mi", "mí", "matarme", "suicidarme", "quitarme", "morirme"})
_GLUE = ("i", "a", "im", "me", "my", "he", "she", "is", "to", "the", "mi", "el", "la", "no", "se", "of", "in")


class LexiconError(ValueError):
    """A phrase file that cannot be read as meant; the message names the file and the pattern."""


@dataclass(frozen=True)
class Element:
    """One place of a pattern: exact words, beginnings of words, or (with `gap`) that many free words."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    optional: bool = False
    gap: int = 0
    hit: bool = False
    start: bool = False
    end: bool = False

    def takes(self, word: str) -> bool:
        """Whether the word may stand here."""
        return word in self.words or (bool(self.beginnings) and word.startswith(self.beginnings))


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `anchor` is the place of the element that has to be found first."""

    name: str
    elements: tuple[Element, ...]
    anchor: int


@dataclass(frozen=True)
class Concept:
    """What a pattern means: `kind` medical, self_harm or harm_others; `level` always, now or ask."""

    category: str
    name: str
    kind: str
    level: str

    @property
    def code(self) -> str:
        """As it appears among the reasons of a decision."""
        return f"lexicon:{self.category}:{self.name}"


@dataclass(frozen=True)
class Hit:
    """A phrase found: tokens `start` up to and without `end`; `level` always, now, ask or set_aside."""

    concept: Concept
    start: int
    end: int
    level: str
    because: str = ""

    @property
    def code(self) -> str:
        """The concept's code, and why it was lowered."""
        return f"{self.concept.code}:{self.because}" if self.because else self.concept.code


def _parse(text: str, words: dict[str, frozenset[str]], where: str) -> tuple[Element, ...]:
    elements = []
    for part in text.split():
        if part == "%":
            elements.append(Element(hit=True))
            continue
        if part == "^":
            elements.append(Element(start=True))
            continue
        if part == "$":
            elements.append(Element(end=True))
            continue
        if part.startswith("~"):
            if part[1:] and not part[1:].isdigit():
                raise LexiconError(f"{where}: {part!r} in {text!r} is no gap.")
            elements.append(Element(gap=int(part[1:] or _GAP)))
            continue
        optional = part.endswith("?")
        exact: set[str] = set()
        beginnings: set[str] = set()
        for choice in part.rstrip("?").split("|"):
            if choice.startswith("@"):
                if choice[1:] not in words:
                    raise LexiconError(f"{where}: {text!r} asks for the unknown list {choice}.")
                for word in words[choice[1:]]:
                    (beginnings if word.endswith("*") else exact).add(word.rstrip("*"))
            elif choice:
                (beginnings if choice.endswith("*") else exact).add(choice.rstrip("*"))
            else:
                raise LexiconError(f"{where}: an empty choice in {text!r}.")
        elements.append(Element(frozenset(exact), tuple(sorted(beginnings)), optional))
    return tuple(elements)


def _compile(name: str, text: str, words: dict[str, frozenset[str]], where: str) -> Pattern:
    elements = _parse(text, words, where)
    required = [
        index
        for index, each in enumerate(elements)
        if not (each.gap or each.optional or each.hit or each.start or each.end)
    ]
    places = [index for index, each in enumerate(elements) if each.hit]
    if len(places) > 1 or (not required and not places):
        raise LexiconError(f"{where}: {text!r} needs a word that must be there, and at most one %.")
    if places:
        return Pattern(name, elements, places[0])

    frequent = words.get("frequent", frozenset())

    def rarity(index: int) -> tuple[int, int]:
        each = elements[index]
        cost = len(each.words) + 40 * len(each.words & frequent) + 4 * len(each.beginnings)
        return (cost, -max(map(len, [*each.words, *each.beginnings])))

    return Pattern(name, elements, min(required, key=rarity))


class _Index:
    """Patterns by the word that must occur."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        self._exact: dict[str, list[Pattern]] = {}
        self._beginnings: dict[str, list[Pattern]] = {}
        for pattern in patterns:
            anchor = pattern.elements[pattern.anchor]
            for word in anchor.words:
                self._exact.setdefault(word, []).append(pattern)
            for beginning in anchor.beginnings:
                self._beginnings.setdefault(beginning, []).append(pattern)
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})

    def candidates(self, word: str) -> Iterator[Pattern]:
        yield from self._exact.get(word, ())
        for length in self._lengths:
            yield from self._beginnings.get(word[:length], ())

    def find(self, said: Sequence[Token]) -> Iterator[tuple[Pattern, int, int]]:
        """Each pattern with the tokens it spans."""
        for place, token in enumerate(said):
            for pattern in self.candidates(token.text):
                span = _extend_both(pattern, said, place, place + 1)
                if span is not None:
                    yield pattern, *span


def _extend_both(pattern: Pattern, said: Sequence[Token], start: int, end: int) -> tuple[int, int] | None:
    """The span of a pattern whose anchor covers tokens start..end; None when the rest does not fit round it."""
    before = tuple(reversed(pattern.elements[: pattern.anchor]))
    after = pattern.elements[pattern.anchor + 1 :]
    left = _extend(before, 0, said, start, -1) if before else start
    if left is None:
        return None
    right = _extend(after, 0, said, end - 1, 1) if after else end - 1
    if right is None:
        return None
    return left, right + 1


def _extend(elements: tuple[Element, ...], at: int, said: Sequence[Token], place: int, step: int) -> int | None:
    """Where the elements end, going on from token `place` (already taken) in the direction of `step`."""
    while at < len(elements):
        each = elements[at]
        if each.start:
            return place if place == 0 else None
        if each.end:
            last = place + 1 == len(said) or said[place + 1].clause != said[place].clause
            return place if last else None
        if each.gap:
            for skipped in range(each.gap + 1):
                here = place + step * skipped
                if not (0 <= here < len(said)) or said[here].sentence != said[place].sentence:
                    return None
                found = _extend(elements, at + 1, said, here, step)
                if found is not None:
                    return found
            return None
        here = place + step
        fits = 0 <= here < len(said) and said[here].sentence == said[place].sentence and each.takes(said[here].text)
        if each.optional:
            if fits:
                found = _extend(elements, at + 1, said, here, step)
                if found is not None:
                    return found
            at += 1
            continue
        if not fits:
            return None
        place, at = here, at + 1
    return place


class Lexicon:
    """All phrases and contexts, ready to search in a text."""

    def __init__(self, folder: Path = DATA) -> None:
        """Read every phrase file in `folder`; raise LexiconError with file and pattern when one is malformed."""
        yaml = YAML(typ="safe")

        def read(path: Path) -> Any:
            with path.open(encoding="utf-8") as stream:
                return yaml.load(stream)

        self._words = {name: frozenset(str(given).split()) for name, given in read(folder / "words.yml").items()}
        concepts: dict[str, Concept] = {}
        patterns: list[Pattern] = []
        for path in sorted(folder.glob("phrases*.yml")):
            for category, body in read(path).items():
                kind = body.get("kind", MEDICAL)
                if kind not in KINDS:
                    raise LexiconError(f"{path.name}: {category} is of the unknown kind {kind!r}.")
                unknown = set(body) - {"kind", *LEVELS}
                if unknown:
                    raise LexiconError(f"{path.name}: {category} has the unknown keys {sorted(unknown)}.")
                for level in LEVELS:
                    for name, lines in (body.get(level) or {}).items():
                        concept = Concept(category, name, kind, level)
                        key = f"{category}:{name}:{level}"
                        concepts[key] = concept
                        patterns += [_compile(key, line, self._words, path.name) for line in lines]
        self._concepts = concepts
        self._phrases = _Index(patterns)

        context = read(folder / "context.yml")
        self._masks = _Index(self._context_patterns(context["masks"]))
        self._live = _Index(self._context_patterns({_LIVE: context[_LIVE]}))
        self._around = tuple(self._context_patterns(context["around"]))
        self._survives_live = frozenset(context["stronger_than_live"])
        self._lists = frozenset(str(context["list_words"]).split())
        self._others = frozenset(str(context["other_people"]).split())
        self._selves = frozenset(str(context["oneself"]).split())

        spelling = read(folder / "spelling.yml")
        self._joins = {tuple(str(given).split()): str(stands) for given, stands in spelling["joins"].items()}
        self._longest_join = max(map(len, self._joins), default=1)
        vocabulary, beginnings = self._vocabulary(patterns)
        genuine = frozenset((folder / "genuine.txt").read_text(encoding="utf-8").split())
        self._fuzzy = sorted(word for word in vocabulary if len(word) >= 5)
        self._by_initial: dict[str, list[str]] = {}
        for word in self._fuzzy:
            self._by_initial.setdefault(word[0], []).append(word)
        self._speller = Speller(
            {str(written): str(meant) for written, meant in spelling["words"].items()},
            vocabulary,
            beginnings,
            genuine,
            _GLUE,
            self._nearest,
        )

    def _context_patterns(self, groups: dict[str, list[str]]) -> list[Pattern]:
        return [_compile(name, line, self._words, "context.yml") for name, lines in groups.items() for line in lines]

    @staticmethod
    def _vocabulary(patterns: Sequence[Pattern]) -> tuple[frozenset[str], tuple[str, ...]]:
        """Every word that a phrase asks for, and every beginning of one."""
        elements = [each for pattern in patterns for each in pattern.elements]
        words = frozenset(word for each in elements for word in each.words)
        return words, tuple(sorted({beginning for each in elements for beginning in each.beginnings}))

    def _nearest(self, word: str) -> str | None:
        """The lexicon's word that a misspelled one most likely means: one slip up to 7 letters, two from 8 on."""
        found = process.extractOne(
            word,
            self._by_initial.get(word[0], ()),
            scorer=DamerauLevenshtein.distance,
            score_cutoff=1 if len(word) < 8 else 2,
        )
        return None if found is None else found[0]

    def mistaken(self, word: str) -> bool:
        """Whether a real word would be taken for a misspelled one of the lexicon, unless `genuine.txt` names it."""
        return self._speller.mistaken(word)

    def tokens(self, text: str) -> list[Token]:
        """The words of an already readable text, spelled out, fixed pairs joined (`can not` is `cant`)."""
        said = tokens(text, self._speller)
        out: list[Token] = []
        place = 0
        while place < len(said):
            for length in range(min(self._longest_join, len(said) - place), 1, -1):
                stands = self._joins.get(tuple(each.text for each in said[place : place + length]))
                if stands is not None:
                    out += [Token(word, said[place].sentence, said[place].clause) for word in stands.split()]
                    place += length
                    break
            else:
                out.append(said[place])
                place += 1
        return out

    def search(self, text: str) -> tuple[list[Token], list[Hit]]:
        """The tokens of a readable text and every phrase in it, each weighed by what stands round it."""
        said = self.tokens(text)
        masked = self._mask(said)
        raw: dict[tuple[str, int], tuple[int, int]] = {}
        for pattern, start, end in self._phrases.find(masked):
            key = (pattern.name, start)
            if key not in raw or raw[key][1] < end:
                raw[key] = (start, end)
        hits: list[Hit] = []
        live = {said[start].sentence for _, start, _ in self._live.find(said)} if raw else set()
        for (name, _), (start, end) in sorted(raw.items(), key=lambda item: item[1]):
            hits.append(self._weigh(self._concepts[name], masked, start, end, hits, live))
        return said, hits

    def _mask(self, said: list[Token]) -> list[Token]:
        """The tokens with figures of speech, departments and the like blanked out."""
        out = list(said)
        for _, start, end in self._masks.find(said):
            for place in range(start, end):
                out[place] = Token("", said[place].sentence, said[place].clause)
        return out

    def _weigh(
        self, concept: Concept, said: list[Token], start: int, end: int, earlier: list[Hit], live: set[int]
    ) -> Hit:
        because = ""
        for pattern in self._around:
            if _extend_both(pattern, said, start, end) is not None:
                because = pattern.name
                if because in self._survives_live:
                    break
        if not because:
            because = self._carried(said, start, earlier)
        if not because:
            return Hit(concept, start, end, concept.level)
        if because == _BILLING and concept.kind != MEDICAL and _ONESELF & {each.text for each in said[start:end]}:
            # "these bills, I want to end my life": a bill is the reason then, not the subject.
            return Hit(concept, start, end, concept.level)
        if because == _RECENT:
            return Hit(concept, start, end, ASK, because)
        if said[start].sentence in live and because not in self._survives_live:
            return Hit(concept, start, end, ASK, f"{because}:live")
        return Hit(concept, start, end, SET_ASIDE, because)

    def _carried(self, said: list[Token], start: int, earlier: list[Hit]) -> str:
        """`no chest pain, fever or fainting`: what set the one before aside goes for the next of the list too."""
        if not earlier or earlier[-1].level != SET_ASIDE or said[start].text in self._words["cannot"]:
            return ""
        last = earlier[-1]
        between = said[last.end : start]
        if said[last.start].sentence != said[start].sentence or len(between) > 4:
            return ""
        if last.end <= start and not all(token.text in self._lists for token in between):
            return ""
        return last.because

    def about(self, said: Sequence[Token], hits: Sequence[Hit]) -> str:
        """Who is in danger: `self`, `other` or `unknown`, by the nearest person named before the first live phrase."""
        alive = [hit for hit in hits if hit.level != SET_ASIDE]
        places = range(len(said))
        if alive:
            first = alive[0]
            sentence = said[first.start].sentence
            within = [place for place in range(first.end) if said[place].sentence == sentence]
            for place in reversed(within):
                if said[place].text in self._others:
                    return "other"
                if said[place].text in self._selves:
                    return self._possessed(said, place)
        words = {said[place].text for place in places}
        if words & self._others:
            return "other"
        return "self" if words & self._selves else "unknown"

    def _possessed(self, said: Sequence[Token], place: int) -> str:
        """`my mom`: a person of mine is another person."""
        following = [token.text for token in said[place + 1 : place + 3]]
        return "other" if set(following) & self._others else "self"


@lru_cache(maxsize=2)
def load_lexicon(folder: Path = DATA) -> Lexicon:
    """The lexicon that ships with the assistant, or a clinic's own folder of the same layout."""
    return Lexicon(folder)


def search(text: str, lexicon: Lexicon) -> list[Hit]:
    """Every phrase in a text as it was typed."""
    return lexicon.search(readable(text))[1]
