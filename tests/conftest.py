"""Shared by all tests: one clinic with the trained model, loaded once; fresh records for each talk."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.conversations.harness import Clinic

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")


@pytest.fixture(scope="session")
def loaded_clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clinic]:
    """The model and a database, once for the whole run."""
    import logging

    from rasa.utils.log_utils import configure_structlog

    configure_structlog(logging.ERROR)
    logging.getLogger("rasa").setLevel(logging.ERROR)
    from tests.conversations.harness import open_clinic

    before = dict(os.environ)
    clinic = open_clinic(tmp_path_factory.mktemp("clinic"))
    yield clinic
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture
def clinic(loaded_clinic: Clinic) -> Clinic:
    """The clinic with fresh fixtures."""
    loaded_clinic.reset()
    return loaded_clinic


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent
