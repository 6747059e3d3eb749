"""What a talk still has to do, and in which order: the name, the proof of identity, the task itself.

Pure rules over plain values; the dialogue asks them after each piece of work.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

NAME_STEP, IDENTITY_STEP, HANDOVER_STEP = "name_form", "identity_form", "handover_form"
REFILL_STEP, VISIT_STEP, BILL_STEP, INSURANCE_STEP = "refill_form", "visit_form", "bill_form", "insurance_form"
COMPLAINT_STEP, ERRAND_STEP = "complaint_form", "errand_form"


@dataclass(frozen=True)
class Task:
    """How an inquiry is worked on: the form that does it, whose work it becomes, and how urgent that is."""

    step: str
    queue: str
    priority: str = "standard"
    needs_identity: bool = False
    touches_account: bool = True
    acknowledgement: str = "utter_acknowledge_request"


def _to(queue: str, priority: str = "standard", acknowledgement: str = "request", touches_account: bool = True) -> Task:
    return Task(
        HANDOVER_STEP,
        queue,
        priority,
        touches_account=touches_account,
        acknowledgement=f"utter_acknowledge_{acknowledgement}",
    )


def _visit() -> Task:
    return Task(VISIT_STEP, "scheduling", needs_identity=True, acknowledgement="utter_acknowledge_visit")


def _complaint(queue: str, priority: str = "standard", acknowledgement: str = "complaint") -> Task:
    return Task(
        COMPLAINT_STEP,
        queue,
        priority,
        touches_account=False,
        acknowledgement=f"utter_acknowledge_{acknowledgement}",
    )


def _errand(queue: str, acknowledgement: str, priority: str = "standard") -> Task:
    return Task(
        ERRAND_STEP, queue, priority, touches_account=False, acknowledgement=f"utter_acknowledge_{acknowledgement}"
    )


def _bill(queue: str = "billing", acknowledgement: str = "bill") -> Task:
    return Task(BILL_STEP, queue, needs_identity=True, acknowledgement=f"utter_acknowledge_{acknowledgement}")


def _insurance(queue: str = "insurance", priority: str = "standard", acknowledgement: str = "insurance") -> Task:
    return Task(
        INSURANCE_STEP,
        queue,
        priority,
        needs_identity=True,
        acknowledgement=f"utter_acknowledge_{acknowledgement}",
    )


# Every inquiry of BRIEF 2 that is work. What the assistant can't finish yet goes to the right people, asked first.
TASKS: dict[str, Task] = {
    "billing_dispute": Task(
        "dispute_form",
        "billing",
        needs_identity=True,
        acknowledgement="utter_acknowledge_billing_dispute",
    ),
    "human_request": _to("patient_advocate", acknowledgement="human_request", touches_account=False),
    "distress": _to("patient_advocate", "urgent", "distress", touches_account=False),
    "schedule_appointment": _visit(),
    "reschedule_appointment": _visit(),
    "cancel_appointment": _visit(),
    "confirm_appointment": _visit(),
    "waitlist": _visit(),
    "telehealth": _visit(),
    "appointment_prep": _visit(),
    "referral": _insurance("scheduling"),
    "billing_balance": _bill(),
    "billing_explain": _bill(),
    "make_payment": _bill(acknowledgement="bill_pay"),
    "payment_plan": _bill("financial_counseling", "bill_pay"),
    "financial_assistance": _bill("financial_counseling", "bill_help"),
    "insurance_coverage": _insurance(),
    "prior_authorization": _insurance(),
    "claim_status": _insurance(),
    "insurance_denial_appeal": _insurance("insurance", "urgent", "denial"),
    "update_insurance": _insurance(),
    "update_contact": _to("medical_records"),
    "medical_records": Task(
        ERRAND_STEP, "medical_records", needs_identity=True, acknowledgement="utter_acknowledge_records"
    ),
    "portal_support": _to("medical_records"),
    "complaint_service": _complaint("practice_manager"),
    "complaint_clinical_staff": _complaint("supervisor", "urgent", "complaint_staff"),
    "safety_incident": _complaint("supervisor", "immediate", "complaint_safety"),
    "legal_threat": _complaint("supervisor", "immediate", "complaint_legal"),
    "privacy_breach": _complaint("compliance", "urgent", "complaint_privacy"),
    "clinical_symptom": _to("nurse_line", "immediate", "clinical", touches_account=False),
    "medication_refill": Task(
        REFILL_STEP,
        "nurse_line",
        "immediate",
        touches_account=False,
        acknowledgement="utter_acknowledge_refill",
    ),
    "medication_question": _to("nurse_line", "immediate", "clinical", touches_account=False),
    "test_results": _to("nurse_line", "immediate", "clinical", touches_account=False),
    "interpreter": _errand("interpreter", "interpreter"),
    "third_party": _errand("medical_records", "third_party"),
    "bereavement": _errand("patient_advocate", "bereavement", "urgent"),
    "adolescent": _errand("medical_records", "adolescent"),
    "minor": _to("medical_records", touches_account=False),
    "media_inquiry": _to("media", acknowledgement="media", touches_account=False),
}
# What is told apart for the talk, and reported under an inquiry type of BRIEF 2.
REPORTED_AS = {"bereavement": "third_party", "adolescent": "minor"}
PART_OF_A_DISPUTE = ("billing_explain", "billing_balance")
VISITS = tuple(inquiry for inquiry, task in TASKS.items() if task.step == VISIT_STEP)
COMPLAINTS = tuple(inquiry for inquiry, task in TASKS.items() if task.step == COMPLAINT_STEP)
BILLS = tuple(inquiry for inquiry, task in TASKS.items() if task.step == BILL_STEP)
INSURANCES = tuple(inquiry for inquiry, task in TASKS.items() if task.step == INSURANCE_STEP)
CLINICAL_QUEUES = ("nurse_line", "on_call")
CLINICAL = tuple(inquiry for inquiry, task in TASKS.items() if task.queue in CLINICAL_QUEUES)
# Where a second request of the same message is more urgent, it goes first.
_RANK = {"immediate": 0, "urgent": 1, "standard": 2}


def add(agenda: Sequence[str], inquiries: Sequence[str]) -> list[str]:
    """The agenda with newly asked things on top, nothing lost and nothing twice; clinical and urgent work first.

    What a person must hear of at once stays above what is asked for later; the questions for a refill can wait for it.
    """
    fresh = [inquiry for inquiry in dict.fromkeys(inquiries) if inquiry in TASKS]
    if "billing_dispute" in fresh:
        fresh = [inquiry for inquiry in fresh if inquiry not in PART_OF_A_DISPUTE]
    fresh.sort(key=lambda inquiry: _RANK[TASKS[inquiry].priority])
    return sorted([*fresh, *(inquiry for inquiry in agenda if inquiry not in fresh)], key=lambda i: not _at_once(i))


def is_for_nurse(inquiry: str) -> bool:
    """Whether it is a clinical question that goes to a nurse as it stands, without questions of ours first."""
    return inquiry in CLINICAL and TASKS[inquiry].step == HANDOVER_STEP


def _at_once(inquiry: str) -> bool:
    task = TASKS[inquiry]
    return task.priority == "immediate" and task.step == HANDOVER_STEP


def after_handover(agenda: Sequence[str]) -> list[str]:
    """What is left when the first task was handed over: other clinical questions went with a clinical one.

    A refill that is still to be asked about stays, and joins the same ticket later.
    """
    rest = list(agenda[1:])
    if agenda[0] not in CLINICAL:
        return rest
    return [inquiry for inquiry in rest if inquiry not in CLINICAL or TASKS[inquiry].step == REFILL_STEP]


def next_step(
    agenda: Sequence[str],
    *,
    name_answered: bool,
    has_name: bool,
    verified: bool,
    locked: bool,
    collected: bool = False,
    by_person: bool = False,
) -> str | None:
    """The form that runs next; None when there is nothing to do or nothing may be done.

    `collected`: all that the first task asks for is known, and only handing it over is left. `by_person`: the visit,
    the bill or the matter of insurance at hand is for the staff to sort out.
    """
    if not agenda:
        return None
    task = TASKS[agenda[0]]
    if locked and task.touches_account:
        return None
    if not name_answered:
        return NAME_STEP
    if (task.needs_identity and not has_name) or (task.step in (VISIT_STEP, BILL_STEP, INSURANCE_STEP) and by_person):
        return HANDOVER_STEP
    if task.needs_identity and not verified:
        return IDENTITY_STEP
    return HANDOVER_STEP if task.step == REFILL_STEP and collected else task.step
