"""Takes out what the clinic never asks for: full SSNs, payment cards and their codes, bank numbers (R3, BRIEF 3.2).

It runs before anything stores or logs a message. Telephone, claim, case, member and account numbers, dates, amounts and
the last four digits stay, because the work needs them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from bedside.safety.redaction.banks import find_bank_numbers, find_ibans
from bedside.safety.redaction.cards import find_cards, find_masked_cards
from bedside.safety.redaction.codes import find_codes
from bedside.safety.redaction.reading import Reading
from bedside.safety.redaction.social import find_social_security
from bedside.safety.redaction.spelling import Mended, plain_of

MARK = "[removed]"


@dataclass(frozen=True)
class Redacted:
    """The text that may be kept, and the kinds of what was taken out, in order, each once.

    Kinds: "ssn", "card", "cvv", "expiry", "pin", "routing", "bank_account".
    """

    text: str
    removed: tuple[str, ...]


def redact(text: str, asked: str = "") -> Redacted:
    """The text without the numbers that nobody may keep; the same text when there are none.

    `asked`: the words for a number that was asked for and that the work needs, such as "member ID": it is read as if
    they stood before it. What is written or checks out as an SSN, a card or a bank number goes all the same.
    """
    if asked:
        cleaned = redact(f"{asked} {text}")
        return Redacted(cleaned.text.removeprefix(f"{asked} "), cleaned.removed)
    original = unicodedata.normalize("NFC", text)
    mended = Mended(plain_of(original))
    reading = Reading(mended.text)
    if not reading.groups:
        return Redacted(text, ())
    for find in (find_ibans, find_masked_cards, find_cards, find_bank_numbers, find_social_security, find_codes):
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
