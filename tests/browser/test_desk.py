"""A patient in one browser and a nurse in another: offered, agreed, briefed, accepted, connected, an emergency, back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bedside.care import demo_staff
from bedside.records.desk_tables import Transfer, TransferStep
from bedside.records.tables import Audit, Message
from tests.browser.test_page import SECONDS, say
from tests.system import System

pytestmark = [pytest.mark.system, pytest.mark.browser]


@pytest.fixture()
def nurse(chromium: Browser, system: System) -> Iterator[Page]:
    """The desk, signed in by keyboard alone."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.goto(f"{system.desk}/sign-in")
    page.locator("#login").focus()
    for words in ("nurse", demo_staff.PASSWORD, demo_staff.code(system.care, "nurse")):
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My queues")).to_be_visible(timeout=20 * SECONDS)
    yield page
    context.close()


def fill(page: Page, label: str, words: str, button: str) -> None:
    """Fill one field by keyboard and press the button of its form with Enter."""
    page.get_by_label(label, exact=True).focus()
    page.keyboard.type(words)
    page.get_by_role("button", name=button, exact=True).focus()
    page.keyboard.press("Enter")


def accessible(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


def states(system: System) -> list[str]:
    with system.care.store.reading() as session:
        return list(session.execute(select(TransferStep.to_state).order_by(TransferStep.id)).scalars())


def test_a_patient_and_a_nurse(page: Page, nurse: Page, system: System, root: Path) -> None:
    accessible(nurse)
    log = page.locator("#log")
    expect(log).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "is it okay to drink alcohol with my pills?", "speaking with|your name")
    say(page, "Sam Whitaker", "can join us in this chat")
    assert states(system) == ["offered"]
    say(page, "Yes, bring them in", "anything else|stay in this chat")
    assert states(system) == ["offered", "agreed"]

    nurse.reload()
    accessible(nurse)
    nurse.get_by_role("link", name=re.compile(r"C-\d{4}-\d{4}")).first.press("Enter")
    expect(nurse.get_by_text("A patient is waiting. Read the brief")).to_be_visible()
    assert "alcohol" not in nurse.content()
    nurse.get_by_role("button", name="Read the brief").press("Enter")
    expect(nurse.locator("ol.brief li")).to_have_count(10)
    expect(nurse.locator("ol.brief")).to_contain_text("alcohol")
    nurse.get_by_role("button", name="Accept").press("Enter")
    nurse.get_by_label("Who it is, confirmed").fill("Sam Whitaker")
    fill(
        nurse,
        "What it is about, as you will say it to them",
        "a question about alcohol and a medicine",
        "Join the chat",
    )
    expect(log).to_contain_text("Nora Quinn from our nurse line is here now", timeout=20 * SECONDS)
    assert states(system) == ["offered", "agreed", "briefed", "accepted", "connected"]

    fill(nurse, "Your message", "Hello Sam, I have your question.", "Send")
    expect(log).to_contain_text("Hello Sam, I have your question.", timeout=20 * SECONDS)
    expect(log).to_contain_text("Clinic staff")
    page.locator("#composer").fill("hi Nora <b>bold</b>")
    page.keyboard.press("Enter")
    expect(nurse.locator("#log")).to_contain_text("hi Nora <b>bold</b>", timeout=20 * SECONDS)
    accessible(nurse)
    nurse.screenshot(path=str(root / ".build" / "desk.png"), full_page=True)

    # Both pages loaded again in the middle: nothing is lost, and the connection stands.
    page.reload()
    nurse.reload()
    expect(log).to_contain_text("Hello Sam, I have your question.", timeout=20 * SECONDS)
    expect(nurse.locator("#log")).to_contain_text("hi Nora", timeout=20 * SECONDS)
    assert states(system)[-1] == "connected"
    lines = page.locator("#log > *").count()

    say(page, "I have crushing chest pain and I can't breathe", "911")
    expect(nurse.locator("#log")).to_contain_text("crushing chest pain", timeout=20 * SECONDS)
    expect(nurse.locator("#log")).to_contain_text("911", timeout=20 * SECONDS)
    nurse.reload()
    expect(nurse.get_by_text("emergency in talk").first).to_be_visible()
    say(page, "my wife has called them, they are here and I am safe", r"\w")
    assert page.locator("#log > *").count() > lines

    fill(nurse, "What was done", "EMS took over", "Hand back to the assistant")
    expect(log).to_contain_text("I'm back with you", timeout=20 * SECONDS)
    say(page, "thank you", r"\w")
    assert states(system)[-1] == "closed"
    nurse.get_by_label("Reason").fill("seen by EMS")
    nurse.get_by_role("button", name="Resolve").press("Enter")
    expect(nurse.get_by_text("closed", exact=False).first).to_be_visible()
    accessible(nurse)
    with system.care.store.reading() as session:
        assert session.execute(select(Transfer)).scalars().one().state == "closed"
        texts = session.execute(select(Message.text)).scalars().all()
        assert texts.count("Hello Sam, I have your question.") == 1
        opened = session.execute(select(Audit.actor).where(Audit.event == "brief_opened")).scalars().all()
        assert opened == ["staff:nurse"]


@pytest.mark.parametrize("path", ["/calls", "/search?q=C-", "/sign-in"])
def test_every_page_of_the_desk_is_accessible(nurse: Page, system: System, path: str) -> None:
    nurse.goto(f"{system.desk}{path}")
    accessible(nurse)
    nurse.set_viewport_size({"width": 320, "height": 800})
    assert nurse.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
