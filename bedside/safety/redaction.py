"""Takes out what the clinic never asks for: full SSNs, payment cards and their codes, bank numbers (R3, BRIEF 3.2).

It runs before anything stores or logs a message. Telephone, claim, case, member and account numbers, dates, amounts and
the last four digits stay, because the work needs them.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from rapidfuzz import process
from rapidfuzz.distance import OSA
from ruamel.yaml import YAML
from stdnum import iban, luhn
from stdnum.us import rtn, ssn

from bedside.language.numerals import Numeral, numerals, read_cardinal
from bedside.language.wordlists import fold, load, tidy

MARK = "[removed]"
_BEHIND = (
    "ssn",
    "cvv",
    "pin",
    "routing",
    "bank",
    "expiry",
    "card",
    "phone",
    "other",
    "account",
)  # kinds that are told behind the number
_BEFORE = 64  # characters before a number in which a word can say what it is
_AFTER = 48
_TERSE = 40  # characters of an answer that is only the number and what it is
_SHORTEST_CARD, _LONGEST_CARD = 13, 19  # digits
_SHORTEST_IBAN = 15  # characters
_SHORTEST_SOCIAL = 6  # digits of a mistyped one, "twenty one" counting as one
_GAP = 44  # characters between two pieces of one number
_TIGHT = re.compile(r"[\s\-._,/*:|()\u200b\u200c\u200d\ufeff\ufe0f\u20e3+]{0,4}")
_MONEY = re.compile(r"\$\s?\d[\d,]*(?:\.\d\d?)?|\b\d[\d,]*(?:\.\d\d)?\s?(?:dollars?|bucks|usd|dolares|cents)\b")
_PHONE = re.compile(
    r"(?<![\d.\-])(?:\+?1[\s.\-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.\-])\d{3}[\s.\-]?\d{4}(?![\s.\-]?\d)|(?<!\d)\+1?\d{10}(?!\d)"
)
_TIME = re.compile(r"\b\d{1,2}:\d\d\b|\b\d{1,2}\s?[ap]\.?m\b")
_DATE = re.compile(
    r"(?<![\d/\-.])(?:(?:0?[1-9]|[12]\d|3[01])[/\-.](?:0?[1-9]|[12]\d|3[01])[/\-.](?:(?:19|20)\d{2}|\d{2})"
    r"|(?:19|20)\d{2}[/\-.]\d{1,2}[/\-.]\d{1,2})(?![\d/]|[\-.]\d)"
)
_PRESSURE = re.compile(r"(?<![\d/\-.])\d{2,3}\s?/\s?\d{2,3}(?!\s?[\d/]|[\-.]\d)")
_RUN_ON = re.compile(r"(?<![\w\-])\d{3}-\d{2}-\d{4}(?:\d|-\d)[\d\-]*")  # an SSN with something glued to it
_MONTH_YEAR = re.compile(
    r"(?<![\d/\-.])(?:0?[1-9]|1[0-2])\s?[/\-. ]\s?(?:20)?\d{2}(?![\d/]|[\-.]\d)|(?<!\d)(?:0[1-9]|1[0-2])\d{2}(?!\d)"
)
_LIKE_DIGITS = re.compile(r"(?<![^\W_])[\doil|]{4,}(?![a-z])")
_AS_DIGITS = str.maketrans("oil|", "0111")
_CODED = re.compile(r"(?<![^\W_])[a-z]{1,8}[\-#]?\d[\w\-]*|(?<![^\W_])\d+[a-z][\w\-]*|(?<![^\W_])[a-z]{1,6}-\d[\d\-]*")

_LETTERED = re.compile(  # "4OOO OOOO OOOO OOO2", "536-9O-4399"
    r"(?<![^\W_])(?:[\doil|]{4}[ \-.]){3}[\doil|]{4}(?![^\W_])"
    r"|(?<![^\W_])[\doil|]{3}[ \-.][\doil|]{2}[ \-.][\doil|]{4}(?![^\W_])"
)
_WORD = re.compile(r"[^\W\d_]{3,20}")
_MASKED = re.compile(r"(?<![^\W_])[\dx*\u2022]{2,}(?:[ .\-]{1,3}[\dx*\u2022]{2,})*(?![^\W_])")
_IBAN = re.compile(r"(?<![^\W_])[a-z]{2}\d{2}(?:[ \-]?[a-z\d]{4}){2,7}(?:[ \-]?[a-z\d]{1,3})?(?![^\W_])")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|ene(?:ro)?|febrero|marzo|abr(?:il)?|mayo|junio|julio|ago(?:sto)?|sep?tiembre"
    r"|octubre|noviembre|dic(?:iembre)?)"
)
_NAMED_MONTH_YEAR = re.compile(
    rf"(?<![^\W_]){_MONTH}[\s,.'/\-]{{1,3}}(?:(?:of|del?)\s)?(?:20)?[2-4]\d(?![\d/]|[\-.]\d|st|nd|rd|th|,?\s(?:19|20)\d\d)"
)
_TOKEN = re.compile(r"[a-z\d]+")
_PASSAGE = re.compile(r"[\s/\-.]{1,3}|\s(?:del?|of|slash|diagonal)\s")  # between month and year
_BEHIND_CARD = r"[\s,;.\-/]{1,4}(?:(?:and|y|exp(?:\.|ires)?|vence)\s)?"
_EXPIRY_BEHIND = re.compile(
    rf"{_BEHIND_CARD}((?:0?[1-9]|1[0-2])\s?[/\-]\s?(?:20)?\d{{2}}|(?:0[1-9]|1[0-2])[2-4]\d|{_NAMED_MONTH_YEAR.pattern})"
    r"(?!\d|/(?:\d{1,2}|\d{4})(?!\d)|[\-.]\d)"
)
_CODE_BEHIND = re.compile(
    r"[\s,;.\-/]{1,4}(?:(?:and|y)\s)?(\d{3,4})(?![\d/]|[\-.:]\d|[\s\-]\d{3}[\s\-]\d|\s?(?:dollars|bucks|usd|dolares))"
)
_SAID_CODE = re.compile(
    r"(?P<what>[^\W\d_]+)?\s?(?<![^\W\d_])(?:code|codigo)\W{0,3}(?:(?:is|es|was|number|num|no|it's)\W{1,3}){0,2}$"
)
_OTHER_CODES = frozenset(
    "area zip postal cpt icd diagnosis procedure billing door gate portal verification promo".split()
)
_COUNTED = re.compile(  # what is counted, measured, or part of an address is no code
    r"\s?(?:%|mg|mcg|ml|units?|unidades|am\b|pm\b|a\.m|p\.m|days?|dias?|weeks?|semanas?|months?|meses|years?|anos?|times?|veces"
    r"|minutes?|minutos?|hours?|horas?|percent|pounds?|lbs?|libras|dollars?|bucks|dolares|visits?|people|pills?"
    r"|(?:[nsew]\.? )?(?:[^\W\d_]+ ){0,2}(?:st|street|ave|avenue|blvd|road|rd|drive|lane|calle|avenida)\b)"
)
_STRAYED = re.compile(
    r"\b(?:i|we|they|he|she|room|apt|at|since|desde|in|call|live|paid|visit|suite|ext|extension|line)\b"
)
_LINK = re.compile(
    r"[\s:#=,\-()>*'\"]*(?:(?:number|numbers|num|no|is|are|was|it'?s|its|es|son|numero|code|codigo|#)[\s:#=,\-.]*){0,3}"
)
_ANSWERED = re.compile(
    r"[^\d.!?;\n]{0,32}[.!?;\n\s]+(?:(?:its?|it'?s|is|es|son|ok|okay|so|here|aqui|that'?s|va)\W+){0,3}"
)
_NOT_OF_CARD = re.compile(
    r"(?:insurance|policy|prescription|plan|coverage|referral|auth\w*|medica\w+|hold|seguro|poliza|receta|license|licencia"
    r"|passport|membership|offer|discount|refills?|warranty|visa application)\W+(?:\w+\W+){0,2}$"
)
_BANKS = re.compile(
    r"\b(?:chase|wells fargo|bank|banco|boa|citi(?:bank)?|capital one|pnc|truist|credit union"
    r"|ally|chime|santander|bbva)\b"
)
_BANK_BEFORE = re.compile(r"\b(?:bank|banking|checking|savings?|banco)(?:'s)?[^\w.!?;\n]*$")
_CLINICS = re.compile(r"\b(?:clinic|clinica|patient|paciente|bill|factura|with you|your)\b")
_MAESTRO = frozenset({5018, 5020, 5038, 5893, 6304, 6759, 6761, 6762, 6763})
_NEAR_ROUTING = 40  # characters between a routing number and its account number
_YEAR = re.compile(r"(?:19|20)\d\d")
_CARD_SHAPES = re.compile(r"\d{13,19}|(?:4 ){3}[1-7]?|4 6 [45]|(?:4 ){2,3}\d|(?:1 )+|(?:5 ){3}|4 4 4 4 3|6 \d{1,2}|8 8")
_RULED_OUT = frozenset(  # words a letter away from those below that mean something else
    """routine routines outing rooting debt debut saving shavings ravings chucking accounts credits edit police polity
    remember ember numbers lumber slumber cuesta cuento cuentan cuentas cuenten venta segura debido debidos sociales
    trucking cracking tracing invoices member members express excess expects codigos numeros tarjetas creditos
    deposits policies seguros seguir segundo seguridades express socials reclama reclame factura facturas""".split()
)
_OFTEN_MISTYPED = (
    "social security routing checking savings account credit mastercard expires expiration number verification "
    "tarjeta seguro seguridad bancaria cuenta ahorros cheques codigo credito debito vencimiento numero corriente "
    "member confirmation reference policy insurance prescription invoice tracking authorization poliza confirmacion "
    "referencia reclamo"
).split()
_MISTYPED = {
    "card": "crad cadr acrd catd carf csrd vard crd caard cardd craad",
    "visa": "vsia viza visaa",
    "ssn": "snn sns ssnn sssn ssm",
    "social": "soshal sosh sochal soical soscial",
    "security": "sequrity securety",
    "routing": "rutting ruteing rooting",
    "tarjeta": "targeta tarheta tarjet",
    "cheques": "chekes cheqes cheqe",
    "ruta": "rutta rruta",
    "debit": "debti debbit deibt",
    "cvv": "vcc cvvv ccvv",
    "account": "accnt accont",
    "vence": "vense bence vensen",
    "-": "dash hyphen guion",
}
_GLUED = re.compile(
    r"(my|mi|the|el)?(ssn|socialsecurity|social|card|routing|account|acct|cvv|cvc|visa|debit|credit|pin|tarjeta)"
    r"(number|num|no|is|card)?"
)
_CARD_OR_BANK = (
    r"(?: ?(?:#|number|num|no\.?))?"
    r"(?:,? (?:for|to|of|on|from|de|del|para|en) (?:(?:my|the|mi|la|el|this|that|his|her) )?"
    r"(?:(?:bank|debit|credit|atm|tarjeta) (?:de )?)?"
    r"(?:card|bank|account|tarjeta|banco|cuenta|cajero|atm|debit|visa|debito|credito))?"
)
_MORE_CUES = {
    "ssn": r"s s n|ss(?= ?[\d:#])|tin(?= ?(?:is|no|num|[#:\d]))|numero de contribuyente"
    r"|taxpayer (?:number|num|no|ident\w+)|(?:numero de )?seguridad social",
    "card": r"card(?=no)|maestro|cc(?= ?[:\d])",
    "routing": r"aba|ach",
    "bank": r"(?:checking|savings?|bank) (?:account|acct) (?:number|num|no)|cuenta (?:del|en (?:el|un)) banco"
    r"|clabe|ahorros",
    "cvv": (
        r"(?:cvv|cvc|cv) ?2|cv code|sec ?(?:code|num|#)|(?:3|three|tres)[ \-]digit (?:security )?code"
        r"|(?<!\d)(?:3|three|4|four|tres|cuatro)(?:[ \-](?:digits?|numbers?|numeros?|digitos?|ones))?"
        r" (?:(?:on|in|at|from|off) (?:the )?(?:back|front|reverse)"
        r"|(?:que estan )?(?:(?:de |por |en la parte de )?(?:atras|detras)|(?:del|al|en el) (?:reverso|dorso)))"
        r"|los de (?:atras|detras)|numeritos de (?:atras|detras)|back code|verification (?:number|digits)"
        r"|numero de seguridad(?! social)"
        r"|back of (?:(?:the|my|this|that|his|her) (?:(?:debit|credit|bank|visa) )?card|it)"
        r"|(?:on|in) (?:the )?back,? (?:it )?(?:says?|reads?|has)"
        r"|(?:atras|detras|reverso)(?: de (?:la|mi) tarjeta)?,? (?:dice|pone|tiene)"
    ),
    "pin": r"contrasena (?:del cajero|de la tarjeta)|clave de la tarjeta",
    "expiry": r"mm ?/ ?yy(?:yy)?|mes y ano|expiry",
    "other": r"conf|check (?:number|num|no\b|#)|cheque numero|receta|account a",
}
_MORE_INSIDE = frozenset("uhh uhm umm hmm er eh este pues wait sorry perdon espere so".split())
_MORE_SECRETS = "my|its|use|with|and|to|pay|here|y|con|este|the"


@dataclass(frozen=True)
class Redacted:
    """The text that may be kept, and the kinds of what was taken out, in order, each once.

    Kinds: "ssn", "card", "cvv", "expiry", "pin", "routing", "bank_account".
    """

    text: str
    removed: tuple[str, ...]


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    kind: str

    def meets(self, start: int, end: int) -> bool:
        return self.start < end and start < self.end


class _Index:
    """Spans that do not overlap within a kind, found by place in logarithmic time."""

    def __init__(self, spans: Iterable[_Span]) -> None:
        self._spans: dict[str, list[_Span]] = {}
        for span in sorted(spans, key=lambda one: (one.start, one.end)):
            same = self._spans.setdefault(span.kind, [])
            if not same or same[-1].end <= span.start:
                same.append(span)
        self._ends = {kind: [span.end for span in spans] for kind, spans in self._spans.items()}

    def over(self, start: int, end: int, *kinds: str) -> list[_Span]:
        """The spans of these kinds (or any) that share a character with `start`..`end`."""
        found: list[_Span] = []
        if not self._spans:
            return found
        for kind in kinds or self._spans:
            if kind not in self._spans:
                continue
            spans = self._spans[kind]
            for place in range(bisect_right(self._ends[kind], start), len(spans)):
                if spans[place].start >= end:
                    break
                found.append(spans[place])
        return found


@dataclass(frozen=True)
class _Cue:
    start: int
    end: int
    kind: str


class _Mended:
    """A text in which misspelled and joined words are put right, and the way back to the places of the first text."""

    def __init__(self, plain: str) -> None:
        pieces: list[str] = []
        self._here, self._there = [0], [0]
        done = length = 0
        for found in _WORD.finditer(plain):
            word = _right_word(found.group())
            if word == found.group():
                continue
            pieces += [plain[done : found.start()], word]
            length += found.start() - done + len(word)
            done = found.end()
            self._here.append(length)
            self._there.append(done)
        pieces.append(plain[done:])
        self.text = "".join(pieces)

    def origin(self, place: int) -> int:
        """Where a place that is not inside a mended word was before."""
        index = bisect_right(self._here, place) - 1
        return self._there[index] + place - self._here[index]


@lru_cache(maxsize=8192)
def _right_word(word: str) -> str:
    """The word meant, for the words that say what a number is; the same word for all others."""
    rules = _rules()
    if word in rules.mistyped:
        return rules.mistyped[word]
    glued = _GLUED.fullmatch(word)
    if glued:
        return " ".join(part for part in glued.groups() if part)
    if len(word) < 5 or word in _RULED_OUT or rules.any_cue.fullmatch(word):
        return word
    near = process.extractOne(word, _OFTEN_MISTYPED, scorer=OSA.distance, score_cutoff=1 + (len(word) >= 9))
    return str(near[0]) if near else word


class _Reading:
    """One message while it is read: its plain form, its groups of digits, what is protected, what goes.

    In `joined`, of the same length, the words that count digits ("the last four") or name a code ("cvv2") are blank.
    """

    def __init__(self, plain: str) -> None:
        rules = _rules()
        self.plain = plain
        joined = rules.counts.sub(_blank, plain)
        self.cues: list[_Cue] = []
        self._cue_ends: list[int] = []
        self.groups = _groups(joined)
        self.joined = joined
        self.taken: list[_Span] = []
        self._taken = _Index(())
        self._kinds: dict[tuple[int, int], str | None] = {}
        self._chains: dict[tuple[bool, int], list[list[Numeral]]] = {}
        if not self.groups:
            self.protected = _Index(())
            return
        self.cues = [_Cue(cue.start(), cue.end(), str(cue.lastgroup)) for cue in rules.any_cue.finditer(plain)]
        self._cue_ends = [cue.end for cue in self.cues]
        ends = {place for group in self.groups for place in (group.end + 1, group.end + 2)}
        # "one two three on the back": there the three is a digit.
        named = [cue for cue in self.cues if cue.kind == "cvv" and cue.start not in ends]
        if named:
            for cue in named:
                joined = joined[: cue.start] + " " * (cue.end - cue.start) + joined[cue.end :]
            self.joined = joined
            self.groups = _groups(joined)
        self.protected = _Index(_protected(plain))

    def take(self, spans: Iterable[_Span]) -> None:
        """Mark these to be removed."""
        self.taken.extend(spans)
        self._taken = _Index(self.taken)

    def is_taken(self, start: int, end: int) -> bool:
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

    def cues_before(self, place: int) -> Iterator[_Cue]:
        """The cues close before a place, the nearest first."""
        for index in range(bisect_right(self._cue_ends, place) - 1, -1, -1):
            if self.cues[index].start < place - _BEFORE:
                return
            yield self.cues[index]

    def kind_of(self, start: int, end: int) -> str | None:
        """What the words beside a number say it is.

        Those behind it when they speak of it ("… is my social") or nothing is said before it; else the nearest before.
        """
        if (start, end) not in self._kinds:
            self._kinds[start, end] = _kind_of(self, start, end)
        return self._kinds[start, end]


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())


def _groups(text: str) -> list[Numeral]:
    """The groups of digits, with hundreds and thousands in words as one group ("five hundred thirty six")."""
    groups = numerals(text)
    large = _rules().large
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
    over = _Index(_Span(whole.start, whole.end, "") for whole in wholes)
    kept = [group for group in groups if not over.over(group.start, group.end)]
    return sorted([*kept, *wholes], key=lambda group: group.start)


def redact(text: str) -> Redacted:
    """The text without the numbers that nobody may keep; the same text when there are none."""
    original = unicodedata.normalize("NFC", text)
    mended = _Mended(_plain(original))
    reading = _Reading(mended.text)
    if not reading.groups:
        return Redacted(text, ())
    for find in (_ibans, _masked_cards, _cards, _bank_numbers, _social_security, _codes):
        reading.take(list(find(reading)))
    if not reading.taken:
        return Redacted(text, ())
    spans = sorted(reading.taken, key=lambda span: span.start)
    pieces: list[str] = []
    done = 0
    for span in spans:
        start, end = mended.origin(span.start), mended.origin(span.end)
        if start < done:
            continue
        pieces += [original[done:start], MARK]
        done = end
    pieces.append(original[done:])
    return Redacted("".join(pieces), tuple(dict.fromkeys(span.kind for span in spans)))


def _plain(text: str) -> str:
    """Lower case without accents, digits of every script as ASCII, letters typed for digits mended; same length."""
    characters = list(fold(tidy(text)))
    for index, character in enumerate(characters):
        if not character.isascii() and character.isdecimal():
            characters[index] = str(unicodedata.decimal(character))
    plain = _LIKE_DIGITS.sub(_mended, "".join(characters))
    return _LETTERED.sub(
        lambda found: found.group().translate(_AS_DIGITS) if any(map(str.isdecimal, found.group())) else found.group(),
        plain,
    )


def _mended(found: re.Match[str]) -> str:
    """Letters typed for digits ("4l11"), where most of the word is digits."""
    word = found.group()
    few = sum(not character.isdecimal() for character in word) * 3 <= len(word)
    return word.translate(_AS_DIGITS) if few else word


def _protected(plain: str) -> Iterator[_Span]:
    for kind, pattern in (
        ("money", _MONEY),
        ("phone", _PHONE),
        ("time", _TIME),
        ("date", _DATE),
        ("pressure", _PRESSURE),
    ):
        for found in pattern.finditer(plain):
            yield _Span(found.start(), found.end(), kind)
    for found in _CODED.finditer(plain):
        letters = re.match(r"[a-z]*", found.group())
        if letters and _names_a_secret(letters.group()):
            continue
        digits = re.sub(r"\D", "", found.group())
        if _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and _network(digits) and luhn.is_valid(digits):
            continue
        yield _Span(found.start(), found.end(), "coded")


@lru_cache(maxsize=4096)
def _names_a_secret(letters: str) -> bool:
    """Whether letters before digits say what they are, or are digits themselves ("one-1111")."""
    return bool(_rules().any_secret.fullmatch(letters)) or letters in _rules().units


def _linked(reading: _Reading, loose: bool) -> Iterator[list[Numeral]]:
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
    if _TIGHT.fullmatch(gap):
        return True
    if not loose or len(gap) > _GAP or re.search(r"[$%!?]", gap):
        return False
    return all(word in _rules().inside or word in _MORE_INSIDE for word in re.findall(r"[^\W\d_]+", gap))


def _ibans(reading: _Reading) -> Iterator[_Span]:
    """International bank numbers: right ones anywhere, mistyped ones beside their word."""
    for found in _IBAN.finditer(reading.plain):
        tokens = [(token.start() + found.start(), token.end() + found.start()) for token in _TOKEN.finditer(found[0])]
        ends = [end for _, end in reversed(tokens) if end - found.start() >= _SHORTEST_IBAN]
        end = next((end for end in ends if iban.is_valid(reading.plain[found.start() : end])), None)
        before = reading.plain[max(0, found.start() - _AFTER) : found.start()]
        if end is None and re.search(r"\biban\b[^\d.!?]*$", before):
            with_digits = [end for start, end in tokens if re.search(r"\d", reading.plain[start:end])]
            end = with_digits[-1]
        if end is not None:
            yield _Span(found.start(), end, "bank_account")


def _masked_cards(reading: _Reading) -> Iterator[_Span]:
    """Cards of which twelve digits or more are still to be read: "4111 1111 1111 xxxx"."""
    for found in _MASKED.finditer(reading.plain):
        digits = sum(map(str.isdecimal, found.group()))
        masks = sum(character in "x*\u2022" for character in found.group())
        if masks < 2 or digits < _SHORTEST_CARD - 1 or not _SHORTEST_CARD <= digits + masks <= _LONGEST_CARD:
            continue
        if not reading.protected.over(found.start(), found.end(), "phone", "date"):
            yield _Span(found.start(), found.end(), "card")


def _cards(reading: _Reading) -> Iterator[_Span]:
    found: list[_Span] = []
    for chain in reading.chains(loose=True):
        if sum(len(group.digits) for group in chain) < _SHORTEST_CARD - 1:
            continue
        for run in _without(reading, chain, "coded", "money"):
            if sum(len(group.digits) for group in run) >= _SHORTEST_CARD - 1:
                found += _cards_in(reading, run)
    yield from found
    for card in found:
        yield from _behind_card(reading, card)


def _without(reading: _Reading, chain: list[Numeral], *kinds: str) -> Iterator[list[Numeral]]:
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


def _cards_in(reading: _Reading, run: list[Numeral]) -> list[_Span]:
    digits = "".join(group.digits for group in run)
    start, end = run[0].start, run[-1].end
    kind = reading.kind_of(start, end)
    if kind in {"cvv", "expiry", "pin"}:
        kind = "card"  # "the long number on the front is …"
    tight = all(_TIGHT.fullmatch(reading.plain[before.end : after.start]) for before, after in pairwise(run))
    mixture = _is_mixture(reading, run)
    network = _network(digits)
    plausible = kind == "card" or (network if not mixture else network and tight and kind is None)
    shape = _CARD_SHAPES.fullmatch(digits if len(run) == 1 else _shape(run))
    plausible = plausible or (tight and shape is not None and kind != "other" and not mixture)
    if plausible and _SHORTEST_CARD <= len(digits) <= _LONGEST_CARD and luhn.is_valid(digits) and len(set(digits)) > 1:
        return [_Span(start, end, "card")]
    spans = _card_windows(reading, run, mixed=kind == "card")
    if spans:
        return spans
    if kind == "card" and 12 <= len(digits) <= 20 and not mixture:
        return [_Span(start, end, "card")]
    if kind is None and tight and shape and network and not mixture and reading.about("card", "cvv", "expiry"):
        return [_Span(start, end, "card")]
    if kind == "card":
        for solid in run:
            if 12 <= len(solid.digits) <= 20:
                return [_Span(solid.start, solid.end, "card")]
        return _fours_of_card(run)
    return []


def _shape(run: list[Numeral]) -> str:
    """ "4 4 4 4" for a card as it is printed."""
    lengths = [len(group.digits) for group in run]
    return " ".join(map(str, lengths)) + " " * (len(set(lengths)) == 1)


def _card_windows(reading: _Reading, run: list[Numeral], *, mixed: bool) -> list[_Span]:
    """Cards of a known network among other numbers; with `mixed` also where a part looks like a telephone number."""
    sums = _LuhnSums("".join(group.digits for group in run))
    offsets = [0, *accumulate(len(group.digits) for group in run)]
    spans: list[_Span] = []
    index = 0
    while index < len(run):
        last = None
        if run[index].digits[0] not in "23456" and len(run[index].digits) <= _LONGEST_CARD:
            index += 1  # no network begins so
            continue
        if len(run[index].digits) > _LONGEST_CARD and _holds_card(sums, offsets[index], offsets[index + 1]):
            last = index
        for end in range(bisect_left(offsets, offsets[index] + _SHORTEST_CARD) - 1, len(run)):
            if offsets[end + 1] - offsets[index] > _LONGEST_CARD:
                break
            if (
                sums.is_card(offsets[index], offsets[end + 1])
                and not _cuts_protected(reading, run[index].start, run[end].end)
                and (mixed or not _is_mixture(reading, run[index : end + 1]))
            ):
                last = end
        if last is None:
            index += 1
            continue
        spans.append(_Span(run[index].start, run[last].end, "card"))
        index = last + 1
    return spans


class _LuhnSums:
    """Luhn checks of any stretch of a run of digits in constant time, from running sums."""

    def __init__(self, digits: str) -> None:
        self.digits = digits
        values = [int(digit) for digit in digits]
        doubled = [value * 2 - 9 * (value > 4) for value in values]
        self._sums = [
            [0, *accumulate(values[place] if place % 2 == kept else doubled[place] for place in range(len(values)))]
            for kept in (0, 1)
        ]

    def is_card(self, start: int, end: int) -> bool:
        """Whether these digits are a card of a known network with a right check digit."""
        sums = self._sums[(end - 1) % 2]
        return (sums[end] - sums[start]) % 10 == 0 and _network(self.digits[start:end])


def _holds_card(sums: _LuhnSums, start: int, end: int) -> bool:
    return any(
        sums.is_card(first, first + length)
        for first in range(start, end - _SHORTEST_CARD + 1)
        for length in (13, 14, 15, 16, 19)
        if first + length <= end
    )


def _fours_of_card(run: list[Numeral]) -> list[_Span]:
    """A mistyped card beside other numbers: four groups of about four."""
    for index in range(len(run) - 3):
        window = run[index : index + 4]
        if sum(len(group.digits) for group in window) in {15, 16, 17} and all(
            3 <= len(group.digits) <= 5 for group in window
        ):
            return [_Span(window[0].start, window[-1].end, "card")]
    return []


def _network(digits: str) -> bool:
    """Whether number and length are those of a card network."""
    length = len(digits)
    if digits[0] == "4":
        return length in {13, 16, 19}
    if digits[0] not in "2356":
        return False
    two, three, four = int(digits[:2]), int(digits[:3]), int(digits[:4])
    if four in _MAESTRO or 2200 <= four <= 2204:
        return 13 <= length <= 19
    if 51 <= two <= 55 or 2221 <= four <= 2720:
        return length == 16
    if two in {34, 37}:
        return length == 15
    if two in {36, 38, 39} or 300 <= three <= 305:
        return 14 <= length <= 19
    if two in {65, 62} or four == 6011 or 644 <= three <= 649 or 3528 <= four <= 3589:
        return 16 <= length <= 19
    return False


def _is_mixture(reading: _Reading, run: list[Numeral]) -> bool:
    """Whether the run is several things side by side, such as a telephone number and a date."""
    start, end = run[0].start, run[-1].end
    if len({reading.plain[before.end : after.start] for before, after in pairwise(run)}) <= 1:
        return False
    return any(
        start <= span.start and span.end <= end for span in reading.protected.over(start, end, "phone", "date", "time")
    )


def _cuts_protected(reading: _Reading, start: int, end: int) -> bool:
    return any(span.start < start or span.end > end for span in reading.protected.over(start, end, "phone", "date"))


def _behind_card(reading: _Reading, card: _Span) -> Iterator[_Span]:
    """Expiry and code typed right behind a card number: "… 1111 12/27 123"."""
    place = card.end
    expiry = _EXPIRY_BEHIND.match(reading.plain, place)
    if expiry:
        yield _Span(expiry.start(1), expiry.end(1), "expiry")
        place = expiry.end(1)
    yield from _code_behind(reading, place, after_expiry=expiry is not None)


def _code_behind(reading: _Reading, place: int, *, after_expiry: bool) -> Iterator[_Span]:
    code = _CODE_BEHIND.match(reading.plain, place)
    if not code or (len(code[1]) != 3 and not after_expiry) or _COUNTED.match(reading.plain, code.end(1)):
        return
    if not reading.protected.over(code.start(1), code.end(1)):
        yield _Span(code.start(1), code.end(1), "cvv")


def _bank_numbers(reading: _Reading) -> Iterator[_Span]:
    about_bank = reading.about("bank", "routing") or bool(_BANKS.search(reading.plain))
    if not about_bank:
        return
    others: list[_Span] = []
    routing: list[_Span] = []
    for chain in reading.chains(loose=False):
        for run in _without(reading, chain, "coded", "money", "phone", "date"):
            for span in _bank_numbers_in(reading, run):
                yield span
                routing += [span] * (span.kind == "routing")
            if reading.kind_of(run[0].start, run[-1].end) == "account":
                others.append(_Span(run[0].start, run[-1].end, "bank_account"))
    # "routing 021000021, account 8812345": short, but it stands with a bank's number.
    for span in others:
        for number in routing:
            between = reading.plain[min(number.end, span.end) : max(number.start, span.start)]
            digits = sum(map(str.isdecimal, reading.plain[span.start : span.end]))
            if len(between) <= _NEAR_ROUTING and not _CLINICS.search(between) and digits >= 5:
                yield span


def _bank_numbers_in(reading: _Reading, run: list[Numeral]) -> Iterator[_Span]:
    digits = "".join(group.digits for group in run)
    start, end = run[0].start, run[-1].end
    kind = reading.kind_of(start, end)
    holds_routing = any(len(group.digits) == 9 and rtn.is_valid(group.digits) for group in run)
    if kind in {"routing", "bank"} and len(digits) > 12 and len(run) > 1 and (kind == "routing" or holds_routing):
        yield from _routing_then_account(run)
    elif kind == "routing" and 8 <= len(digits) <= 10:
        yield _Span(start, end, "routing")
    elif kind == "bank" and (8 if _only_bank(reading, start) else 5) <= len(digits) <= 18:
        yield _Span(start, end, "routing" if len(digits) == 9 and rtn.is_valid(digits) else "bank_account")
    elif kind == "account" and 8 <= len(digits) <= 18:
        yield _Span(start, end, "bank_account")
    elif kind is None and len(digits) == 9 and rtn.is_valid(digits):
        yield _Span(start, end, "routing")


def _only_bank(reading: _Reading, place: int) -> bool:
    """Whether the word before a number is just "bank", or "checking" said of something else."""
    cue = next(reading.cues_before(place), None)
    if cue is None:
        return False
    word = reading.plain[cue.start : cue.end]
    loose = word in {"checking", "saving", "savings"} and not _LINK.fullmatch(reading.plain[cue.end : place])
    return loose or word in {"bank", "banking", "ahorros"}


def _routing_then_account(run: list[Numeral]) -> Iterator[_Span]:
    """ "routing 021000021 000123456789": two numbers with nothing said between them."""
    for group in run:
        if len(group.digits) == 9:
            yield _Span(group.start, group.end, "routing")
        elif len(group.digits) >= 5:
            yield _Span(group.start, group.end, "bank_account")


def _social_security(reading: _Reading) -> Iterator[_Span]:
    for found in _RUN_ON.finditer(reading.plain):
        if not reading.is_taken(found.start(), found.end()):
            yield _Span(found.start(), found.end(), "ssn")
    for chain in reading.chains(loose=True):
        if sum(len(group.digits) for group in chain) < _SHORTEST_SOCIAL:
            continue
        spans = list(_numbers_of_nine(reading, chain))
        yield from spans
        if not spans:
            yield from _mistyped(reading, chain)


def _numbers_of_nine(reading: _Reading, chain: list[Numeral]) -> Iterator[_Span]:
    offsets = [0, *accumulate(len(group.digits) for group in chain)]
    lasts = {offset: last for last, offset in enumerate(offsets[1:])}
    index = 0
    while index < len(chain):
        last = lasts.get(offsets[index] + 9)
        if last is None or not _is_social(reading, chain, index, last):
            index += 1
            continue
        yield _Span(chain[index].start, chain[last].end, "ssn")
        index = last + 1


def _is_social(reading: _Reading, chain: list[Numeral], first: int, last: int) -> bool:
    window = chain[first : last + 1]
    start, end = window[0].start, window[-1].end
    plain = reading.plain
    if last - first not in {0, 2} and not _is_whole(plain, chain, first, last):
        return False
    shape = tuple(len(group.digits) for group in window)
    if shape not in {(9,), (3, 2, 4)} and not _is_whole(plain, chain, first, last):
        return False
    gaps = [plain[before.end : after.start] for before, after in pairwise(window)]
    tight = all(map(_TIGHT.fullmatch, gaps))
    if reading.protected.over(start, end, "coded", "money"):
        return False
    kind = reading.kind_of(start, end)
    dates = reading.protected.over(start, end, "date", "phone", "time", "pressure")
    if shape == (3, 2, 4) and not dates:
        if kind == "other" and not _is_valid(window):
            return False
        last_four = any(_rules().counts.search(gap) for gap in gaps)
        return tight or kind == "ssn" or (_is_valid(window) and not last_four)
    if kind == "ssn" and not dates:
        return True
    if kind not in {None, "ssn", "account"} or dates or not tight or not _is_valid(window):
        return False
    if shape == (9,):
        return kind is None
    if shape == (3, 3, 3):  # "112 118 131" are three values
        return gaps[0].strip() in {"-", "."} and gaps[0].strip() == gaps[1].strip()
    if shape == (1,) * 9 and all(group.digits in "0123" for group in window):
        return False  # the nine answers of a questionnaire
    small = all(length <= 2 for length in shape)
    spelled = any(group.spelled for group in window)
    return small and (spelled or max(shape) == 1)


def _is_valid(window: list[Numeral]) -> bool:
    return bool(ssn.is_valid("".join(group.digits for group in window)))


def _is_whole(plain: str, chain: list[Numeral], first: int, last: int) -> bool:
    """Whether no further digits stand close on either side."""
    before = first > 0 and _TIGHT.fullmatch(plain[chain[first - 1].end : chain[first].start])
    after = last + 1 < len(chain) and _TIGHT.fullmatch(plain[chain[last].end : chain[last + 1].start])
    return not before and not after


def _mistyped(reading: _Reading, chain: list[Numeral]) -> Iterator[_Span]:
    """Eight, ten or eleven digits right beside a word for the SSN."""
    for run in _without(reading, chain, "coded", "money", "time"):
        digits = "".join(group.digits for group in run)
        start, end = run[0].start, run[-1].end
        # "twenty one" may have been 20 and 1.
        most = len(digits) + sum(group.spelled and group.digits[0] > "1" and len(group.digits) == 2 for group in run)
        if len(digits) > 11 or most < 8 or reading.kind_of(start, end) != "ssn":
            continue
        looks_otherwise = reading.protected.over(start, end, "phone", "date")
        if looks_otherwise and not _is_direct(reading, start, end, "ssn"):
            continue
        yield _Span(start, end, "ssn")


def _codes(reading: _Reading) -> Iterator[_Span]:
    """Security code, PIN and expiry beside their words."""
    plain = reading.plain
    card_taken = any(span.kind == "card" for span in reading.taken)
    about_card = card_taken or reading.about("card", "cvv")
    expiries = list(_expiries(reading, about_card=about_card))
    yield from expiries
    over = _Index(_Span(span.start, span.end, "") for span in expiries)
    for chain in reading.chains(loose=False):
        for run in _without(reading, chain, "coded", "money", "phone"):
            window = _first_code([group for group in run if not over.over(group.start, group.end)])
            if window is None:
                continue
            start, end, digits = window
            if reading.is_taken(start, end) or _COUNTED.match(plain, end):
                continue
            kind = reading.kind_of(start, end)
            if (about_card or len(plain) < _TERSE) and _rules().on_back.match(plain[end : end + _AFTER]):
                kind = "cvv"
            if card_taken and len(digits) in {3, 4} and _is_said_code(plain, start):
                kind = "cvv"
            if kind == "cvv" and len(digits) in {3, 4}:
                yield _Span(start, end, "cvv")
            elif kind == "pin" and 4 <= len(digits) <= 8:
                yield _Span(start, end, "pin")


def _is_said_code(plain: str, start: int) -> bool:
    """ "… and the code is": only of a card, never "area code"."""
    found = _SAID_CODE.search(plain[max(0, start - _AFTER) : start])
    return bool(found and found["what"] not in _OTHER_CODES)


def _expiries(reading: _Reading, *, about_card: bool) -> Iterator[_Span]:
    """Month and year beside a word for expiry, where a card is spoken of or a code follows; and that code."""
    found = [
        *((one.start(), one.end()) for one in _MONTH_YEAR.finditer(reading.plain)),
        *((one.start(), one.end()) for one in _DATE.finditer(reading.plain)),
        *((one.start(), one.end()) for one in _NAMED_MONTH_YEAR.finditer(reading.plain)),
        *_spoken_months(reading),
    ]
    # "03/29 cvv 737" says it behind.
    starts = [cue.start for cue in reading.cues if cue.kind == "cvv"]
    before_code = {
        start - marks
        for start in starts
        for marks in (1, 2, 3)
        if not reading.plain[start - marks : start].strip(" ,;/\n")
    }
    done = 0
    for start, end in sorted(found, key=lambda one: (one[0], -one[1])):
        if (
            start < done
            or reading.is_taken(start, end)
            or (reading.kind_of(start, end) != "expiry" and end not in before_code)
        ):
            continue
        cue = next(reading.cues_before(start), None)
        if cue and _NOT_OF_CARD.search(reading.plain[max(0, cue.start - _AFTER) : cue.start]):
            continue
        codes = list(_code_behind(reading, end, after_expiry=False))
        if not about_card and not codes:
            continue
        done = end
        yield _Span(start, end, "expiry")
        yield from codes


def _spoken_months(reading: _Reading) -> Iterator[tuple[int, int]]:
    """ "twelve twenty seven", "12 del 27": month and year in groups of their own."""
    if not reading.about("expiry"):
        return
    groups = reading.groups
    for index, month in enumerate(groups[:-1]):
        if len(month.digits) > 2 or not 1 <= int(month.digits) <= 12:
            continue
        digits = ""
        for last in range(index + 1, min(index + 3, len(groups))):
            if not _PASSAGE.fullmatch(reading.plain[groups[last - 1].end : groups[last].start]):
                break
            digits += groups[last].digits
            if re.fullmatch(r"(?:20)?[2-4]\d", digits) and digits != "20":
                yield month.start, groups[last].end


def _first_code(run: list[Numeral]) -> tuple[int, int, str] | None:
    """The code that a run of digits begins with: one group, or single digits said one by one."""
    if not run:
        return None
    if len(run[0].digits) >= 3:
        return run[0].start, run[0].end, run[0].digits
    end = 0
    while end < len(run) and len(run[end].digits) <= 2 and end < 8:
        end += 1
    digits = "".join(group.digits for group in run[:end])
    return (run[0].start, run[end - 1].end, digits) if 3 <= len(digits) <= 8 else None


def _kind_of(reading: _Reading, start: int, end: int) -> str | None:
    plain = reading.plain
    before = _cue_before(reading, start)
    behind = _rules().behind.match(plain[end : end + _AFTER])
    if behind:
        speaks = behind["verb"] or (
            before is None and not re.match(r"\W*(?:\w+\W+)?\d", plain[end + behind.end() : end + behind.end() + 24])
        )
        if speaks:
            return next((kind for kind in _BEHIND if behind[f"is_{kind}"]), before)
    return before


def _cue_before(reading: _Reading, start: int) -> str | None:
    plain = reading.plain
    for cue in reading.cues_before(start):
        between = plain[cue.end : start]
        if re.search(r"[.!?;\n][^\d]*\d[^\d]*$", between):
            continue
        if cue.kind in {"cvv", "pin", "expiry"} and not _leads_to(between, plain[start : start + 4]):
            return None
        if cue.kind == "account" and _BANK_BEFORE.search(plain[max(0, cue.start - _AFTER) : cue.start]):
            return "bank"
        return cue.kind
    return None


def _leads_to(between: str, number: str) -> bool:
    """Whether what stands between a word for a code and a number lets the word speak of it."""
    if _LINK.fullmatch(between):
        return True
    if _STRAYED.search(between) or _YEAR.match(number):
        return False
    return bool(_rules().between.match(between) or (len(between) <= _BEFORE and _ANSWERED.fullmatch(between)))


def _is_direct(reading: _Reading, start: int, end: int, kind: str) -> bool:
    last = next((cue for cue in reading.cues_before(start) if cue.kind == kind), None)
    if last and _LINK.fullmatch(reading.plain[last.end : start]):
        return True
    behind = _rules().behind.match(reading.plain[end : end + _AFTER])
    return bool(behind and behind.group(f"is_{kind}"))


class _Rules:
    """The words of `redaction.yml`, compiled."""

    def __init__(self, lists: dict[str, Any]) -> None:
        cues: dict[str, str] = {
            kind: f"{_MORE_CUES[kind]}|{pattern}" if kind in _MORE_CUES else pattern
            for kind, pattern in dict(lists["cues"]).items()
        }
        for kind in ("cvv", "pin"):
            cues[kind] = f"(?:{cues[kind]}){_CARD_OR_BANK}"
        order = ("cvv", "ssn", "routing", "bank", "pin", "expiry", "card", "phone", "dob", "other", "account")
        named = "|".join(f"(?P<{kind}>{cues[kind]})" for kind in order)
        self.any_cue = re.compile(rf"(?<![^\W\d_])(?:{named})(?![^\W\d_])")
        said = "|".join(f"(?P<is_{kind}>{cues[kind]})" for kind in _BEHIND)
        self.behind = re.compile(rf"(?:\s{{0,2}}[<>=(]{{1,3}})?{lists['behind']}(?:{said})(?![^\W\d_])")
        secrets = "|".join(cues[kind] for kind in ("ssn", "card", "cvv", "pin", "routing", "bank", "expiry"))
        self.any_secret = re.compile(rf"(?:(?:{secrets})?(?:n|no|num|number|is|es|numero)?|{_MORE_SECRETS})")
        self.counts = re.compile(lists["counts"])
        self.on_back = re.compile(lists["on_back"])
        self.between = re.compile(lists["between"])
        self.inside = frozenset(str(lists["inside"]).split())
        self.mistyped = {wrong: right for right, wrongs in _MISTYPED.items() for wrong in wrongs.split()}
        words = load("numerals")
        self.units = frozenset(words["units"]) | frozenset(words["teens"]) | frozenset(words["tens"])
        large = "|".join(sorted({"hundred", *words["hundreds"], *words["thousands"]}, key=len, reverse=True))
        self.large = re.compile(rf"(?<![^\W\d_])(?:{large})(?![^\W\d_])")


@lru_cache(maxsize=1)
def _rules() -> _Rules:
    with (Path(__file__).parent / "redaction.yml").open(encoding="utf-8") as file:
        return _Rules(YAML(typ="safe").load(file))
