"""The spaCy pipeline that Rasa loads by path: English tokens, and rules for the numbers people quote.

Blank, because no trained pipeline is needed for closed forms. A clinic that has one installed names it in `config.yml`
(`SpacyNLP: model: en_core_web_md`), and these rules are then not part of it. Entities: `account_number`,
`case_number`, `claim_number`, `amount`, each with the text as it was written.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bedside.language.encoder import default_build_dir

if TYPE_CHECKING:
    from spacy.language import Language

NAME = "spacy_en"

_MONEY_NUMBER = r"^\d{1,3}(?:,\d{3})+(?:\.\d\d)?$|^\d+(?:\.\d\d)?$"
_CURRENCIES = ["dollar", "dollars", "bucks", "usd", "dolar", "dolares", "dólar", "dólares"]


def _patterns() -> list[dict[str, Any]]:
    """Each inner list is one token after another, as spaCy's English tokenizer cuts them."""

    def entity(label: str, *tokens: dict[str, Any]) -> dict[str, Any]:
        return {"label": label, "pattern": list(tokens)}

    def like(expression: str) -> dict[str, Any]:
        return {"TEXT": {"REGEX": expression}}

    return [
        entity("account_number", like(r"^[Aa]-?\d{7}$")),
        entity("account_number", like(r"^[Aa]$"), like(r"^\d{7}$")),
        entity("case_number", like(r"^[Cc]-?\d{4}$"), {"TEXT": "-"}, like(r"^\d{4}$")),
        entity("case_number", like(r"^[Cc]-?\d{4}-?\d{4}$")),
        entity("case_number", like(r"^[Cc]$"), like(r"^\d{4}$"), {"TEXT": "-", "OP": "?"}, like(r"^\d{4}$")),
        entity("claim_number", like(r"^(?i:clm|icn)[-#]?\d{6,15}$")),
        entity("claim_number", {"LOWER": {"IN": ["clm", "icn"]}}, {"TEXT": "#", "OP": "?"}, like(r"^\d{6,15}$")),
        entity("amount", {"TEXT": "$"}, like(_MONEY_NUMBER)),
        entity("amount", like(_MONEY_NUMBER), {"LOWER": {"IN": _CURRENCIES}}),
    ]


def _import_spacy() -> Any:
    """spaCy without the TensorFlow that it would drag in: a fifth of the time and memory."""
    hidden = "tensorflow" not in sys.modules
    if hidden:
        sys.modules["tensorflow"] = None  # type: ignore[assignment]
    try:
        import spacy
    finally:
        if hidden:
            del sys.modules["tensorflow"]
    return spacy


def pipeline() -> Language:
    """The pipeline itself, in memory."""
    language: Language = _import_spacy().blank("en")
    ruler: Any = language.add_pipe("entity_ruler", config={"overwrite_ents": True})
    ruler.add_patterns(_patterns())
    return language


def build_spacy(build_dir: Path | None = None) -> Path:
    """Write the pipeline to `spacy_en` in the build folder, in place of an older one; return its path."""
    target = (build_dir or default_build_dir()) / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{NAME}."))
    try:
        pipeline().to_disk(fresh)
        fresh.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        fresh.replace(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target
