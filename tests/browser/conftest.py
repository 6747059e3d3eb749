"""A running system and a real headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.system import System, running_system

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Started once for the pages."""
    with running_system(tmp_path_factory.mktemp("system")) as system:
        yield system


@pytest.fixture()
def system(started: System) -> System:
    """With fresh fixtures."""
    started.reload()
    return started


@pytest.fixture(scope="module")  # its event loop must not outlive the module
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; `.ci/run` installs it where it is missing."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed; `.ci/run` installs it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture()
def page(chromium: Browser, system: System) -> Iterator[Page]:
    """The chat page, opened on a phone's width."""
    context = chromium.new_context(viewport={"width": 390, "height": 844}, locale="en-US")
    page = context.new_page()
    page.goto(f"{system.address}/chat")
    yield page
    context.close()
