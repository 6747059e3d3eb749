"""The desk from outside: who gets in, who sees what, what a stolen cookie, a foreign form or a patient's script can do."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from bedside import runner
from bedside.care import demo_staff, handover, staff, transfers, watch
from bedside.care.context import Care, open_care
from bedside.records import keys, migrate
from bedside.records.desk_tables import Escalation, StaffSession
from bedside.records.loading import load_file
from bedside.records.tables import Audit, Message, Ticket

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>document.title='owned'</script><img src=x onerror=alert(1)>"


@dataclass
class TheDesk:
    """The desk's own process, its clinic, and a clock that moves."""

    care: Care
    folder: Path
    address: str
    minutes: int = field(default=0)

    def pass_time(self, **span: float) -> None:
        later = (self.care.now() + timedelta(**span)).isoformat()
        (self.folder / "new").write_text(later, encoding="ascii")
        os.replace(self.folder / "new", self.folder / "now")

    def sign_in(self, login: str, password: str = demo_staff.PASSWORD, code: str | None = None) -> requests.Session:
        """A browser that has tried to sign in; codes count once, so time goes on a little."""
        self.pass_time(seconds=31)
        browser = requests.Session()
        proof = demo_staff.code(self.care, login) if code is None else code
        given = {"login": login, "password": password, "code": proof}
        browser.post(f"{self.address}/sign-in", data=given, timeout=20)
        return browser

    def post(self, browser: requests.Session, path: str, **form: str) -> requests.Response:
        """Send a form of a page of this session."""
        token = staff.form_token(self.care, str(browser.cookies.get("bedside_desk")))
        return browser.post(f"{self.address}{path}", data={"form_token": token, **form}, timeout=20)

    def get(self, browser: requests.Session, path: str = "/") -> requests.Response:
        return browser.get(f"{self.address}{path}", timeout=20)

    def is_in(self, browser: requests.Session) -> bool:
        return "/sign-in" not in self.get(browser).url

    def audited(self, event: str) -> list[tuple[str, str | None]]:
        with self.care.store.reading() as session:
            rows = session.execute(select(Audit.actor, Audit.detail).where(Audit.event == event).order_by(Audit.id))
            return [(actor, detail) for actor, detail in rows]

    def ask(self, inquiry: str, words: str = "please", talk: str = "web-1") -> str:
        return handover.hand_over(self.care, talk, handover.Request([inquiry], words)).case_number


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TheDesk]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "now").write_text("2026-11-24T10:15", encoding="ascii")
    environ = {
        "BEDSIDE_VAR": str(folder),
        "BEDSIDE_NOW": f"@{folder / 'now'}",
        "BEDSIDE_SECRET": "a secret of the tests, long enough to be one",
    }
    before = keys._installed
    care = open_care(environ)
    migrate.upgrade(care.store.url)
    port = runner.free_port()
    command = [sys.executable, "-m", "bedside.cli", "desk", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ, "PYTHONPATH": str(ROOT)})
    address = f"http://127.0.0.1:{port}"
    for _ in range(200):
        try:
            requests.get(f"{address}/sign-in", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    yield TheDesk(care, folder, address)
    process.terminate()
    process.wait(20)
    care.store.close()
    keys._installed = before


@pytest.fixture
def desk(served: TheDesk) -> TheDesk:
    load_file(served.care, ROOT / "demo" / "riverbend.yml", replace=True)
    demo_staff.hire(served.care)
    return served


def test_nothing_without_signing_in(desk: TheDesk) -> None:
    case = desk.ask("billing_balance")
    stranger = requests.Session()
    for path in ("/", "/calls", "/holds", "/late", "/search?q=Maria", f"/ticket/{case}", f"/ticket/{case}/talk"):
        answer = desk.get(stranger, path)
        assert answer.url.endswith("/sign-in"), path
        assert case not in answer.text
    refused = stranger.post(f"{desk.address}/ticket/{case}/take", timeout=20)
    assert refused.url.endswith("/sign-in")


@pytest.mark.parametrize(
    ("login", "password", "code"),
    [
        ("nurse", "wrong password here", None),
        ("nurse", demo_staff.PASSWORD, "000000"),
        ("nobody", demo_staff.PASSWORD, "000000"),
        ("' OR 1=1 --", "x", "x"),
        ("", "", ""),
    ],
)
def test_every_proof_counts_and_no_answer_tells_which(
    desk: TheDesk, login: str, password: str, code: str | None
) -> None:
    browser = desk.sign_in(login, password, code)
    assert not desk.is_in(browser)
    answers = {
        re.sub(r"\s+", " ", browser.post(f"{desk.address}/sign-in", data=data, timeout=20).text)
        for data in (
            {"login": login, "password": password, "code": "1"},
            {"login": "nobody", "password": "a", "code": "1"},
        )
    }
    assert len(answers) == 1


def test_a_code_counts_once(desk: TheDesk) -> None:
    desk.pass_time(minutes=1)
    code = demo_staff.code(desk.care, "nurse")
    first, second = requests.Session(), requests.Session()
    for browser in (first, second):
        given = {"login": "nurse", "password": demo_staff.PASSWORD, "code": code}
        browser.post(f"{desk.address}/sign-in", data=given, timeout=20)
    assert desk.is_in(first)
    assert not desk.is_in(second)


def test_brute_force_locks_the_account_for_a_while(desk: TheDesk) -> None:
    for _ in range(desk.care.organization.desk.sign_in_attempts):
        assert not desk.is_in(desk.sign_in("nurse", "guess after guess"))
    assert not desk.is_in(desk.sign_in("nurse"))  # also with all that is right
    assert desk.is_in(desk.sign_in("biller"))
    assert desk.audited("sign_in_locked") == [("staff:nurse", None)]
    desk.pass_time(minutes=desk.care.organization.desk.sign_in_lock_minutes)
    assert desk.is_in(desk.sign_in("nurse"))


def test_a_stolen_cookie_dies_with_sign_out_idleness_and_the_end_of_the_day(desk: TheDesk) -> None:
    def stolen(browser: requests.Session) -> requests.Session:
        thief = requests.Session()
        thief.cookies.set("bedside_desk", str(browser.cookies.get("bedside_desk")))
        return thief

    nurse = desk.sign_in("nurse")
    thief = stolen(nurse)
    assert desk.is_in(thief)
    desk.post(nurse, "/sign-out")
    assert not desk.is_in(thief)
    nurse = desk.sign_in("nurse")
    thief = stolen(nurse)
    desk.pass_time(minutes=desk.care.organization.desk.session_idle_minutes)
    assert not desk.is_in(thief)
    nurse = desk.sign_in("nurse")
    for _ in range(desk.care.organization.desk.session_hours * 6 - 1):
        desk.pass_time(minutes=10)
        assert desk.is_in(nurse)
    desk.pass_time(minutes=10)
    assert not desk.is_in(nurse)
    nurse = desk.sign_in("nurse")
    assert staff.end(desk.care, "nurse")
    assert not desk.is_in(nurse)
    forged = requests.Session()
    forged.cookies.set("bedside_desk", "x" * 43)
    assert not desk.is_in(forged)


def test_the_page_that_looks_by_itself_keeps_no_session_alive(desk: TheDesk) -> None:
    nurse, case = desk.sign_in("nurse"), desk.ask("clinical_symptom")
    for _ in range(desk.care.organization.desk.session_idle_minutes):
        desk.get(nurse, f"/ticket/{case}/talk")
        desk.pass_time(minutes=1)
    assert not desk.is_in(nurse)


def test_cookie_and_headers(desk: TheDesk) -> None:
    desk.pass_time(minutes=1)
    given = {"login": "nurse", "password": demo_staff.PASSWORD, "code": demo_staff.code(desk.care, "nurse")}
    answer = requests.post(f"{desk.address}/sign-in", data=given, timeout=20, allow_redirects=False)
    cookie = answer.headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    page = requests.get(f"{desk.address}/sign-in", timeout=20)
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    with desk.care.store.reading() as session:
        (digest,) = session.execute(select(StaffSession.digest)).scalars()
    assert digest not in cookie  # what is kept opens nothing


def test_a_foreign_form_does_nothing(desk: TheDesk) -> None:
    nurse, case = desk.sign_in("nurse"), desk.ask("clinical_symptom")
    token = staff.form_token(desk.care, str(nurse.cookies.get("bedside_desk")))
    url = f"{desk.address}/ticket/{case}/take"
    other = desk.sign_in("biller")
    foreign = staff.form_token(desk.care, str(other.cookies.get("bedside_desk")))
    for form, origin in (
        ({}, None),
        ({"form_token": ""}, None),
        ({"form_token": foreign}, None),
        ({"form_token": token}, "https://evil.example"),
    ):
        headers = {} if origin is None else {"Origin": origin}
        assert nurse.post(url, data=form, headers=headers, timeout=20).status_code == 403
    assert "nobody" in desk.get(nurse, f"/ticket/{case}").text
    assert nurse.get(url, timeout=20).status_code in (404, 405)
    assert desk.post(nurse, f"/ticket/{case}/take").ok
    assert "Nora Quinn" in desk.get(nurse, f"/ticket/{case}").text


def test_each_sees_their_own_queues_and_each_opening_is_written_down(desk: TheDesk) -> None:
    bill, sore = desk.ask("billing_balance", "about money", "web-1"), desk.ask("clinical_symptom", "it hurts", "web-2")
    nurse, biller = desk.sign_in("nurse"), desk.sign_in("biller")
    for browser, own, other, words in ((nurse, sore, bill, "about money"), (biller, bill, sore, "it hurts")):
        listed = desk.get(browser).text
        assert own in listed
        assert other not in listed
        assert desk.get(browser, f"/ticket/{own}").ok
        for path in (f"/ticket/{other}", f"/ticket/{other}/talk"):
            refused = desk.get(browser, path)
            assert refused.status_code == 404
            assert words not in refused.text
        for what in ("take", "brief", "accept", "connect", "say", "called", "note", "resolve", "keep"):
            form = {"words": "x", "outcome": "resolved", "note": "x", "promise": "1", "name": "x", "issue": "x"}
            assert desk.post(browser, f"/ticket/{other}/{what}", **form).status_code == 404, what
        assert f"/ticket/{other}" not in desk.get(browser, f"/search?q={other}").text
        assert other not in desk.get(browser, "/calls").text
    assert desk.audited("ticket_opened") == [("staff:nurse", sore), ("staff:biller", bill)]
    assert desk.audited("transcript_opened") == [("staff:nurse", sore), ("staff:biller", bill)]
    assert desk.audited("ticket_refused") == [("staff:nurse", bill), ("staff:biller", sore)]
    missing = desk.get(nurse, "/ticket/C-0000-0000")
    theirs = desk.get(nurse, f"/ticket/{bill}")
    strip = re.compile(r'value="[0-9a-f]+"')
    assert strip.sub("", missing.text) == strip.sub("", theirs.text)  # one that isn't yours is like one that isn't


def test_holds_and_late_work_are_for_those_who_see_to_them(desk: TheDesk) -> None:
    nurse, supervisor = desk.sign_in("nurse"), desk.sign_in("supervisor")
    case = desk.ask("billing_balance")
    desk.pass_time(days=3)
    nurse, supervisor = desk.sign_in("nurse"), desk.sign_in("supervisor")
    assert watch.escalate_tickets(desk.care) == 1
    with desk.care.store.reading() as session:
        number = session.execute(select(Escalation.id)).scalar_one()
    assert case in desk.get(supervisor, "/late").text
    assert case not in desk.get(nurse, "/late").text
    assert desk.post(nurse, f"/ticket/{case}/seen", escalation=str(number)).status_code == 404
    for what, form in (("hold-keep", {"review_on": "2027-03-01"}), ("hold-end", {"charge": "1"})):
        assert desk.post(nurse, f"/ticket/{case}/{what}", reason="x", **form).status_code == 404
    desk.post(supervisor, f"/ticket/{case}/seen", escalation=str(number))
    assert case not in desk.get(supervisor, "/late").text


def test_what_a_patient_writes_is_only_text(desk: TheDesk) -> None:
    case = desk.ask("clinical_symptom", HOSTILE)
    with desk.care.store.work() as session:
        session.add(Message(conversation_id="web-1", sender="patient", text=HOSTILE, at=desk.care.now()))
    nurse = desk.sign_in("nurse")
    desk.post(nurse, f"/ticket/{case}/note", words=HOSTILE)
    for path in (f"/ticket/{case}", "/search?q=" + HOSTILE, "/"):
        text = desk.get(nurse, path).text
        assert "<script>document" not in text
        assert "<img" not in text
    assert "&lt;script&gt;document" in desk.get(nurse, f"/ticket/{case}").text


def test_a_brief_is_read_before_anything_else_of_a_transfer(desk: TheDesk) -> None:
    nurse = desk.sign_in("nurse")
    transfers.offer(desk.care, "web-1", "nurse_line", "clinical_symptom", "web")
    request = handover.Request(["clinical_symptom"], "it hurts", consent="yes", channel="web", stays=True)
    case = handover.hand_over(desk.care, "web-1", request).case_number
    before = desk.get(nurse, f"/ticket/{case}").text
    assert "it hurts" not in before
    assert desk.audited("transcript_opened") == []
    assert desk.post(nurse, f"/ticket/{case}/accept").status_code in (404, 409)
    after = desk.post(nurse, f"/ticket/{case}/brief").text
    assert "it hurts" in after
    assert desk.audited("brief_opened") == [("staff:nurse", case)]
    desk.post(nurse, f"/ticket/{case}/accept")
    assert desk.post(nurse, f"/ticket/{case}/say", words="hello").status_code == 409
    desk.post(nurse, f"/ticket/{case}/connect", name="Robert", issue="a sore ear")
    assert desk.post(nurse, f"/ticket/{case}/say", words="hello Robert").ok
    assert desk.post(nurse, f"/ticket/{case}/resolve", outcome="resolved", note="done").status_code == 409
    desk.post(nurse, f"/ticket/{case}/finish", note="seen today")
    assert desk.post(nurse, f"/ticket/{case}/resolve", outcome="resolved", note="done").ok
    with desk.care.store.reading() as session:
        assert session.execute(select(Ticket.status).where(Ticket.case_number == case)).scalar_one() == "closed"


def test_a_ticket_with_a_promise_is_not_finished_before_it_is_kept(desk: TheDesk) -> None:
    case, biller = desk.ask("billing_balance"), desk.sign_in("biller")
    assert desk.post(biller, f"/ticket/{case}/resolve", outcome="answered", note="x").status_code == 409
    assert desk.post(biller, f"/ticket/{case}/called", note="spoke at 3").ok
    assert desk.post(biller, f"/ticket/{case}/resolve", outcome="answered", note=" ").status_code == 409
    assert desk.post(biller, f"/ticket/{case}/resolve", outcome="answered", note="explained").ok
    assert case not in desk.get(biller).text


def test_passwords_are_hashed_and_never_short(desk: TheDesk) -> None:
    kept = staff.hash_password("a long enough one")
    assert "a long enough one" not in kept
    assert staff.hash_password("a long enough one") != kept
    assert staff.password_fits("a long enough one", kept)
    assert not staff.password_fits("a long enough One", kept)
    for login, name, role, password, queues in (
        ("x", "X", "nurse", "short", ()),
        ("x", "X", "king", "long enough, this is", ()),
        ("x", "X", "nurse", "long enough, this is", ("throne",)),
        ("nurse", "X", "nurse", "long enough, this is", ()),
        (" ", "X", "nurse", "long enough, this is", ()),
    ):
        with pytest.raises(staff.StaffError):
            staff.add(desk.care, login, name, role, password, queues)


def test_the_code_is_that_of_the_standard() -> None:
    """RFC 6238, appendix B, cut to six digits."""
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    assert [staff.code_at(secret, at) for at in (59, 1111111109, 2000000000)] == ["287082", "081804", "279037"]
