"""The dispute by hand in the page, with the rows read back; and what a page must bear."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from bedside.records import tables
from tests.system import System

pytestmark = [pytest.mark.system, pytest.mark.browser]
SECONDS = 1000


def say(page: Page, words: str, answer: str) -> None:
    """Type with the keyboard alone, and wait for an answer that fits."""
    page.locator("#composer").focus()
    page.keyboard.type(words)
    page.keyboard.press("Enter")
    expect(page.locator("#log > *").last).to_contain_text(re.compile(answer), timeout=20 * SECONDS)


def test_a_whole_dispute_by_keyboard_alone(page: Page, system: System, root: Path) -> None:
    log = page.locator("#log")
    expect(log).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "YOU BILLED ME TWICE for one scan, $1,420, and nobody calls me back", "speaking with|your name")
    say(page, "Maria Delgado-Ruiz", "date of birth")
    say(page, "6/14/1958", "last 4")
    say(page, "A-2204417", "what you mean")
    expect(page.get_by_role("button", name="Yes")).to_be_visible()
    page.screenshot(path=str(root / ".build" / "chat-phone.png"))
    say(page, "yes, those two", "number we have on file")
    expect(log).to_contain_text("on hold")
    page.set_viewport_size({"width": 1280, "height": 800})
    page.screenshot(path=str(root / ".build" / "chat.png"))
    page.set_viewport_size({"width": 390, "height": 844})
    say(page, "yes, before 5", "anything else")
    say(page, "no thank you", "Take good care|Take care")
    case = re.search(r"C-\d{4}-\d{4}", log.inner_text())
    assert case
    with system.care.store.reading() as session:
        dispute = session.execute(select(tables.Dispute)).scalar_one()
        assert dispute.case_number == case.group()
        assert dispute.amount_cents == 142_000
        assert len(session.execute(select(tables.Hold).where(tables.Hold.status == "active")).all()) == 2
        assert len(session.execute(select(tables.Commitment)).all()) == 2
        talk = session.execute(select(tables.Interaction)).scalar_one()
        assert talk.channel == "web"
        assert talk.closed_at is not None


def test_a_visit_is_moved_by_keyboard_alone(page: Page, system: System, root: Path) -> None:
    log = page.locator("#log")
    expect(log).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "sorry, i have to move friday's foot appointment", "speaking with|your name")
    say(page, "frank petersen", "date of birth")
    say(page, "july 21 1955", "last 4")
    say(page, "A-1188326", "Monday, December 7 at 8:30")
    say(page, "the wednesday one", "Shall I move it")
    page.screenshot(path=str(root / ".build" / "visit-phone.png"))
    say(page, "yes", "anything else")
    expect(log).to_contain_text(re.compile(r"moved.*Wednesday, December 9 at 11:00", re.DOTALL))
    assert re.search(r"V-\d{4}-\d{4}", log.inner_text())
    with system.care.store.reading() as session:
        rows = session.execute(
            select(tables.Appointment.status, tables.Provider.name)
            .join(tables.Provider, tables.Appointment.provider_id == tables.Provider.id)
            .join(tables.Patient, tables.Appointment.patient_id == tables.Patient.id)
            .where(tables.Patient.full_name == "Frank Petersen")
        )
        assert sorted(tuple(row) for row in rows) == [("booked", "Dr. Lowe"), ("moved", "Dr. Lowe")]


def test_a_reload_keeps_the_talk_and_answers_come_once(page: Page, system: System) -> None:
    expect(page.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "my bill is wrong", "speaking with|your name")
    before = page.locator("#log > *").count()
    page.reload()
    expect(page.locator("#log")).to_contain_text("my bill is wrong", timeout=20 * SECONDS)
    expect(page.locator("#log > *")).to_have_count(before)
    say(page, "Maria Delgado-Ruiz", "date of birth")


def test_an_emergency_is_set_apart_and_links_to_help(page: Page, system: System) -> None:
    expect(page.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "my husband collapsed and he is not breathing", "911")
    expect(page.locator("#log a[href='tel:911']").first).to_be_visible()


def test_hostile_text_stays_text(page: Page, system: System) -> None:
    expect(page.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    fired: list[str] = []
    page.on("dialog", lambda dialog: (fired.append(dialog.message), dialog.dismiss()))
    say(page, "<img src=x onerror=alert(1)><script>alert(2)</script>", r"\w")
    page.reload()
    expect(page.locator("#log")).to_contain_text("<img src=x", timeout=20 * SECONDS)
    assert not fired
    assert page.locator("#log img, #log script").count() == 0


def test_two_visitors_see_nothing_of_each_other(chromium: Browser, page: Page, system: System) -> None:
    expect(page.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "my bill is wrong and my dog is called Fidelio", "speaking with|your name")
    other = chromium.new_context().new_page()
    other.goto(f"{system.address}/chat")
    expect(other.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    assert "Fidelio" not in other.locator("#log").inner_text()
    other.context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_page_is_accessible_and_never_scrolls_sideways(page: Page, system: System, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    expect(page.locator("#log")).to_contain_text("Who am I speaking with", timeout=20 * SECONDS)
    say(page, "my bill is wrong", "speaking with|your name")
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
