"""What several unit tests stand on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.bills import Bills, opened, prepare


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo clinic's records, loaded once, to be copied."""
    return prepare(tmp_path_factory.mktemp("bills"))


@pytest.fixture
def bills(prepared: Path, tmp_path: Path) -> Iterator[Bills]:
    """The demo clinic's bills, a copy for each test."""
    with opened(tmp_path, prepared) as clinic:
        yield clinic


@pytest.fixture(scope="module")
def shared(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bills]:
    """One clinic for all examples of a property: an example undoes what it writes, or has a patient of its own."""
    with opened(tmp_path_factory.mktemp("shared"), prepared) as clinic:
        yield clinic
