"""Names of days and months that are other words too: "sat", "may", "march", "sun"."""

from __future__ import annotations

import re

from bedside.language.numerals import read_cardinal
from bedside.language.when.tokens import Token
from bedside.language.when.vocabulary import expression, weekday_names
from bedside.language.wordlists import load


def is_other_word(tokens: list[Token], index: int) -> bool:
    """Whether "sat", "may" or "march" stands where it is more likely a verb or a name."""
    word = tokens[index].text
    names, months = set(load("when")["weak"].split()), set(load("when")["weak_months"].split())
    if word not in names and word not in months:
        return False
    before = tokens[index - 1] if index else None
    after = tokens[index + 1] if index + 1 < len(tokens) else None
    stopped = before is None or before.text in ".!?;:("
    if word in months:
        day = [one for one in (before, after) if one is not None and one.kind in {"number", "ordinal"}]
        beside = any(len(one.text) <= 4 for one in day)
        if after and (after.text in load("numerals")["ordinals"] or after.text in load("numerals")["tens"]):
            beside = True
        if after and word != "may" and read_cardinal([after.text]) and after.text not in {"one", "a"}:
            beside = True
        if before and (before.text in load("numerals")["ordinals"] or before.text in {"of", "de"}):
            beside = True
        if beside and not (before and before.text in {"i", "you", "we", "he", "she", "they", "it"}):
            return False
        asks = after is not None and after.text in {"i", "we", "he", "she"}
        if before and re.fullmatch(load("when")["month_before"], before.text) and not asks:
            return False
        return not (stopped and after and re.fullmatch("works?|would|or", after.text))
    if before and re.fullmatch(load("when")["weak_before"], before.text):
        verb = word in {"sat", "wed"} and before.text in {"and", "or", "but", "that", "we"}
        return bool(verb and after and after.text in {"in", "down", "there", "for", "on", "with"})
    follows = after is None or after.kind in {"number", "clock", "ordinal", "slash", "ish"} or after.text in ",.!?-/"
    follows = follows or (after is not None and bool(expression("weak_after").fullmatch(after.text)))
    if not follows and after and after.text == "in" and index + 3 < len(tokens):
        follows = expression("weak_after").fullmatch(tokens[index + 3].text) is not None
    starts = stopped or (before is not None and (before.text in ",-/&" or before.kind in {"number", "clock"}))
    friendly = before is not None and re.fullmatch("come|can|free|off|good|appointment|appt|cita|a|need", before.text)
    return not (follows and (starts or bool(friendly) or _beside_weekday(tokens, index)))


def _beside_weekday(tokens: list[Token], index: int) -> bool:
    return any(0 <= place < len(tokens) and tokens[place].text in weekday_names() for place in (index - 1, index + 1))
