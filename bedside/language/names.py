"""People's names as they type them, and whether a typed name is the one on file (BRIEF 3.1, 3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from bedside.language.wordlists import fold, load, tidy, word_set

MOST_WORDS = 5
_TOKEN = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*\.?|[.!?,;:\n/()]|\d+|\S")
_ARTICLES = frozenset({"la", "el"})
_END = frozenset(".!?,;:\n/()")


@dataclass(frozen=True)
class _Token:
    text: str
    start: int

    @property
    def key(self) -> str:
        return fold(self.text.rstrip("."))

    @property
    def is_word(self) -> bool:
        return self.text[0].isalpha()


def read_name(text: str, asked: bool) -> str | None:
    """The writer's own name, cleaned, or None.

    With `asked` (the last question was the name) a bare answer made of plausible words is a name; without it the
    message must introduce it ("this is …", "me llamo …"), because a wrong name is worse than none.
    """
    clean = tidy(text)
    tokens = tuple(_tokens(clean))
    shouted = _is_shouted(clean)
    run = (
        _in_fields(clean)
        or _introduced(clean, tokens, asked, shouted)
        or _followed(tokens, asked, shouted)
        or _bare(tokens, asked, shouted)
    )
    return _spell(_fullest(run, tokens)) if run else None


def split_name(name: str) -> tuple[str, ...]:
    """The parts of a name as typed, in order, hyphenated parts whole, titles and suffixes left out."""
    words = (word.strip(".,") for word in tidy(name).split())
    return tuple(word for word in words if word and fold(word) not in _aside())


def is_full_name(name: str) -> bool:
    """Whether a given name and a family name are there; a lone initial is not a family name."""
    parts = [part for part in split_name(name) if fold(part) not in _particles()]
    return len(parts) >= 2 and len(parts[-1]) > 1


def first_name(name: str) -> str:
    """The name to say to the person; the whole text when it has no parts."""
    parts = split_name(name)
    return parts[0] if parts else name.strip()


def name_key(name: str) -> frozenset[str]:
    """The parts of a name for comparing: lower case, no accents or apostrophes, hyphens split."""
    return frozenset(_parts(name))


def names_match(given: str, on_file: str) -> bool:
    """Whether `given` is the name on file (R3).

    The given name and one family name must be there, in any order; nothing foreign to the file may be, except a middle
    initial. Accents, case and hyphens do not count; a nickname is not the name.
    """
    filed = [part for part in _parts(on_file) if part not in _particles()]
    typed = [part for part in _join_split_parts(_parts(given), frozenset(filed)) if part not in _particles()]
    if len(filed) < 2 or filed[0] not in typed:
        return False
    family = {part for part in filed[1:-1] if len(part) > 1 and part not in _given()} | {filed[-1]}
    rest = list(typed)
    rest.remove(filed[0])
    initials = {part for part in filed[1:-1] if len(part) == 1}
    foreign = [part for part in rest if part not in filed and len(part) > 1 and part[0] not in initials]
    return not foreign and bool(family & set(rest))


def _parts(name: str) -> list[str]:
    parts: list[str] = []
    for word in split_name(name):
        parts += [piece for piece in re.split(r"-+", fold(word).replace("'", "").replace(".", "")) if piece]
    return parts


def _join_split_parts(typed: list[str], filed: frozenset[str]) -> list[str]:
    """Put "O Brien" together where the file says "O'Brien"."""
    joined: list[str] = []
    for part in typed:
        if joined and part not in filed and joined[-1] + part in filed:
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        piece, start = found.group(), found.start()
        if len(piece) > 1 and piece.endswith(".") and not _keeps_dot(piece[:-1]):
            yield _Token(piece[:-1], start)
            yield _Token(".", start + len(piece) - 1)
        else:
            yield _Token(piece, start)


def _keeps_dot(word: str) -> bool:
    return len(word) == 1 or fold(word) in _aside()


def _is_shouted(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return bool(letters) and sum(map(str.isupper, letters)) > 0.8 * len(letters)


def _in_fields(text: str) -> list[_Token] | None:
    """ "first name Chloe last name Dubois"."""
    found = _fields().search(fold(text))
    if not found:
        return None
    given = _run(list(_tokens(text[slice(*found.span("given"))])), True)
    family = _run(list(_tokens(text[slice(*found.span("family"))])), True)
    return given + family if given and family else None


def _fullest(run: list[_Token], tokens: tuple[_Token, ...]) -> list[_Token]:
    """The full name where one word of it was said first: "Margaret, Margaret O'Shea"."""
    if len(run) > 1:
        return run
    for index, token in enumerate(tokens):
        if token.key != run[0].key or not token.is_word:
            continue
        longer = _run(list(tokens[index:]), False)
        if (
            len(longer) == 1
            and index
            and tokens[index - 1].key in _given() - _titles()
            and tokens[index - 1].text[0].isupper()
        ):
            longer = [tokens[index - 1], token]
        if len(longer) > 1 and _is_written_as_name(longer):
            return longer
    return run


def _introduced(text: str, tokens: tuple[_Token, ...], asked: bool, shouted: bool) -> list[_Token] | None:
    folded = fold(text)
    for sure, pattern in ((True, _sure()), (False, _maybe())):
        for found in pattern.finditer(folded):
            if _about_another(folded[: found.start("intro")]):
                continue
            run = _run([token for token in tokens if token.start >= found.end()], asked or sure)
            if run and _is_plausible(run, introduced=True, sure=sure, asked=asked, shouted=shouted):
                return run
    return None


def _followed(tokens: tuple[_Token, ...], asked: bool, shouted: bool) -> list[_Token] | None:
    """ "Gerald Whitcomb here", "Maria again about my bill"."""
    for sentence in _sentences(tokens):
        words = _without_fillers(sentence)
        run = _run(words, True)
        if not run:
            continue
        end = words.index(run[-1]) + 1
        rest = " ".join(token.key for token in words[end : end + 3])
        if _after().match(rest) and _is_plausible(run, introduced=True, sure=False, asked=asked, shouted=shouted):
            return run
    return None


def _bare(tokens: tuple[_Token, ...], asked: bool, shouted: bool) -> list[_Token] | None:
    """A name that is the whole answer, or its start, before digits or a stop."""
    sentences = [words for words in map(_without_fillers, _sentences(tokens)) if words]
    if not sentences:
        return None
    words = sentences[0]
    run = _run(words, True)
    if not run or words[0].key in _ARTICLES:
        return None
    rest = words[words.index(run[-1]) + 1 :]
    stops = not rest or not rest[0].is_word
    if _is_month(run, rest) or (words != sentences[0] and run[0].key in _either()):
        return None
    if asked:
        turned = _family_name_first(sentences)
        if turned and turned[0].key not in _aside():
            return turned
        if not stops and run[0].key not in _given():
            return None
        if _is_plausible(run, introduced=False, sure=False, asked=True, shouted=shouted) and (
            stops or _reads_as_name(run, rest)
        ):
            return run
        return None
    only_digits_follow = all(not token.is_word for sentence in sentences for token in sentence if token not in run)
    if len(run) >= 2 and only_digits_follow and not shouted and _is_written_as_name(run):
        followed_by_digits = any(token.text.isdecimal() for sentence in sentences for token in sentence)
        if run[0].key in _given() | _given_or_word() or followed_by_digits:
            return run
    return None


def _reads_as_name(run: list[_Token], rest: list[_Token]) -> bool:
    return rest[0].key in _ordinary() and run[0].key in _given()


def _family_name_first(sentences: list[list[_Token]]) -> list[_Token] | None:
    """ "Delgado, Maria" as the whole answer."""
    if len(sentences) != 2 or len(sentences[0]) > 2 or len(sentences[1]) > 2:
        return None
    family, given = sentences
    if not all(token.is_word and _could_be_name(token) for token in family + given):
        return None
    if given[0].key not in _given() | _given_or_word() or family[0].key in _given():
        return None
    return given + family


def _sentences(tokens: tuple[_Token, ...]) -> Iterator[list[_Token]]:
    sentence: list[_Token] = []
    for token in tokens:
        if token.text in _END:
            if sentence:
                yield sentence
            sentence = []
        else:
            sentence.append(token)
    if sentence:
        yield sentence


def _without_fillers(words: list[_Token]) -> list[_Token]:
    start = 0
    while start < len(words) and words[start].key in _fillers():
        start += 1
    return words[start:]


def _run(tokens: list[_Token], generous: bool) -> list[_Token]:
    """The longest run of words at the start that could be one name."""
    run: list[_Token] = []
    for index, token in enumerate(tokens):
        if not run and (token.key in _titles() | _ARTICLES or token.text in {",", ":", "-", '"'}):
            continue
        if not token.is_word or token.text in _END or len(run) == MOST_WORDS:
            break
        key = token.key
        if key in _suffixes() and run:
            break
        if _possessive(key):
            return []
        if key in _particles() and key not in _family():
            if not run and not token.text[0].isupper():
                break
            run.append(token)
            continue
        if len(key) == 1:
            alone = index + 1 == len(tokens) or not tokens[index + 1].is_word
            if not run or (key in {"i", "y", "a", "o", "e", "u"} and not token.text.endswith(".") and not alone):
                break
            run.append(token)
            continue
        ends = index + 1 == len(tokens) or not tokens[index + 1].is_word
        after_a_given_name = bool(run) and run[0].key in _given() and ends  # "its renee castillo, i need"
        only_a_word = key in _either() and token.text.islower() and not generous and not after_a_given_name
        if not _could_be_name(token) or only_a_word:
            break
        if run and key in _either() and token.text.islower() and not run[0].text.islower():
            break
        run.append(token)
    while run and run[-1].key in _particles() - _family():
        run.pop()
    return run


def _possessive(key: str) -> bool:
    return key.endswith("'s")


def _could_be_name(token: _Token) -> bool:
    key = token.key
    if _is_known(key):
        return True
    if key in _fillers() or key in _after_words():
        return False
    pieces = re.split(r"['\-]", key)
    if len(pieces) > 1:
        if any(len(piece) > 1 and piece in _ordinary() and piece not in _particles() for piece in pieces):
            return False
        return all(piece in {"o", "d", "l", "n", "al", "el"} or len(piece) > 1 for piece in pieces) and key[-2:] != "'t"
    if key in _ordinary() or len(key) > 20 or (not re.search(r"[aeiouy]", key) and key not in {"ng", "ngo"}):
        return False
    if key.endswith(_clinical_endings()) and len(key) > 6:
        return False
    return not (key.endswith(_ordinary_endings()) and len(key) > 5)


def _is_plausible(run: list[_Token], *, introduced: bool, sure: bool, asked: bool, shouted: bool) -> bool:
    keys = [token.key for token in run]
    if all(key in _particles() - _family() or len(key) == 1 for key in keys):
        return False
    first = keys[0]
    known_first = first in _given() or any(piece in _given() for piece in first.split("-"))
    written = _is_written_as_name(run) and not shouted
    if any(_is_acronym(token) for token in run) and not shouted:
        return False
    if sure or known_first:
        return sure or (known_first and (introduced or asked))
    if first in _given_or_word():
        return asked or written or (len(keys) > 1 and any(key in _family() for key in keys[1:]))
    if first in _either():
        if len(keys) == 1:
            return written and (not introduced or (asked and first not in word_set("names", "describing")))
        return written or any(key not in _either() for key in keys[1:])
    if asked:
        return True
    if introduced:
        return written or (len(keys) > 1 and keys[-1] in _family())
    return False


def _is_written_as_name(run: list[_Token]) -> bool:
    return all(token.text[0].isupper() or token.key in _particles() for token in run) and any(
        not token.text.isupper() for token in run
    )


def _is_acronym(token: _Token) -> bool:
    word = token.text.rstrip(".")
    return 1 < len(word) <= 4 and word.isupper() and not _is_known(token.key)


def _is_month(run: list[_Token], rest: list[_Token]) -> bool:
    """ "june 5", "Jan 8, 1999"."""
    digits = bool(rest) and rest[0].text.isdecimal()
    return digits and len(run) == 1 and run[0].key in word_set("names", "months")


def _about_another(before: str) -> bool:
    words = before.replace(",", " ").split()
    return bool(words) and words[-1] in _others()


def _spell(run: list[_Token]) -> str:
    words = [
        token.text if len(token.text) == 2 and token.text.endswith(".") else token.text.rstrip(".") for token in run
    ]
    letters = [word for word in words if len(word.rstrip(".")) > 1]
    if all(word.islower() for word in letters) or (
        all(word.isupper() for word in letters) and any(len(word) > 2 for word in letters)
    ):
        return " ".join(_capitalized(word, first=index == 0) for index, word in enumerate(words))
    words = [
        word if word[0].isupper() or (index and fold(word) in _particles()) else _capitalized(word, first=True)
        for index, word in enumerate(words)
    ]
    return " ".join(words)


def _capitalized(word: str, *, first: bool) -> str:
    low = word.lower()
    if not first and fold(low) in _particles() and fold(low) not in {"st", "san", "santa", "mc", "mac", "o"}:
        return low
    pieces = re.split(r"(['\-])", low)
    cased = "".join(piece[:1].upper() + piece[1:] for piece in pieces)
    return re.sub(r"\bMc([a-z])", lambda found: "Mc" + found.group(1).upper(), cased)


@lru_cache(maxsize=1)
def _sure() -> re.Pattern[str]:
    return re.compile(rf"(?P<intro>(?<!\w))(?:{'|'.join(load('introductions')['sure'])})(?![\w])")


@lru_cache(maxsize=1)
def _fields() -> re.Pattern[str]:
    return re.compile(load("introductions")["fields"])


@lru_cache(maxsize=1)
def _maybe() -> re.Pattern[str]:
    return re.compile(rf"(?P<intro>(?<!\w))(?:{'|'.join(load('introductions')['maybe'])})(?![\w])")


@lru_cache(maxsize=1)
def _after() -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(load('introductions')['after'])})(?![\w])")


@lru_cache(maxsize=1)
def _after_words() -> frozenset[str]:
    return frozenset(word for phrase in load("introductions")["after"] for word in phrase.split())


def _given() -> frozenset[str]:
    return word_set("names", "given")


def _given_or_word() -> frozenset[str]:
    return word_set("names", "given_or_word")


def _family() -> frozenset[str]:
    return word_set("names", "family")


def _either() -> frozenset[str]:
    return word_set("names", "either")


def _particles() -> frozenset[str]:
    return word_set("names", "particles")


def _titles() -> frozenset[str]:
    return word_set("names", "titles")


def _suffixes() -> frozenset[str]:
    return word_set("names", "suffixes")


def _fillers() -> frozenset[str]:
    return word_set("introductions", "fillers")


def _others() -> frozenset[str]:
    return word_set("introductions", "others")


def _ordinary() -> frozenset[str]:
    return word_set("ordinary", "words")


@lru_cache(maxsize=1)
def _aside() -> frozenset[str]:
    return _titles() | _suffixes()


def _is_known(key: str) -> bool:
    return key in _given() or key in _family() or key in _given_or_word() or key in _either()


@lru_cache(maxsize=1)
def _clinical_endings() -> tuple[str, ...]:
    return tuple(word_set("names", "clinical_endings"))


@lru_cache(maxsize=1)
def _ordinary_endings() -> tuple[str, ...]:
    return tuple(word_set("names", "ordinary_endings"))
