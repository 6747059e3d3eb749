"""Two requests in one message: where the second begins, so that it is not lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence

Ranking = list[tuple[str, float]]

ALSO_CONFIDENCE = 0.6
SHORTEST_CLAUSE = 2  # words on either side of a joining "and"

_SENTENCE_END = re.compile(r"(?:[.!?;]+(?=\s|$)|\n+|(?<=\s)[¿¡])")
_ABBREVIATION = re.compile(r"(?:^|\s|\()(?:dr|dra|mr|mrs|ms|sr|sra|st|no|appt|ext|vs|[ap]\.?\s?m)\.$", re.IGNORECASE)
_JOINT = re.compile(
    r"[,\s]+(?:(?:oh[,\s]+)?and(?:[,\s]+(?:also|then|by the way|btw|another thing))?|also|plus|btw|by the way"
    r"|(?:ah[,\s]+)?y(?:[,\s]+(?:tambi[eé]n|adem[aá]s|otra cosa))?|tambi[eé]n|adem[aá]s|aparte|otra cosa)[,:\s]+",
    re.IGNORECASE,
)

# A visit is wanted, and the reason for it is a symptom: the nurse hears of it before anything is booked (BRIEF 3.3).
VISITS = frozenset({"schedule_appointment", "reschedule_appointment", "waitlist", "telehealth", "confirm_appointment"})
SYMPTOM = "clinical_symptom"
_REASON = re.compile(
    r"\s+(?:because|bec(?:au)?se|'?cause|cuz|bc|since|as|for|about|porque|ya que|pues|por)\s+|[,;:]\s+", re.IGNORECASE
)
# "Before I book, should I …": what comes before the comma is a wish of its own.
_BEFORE = re.compile(
    r"(?:^|[.!?;]\s*)(?:but |pero )?(?:before (?:i|we) |(antes de (?:que )?))([^,.;!?]{3,60}),", re.IGNORECASE
)


def _sentences(text: str) -> list[str]:
    sentences, start = [], 0
    for end in _SENTENCE_END.finditer(text):
        piece = text[start : end.end()]
        if end.group().startswith(".") and _ABBREVIATION.search(piece):
            continue
        if end.group() in "¿¡":  # opens a sentence: the mark belongs to what follows
            piece, start = text[start : end.start()], end.start()
        else:
            start = end.end()
        sentences.append(piece.strip())
    sentences.append(text[start:].strip())
    return [sentence for sentence in sentences if any(character.isalnum() for character in sentence)]


def _clauses(sentence: str) -> list[str]:
    """Split at "and", "also", "y", "también" wherever at least two words stand on either side."""
    clauses, start = [], 0
    for joint in _JOINT.finditer(sentence):
        before, after = sentence[start : joint.start()], sentence[joint.end() :]
        if len(before.split()) >= SHORTEST_CLAUSE and len(after.split()) >= SHORTEST_CLAUSE:
            clauses.append(before.strip(" ,"))
            start = joint.end()
    return [*clauses, sentence[start:].strip(" ,")]


def requests_in(text: str) -> list[str]:
    """The clauses of a message that may each carry a request, in order; a simple message comes back as one."""
    return [clause for sentence in _sentences(text) for clause in _clauses(sentence)]


def _wishes_before(text: str) -> list[str]:
    """The wish in "before I book, …", as somebody would say it by itself."""
    return [f"{'quiero' if found[1] else 'I want to'} {found[2].strip()}" for found in _BEFORE.finditer(text)]


Classify = Callable[[Sequence[str]], Sequence[Ranking]]


def find_also(
    text: str, main: str, classify: Classify, inquiries: Collection[str], threshold: float = ALSO_CONFIDENCE
) -> Ranking:
    """Inquiries besides `main` that a part of the message carries on its own, with their confidence, the surest first.

    `classify` ranks labels for each clause; only labels among `inquiries` count, and only from `threshold` on.
    """
    found = dict(in_clauses(text, main, classify, inquiries, threshold))
    for label, confidence in in_reasons(text, main, classify, inquiries, threshold):
        found[label] = max(confidence, found.get(label, 0.0))
    return _surest_first(found)


def in_clauses(text: str, main: str, classify: Classify, inquiries: Collection[str], threshold: float) -> Ranking:
    """What the clauses of a message say when they stand alone; nothing for a message of one clause."""
    clauses = [clause for clause in requests_in(text) if len(clause.split()) >= SHORTEST_CLAUSE]
    asked = [(clause, inquiries) for clause in clauses] if len(clauses) > 1 else []
    return _found(asked, main, classify, inquiries, threshold)


def in_reasons(
    text: str, main: str, classify: Classify, inquiries: Collection[str], threshold: float = ALSO_CONFIDENCE
) -> Ranking:
    """A symptom that is the reason for a visit, a visit that is wanted because of one, and "before I book, …"."""
    asked: list[tuple[str, Collection[str]]] = []
    before, *reasons = _REASON.split(text)
    if main in VISITS:
        asked += [(reason.strip(), {SYMPTOM}) for reason in reasons if len(reason.split()) >= SHORTEST_CLAUSE]
    elif main == SYMPTOM and reasons and len(before.split()) >= SHORTEST_CLAUSE:
        asked.append((before.strip(), VISITS))
    asked += [(wish, VISITS) for wish in _wishes_before(text)]
    return _found(asked, main, classify, inquiries, threshold)


def _found(
    asked: Sequence[tuple[str, Collection[str]]],
    main: str,
    classify: Classify,
    inquiries: Collection[str],
    threshold: float,
) -> Ranking:
    if not asked:
        return []
    found: dict[str, float] = {}
    for (_, meant), ranking in zip(asked, classify([clause for clause, _ in asked]), strict=True):
        label, confidence = ranking[0]
        if label != main and label in inquiries and label in meant and confidence >= threshold:
            found[label] = max(confidence, found.get(label, 0.0))
    return _surest_first(found)


def _surest_first(found: dict[str, float]) -> Ranking:
    return sorted(found.items(), key=lambda entry: -entry[1])
