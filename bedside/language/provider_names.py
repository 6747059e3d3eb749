"""The clinic's providers as patients name them: with a title, by family or given name, misspelled (BRIEF 3.3).

A wrong doctor is worse than none. Behind "Dr." a name may be misspelled; without a title it must stand behind "with",
"see" or "con", or be a name that is no other word, and must not be the name of the one who writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import OSA

from bedside.language.clinic_lists import ClinicProvider
from bedside.language.phrases import Word, key_of
from bedside.language.wordlists import fold, load, word_set

SURE, CUED, MISSPELLED, LONE, DOUBTFUL = 1.0, 0.9, 0.8, 0.6, 0.5
"""How sure a name is: whole behind a title, behind a cue, misspelled behind one, alone, or as likely something else."""

_NEAR_CUE = 4  # words between an appointment and a given name that is meant for a provider
_ARTICLES = frozenset({"the", "la", "el", "una", "un", "a", "my", "mi"})


@dataclass(frozen=True)
class Person:
    """A provider's name in parts, each a tuple of words."""

    name: str
    given: tuple[str, ...]
    family: tuple[str, ...]
    doctor: bool


@dataclass(frozen=True)
class Named:
    """A provider named in a message: the words of the name, those with its title, who may be meant, how sure."""

    first: int
    last: int
    titled: int  # the first word of the title; `first` without one
    names: tuple[str, ...]  # likeliest first; none when it is a doctor whom the clinic does not know
    typed: str
    sure: float


def person_of(provider: ClinicProvider) -> Person | None:
    """The parts of a provider's name; None when it names no person ("Flu-shot nurse")."""
    head, _, tail = provider.name.partition(",")
    words = [word for word in key_of(head) if word not in word_set("clinic", "credentials")]
    rest = [word for word in key_of(tail) if word not in word_set("clinic", "credentials")]
    titles = [word for word in words if word in _titles() | _soft()]
    parts = [word for word in words if word not in _titles() | _soft()]
    if not parts or any(word in word_set("clinic", "staff") for word in key_of(head)[-1:] + key_of(head)[:1]):
        return None
    if rest:  # "Patel, Anita"
        given, family = tuple(rest[:1]), tuple(parts)
    else:
        start = _family_start(parts)
        given, family = tuple(parts[:1] if start else ()), tuple(parts[start:])
    credentials = set(key_of(provider.name)) & {"md", "do", "dpm", "dds", "dmd", "phd", "psyd"}
    return Person(provider.name, given, family, bool(credentials or set(titles) & _titles()))


def _family_start(parts: Sequence[str]) -> int:
    """Where the family name begins: the last word, with the particles before it ("de la cruz")."""
    start = len(parts) - 1
    while start > 0 and parts[start - 1] in word_set("names", "particles"):
        start -= 1
    return start


