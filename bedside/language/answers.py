"""Short answers to a question that was asked: yes or no, a choice from a list, a telephone number, when to call."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from rapidfuzz import fuzz

from bedside.language.numerals import numerals
from bedside.language.wordlists import fold, load, tidy, word_set

_SHORT = 6  # words
_BEGINNING = 120  # characters of a clause in which an answer shows
_POLITE = 4  # words of thanks or address behind an answer
_ONLY_SPANISH = frozenset({"si", "sip", "simon", "que va"})
_ALIKE = 84  # of 100: a misspelled word still means the option's


@dataclass(frozen=True)
class Reach:
    """How somebody wants to be reached: the words about the time, and a number in E.164 if one was given."""

    time_words: str
    number: str | None


def read_yes_no(text: str, language: str | None = None) -> bool | None:
    """True or False when the answer is clear, else None ("yes. no. hang on").

    A longer sentence counts only when it begins with a clear yes or no. `language` "en" keeps a Spanish word that is
    something else in English from counting, and the other way round.
    """
    typed = re.sub(r"\s+", " ", tidy(text).lower()).strip(" \t\n\"'")
    plain = fold(typed)
    if not plain:
        return None
    parts = [part.strip() for part in re.split(r"[.!,;:\n]+|(?<=\w)\?+|\s-+\s", typed) if part.strip()]
    if not parts:
        return None
    words = plain.split()
    short = len(words) <= _SHORT
    if len(words) <= _SHORT + 2 and _pattern("hesitation").search(plain):
        return None
    if _pattern("both_named").search(plain):
        return None
    if plain.endswith("?") and not re.search(r"\bplease\b|\bwhy not\b", plain):
        return None
    parts = [part[:_BEGINNING] for part in parts]
    verdict = _verdict(parts[0], language)
    if verdict is None or (verdict and not _carries(parts, language)):
        return None
    for part in parts[1 : 4 if short else 2]:
        other = _verdict(part, language)
        if other is not None and other is not verdict and not _keeps(verdict, part):
            return None
    return verdict


def read_choice(text: str, options: Sequence[str]) -> tuple[int, ...] | None:
    """The positions (from 0) of the options that were chosen, in their order; None when none is clear.

    By number or place ("2", "the second", "1 and 3", "the last", "both"), or by words of an option, misspelled too.
    """
    plain = fold(tidy(text)).strip()
    if not plain or not options:
        return None
    if _pattern("none").search(plain):
        return None
    count = len(options)
    exact = [place for place, option in enumerate(options) if fold(tidy(option)).strip() == plain]
    if len(exact) == 1:
        return tuple(exact)
    by_words = _by_words(plain, options)
    if by_words and len(by_words) == 1 and not _only_numbers(plain):
        return by_words
    if count == 2 and _pattern("both").search(plain):
        return (0, 1)
    by_number = _by_number(plain, count)
    if by_number:
        return by_number
    if _pattern("all").search(plain) and len(plain.split()) <= _SHORT:
        return tuple(range(count))
    if _pattern("last").search(plain) and len(plain.split()) <= _SHORT:
        return (count - 1,)
    return by_words


def read_phone(text: str) -> str | None:
    """The first possible American telephone number, as E.164; None when there is none. Number words count."""
    clean = tidy(text)
    for match in phonenumbers.PhoneNumberMatcher(clean, "US", leniency=phonenumbers.Leniency.POSSIBLE):
        number = match.number
        digits = str(number.national_number)
        if number.country_code == 1 and (len(digits) != 10 or digits[0] in "01"):
            continue
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    groups = [group for group in numerals(clean) if group.spelled or len(group.digits) <= 4]
    spoken = "".join(group.digits for group in groups)
    if len(spoken) == 11 and spoken.startswith("1"):
        spoken = spoken[1:]
    if (
        len(spoken) == 10
        and spoken[0] not in "01"
        and len(groups) > 1
        and _is_one_run(clean, groups[0].start, groups[-1].end)
    ):
        return f"+1{spoken}"
    return None


def read_reach(text: str) -> Reach:
    """When and at which number to call back: "after 3 at 212 555 0188". The rest of the words is the time."""
    clean = tidy(text)
    number = read_phone(clean)
    words = clean
    for match in phonenumbers.PhoneNumberMatcher(clean, "US", leniency=phonenumbers.Leniency.POSSIBLE):
        words = words.replace(match.raw_string, " ")
    words = _about_number().sub(" ", words)
    return Reach(time_words=re.sub(r"\s+", " ", words).strip(" ,.;:-!?"), number=number)


def _verdict(part: str, language: str | None) -> bool | None:
    """What one clause says, by its beginning; what follows must not make it another sentence."""
    plain = fold(part)
    longest: tuple[int, bool, bool] | None = None
    for answer in (False, True):
        for key in ("yes", "yes_alone") if answer else ("no", "no_alone"):
            for pattern in _answers(key):
                found = pattern.match(plain)
                if found and (longest is None or found.end() > longest[0]):
                    longest = (found.end(), answer, not key.endswith("_alone"))
    if longest is None:
        return None
    end, answer, clear = longest
    head, rest = plain[:end], plain[end:].strip()
    if not rest or (_pattern("polite").match(rest) and len(rest.split()) <= _POLITE):
        return None if _turns(answer, rest) else answer
    following = _verdict(part[end:].strip(), language)
    if following is not None:
        return answer if following is answer else None
    if not clear or (head in _ONLY_SPANISH and language == "en"):
        return None
    if re.fullmatch(r"(?:\w+ )?n+o+", head) and not _pattern("after_no").match(rest):
        return None
    if head.endswith("si") and not part[:end].endswith("\u00ed") and not _pattern("after_si").match(rest):
        return None
    return answer


def _carries(parts: Sequence[str], language: str | None) -> bool:
    """Whether a yes that is clear only alone ("fine", "bueno") still is one with what follows it."""
    first, rest = fold(parts[0]), " ".join(parts[1:])
    clear = any(pattern.match(first) for pattern in _answers("yes"))
    few = len(rest.split()) <= _POLITE - 1
    return clear or few or bool(_pattern("polite").match(fold(rest))) or _verdict(parts[1], language) is True


def _turns(answer: bool, rest: str) -> bool:
    """Whether "no" comes after "yes, please"."""
    return answer and bool(re.search(r"\bno\b", rest))


def _keeps(verdict: bool, part: str) -> bool:
    """Whether a later part that reads the other way leaves the answer standing: "no, thats fine", "yes, no problem"."""
    if verdict:
        return bool(_pattern("no_objection").match(part))
    return not re.fullmatch(r"(?:y+e+s+|yeah|yep|si+|ok(?:ay)?|sure)(?: .*)?", part)


def _by_number(plain: str, count: int) -> tuple[int, ...] | None:
    if _pattern("not_choice").search(plain):
        return None
    ordinals = load("answers")["ordinals"]
    words = re.findall(r"[\w']+|&|#", plain)
    if len(words) > 8:
        return None
    places: list[int] = []
    rest = 0
    for index, word in enumerate(words):
        value = int(word) if word.isdecimal() else ordinals.get(word)
        filler = word in word_set("answers", "list_words") and (word not in {"one", "uno", "una"} or len(words) > 1)
        if filler and not (word in {"one", "uno", "una"} and _counts(words, index, ordinals)):
            continue
        if value is None:
            rest += 1
        elif not 1 <= value <= count:
            return None
        elif value - 1 not in places:
            places.append(value - 1)
    return tuple(sorted(places)) if places and rest <= 2 else None


def _counts(words: list[str], index: int, ordinals: dict[str, int]) -> bool:
    """Whether "one" is the number: "one and three", "number one", "option one"."""
    if index and words[index - 1] in {"number", "option", "choice", "numero", "opcion", "line", "#"}:
        return True
    others = [word for place, word in enumerate(words) if place != index and (word.isdecimal() or word in ordinals)]
    return (
        bool(others)
        and not (index and (words[index - 1] in ordinals or words[index - 1].isdecimal()))
        and not (index and words[index - 1] in {"the", "el", "la", "this", "that"})
    )


def _by_words(plain: str, options: Sequence[str]) -> tuple[int, ...] | None:
    spoken = [word for word in re.findall(r"[^\W_]+", plain) if word not in word_set("answers", "list_words")]
    if not spoken:
        return None
    vocabularies = [_telling_words(option) for option in options]
    shared = {word for word in set().union(*vocabularies) if sum(word in words for words in vocabularies) > 1}
    digits = {word for word in spoken if word.isdecimal()}
    scores: list[float] = []
    for words in vocabularies:
        if digits - words:
            scores.append(0.0)
            continue
        hits = 0.0
        for word in words:
            near = max((_alike(word, one) for one in spoken), default=0.0)
            if near >= _ALIKE:
                hits += (0.25 if word in shared else 1.0) * near / 100
        scores.append(hits)
    best = max(scores)
    if best <= 0.5 and not (best > 0 and sum(score == best for score in scores) == 1):
        return None
    chosen = tuple(place for place, score in enumerate(scores) if score >= 0.9 and score >= best - 0.3)
    if re.search(r"\b(?:and|y|plus|&)\b|,", plain):
        chosen = tuple(place for place, score in enumerate(scores) if score >= 0.9)
    if not chosen:
        chosen = tuple(place for place, score in enumerate(scores) if score == best)
        return chosen if len(chosen) == 1 else None
    joined = bool(re.search(r"\b(?:and|y|plus|also|&)\b|,", plain))
    return chosen if len(chosen) == 1 or joined else None


def _telling_words(option: str) -> frozenset[str]:
    words = re.findall(r"[^\W_]+", fold(tidy(option)))
    words += re.findall(r"[^\W_]+", fold(tidy(option)).replace("-", ""))
    return frozenset(word for word in words if word not in word_set("answers", "list_words"))


def _alike(word: str, spoken: str) -> float:
    if word == spoken:
        return 100.0
    if word.isdecimal() or spoken.isdecimal():
        return 0.0
    if spoken.startswith(word) and word in word_set("answers", "shortened"):
        return 100.0
    if min(len(word), len(spoken)) < 4:
        return 0.0
    if word.startswith(spoken) and len(spoken) >= 4:
        return 90.0
    return fuzz.ratio(word, spoken)


def _only_numbers(plain: str) -> bool:
    return not re.search(r"[^\W\d_]{3,}", plain)


def _is_one_run(text: str, start: int, end: int) -> bool:
    words = re.findall(r"[^\W\d_]+", fold(text[start:end]))
    known = {"oh", "o", "double", "triple", "doble", "y"}
    return all(word in known or bool(numerals(word)) for word in words)


@cache
def _pattern(key: str) -> re.Pattern[str]:
    return re.compile(load("answers")[key])


@cache
def _answers(key: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"(?:{pattern})(?![\w'])") for pattern in load("answers")[key])


@lru_cache(maxsize=1)
def _about_number() -> re.Pattern[str]:
    return re.compile(load("answers")["about_number"], re.IGNORECASE)
