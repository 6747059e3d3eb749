"""Postal addresses in a message: where one begins and ends, and its parts (BRIEF 3.10).

An address begins with a house number before a street, or with a post-office box. A street that has no word for one
("Oak *Street*") needs a ZIP behind it, and one whose word means other things ("20 minute *drive*") needs capitals, a
city, or a word such as "live" before it.

usaddress was tried: it labels the words of an address well, but takes what stands around it for a recipient and a
country, and refuses two addresses in one text; whoever has found the end of each has its parts already.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from bedside.language.wordlists import fold, load, tidy, word_set

_NEAR = 48  # characters before an address in which "live", "address" and the like vouch for it


@dataclass(frozen=True)
class Address:
    """A postal address in parts; what was not said is empty. `state` is two letters, `zip` five or nine digits."""

    street: str
    unit: str
    city: str
    state: str
    zip: str
    start: int
    end: int

    @property
    def complete(self) -> bool:
        """Whether mail would arrive: a ZIP, or a city with its state."""
        return bool(self.zip or (self.city and self.state))

    @property
    def line(self) -> str:
        """On one line: "12 Oak St, Apt 3, Albany, NY 12203"."""
        end = " ".join(part for part in (self.state, self.zip) if part)
        return ", ".join(part for part in (self.street, self.unit, self.city, end) if part)


def read_addresses(text: str) -> tuple[Address, ...]:
    """Every postal address that the message gives, in order; spans are places in the tidied text."""
    clean = tidy(text)
    plain = fold(clean)
    if not any(character.isdigit() for character in plain):
        return ()
    found: list[Address] = []
    at = 0
    while True:
        match = _pattern().search(plain, at)
        if match is None:
            return tuple(found)
        if _is_address(clean, plain, match):
            found.append(_address(clean, match))
            at = match.end()
        else:
            at = match.end("number")


def _is_address(clean: str, plain: str, match: re.Match[str]) -> bool:
    if match["box"] or match["bare"]:
        return True
    if match["suffix"] not in word_set("addresses", "weak"):
        return True
    placed = match["zip"] or match["zip_only"] or match["state"] or match["unit"]
    street = clean[match.start("street") : match.end("street")]
    capitals = all(part[0].isupper() or part[0].isdigit() for part in street.split())
    vouched = re.search(load("addresses")["cues"], plain[max(0, match.start() - _NEAR) : match.start()])
    return bool(placed or capitals or vouched)


def _address(clean: str, match: re.Match[str]) -> Address:
    def part(*names: str) -> str:
        return next((clean[match.start(name) : match.end(name)].strip(" ,.") for name in names if match[name]), "")

    city, end = part("city"), match.end()
    alone = part("city_alone")
    if alone:
        if _is_city(alone, clean[match.start("city_alone") - 2 : match.start("city_alone")]):
            city = alone
        else:
            end = match.start("city_alone")
    state = match["state"] or ""
    if state in load("addresses")["cities"] and not city and not match["zip"]:
        city, state = part("state"), ""  # "12 Elm St, New York" leaves the state out
    typed = clean[match.start() : end].rstrip(" ,")
    street = part("box") or f"{match['number']} {part('street', 'bare')}"
    return Address(
        street=clean[match.start() : match.start() + len(street)] if not match["box"] else street,
        unit=part("unit", "unit_late"),
        city=city,
        state=_state_code(state),
        zip=part("zip", "zip_only"),
        start=match.start(),
        end=match.start() + len(typed),
    )


def _is_city(words: str, before: str) -> bool:
    """Whether words behind a street, without a state or ZIP, are a city."""
    plain = fold(words)
    if plain in load("addresses")["cities"]:
        return True
    ordinary = any(word in word_set("ordinary", "words") for word in plain.split())
    return all(word[0].isupper() for word in words.split()) or ("," in before and not ordinary) or not ordinary


def _state_code(state: str) -> str:
    """Two letters for a state, however it was typed."""
    plain = re.sub(r"[\s.]+", " ", state).strip()
    return str(load("addresses")["states"].get(plain, plain.replace(" ", "").upper()))


@cache
def _pattern() -> re.Pattern[str]:
    lists = load("addresses")

    def any_of(words: object) -> str:
        return "|".join(sorted((re.escape(str(word)) for word in words), key=len, reverse=True))  # type: ignore[attr-defined]

    ends = any_of(word_set("addresses", "ends"))
    suffixes = any_of(word_set("addresses", "suffixes") | word_set("addresses", "weak"))
    directions = any_of(word_set("addresses", "directions"))
    names = any_of(lists["states"])
    codes = {str(code).lower() for code in lists["states"].values()}
    doubtful = word_set("addresses", "codes_that_are_words")
    zip_code = r"\d{5}(?:-\d{4})?(?![\w-])"
    word = rf"(?!(?:{ends})\b)[a-z][a-z'\-]*"
    name = rf"(?:{word}|\d{{1,3}}(?:st|nd|rd|th))"
    street = (
        rf"(?:(?:{directions})\.? )?(?:{name} ){{1,4}}?(?P<suffix>{suffixes})\b\.?(?! (?:{suffixes})\b)"
        rf"(?: (?:{directions})\b\.?)?"
        rf"|(?:{directions} )?broadway"
        rf"|(?:avenue|avenida) of the {word}"
        rf"|(?:avenue|ave|highway|hwy|route|calle|avenida) (?:[a-z]|\d{{1,4}}|{word})\b"
    )
    identifier = r"(?:\d{1,5}-?[a-z]?|[a-z]-?\d{0,4})(?![\w])"
    units = any_of(word_set("addresses", "units"))
    unit = (
        rf"(?:(?:{units})(?:\.? ?# ?|\.? |\.|(?=\d)){identifier}|# ?{identifier}"
        r"|\d{1,2}(?:st|nd|rd|th) (?:floor|fl)\b|\d{1,3}-?[a-z](?![\w]))"
    )
    city = rf"{word}(?:\.? {word}){{0,3}}?"
    state = (
        rf"(?:{names}|n\.y\.|{any_of(codes - doubtful)}|(?:{any_of(codes & doubtful)})(?=[\s,]+\d{{5}}))(?![\w'])\.?"
    )
    gap = r"(?:\s*,\s*|\s+)"
    code = rf"(?:(?:zip|codigo postal|zip code){gap})?"
    tail = (
        rf"(?:{gap}(?P<city>{city}))?(?:{gap}(?P<unit_late>{unit}))?"
        rf"(?:{gap}(?P<state>{state})(?:{gap}{code}(?P<zip>{zip_code}))?|{gap}{code}(?P<zip_only>{zip_code}))"
        rf"|(?:{gap}(?P<city_alone>{word}(?: {word}){{0,2}})(?=\s*(?:[.,;!?\n]|$|(?:{ends})\b)))"
        r"|"
    )
    bare = rf"(?:(?:{directions})\.? )?{name}(?: {name})?(?={gap}(?:{city}{gap})?(?:{state}{gap})?{zip_code})"
    house = r"\d{1,6}(?:-\d{1,4})?[a-z]?"
    whole = (
        r"(?<![\w$#.,/:\-])(?:(?P<box>p\.? ?o\.? ?box \d{1,6})"
        rf"|(?P<number>{house}) (?:(?P<street>{street})|(?P<bare>{bare})))"
        rf"(?:{gap}(?P<unit>{unit}))?(?:{tail})"
    )
    return re.compile(whole)
