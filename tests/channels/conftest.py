"""One running system for all channel tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.system import System, running_system


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started once."""
    with running_system(tmp_path_factory.mktemp("system")) as system:
        yield system


@pytest.fixture
def system(started: System) -> System:
    """With fresh fixtures, and the action server up."""
    started.reload()
    if "actions" not in started.running.processes:
        started.running.start_actions()
    return started
