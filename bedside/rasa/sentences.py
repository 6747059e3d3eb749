"""What Rasa says, from domain/ as it stands when the server starts: a changed sentence needs no new training."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.utils.endpoints import EndpointConfig

from bedside.sentences import SentenceError, load_sentences
from bedside.settings import ROOT


class SentencesOfTheDay(TemplatedNaturalLanguageGenerator):
    """Rasa's own choosing and filling, over the sentences in the folder instead of those packed into the model."""

    def __init__(self, endpoint_config: EndpointConfig | None = None, domain: Domain | None = None) -> None:
        """The arguments are Rasa's. Raise SentenceError when the model knows an action that has no sentence: such a
        model must be trained again."""
        self._of_the_day = load_sentences(ROOT / "domain").responses
        super().__init__(self._of_the_day)
        missing = set(domain.responses if domain else ()) - set(self.responses)
        if missing:
            raise SentenceError(f"The model says what domain/ no longer holds: {', '.join(sorted(missing))}.")

    @property
    def responses(self) -> Mapping[str, list[dict[str, Any]]]:
        """The sentences in the folder."""
        return self._of_the_day

    @responses.setter
    def responses(self, packed: Mapping[str, list[dict[str, Any]]]) -> None:
        """Rasa's agent puts the model's own here each time it loads one; they may be older and are left alone."""
