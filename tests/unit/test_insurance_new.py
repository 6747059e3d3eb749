"""New insurance given in chat: read with its slips, kept sealed, stored to be verified, and verified by a person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from bedside.care import coverage, insurance_talk, new_coverage
from bedside.care.bill_requests import Voice
from bedside.records.chart import ChartClosed
from bedside.records.insurance_tables import CoverageDraft, HistoryError, PendingCoverage
from bedside.records.tables import Audit, Coverage, Ticket
from tests.unit.bills import TALK, Bills

CARD = "ZX55-7781200"


@pytest.fixture
def sam(bills: Bills) -> Bills:
    bills.verify("F12")
    return bills


def give_all(bills: Bills, **also: object) -> None:
    match = new_coverage.read_payer(bills.care, "its aetna now")
    assert match is not None
    fields = {
        "payer": match.name,
        "payer_id": match.payer_id,
        "plan": "Choice PPO",
        "member_id": CARD,
        "group_number": "0900771",
        "holder_relation": "self",
        "starts_on": date(2026, 12, 1),
        "pays_first": True,
        **also,
    }
    new_coverage.give(bills.care, TALK, **fields)


# Reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "name", "sure"),
    [
        ("Aetna", "Aetna", True),
        ("i have aetna now", "Aetna", True),
        ("Untied Healthcare", "UnitedHealthcare", False),
        ("UHC", "UnitedHealthcare", True),
        ("uhc choice plus", "UnitedHealthcare", True),
        ("blue cross", "Empire BlueCross BlueShield", True),
        ("my new one is cigna healthcare", "Cigna", True),
        ("emblemhealth", "Emblem Health", True),
        ("health frist", "Healthfirst", True),
        ("medicare", "Medicare", True),
        ("new york medicaid", "New York Medicaid", True),
    ],
)
def test_an_insurer_is_known_by_its_names_and_misspelled(bills: Bills, said: str, name: str, sure: bool) -> None:
    found = new_coverage.read_payer(bills.care, said)
    assert found is not None
    assert found.name == name
    assert found.sure is sure


@pytest.mark.parametrize("said", ["", "!!", "the state exchange", "kaiser permanente", "I don't know", "my job's plan"])
def test_what_names_no_insurer_is_none(bills: Bills, said: str) -> None:
    found = new_coverage.read_payer(bills.care, said)
    assert found is None or not found.sure


def test_medicare_and_medicaid_are_never_taken_for_each_other(bills: Bills) -> None:
    for said, name in (("medicare", "Medicare"), ("medicaid", "New York Medicaid")):
        found = new_coverage.read_payer(bills.care, said)
        assert found is not None
        assert (found.name, found.sure) == (name, True)
    slip = new_coverage.read_payer(bills.care, "medicar")
    assert slip is not None
    assert not slip.sure
    assert "New York Medicaid" in (slip.name, *slip.others)


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("W2204-88171", "W2204-88171"),
        ("it's w220488171", "W220488171"),
        ("1EG4 TE5 MK73", "1EG4TE5MK73"),
        ("member id is XFA 882140917", "882140917"),
        ("123", None),
        ("i don't have it with me", None),
        ("", None),
    ],
)
def test_a_number_on_a_card(said: str, number: str | None) -> None:
    assert new_coverage.read_member_id(said) == number


def test_a_plan_is_matched_among_the_insurers_own() -> None:
    plans = ("Choice PPO", "High Deductible Plan", "Open Choice PPO")
    assert new_coverage.match_plan(plans, "high deductable plan") == "High Deductible Plan"
    assert new_coverage.match_plan(plans, "gold something") is None


# One field at a time ---------------------------------------------------------------------------------------------


def test_the_fields_are_asked_one_by_one_and_what_is_known_is_not_asked(sam: Bills) -> None:
    assert new_coverage.draft(sam.care, TALK).missing(several=True) == new_coverage.FIELDS
    _, left = new_coverage.give(sam.care, TALK, payer="Aetna", member_id=CARD)
    assert left == ("plan", "group_number", "holder", "starts_on", "pays_first")
    _, left = new_coverage.give(sam.care, TALK, skipped=("group_number",))
    _, left = new_coverage.give(sam.care, TALK, skipped=("plan", "member_id"))
    assert left == ("holder", "starts_on", "pays_first")
    _, left = new_coverage.give(sam.care, TALK, holder_relation="spouse")
    assert left[0] == "holder"
    draft, left = new_coverage.give(
        sam.care, TALK, holder_name="Jo Whitaker", starts_on=date(2026, 12, 1), pays_first=False
    )
    assert left == ()
    assert CARD not in repr(draft)
    new_coverage.forget(sam.care, TALK)
    assert new_coverage.draft(sam.care, TALK) == new_coverage.Draft()


def test_what_cannot_be_left_out_cannot_be_skipped(sam: Bills) -> None:
    _, left = new_coverage.give(sam.care, TALK, skipped=new_coverage.FIELDS)
    assert left == ("payer", "member_id")
    with pytest.raises(new_coverage.NotComplete) as caught:
        new_coverage.store(sam.care, TALK, Voice())
    assert caught.value.missing == ("payer", "member_id")
    assert sam.rows(Ticket) == sam.rows(PendingCoverage) == []


def test_fields_that_do_not_exist_and_coverages_of_others_are_refused(sam: Bills) -> None:
    mine = sam.rows(Coverage, Coverage.payer == "Cigna")[0].id
    other = sam.rows(Coverage, Coverage.payer == "Humana")[0].id
    for wrong in ({"status": "verified"}, {"holder_relation": "cousin"}, {"replaces_id": other}):
        with pytest.raises(ValueError, match=r"no (status|such)|holder"):
            new_coverage.give(sam.care, TALK, **wrong)
    draft, _ = new_coverage.give(sam.care, TALK, replaces_id=mine)
    assert draft.replaces_id == mine


def test_a_draft_belongs_to_whoever_gave_it_and_for_a_while(sam: Bills) -> None:
    give_all(sam)
    sam.verify("F03")  # somebody else proves who they are in the same conversation
    assert new_coverage.draft(sam.care, TALK) == new_coverage.Draft()
    sam.verify("F12")
    assert new_coverage.draft(sam.care, TALK).member_id == CARD
    sam.clock.local("2026-11-24 11:16")
    sam.verify("F12")
    assert new_coverage.draft(sam.care, TALK) == new_coverage.Draft()


# Storing ---------------------------------------------------------------------------------------------------------


def test_it_is_read_back_without_its_number_and_stored_to_be_verified(sam: Bills, tmp_path: Path) -> None:
    give_all(sam)
    back = new_coverage.read_back(sam.care, TALK)
    assert (back.payer, back.plan, back.member_ending, back.already_on_file) == ("Aetna", "Choice PPO", "1200", False)
    assert CARD not in repr(back)
    made = new_coverage.store(sam.care, TALK, Voice("new job"))
    ticket = sam.ticket(made.case_number)
    assert (ticket.queue, ticket.inquiry, ticket.priority) == ("insurance", "update_insurance", "standard")
    assert sam.promises(made.case_number) == {"coverage_check": "Fri 11-27 17:00"}  # over Thanksgiving
    (row,) = sam.rows(PendingCoverage)
    assert (row.status, row.payer_said, row.member_id, row.starts_on) == ("pending", "Aetna", CARD, date(2026, 12, 1))
    for text in (ticket.brief, ticket.matter, row.member_digest):
        assert "7781200" not in text
        assert "0900771" not in text
    with sam.care.store.reading() as session:
        assert session.query(CoverageDraft).count() == 0
    on_disk = b"".join(part.read_bytes() for part in tmp_path.glob("bedside.db*"))
    assert b"7781200" not in on_disk
    assert "coverage_given" in {one.event for one in sam.rows(Audit)}


def test_what_is_pending_covers_nothing_yet(sam: Bills) -> None:
    give_all(sam)
    new_coverage.store(sam.care, TALK, Voice())
    checked = coverage.check(sam.care, TALK)
    assert [one.payer for one in checked.policies] == ["Cigna"]
    assert [(one.payer, one.member_ending) for one in checked.unverified] == [("Aetna", "1200")]
    assert insurance_talk.overview(sam.care, TALK).unverified == checked.unverified


def test_the_same_card_again_is_the_same_case(sam: Bills) -> None:
    give_all(sam)
    first = new_coverage.store(sam.care, TALK, Voice())
    give_all(sam, member_id="zx55 7781200".upper(), starts_on=date(2027, 1, 1))
    second = new_coverage.store(sam.care, TALK, Voice())
    assert (second.case_number, second.joined) == (first.case_number, True)
    assert [row.status for row in sam.rows(PendingCoverage)] == ["replaced", "pending"]
    assert len(sam.rows(Ticket)) == 1


def test_a_card_that_is_on_file_says_so(sam: Bills) -> None:
    give_all(sam, payer="Cigna", member_id="U90122 33801")
    assert new_coverage.read_back(sam.care, TALK).already_on_file
    made = new_coverage.store(sam.care, TALK, Voice())
    assert "on file already" in sam.ticket(made.case_number).brief


def test_a_person_verifies_it_and_the_old_one_ends(sam: Bills) -> None:
    old = sam.rows(Coverage, Coverage.payer == "Cigna", Coverage.plan == "PPO")[0]
    give_all(sam, replaces_id=old.id)
    made = new_coverage.store(sam.care, TALK, Voice())
    with pytest.raises(ValueError, match="by somebody"):
        new_coverage.verify(sam.care, made.pending_id, " ", payer="Aetna", plan="Choice PPO", rank=1)
    key = new_coverage.verify(sam.care, made.pending_id, "N. Park", payer="Aetna", plan="choice ppo", rank=1)
    (row,) = sam.rows(Coverage, Coverage.id == key)
    assert (row.starts_on, row.rank, row.verified_on, row.member_id) == (date(2026, 12, 1), 1, date(2026, 11, 24), CARD)
    assert row.plan_id is not None
    assert sam.rows(Coverage, Coverage.id == old.id)[0].ends_on == date(2026, 11, 30)
    for on, payer in ((date(2026, 11, 30), "Cigna"), (date(2026, 12, 1), "Aetna")):
        assert [one.payer for one in coverage.check(sam.care, TALK, coverage.Question(on=on)).policies] == [payer]
    (pending,) = sam.rows(PendingCoverage)
    assert (pending.status, pending.coverage_id, pending.ended_by) == ("verified", key, "N. Park")
    with pytest.raises(new_coverage.NoSuchPending):
        new_coverage.verify(sam.care, made.pending_id, "N. Park", payer="Aetna", plan="Choice PPO", rank=1)


def test_one_that_pays_first_moves_the_others_back(sam: Bills) -> None:
    give_all(sam)
    made = new_coverage.store(sam.care, TALK, Voice())
    new_coverage.verify(sam.care, made.pending_id, "N. Park", payer="Aetna", plan="Choice PPO", rank=1)
    on = coverage.Question(on=date(2026, 12, 5))
    assert [(one.payer, one.rank) for one in coverage.check(sam.care, TALK, on).policies] == [
        ("Aetna", 1),
        ("Cigna", 2),
    ]


def test_a_person_rejects_it_for_a_reason_and_nothing_changes(sam: Bills) -> None:
    give_all(sam)
    made = new_coverage.store(sam.care, TALK, Voice())
    before = len(sam.rows(Coverage))
    with pytest.raises(ValueError, match="for a reason"):
        new_coverage.reject(sam.care, made.pending_id, "N. Park", " ")
    new_coverage.reject(sam.care, made.pending_id, "N. Park", "ended in June")
    assert sam.rows(PendingCoverage)[0].status == "rejected"
    assert len(sam.rows(Coverage)) == before
    with pytest.raises(new_coverage.NoSuchPending):
        new_coverage.reject(sam.care, made.pending_id + 99, "N. Park", "x")


def test_what_was_said_is_never_deleted(sam: Bills) -> None:
    give_all(sam)
    new_coverage.store(sam.care, TALK, Voice())
    (row,) = sam.rows(PendingCoverage)
    with pytest.raises(HistoryError), sam.care.store.work() as session:
        session.delete(session.get(PendingCoverage, row.id))
    assert len(sam.rows(PendingCoverage)) == 1


def test_nothing_is_given_without_a_verification(bills: Bills) -> None:
    for work in (
        lambda: new_coverage.give(bills.care, TALK, payer="Aetna"),
        lambda: new_coverage.draft(bills.care, TALK),
        lambda: new_coverage.read_back(bills.care, TALK),
        lambda: new_coverage.store(bills.care, TALK, Voice()),
    ):
        with pytest.raises(ChartClosed):
            work()
    with bills.care.store.reading() as session:
        assert session.query(CoverageDraft).count() == 0
