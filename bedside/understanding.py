"""Understanding outside a conversation: what `bedside understand` prints, and what reports are made from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bedside.safety.screen import CLEAR, EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH, load_screen

EMERGENCIES = (EMERGENCY_MEDICAL, EMERGENCY_MENTAL_HEALTH)
# The clinic's inquiry types (BRIEF 2). The talk's other acts lead to the most likely of these.
INQUIRIES = (
    "greeting",
    "goodbye",
    "bot_challenge",
    "human_request",
    "schedule_appointment",
    "reschedule_appointment",
    "cancel_appointment",
    "confirm_appointment",
    "waitlist",
    "telehealth",
    "appointment_prep",
    "billing_balance",
    "billing_explain",
    "billing_dispute",
    "payment_plan",
    "financial_assistance",
    "make_payment",
    "insurance_coverage",
    "prior_authorization",
    "claim_status",
    "insurance_denial_appeal",
    "update_insurance",
    "update_contact",
    "referral",
    "medical_records",
    "portal_support",
    "complaint_service",
    "complaint_clinical_staff",
    "safety_incident",
    "legal_threat",
    "privacy_breach",
    "clinical_symptom",
    "medication_refill",
    "medication_question",
    "test_results",
    "interpreter",
    "third_party",
    "minor",
    "media_inquiry",
    "distress",
    "emergency_medical",
    "emergency_mental_health",
    "out_of_scope",
)
_ACT_OF = {"ask_collections": "billing_explain", "thanks": "goodbye", "open_chat": "greeting"}


def inquiry_of(ranking: Iterable[dict[str, Any]], fallback: str = "out_of_scope") -> tuple[str, float]:
    """The most likely inquiry of a ranking, and its confidence."""
    for found in ranking:
        name = _ACT_OF.get(found["name"], found["name"])
        if name in INQUIRIES:
            return name, float(found["confidence"])
    return fallback, 0.0


class Understanding:
    """A trained model's reading of single messages."""

    def __init__(self, model: Path) -> None:
        """Load the model; takes some seconds."""
        from rasa.core.agent import Agent
        from rasa.utils.log_utils import configure_structlog

        configure_structlog(logging.ERROR)
        logging.disable(logging.WARNING)
        self._agent = Agent.load(str(model))
        self._screen = load_screen()

    def read(self, text: str) -> dict[str, Any]:
        """Inquiry, second inquiries, confidence 0 to 1, language."""
        parsed = asyncio.run(self._agent.parse_message(text.lstrip("/ ")))
        decision = self._screen.decide(text).decision
        ranking = parsed.get("intent_ranking") or []
        if decision == CLEAR:  # whether it is an emergency is the screen's to say
            ranking = [found for found in ranking if found["name"] not in EMERGENCIES]
        inquiry, confidence = inquiry_of(ranking)
        also = [found["name"] for found in parsed.get("also") or [] if found["name"] != inquiry]
        if decision in EMERGENCIES and inquiry != decision:
            also = [inquiry, *also] if inquiry not in EMERGENCIES else also
            inquiry = decision
        language = (parsed.get("reading") or {}).get("language") or "en"
        return {"inquiry": inquiry, "also": also, "confidence": round(confidence, 4), "language": language}


def load_understanding(model: Path) -> Understanding:
    """The understanding of a trained model; raise FileNotFoundError when it isn't there."""
    if not model.is_file():
        raise FileNotFoundError(f"The model {model.name} isn't there; `bedside train` makes it.")
    return Understanding(model)
