"""What patients are told of their visits without having asked: reminders, and offers of the waitlist (BRIEF 3.3).

A notice is written in the unit of work that takes its row, so that each goes out once however often this runs. They
name the day and the hour, and nothing of what the visit is for (R3).
"""

from __future__ import annotations

from sqlalchemy import select, update

from bedside.care import offers, outbox, reminders
from bedside.care.context import Care
from bedside.organization import display_phone
from bedside.records.tables import Opening, Reminder, WaitlistEntry, WaitlistOffer


def visit_reminders(care: Care) -> int:
    """Write a notice for every reminder that is due; how many."""
    with care.store.reading() as session:
        waiting = select(Reminder.id).where(Reminder.status == reminders.DUE, Reminder.due_at <= care.now())
        if session.execute(waiting.limit(1)).first() is None:
            return 0
    written = 0
    for due in reminders.due(care):
        with care.store.work() as session:
            claimed = session.execute(
                update(Reminder)
                .where(Reminder.id == due.reminder_id, Reminder.status == reminders.DUE)
                .values(status=reminders.SENT, ended_at=care.now())
                .execution_options(synchronize_session=False)
            )
            if not claimed.rowcount:
                continue
            outbox.put(
                care,
                session,
                f"reminder:{due.reminder_id}",
                "utter_notice_visit_reminder",
                patient_id=due.visit.patient_id,
                expires_at=due.visit.starts_at,
                when_at=due.visit.starts_at,
                phone=display_phone(care.organization.phones.main),
                appointment_id=due.visit.appointment_id,
            )
            written += 1
    return written


def waitlist_offers(care: Care) -> int:
    """Write a notice for every offer that the patient hasn't been told of; how many."""
    written = 0
    for offer_id in offers.to_send(care):
        with care.store.work() as session:
            claimed = session.execute(
                update(WaitlistOffer)
                .where(
                    WaitlistOffer.id == offer_id,
                    WaitlistOffer.status == offers.OPEN,
                    WaitlistOffer.sent_at.is_(None),
                )
                .values(sent_at=care.now())
                .execution_options(synchronize_session=False)
            )
            if not claimed.rowcount:
                continue
            offer, entry, starts_at = session.execute(
                select(WaitlistOffer, WaitlistEntry, Opening.starts_at)
                .join(WaitlistEntry, WaitlistOffer.entry_id == WaitlistEntry.id)
                .join(Opening, WaitlistOffer.opening_id == Opening.id)
                .where(WaitlistOffer.id == offer_id)
            ).one()
            outbox.put(
                care,
                session,
                f"offer:{offer_id}",
                "utter_notice_waitlist_offer",
                patient_id=entry.patient_id,
                conversation_id=entry.conversation_id,
                expires_at=offer.expires_at,
                when_at=starts_at,
                until_at=offer.expires_at,
                phone=display_phone(care.organization.phones.main),
            )
            written += 1
    return written