class Roster:
    """The providers of a clinic, ready to be looked for."""

    def __init__(self, providers: Iterable[ClinicProvider]) -> None:
        """Providers whose names are no person's are left out: they are found as phrases."""
        self.people = tuple(person for person in map(person_of, providers) if person)
        self._by_family: dict[tuple[str, ...], list[Person]] = {}
        self._by_given: dict[str, list[Person]] = {}
        for person in self.people:
            self._by_family.setdefault(person.family, []).append(person)
            for given in person.given:
                self._by_given.setdefault(given, []).append(person)
        self._firsts = {family[0] for family in self._by_family}
        self._single = tuple(family[0] for family in self._by_family if len(family) == 1)
        self._near = lru_cache(maxsize=4096)(self._nearest)

    def find(self, words: Sequence[Word], *, asked: bool, shouted: bool) -> Iterator[Named]:
        """Every provider named. `asked`: the assistant asked whom; `shouted`: capitals say nothing."""
        place = 0
        while place < len(words):
            named = self._at(words, place, asked, shouted)
            if named:
                yield named
            place = named.last if named else place + 1

    def _at(self, words: Sequence[Word], at: int, asked: bool, shouted: bool) -> Named | None:
        word = words[at]
        if word.text in _titles() | _soft() and at + 1 < len(words) and words[at + 1].joined:
            named = self._titled(words, at, shouted)
            if named:
                return named
        return self._untitled(words, at, asked, shouted)

    def _titled(self, words: Sequence[Word], title: int, shouted: bool) -> Named | None:
        hard = words[title].text in _titles()
        at = title + 1
        found = self._whole(words, at)
        if found:
            last, people = found
            people = [one for one in people if hard or not one.doctor]
            return Named(at, last, title, _names(people), _typed(words, at, last), SURE) if people else None
        near = self._misspelled(words, at, titled=True, abbreviated=words[title].text in ("dr", "dra"))
        if near:
            names = tuple(one for one in near[1] if hard or not self._doctor(one))
            return Named(at, at + 1, title, names, words[at].text, near[0]) if names else None
        if hard and self._is_unknown_name(words[at], shouted):
            last = at + 1
            if last < len(words) and words[last].joined and self._is_unknown_name(words[last], shouted):
                last += 1  # "Dr. Leonard Weiss"
            return Named(at, last, title, (), _typed(words, at, last), CUED)
        return None

    def _untitled(self, words: Sequence[Word], at: int, asked: bool, shouted: bool) -> Named | None:
        found = self._whole(words, at)
        cued = self._is_cued(words, at)
        if found:
            last, people = found
            sure = self._trust(words, at, last, people, cued=cued, asked=asked, shouted=shouted)
            return Named(at, last, at, _names(people), _typed(words, at, last), sure) if sure else None
        if _is_person(words, at, at + 1) or words[at].owns:
            return None
        near = self._misspelled(words, at, titled=False, abbreviated=False, loose=cued or asked)
        if near and (cued or asked or len(words[at].text) >= 7):
            return Named(at, at + 1, at, near[1], words[at].text, MISSPELLED - (0.1 if cued or asked else 0.25))
        return None

    def _whole(self, words: Sequence[Word], at: int) -> tuple[int, list[Person]] | None:
        """The name that begins there, spelled as on file: given and family, family alone, given alone."""
        text = words[at].text
        if text in self._by_given:
            family = self._family(words, at + 1)
            both = [one for one in family[1] if text in one.given] if family else []
            if family and both:
                return family[0], both
            if not family:
                return at + 1, self._by_given[text]
        return self._family(words, at)

    def _family(self, words: Sequence[Word], at: int) -> tuple[int, list[Person]] | None:
        if at >= len(words) or words[at].text not in self._firsts:
            return None
        for family in sorted(self._by_family, key=len, reverse=True):
            part = words[at : at + len(family)]
            if tuple(word.text for word in part) == family and all(word.joined for word in part[1:]):
                return at + len(family), self._by_family[family]
        return None

    def _trust(
        self,
        words: Sequence[Word],
        at: int,
        last: int,
        people: Sequence[Person],
        *,
        cued: bool,
        asked: bool,
        shouted: bool,
    ) -> float:
        """How sure a name without a title is; 0 when it isn't taken for a provider's."""
        if _is_person(words, at, last) or (last < len(words) and words[last].text in word_set("clinic", "not_after")):
            return 0.0
        text = " ".join(word.text for word in words[at:last])
        both = last - at > 1 and words[at].text in self._by_given
        only_given = not both and text in self._by_given and not any(one.family == (text,) for one in people)
        if both:
            return CUED if cued or asked else LONE
        if only_given:
            meant = (cued and _near_visit(words, at)) or (asked and len(words) <= 4)
            return DOUBTFUL if meant else 0.0
        if words[last - 1].owns and not (last < len(words) and words[last].text in _OWNED):
            return 0.0  # "at Lowe's"
        common = last - at == 1 and (text in _ordinary() or text in word_set("names", "either") or len(text) < 3)
        common = common or (last - at == 1 and (text in _given() or text in word_set("names", "given_or_word")))
        if common:
            written = words[at].capital and not shouted and at > 0 and not words[at].after_stop
            return LONE if (cued and written and _near_visit(words, at)) or (asked and len(words) <= 4) else 0.0
        return CUED if cued or asked else LONE

    def _misspelled(
        self, words: Sequence[Word], at: int, *, titled: bool, abbreviated: bool, loose: bool = False
    ) -> tuple[float, tuple[str, ...]] | None:
        text = words[at].text
        if len(text) < 3 or not text.isalpha():
            return None
        ordinary = text in _ordinary()
        if ordinary and not (titled and abbreviated and text not in _small_words()):
            return None
        slips, families = self._near(text)
        if not families:
            return None
        if ordinary:
            close = [one for one in families if slips == 1 and one[0] == text[0] and len(one) >= 4]
            return (DOUBTFUL, self._named(close)) if close else None
        if not titled and (_is_other_name(text) or len(text) < 5 or slips > (2 if len(text) >= 8 else 1)):
            return None
        if not titled and not loose and slips > 1 and len(text) < 9:
            return None
        if titled and text.removesuffix("s") in families:
            return CUED, self._named([text.removesuffix("s")])  # "dr lowes office"
        return (DOUBTFUL if _is_other_name(text) else MISSPELLED, self._named(families))

    def _nearest(self, text: str) -> tuple[int, tuple[str, ...]]:
        """The fewest slips by which the word could be a family name, and the names so near."""
        best: dict[str, int] = {}
        for name in self._single:
            allowed = 0 if len(name) < 4 else 1 if len(name) < 6 else 2
            slips = OSA.distance(text, name, score_cutoff=allowed)
            if slips <= allowed and (text[0] == name[0] or (slips == 1 and len(name) >= 4) or len(name) >= 8):
                best[name] = slips
        least = min(best.values(), default=0)
        return least, tuple(name for name, slips in best.items() if slips == least)

    def _named(self, families: Iterable[str]) -> tuple[str, ...]:
        return _names(one for family in families for one in self._by_family[(family,)])

    def _doctor(self, name: str) -> bool:
        return any(one.doctor for one in self.people if one.name == name)

    def _is_unknown_name(self, word: Word, shouted: bool) -> bool:
        """Whether a word behind "Dr." is the name of a doctor, though of none here."""
        text = word.text
        if not text.isalpha() or len(text) < 3 or text in _ordinary():
            return False
        return text in word_set("names", "family") or text in _given() or (word.capital and not shouted)

    def _is_cued(self, words: Sequence[Word], at: int) -> bool:
        before = at - 1
        while before >= 0 and words[before].text in _ARTICLES and words[before + 1].joined:
            before -= 1
        return before >= 0 and not words[before + 1].after_stop and words[before].text in word_set("clinic", "cues")


