"""Where requests and claims stand, what a no means and what it sets in motion, to the day and hour."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import update

from bedside.care import approved_answers, authorizations, claims, denials, insurance_talk
from bedside.care.bill_requests import Voice
from bedside.records.chart import ChartClosed
from bedside.records.insurance_tables import Appeal, AuthorizationEvent, ClaimCharge, Denial
from bedside.records.tables import Appointment, AppointmentEvent, Audit, Authorization, Claim, Commitment, Ticket
from tests.unit.bills import TALK, Bills
from tests.unit.insured import key_of

# Prior authorizations --------------------------------------------------------------------------------------------


def test_an_authorization_that_the_insurer_has(bills: Bills) -> None:
    bills.verify("F04")
    (facts,) = authorizations.standings(bills.care, TALK)
    assert (facts.service, facts.status, facts.next_step) == ("MRI of the lower back", "pending", "we_wait")
    assert (facts.sent_on, facts.payer) == (date(2026, 11, 18), "Empire BlueCross BlueShield")
    assert facts.expected is not None
    assert (facts.expected.earliest, facts.expected.latest) == (date(2026, 11, 23), date(2026, 11, 30))


def test_it_is_late_after_the_last_usual_day(bills: Bills) -> None:
    bills.clock.local("2026-12-01 09:00")
    bills.verify("F04")
    (facts,) = authorizations.standings(bills.care, TALK)
    assert facts.expected is not None
    assert facts.expected.late
    assert facts.next_step == "we_ask"
    asked = authorizations.follow_up(bills.care, TALK, facts.authorization_id, Voice("any news?"))
    assert bills.promises(asked.case_number) == {"authorization_check": "Fri 12-04 17:00"}
    assert bills.ticket(asked.case_number).queue == "insurance"
    again = authorizations.follow_up(bills.care, TALK, facts.authorization_id, Voice("still nothing"))
    assert (again.case_number, again.joined) == (asked.case_number, True)


def test_what_the_patient_asks_urgently_goes_to_a_person_the_same_day(bills: Bills) -> None:
    bills.verify("F04")
    key = key_of(bills, Authorization, "F04")
    asked = authorizations.ask_urgent(bills.care, TALK, key, Voice("the pain is bad"))
    ticket = bills.ticket(asked.case_number)
    assert (ticket.priority, ticket.queue, bills.local(asked.due_at)) == ("urgent", "insurance", "Tue 11-24 17:00")


def test_a_visit_that_comes_before_the_decision(bills: Bills) -> None:
    with bills.care.store.work() as session:
        session.execute(update(Denial).values(reason="not_on_file"))
        session.execute(
            update(Authorization)
            .where(Authorization.service_kind == "infusion")
            .values(status="sent", sent_on=date(2026, 11, 23))
        )
    bills.verify("F10")
    (facts,) = authorizations.standings(bills.care, TALK)
    assert facts.visit is not None
    assert facts.visit_before_decision
    asked = authorizations.follow_up(bills.care, TALK, facts.authorization_id, Voice())
    assert (bills.ticket(asked.case_number).priority, bills.local(asked.due_at)) == ("urgent", "Tue 11-24 17:00")


@pytest.mark.parametrize(
    ("reference", "service", "answer"),
    [
        ("F10", "infusion", "needed"),
        ("F12", "imaging", "needed"),
        ("F12", "primary care visit", "not_needed"),
        ("F12", "moon flight", "unknown"),
        ("F02", "imaging", "not_needed"),
    ],
)
def test_whether_an_authorization_is_needed(bills: Bills, reference: str, service: str, answer: str) -> None:
    bills.verify(reference)
    found = authorizations.need(bills.care, TALK, service)
    assert found.answer == answer
    assert (found.on_file is not None) is (reference == "F10")


def test_an_approval_that_has_run_out_is_expired(bills: Bills) -> None:
    key = key_of(bills, Authorization, "F04")
    owner = bills.rows(Authorization, Authorization.id == key)[0].patient_id
    authorizations.record(bills.care, owner, key, "approved", "N. Park, insurance", date(2026, 11, 24), "by phone")
    with bills.care.store.work() as session:
        session.execute(update(Authorization).values(valid_from=date(2026, 11, 24), valid_to=date(2026, 12, 24)))
    bills.verify("F04")
    assert authorizations.standings(bills.care, TALK)[0].status == "approved"
    bills.clock.local("2026-12-25 09:00")
    bills.verify("F04")
    assert authorizations.standings(bills.care, TALK)[0].next_step == "ask_again"
    steps = bills.rows(AuthorizationEvent, AuthorizationEvent.authorization_id == key)
    assert (steps[-1].actor, steps[-1].detail) == ("N. Park, insurance", "by phone")
    assert "chart_opened_by_staff" in {row.event for row in bills.rows(Audit, Audit.actor == "N. Park, insurance")}


def test_another_patients_request_is_none(bills: Bills) -> None:
    bills.verify("F12")
    for work in (authorizations.follow_up, authorizations.ask_urgent):
        with pytest.raises(authorizations.NoSuchAuthorization):
            work(bills.care, TALK, key_of(bills, Authorization, "F04"), Voice())
    with pytest.raises(claims.NoSuchClaim):
        claims.follow_up(bills.care, TALK, key_of(bills, Claim, "F18"), Voice())
    with pytest.raises(denials.NoSuchDenial):
        denials.open_appeal(bills.care, TALK, key_of(bills, Denial, "F10"), Voice())
    assert bills.rows(Ticket) == bills.rows(Appeal) == []


def test_a_request_that_nobody_has_made(bills: Bills) -> None:
    bills.verify("F12")
    asked = authorizations.start(bills.care, TALK, "MRI of the knee", Voice("my doctor ordered it"))
    assert bills.promises(asked.case_number) == {"authorization_start": "Wed 11-25 17:00"}
    assert "MRI" not in bills.ticket(asked.case_number).matter


# Claims ----------------------------------------------------------------------------------------------------------


def test_a_claim_in_process(bills: Bills) -> None:
    bills.verify("F18")
    (facts,) = claims.standings(bills.care, TALK)
    assert (facts.service_date, facts.sent_on, facts.status) == (date(2026, 10, 3), date(2026, 11, 12), "in_process")
    assert (facts.payer, facts.statement_number, facts.billed_cents) == ("Emblem Health", "S-261110", 118_40)
    assert facts.expected is not None
    assert (facts.expected.earliest, facts.expected.latest) == (date(2026, 11, 23), date(2026, 12, 3))
    assert facts.charge_ids == (bills.charge("F18", "Urgent care visit"),)
    asked = claims.follow_up(bills.care, TALK, facts.claim_id, Voice("it has been weeks"))
    assert bills.promises(asked.case_number) == {"claim_check": "Mon 11-30 17:00"}
    assert len(bills.rows(ClaimCharge)) == 1


def test_a_claim_that_is_with_the_insurer_still_waits_on_the_bill(bills: Bills) -> None:
    from bedside.care import statements

    owner = bills.rows(Claim, Claim.id == key_of(bills, Claim, "F18"))[0]
    for status in ("received", "information_requested"):
        claims.record(bills.care, owner.patient_id, owner.id, status, "N. Park", date(2026, 11, 24))
        bills.verify("F18")
        (left,) = [one for one in statements.walk_through(bills.care, TALK).parts if type(one).__name__ == "LeftPart"]
        assert left.reasons == (("waiting_for_insurance", 118_40),)  # type: ignore[attr-defined]


# Denials: the story of S24 ---------------------------------------------------------------------------------------


@pytest.fixture
def aisha(bills: Bills) -> Bills:
    """Tuesday morning, three days before an infusion that the insurer said no to."""
    bills.verify("F10")
    return bills


def the_denial(bills: Bills) -> denials.DenialFacts:
    (facts,) = denials.standings(bills.care, TALK)
    return facts


def test_a_denial_of_treatment_about_to_happen(aisha: Bills) -> None:
    facts = the_denial(aisha)
    assert (facts.reason, facts.noticed_on, facts.payer) == (
        "not_medically_necessary",
        date(2026, 11, 20),
        "UnitedHealthcare",
    )
    assert (facts.urgent, facts.visit_in_days, facts.can_be_expedited) == (True, 3, True)
    assert facts.business_days_before == (date(2026, 11, 24), date(2026, 11, 25))  # today and Wednesday
    assert facts.closed_before == ((date(2026, 11, 26), "Thanksgiving Day"),)
    assert (facts.level, facts.decision_days, facts.expedited_hours) == ("internal_1", (30, 60), 72)
    assert facts.deadline is not None
    assert facts.deadline.last_day == date(2027, 5, 19)  # 180 days from the notice


def test_after_closing_today_is_no_day_to_work_on_it(aisha: Bills) -> None:
    aisha.clock.local("2026-11-24 18:30")
    aisha.verify("F10")
    assert the_denial(aisha).business_days_before == (date(2026, 11, 25),)
    made = denials.open_appeal(aisha.care, TALK, the_denial(aisha).denial_id, Voice())
    assert aisha.local(made.due_at) == "Wed 11-25 17:00"
    assert made.care_team_queue == "on_call"


def test_an_urgent_appeal_is_the_appeals_teams_on_the_same_day_and_the_visit_stays(aisha: Bills) -> None:
    visits = [(row.id, row.status) for row in aisha.rows(Appointment)]
    made = denials.open_appeal(
        aisha.care, TALK, the_denial(aisha).denial_id, Voice("my infusion is friday", "distressed")
    )
    ticket = aisha.ticket(made.case_number)
    assert (ticket.queue, ticket.priority, ticket.inquiry) == ("insurance", "urgent", "insurance_denial_appeal")
    assert aisha.local(ticket.due_at) == "Tue 11-24 17:00"
    assert aisha.promises(made.case_number) == {"appeal_review": "Tue 11-24 17:00"}
    assert "infusion on 11/27/2026 at 09:00" in ticket.brief
    assert "In their words: my infusion is friday" in ticket.brief
    assert made.care_team_case is not None
    told = aisha.ticket(made.care_team_case)
    assert (told.queue, told.priority, aisha.local(told.due_at)) == ("nurse_line", "urgent", "Tue 11-24 17:00")
    assert "still booked" in told.brief
    (appeal,) = aisha.rows(Appeal)
    (visit,) = aisha.rows(Appointment, Appointment.id == appeal.appointment_id)
    assert (visit.visit_type, visit.status) == ("infusion", "booked")
    assert (appeal.level, appeal.status, appeal.expedited, appeal.file_by) == (
        "internal_1",
        "asked",
        True,
        date(2027, 5, 19),
    )
    assert appeal.ticket_id == ticket.id
    assert [(row.id, row.status) for row in aisha.rows(Appointment)] == visits
    assert aisha.rows(AppointmentEvent) == []


def test_after_a_dropped_connection_it_is_the_same_case(aisha: Bills) -> None:
    first = denials.open_appeal(aisha.care, TALK, the_denial(aisha).denial_id, Voice("they denied it"))
    aisha.clock.local("2026-11-24 10:18")
    aisha.verify("F10", "another-talk")
    (facts,) = denials.standings(aisha.care, "another-talk")
    assert facts.running is not None
    assert (facts.running.case_number, facts.level) == (first.case_number, None)
    again = denials.open_appeal(aisha.care, "another-talk", facts.denial_id, Voice("got cut off"))
    assert (again.case_number, again.joined, again.appeal_id) == (first.case_number, True, first.appeal_id)
    assert again.care_team_case == first.care_team_case
    assert len(aisha.rows(Appeal)) == 1
    assert len(aisha.rows(Ticket)) == 2
    assert len(aisha.rows(Commitment)) == 2


@pytest.mark.parametrize(("now", "urgent"), [("2026-11-20 09:00", True), ("2026-11-19 09:00", False)])
def test_near_is_as_near_as_the_clinic_says(bills: Bills, now: str, urgent: bool) -> None:
    bills.clock.local(now)
    bills.verify("F10")
    facts = the_denial(bills)
    assert facts.urgent is urgent
    made = denials.open_appeal(bills.care, TALK, facts.denial_id, Voice())
    assert (bills.ticket(made.case_number).priority == "urgent", made.care_team_case is not None) == (urgent, urgent)


def test_a_cancelled_visit_makes_nothing_urgent(aisha: Bills) -> None:
    with aisha.care.store.work() as session:
        session.execute(update(Appointment).where(Appointment.visit_type == "infusion").values(status="cancelled"))
    assert not the_denial(aisha).urgent
    assert the_denial(aisha).visit is None


@pytest.mark.parametrize(
    ("now", "urgent", "over"),
    [
        ("2027-05-12", False, False),
        ("2027-05-14", True, False),
        ("2027-05-19", True, False),
        ("2027-05-20", False, True),
    ],
)
def test_a_last_day_that_is_near_is_urgent_and_one_that_is_over_is_a_persons(
    bills: Bills, now: str, urgent: bool, over: bool
) -> None:
    bills.clock.local(f"{now} 09:00")
    bills.verify("F10")
    facts = the_denial(bills)
    assert facts.deadline is not None
    assert (facts.urgent, facts.deadline.over) == (urgent, over)
    made = denials.open_appeal(bills.care, TALK, facts.denial_id, Voice())
    assert (made.appeal_id is None) is over
    assert ("That day is over" in bills.ticket(made.case_number).brief) is over


def test_from_the_first_appeal_to_the_review_outside(aisha: Bills) -> None:
    first = denials.open_appeal(aisha.care, TALK, the_denial(aisha).denial_id, Voice())
    assert first.appeal_id is not None
    denials.file_appeal(aisha.care, first.appeal_id, "N. Park", date(2026, 11, 25), expedited=False)
    filed = the_denial(aisha).running
    assert filed is not None
    assert filed.decision_expected is not None
    assert (filed.decision_expected.earliest, filed.decision_expected.latest) == (date(2026, 12, 25), date(2027, 1, 24))
    with pytest.raises(denials.NoSuchAppeal):
        denials.file_appeal(aisha.care, first.appeal_id, "N. Park", date(2026, 11, 26))
    denials.decide_appeal(aisha.care, first.appeal_id, "N. Park", "lost", date(2026, 10, 30))
    facts = the_denial(aisha)
    assert (facts.running, facts.level) == (None, "external")
    assert facts.deadline is not None
    assert facts.deadline.last_day == date(2027, 3, 1)  # four months after October 30
    second = denials.open_appeal(aisha.care, TALK, facts.denial_id, Voice())
    assert second.case_number != first.case_number
    assert second.appeal_id is not None
    denials.file_appeal(aisha.care, second.appeal_id, "N. Park", date(2026, 11, 24), expedited=True)
    running = the_denial(aisha).running
    assert running is not None
    assert running.decision_expected is not None
    assert running.decision_expected.latest == date(2026, 11, 27)  # 72 hours
    denials.decide_appeal(aisha.care, second.appeal_id, "N. Park", "won", date(2026, 11, 24))
    won = the_denial(aisha)
    assert (won.urgent, won.level, won.can_be_expedited) == (False, None, False)
    assert insurance_talk.matters(aisha.care, TALK) == ()
    with pytest.raises(denials.NoSuchAppeal):
        denials.decide_appeal(aisha.care, second.appeal_id, "N. Park", "lost", date(2026, 11, 25))


def test_a_denial_that_the_records_do_not_have(bills: Bills) -> None:
    bills.verify("F06")
    made = denials.report(bills.care, TALK, Voice("oxford said no"))
    assert (made.urgent, made.care_team_case, bills.local(made.due_at)) == (False, None, "Wed 11-25 17:00")
    bills.clock.local("2026-12-08 09:00")
    bills.verify("F06")
    near = denials.report(bills.care, TALK, Voice("for thursday"), key_of(bills, Appointment, "F06"))
    assert (near.urgent, bills.local(near.due_at)) == (True, "Tue 12-08 17:00")
    assert near.care_team_case is not None


def test_medicare_has_levels_of_its_own(aisha: Bills) -> None:
    from bedside.records.insurance_tables import Payer

    with aisha.care.store.work() as session:
        session.execute(update(Payer).where(Payer.name == "UnitedHealthcare").values(kind="medicare"))
    first = denials.open_appeal(aisha.care, TALK, the_denial(aisha).denial_id, Voice())
    denials.decide_appeal(aisha.care, first.appeal_id, "N. Park", "lost", date(2026, 11, 24))  # type: ignore[arg-type]
    facts = the_denial(aisha)
    assert (facts.level, facts.deadline, facts.running) == (None, None, None)
    made = denials.open_appeal(aisha.care, TALK, facts.denial_id, Voice())
    assert (made.appeal_id, made.level) == (None, None)
    assert "for you to say" in aisha.ticket(made.case_number).brief


def test_nothing_about_a_denial_without_a_verification(bills: Bills) -> None:
    works: list[Any] = [
        lambda: denials.standings(bills.care, TALK),
        lambda: denials.open_appeal(bills.care, TALK, key_of(bills, Denial, "F10"), Voice()),
        lambda: denials.report(bills.care, TALK, Voice()),
        lambda: insurance_talk.overview(bills.care, TALK),
    ]
    for work in works:
        with pytest.raises(ChartClosed):
            work()
    assert bills.rows(Ticket) == bills.rows(Appeal) == []


# In one look -----------------------------------------------------------------------------------------------------


def test_everything_that_is_open_the_urgent_first(aisha: Bills) -> None:
    seen = insurance_talk.overview(aisha.care, TALK)
    (card,) = seen.cards
    assert (card.payer, card.member_ending, card.active) == ("UnitedHealthcare", "2077", True)
    assert "958812077" not in repr(seen)
    (matter,) = seen.matters
    assert (matter.kind, matter.about, matter.day, matter.urgent) == (
        "denial",
        "Infusion treatment",
        date(2026, 11, 27),
        True,
    )


def test_which_matter_somebody_means() -> None:
    scan = insurance_talk.Matter("authorization", 1, "MRI of the lower back", date(2026, 11, 18), "pending", False)
    infusion = insurance_talk.Matter("denial", 2, "Infusion treatment", date(2026, 11, 27), "coding", True)
    visit = replace(scan, kind="claim", key=3, about=None, day=date(2026, 10, 3))
    every = (scan, infusion, visit)
    assert insurance_talk.meant(every, "my MRI") == (scan,)
    assert insurance_talk.meant(every, "they denied my infuson") == (infusion,)
    assert insurance_talk.meant(every, "what is the status of the thing") == every
    assert insurance_talk.meant(every, "", date(2026, 10, 3)) == (visit,)


def test_approved_answers_need_an_owner_and_a_day() -> None:
    good = {"owner": "compliance", "reviewed_on": "2026-10-01", "review_by": "2027-03-31"}
    responses = {
        "utter_approved_medicare_parts": [{"text": "…", "metadata": good}],
        "utter_approved_copay": [{"text": "…"}],
        "utter_approved_network": [{"text": "…", "metadata": {**good, "review_by": "2026-11-01"}}],
        "utter_approved_weather": [{"text": "…", "metadata": good}],
        "utter_bill_balance": [{"text": "…"}],
    }
    found = {one.response: one.fault for one in approved_answers.faults(responses, date(2026, 11, 24))}
    assert set(found) == {"utter_approved_copay", "utter_approved_network", "utter_approved_weather"}
    assert "owner" in found["utter_approved_copay"]
    assert "2026-11-01" in found["utter_approved_network"]


def test_an_answer_past_its_review_is_not_given(bills: Bills, monkeypatch: pytest.MonkeyPatch) -> None:
    from bedside.sentences import Sentences

    about = {"owner": "compliance", "reviewed_on": "2026-10-01", "review_by": "2026-11-24"}
    content = Sentences({"utter_approved_medicare_parts": [{"text": "…", "metadata": about}]})
    monkeypatch.setattr(approved_answers, "sentences", lambda _care: content)
    found = approved_answers.approved(bills.care, "medicare_parts")
    assert found is not None
    assert (found.response, found.owner) == ("utter_approved_medicare_parts", "compliance")
    assert approved_answers.approved(bills.care, "copay") is None
    bills.clock.local("2026-11-25 09:00")
    assert approved_answers.approved(bills.care, "medicare_parts") is None
    with pytest.raises(KeyError):
        approved_answers.approved(bills.care, "weather")
