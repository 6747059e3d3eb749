"""Which of the clinic's languages a message is in."""

from __future__ import annotations

import re
from functools import cache

from bedside.language.wordlists import fold, load, tidy, word_set

_ENOUGH = 1.0  # points ahead of the other language
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SPANISH_SIGNS = re.compile(r"[¿¡ñÑ]|[áéíóúÁÉÍÓÚ]")
_NAMES_A_LANGUAGE = re.compile(r"\b(?:espanol|spanish|ingles|english)\b")
WORDS_OF_A_THOUGHT, WORDS_WITH_A_NAME = 4, 6
_PARTICLES = frozenset({"de", "del", "la", "las", "los", "y"})


def detect_language(text: str) -> str | None:
    """ "en" or "es"; None when the text is too short or too mixed to tell. Accents are not needed."""
    clean = tidy(text)
    if _is_bare_name(clean):
        return None
    english = spanish = 0.0
    weak = word_set("language", "weak")
    for found in _WORD.finditer(clean):
        word = fold(found.group())
        weight = 0.4 if word in weak else 1.0
        in_english, in_spanish = word in word_set("language", "en"), word in word_set("language", "es")
        if in_english:
            english += weight
        if in_spanish:
            spanish += weight
        if not in_english and not in_spanish and len(word) > 3 and not (found.group()[0].isupper() and found.start()):
            english += 0.5 * bool(_letters("en_letters").search(word))
            spanish += 0.5 * bool(_letters("es_letters").search(word))
    signs = _SPANISH_SIGNS.findall(clean)
    if signs:
        strong = any(sign in "¿¡" for sign in signs) or len(signs) > 1
        spanish += 1.0 if strong else 0.6
    if abs(english - spanish) < _ENOUGH or max(english, spanish) < 1.5 * min(english, spanish):
        return None
    return "en" if english > spanish else "es"


def spoken_language(text: str, spoken: str | None, *, a_name_was_asked: bool = False) -> str | None:
    """The language of a talk after this message; `spoken` is the one so far, None at its beginning.

    A talk changes its language for a whole thought or when asked to, never for a name, a street or a single word.
    """
    found = detect_language(text)
    if found is None or spoken is None or found == spoken:
        return found or spoken
    words = len(_WORD.findall(text))
    enough = WORDS_WITH_A_NAME if a_name_was_asked else WORDS_OF_A_THOUGHT
    return found if words >= enough or _NAMES_A_LANGUAGE.search(fold(text)) else spoken


def _is_bare_name(clean: str) -> bool:
    """Whether there is nothing but a name, as far as capitals tell: "José Núñez" speaks either language."""
    parts = clean.strip(" .,!\n").replace("-", " ").split()
    capital = [word for word in parts if word not in _PARTICLES]
    known = word_set("language", "en") | word_set("language", "es")
    return (
        len(capital) > 1
        and parts[0] not in _PARTICLES
        and all(word.isalpha() and word.istitle() and fold(word) not in known for word in capital)
    )


@cache
def _letters(key: str) -> re.Pattern[str]:
    return re.compile("|".join(load("language")[key]))
