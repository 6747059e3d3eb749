"""What `bedside check` looks at before a start: configuration, stores, content. Each problem is one sentence."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML, YAMLError

from bedside.build import ROOT
from bedside.care import webhooks
from bedside.care.context import Care, open_care
from bedside.records import migrate
from bedside.records.store import Store
from bedside.sentences import SentenceError, load_sentences


def problems(environ: Mapping[str, str]) -> list[str]:
    """Everything that is wrong; empty when the clinic may open."""
    try:
        care = open_care(environ)
    except Exception as error:
        return [line for line in str(error).splitlines() if line.strip()]
    checks: tuple[Callable[[Care], Iterator[str]], ...] = (_stores, _parts, _content, _webhooks, _production)
    return [problem for check in checks for problem in check(care)]


def _stores(care: Care) -> Iterator[str]:
    if not care.store.can_write():
        yield "The records can't be written: is the database of BEDSIDE_DATABASE_URL up, and may this user write to it?"
    elif not migrate.is_current(care.store.engine):
        yield "The records are not up to date: `bedside load` or `bedside run` brings them up to date."
    conversations = Store(care.settings.conversations_url)
    if not conversations.can_write():
        yield "The conversations can't be written: is the database of BEDSIDE_CONVERSATIONS_URL up?"
    conversations.close()


def _parts(_care: Care) -> Iterator[str]:
    """Rasa silently replaces a store or channel that it can't import: so everything named is imported here."""
    for file in ("endpoints.yml", "credentials.yml", "config.yml"):
        data = YAML(typ="safe").load((ROOT / file).read_text(encoding="utf-8")) or {}
        for name in _class_names(data):
            module, _, attribute = name.rpartition(".")
            try:
                if not hasattr(importlib.import_module(module), attribute):
                    yield f"{file} names {name}, which does not exist."
            except Exception as error:
                yield f"{file} names {name}, which can't be loaded ({type(error).__name__})."


def _class_names(data: Any) -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from (str(key),) if str(key).startswith("bedside.") else ()
            yield from _class_names(value)
    elif isinstance(data, list):
        for value in data:
            yield from _class_names(value)
    elif isinstance(data, str) and data.startswith("bedside."):
        yield data


def _content(care: Care) -> Iterator[str]:
    folder = care.settings.home / "domain"
    try:
        sentences = load_sentences(folder)
    except (SentenceError, YAMLError, AttributeError) as error:
        yield f"The sentences in domain/ can't be read: {error}"
        return
    for name, variations in sentences.responses.items():
        if not variations or any(not str(v.get("text") or "").strip() for v in variations):
            yield f"The sentence {name} has a variation without words."
    for path in sorted(Path(folder).glob("**/*.yml")):
        if "\t" in path.read_text(encoding="utf-8"):
            yield f"{path.name} has a tab character, which YAML does not take."


def _webhooks(care: Care) -> Iterator[str]:
    for endpoint in care.organization.webhooks:
        secret = webhooks.secret_of(care, endpoint.name)
        variable = f"BEDSIDE_WEBHOOK_SECRET_{endpoint.name.upper()}"
        if secret is None:
            yield f"The webhook {endpoint.name} has no secret: set {variable}."
        elif not webhooks.is_secret(secret):
            yield f"{variable} must have at least 24 characters, or be whsec_ and base64 of at least 24 bytes."
        if care.settings.production and not endpoint.url.startswith("https://"):
            yield f"The webhook {endpoint.name} must use https in production."


def _production(care: Care) -> Iterator[str]:
    if not care.settings.production:
        return
    if care.settings.database_url.startswith("sqlite"):
        yield "Production needs PostgreSQL: set BEDSIDE_DATABASE_URL."
    if "BEDSIDE_NOW" in os.environ:
        yield "BEDSIDE_NOW is for demos and tests; it can't be set in production."