_OWNED = frozenset(
    "office nurse schedule assistant clinic appointment appointments patient staff desk team calendar next".split()
)


def _names(people: Iterable[Person]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.name for one in people))


def _typed(words: Sequence[Word], first: int, last: int) -> str:
    return " ".join(word.text for word in words[first:last])


def _near_visit(words: Sequence[Word], at: int) -> bool:
    around = words[max(0, at - 2 * _NEAR_CUE) : at + _NEAR_CUE]
    return any(word.text in word_set("clinic", "visit_words") for word in around)


def _is_person(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether the words before or behind say that it is the name of somebody else, or a part of a longer one."""
    if first > 0 and not words[first].after_stop:
        before = words[first - 1]
        if before.text in word_set("clinic", "persons") or _is_other_name(before.text):
            return True
        named = before.text in word_set("names", "either") or before.text in word_set("names", "given_or_word")
        starts = first == 1 or before.after_stop
        if before.capital and words[first].capital and words[first].joined and (named or not starts):
            return True  # "Miguel Ángel Soto"
        if before.text == "is" and first > 1 and words[first - 2].text in ("this", "name", "it", "here"):
            return True
    if last < len(words) and words[last].joined:
        behind = words[last]
        if behind.text in word_set("names", "family") and behind.text not in _ordinary():
            return True
        if behind.text == "here" or behind.text in load("addresses")["states"]:
            return True  # "Lowe here", "Ames, Iowa"
    return False


def _is_other_name(text: str) -> bool:
    if text in _ordinary() or text in _titles() | _soft():
        return False
    return text in _given() or text in word_set("names", "family")


@lru_cache(maxsize=1)
def _small_words() -> frozenset[str]:
    return frozenset(
        "is was said says told and or but the a an in on at for to of who will can not no has had have does did do my "
        "me her his him he she they that this if when where what how so as appt visit note notes order orders office "
        "name names bill fee es me dijo que y o en de la el se le un una por".split()
    )


@lru_cache(maxsize=1)
def _titles() -> frozenset[str]:
    return frozenset(fold(word).rstrip(".") for word in word_set("clinic", "titles"))


@lru_cache(maxsize=1)
def _soft() -> frozenset[str]:
    return word_set("clinic", "soft_titles")


def _ordinary() -> frozenset[str]:
    return word_set("ordinary", "words")


def _given() -> frozenset[str]:
    return word_set("names", "given")
