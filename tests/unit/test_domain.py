"""Everything the assistant can say, held to BRIEF §1 and §4; and what `rasa data validate` lets pass."""

from __future__ import annotations

import itertools
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import textstat
from ruamel.yaml import YAML

from bedside.care import (
    approved_answers,
    authorizations,
    bill_talk,
    claims,
    insurance_wishes,
    payer_order,
    statements,
)
from bedside.care.agenda import TASKS
from bedside.organization import load_organization
from bedside.records.clinic_file import DENIAL_REASONS, INFORMATION_ASKED
from bedside.sentences import SentenceError, Sentences, load_sentences

ROOT = Path(__file__).resolve().parents[2]
SENTENCES = load_sentences(ROOT / "domain")
DOMAIN = YAML(typ="safe").load((ROOT / "domain.yml").read_text(encoding="utf-8"))
ALL = [
    pytest.param(name, variation, id=f"{name}-{number}")
    for name, variations in SENTENCES.responses.items()
    for number, variation in enumerate(variations)
]
PIECES = (
    "utter_due_",
    "utter_dispute_charge_line",
    "utter_visit_line",
    "utter_visit_when",
    "utter_summary_visit",
    "utter_bill_piece_",
    "utter_bill_option_",
    "utter_bill_reason_",
    "utter_bill_document_",
    "utter_bill_part",
    "utter_insurance_piece_",
    "utter_insurance_new_line_",
    "utter_insurance_service_",
    "utter_insurance_information_",
)
SPOKEN = [p for p in ALL if not p.values[0].startswith(PIECES)]  # pieces of sentences

CLINIC = load_organization(ROOT / "organization.yml")
CONTENT_KEYS = {kind.preparation for kind in CLINIC.visit_types if kind.preparation} | {
    place.directions for place in CLINIC.locations
}

BANNED = [
    r"\bpolicy\b", r"not (a|that) big (of a )?deal", r"calm down", r"\bjust relax\b", r"nothing (we|i) can do", r"you('ll| will) have to wait",
    r"\bas i (said|told)\b", r"you should have", r"\bunfortunately\b", r"\bobviously\b", r"\bactually\b", r"no worries", r"don't worry",
    r"\bour (mistake|error|fault)\b", r"we (made|were) (a mistake|wrong)", r"\bsoon\b", r"\bshortly\b", r"as soon as possible", r"\basap\b",
    r"how would you rate", r"\bsurvey\b", r"\bkindly\b", r"política", r"cálmese", r"no se preocupe", r"\bpronto\b", r"no es para tanto",
]  # fmt: skip
ADVICE = [
    r"\b(take|stop taking|skip|double|increase|lower|reduce) (your|the|a|an|another|some|two|more|less) (?!time\b|call\b)", r"\b(dose|mg|aspirin|ibuprofen|tylenol|insulin)\b",
    r"\b(normal|harmless|nothing serious|probably|likely) ", r"\bit (is|sounds like|could be|may be) (a|an) (heart|stroke|virus|infection|allergy)",
    r"\b(rest|ice|hydrate|drink plenty|elevate)\b", r"\byour (result|test|scan) (is|looks|shows)\b",
]  # fmt: skip
TERMS = {
    r"\bon hold\b": r"collections",
    r"\bcollections\b": r"hold|worry",
    r"\bdeductible\b": r"before your (plan|insurance)",
    r"\bcoinsurance\b": r"share",
    r"\bprior authorization\b": r"approv",
    r"\bcopay\b": r"set amount",
    r"\bgood-faith estimate\b": r"what care should cost",
    r"\bitemized bill\b": r"each single thing|Case|sent to you",
    r"\bout-of-pocket maximum\b": r"the most you pay",
    r"\bcoordination of benefits\b": r"one pays first",
}
# What insurance says of itself has more words to explain, each in the message in which it stands (BRIEF 3.5).
INSURANCE_TERMS = {
    r"\b(?:in|out of) network\b": r"price|without|never",
    r"\bappeal\b(?! is with| team)": r"second look|look(?:s|ing)? (?:at it |at its no )?again|outside",
    r"\bexternal review\b": r"outside",
    r"\bexpedited\b": r"second look|fast",
    r"\bclaim\b": r"request",
    r"\bdenial\b": r"\bno\b|not the end",
    r"\breferral\b": r"\bnote\b",
}
# Facts that are said only by somebody's proof of identity, and the responses that may carry them.
PRIVATE = {"amount", "total", "lines", "description", "count", "visit", "old", "provider"}
PRIVATE |= {
    "owed",
    "held",
    "left",
    "paid",
    "charged",
    "adjusted",
    "insurance",
    "credited",
    "own",
    "less",
    "most",
    "least",
}
PRIVATE |= {"part", "reasons", "payer", "payers", "place", "agency", "options"}
MAY_BE_PRIVATE = re.compile(
    r"utter_(dispute_|collections_held|summary|visit_|waitlist_|bill_|insurance_|back_with_cases)"
)


@pytest.mark.parametrize(("name", "variation"), ALL)
def test_no_banned_phrase_and_no_advice(name: str, variation: dict[str, Any]) -> None:
    for pattern in BANNED + ADVICE:
        assert not re.search(pattern, variation["text"], re.IGNORECASE), f"{name} says «{pattern}»"


def _is_spanish(variation: dict[str, Any]) -> bool:
    return any(c["name"] == "language" and c["value"] == "es" for c in variation.get("condition", []))


@pytest.mark.parametrize(("name", "variation"), SPOKEN)
def test_plain_words(name: str, variation: dict[str, Any]) -> None:
    if _is_spanish(variation):
        return
    text = re.sub(r"\{(\w+)\}", "Monday", variation["text"])
    if len(text.split()) >= 12:
        grade = textstat.flesch_kincaid_grade(text)
        assert grade <= 8.0, f"{name} reads at grade {grade}: {text}"


@pytest.mark.parametrize(("name", "variation"), SPOKEN)
def test_one_question_each(name: str, variation: dict[str, Any]) -> None:
    assert variation["text"].count("?") <= 1


@pytest.mark.parametrize(("name", "variation"), SPOKEN)
def test_terms_are_explained_where_they_stand(name: str, variation: dict[str, Any]) -> None:
    for term, explanation in TERMS.items():
        if re.search(term, variation["text"], re.IGNORECASE):
            assert re.search(explanation, variation["text"], re.IGNORECASE), f"{name} leaves {term} unexplained"


@pytest.mark.parametrize(("name", "variation"), SPOKEN)
def test_words_of_insurance_are_explained_where_they_stand(name: str, variation: dict[str, Any]) -> None:
    if not name.startswith(("utter_insurance_", "utter_approved_", "utter_acknowledge_denial")) or _is_spanish(
        variation
    ):
        return
    for term, explanation in INSURANCE_TERMS.items():
        if re.search(term, variation["text"], re.IGNORECASE):
            assert re.search(explanation, variation["text"], re.IGNORECASE), f"{name} leaves {term} unexplained"


def test_whatever_the_records_of_insurance_hold_can_be_said() -> None:
    kinds = {
        "denial_reason": DENIAL_REASONS,
        "information": INFORMATION_ASKED,
        "order": [one for one in payer_order.REASONS if one not in (payer_order.ONLY_ONE, payer_order.NOT_KNOWN)],
        "auth": authorizations._NEXT,
        "claim": claims.STATUSES,
    }
    for kind, keys in kinds.items():
        for key in keys:
            assert f"utter_insurance_{kind}_{key}" in SENTENCES.responses
    for topic in approved_answers.TOPICS:
        assert f"{approved_answers.PREFIX}{topic}" in SENTENCES.responses


def test_approved_answers_are_owned_current_and_say_no_figure() -> None:
    today = date(2026, 11, 24)
    assert not list(approved_answers.faults(SENTENCES.responses, today))
    for name, variations in SENTENCES.responses.items():
        if name.startswith(approved_answers.PREFIX):
            assert {_is_spanish(each) for each in variations} == {True, False}, name
            assert not any("$" in each["text"] or "{" in each["text"] for each in variations), name


@pytest.mark.parametrize(("name", "variation"), ALL)
def test_private_facts_only_where_identity_is_proved(name: str, variation: dict[str, Any]) -> None:
    facts = set(re.findall(r"\{(\w+)\}", variation["text"]))
    if facts & PRIVATE:
        assert MAY_BE_PRIVATE.match(name)
    assert not facts & {"birth_date", "ssn", "last4", "account", "address"}


def test_an_emergency_speaks_of_nothing_else() -> None:
    for name, variations in SENTENCES.responses.items():
        if name.startswith("utter_emergency_"):
            for variation in variations:
                assert "{" not in variation["text"]
                assert not re.search(
                    r"\b(bill|account|charge|appointment|factura|cuenta|cita)\b", variation["text"], re.I
                )


def test_every_emergency_sentence_exists_in_spanish() -> None:
    for name, variations in SENTENCES.responses.items():
        if name.startswith("utter_emergency_"):
            assert any(_is_spanish(v) for v in variations), name
            assert all(
                re.search(r"911|988", v["text"])
                for v in variations
                if name in ("utter_emergency_medical", "utter_emergency_mental_health", "utter_emergency_stay")
            )


def test_variations_partition() -> None:
    """For every state, one variation is meant: Rasa chooses by chance where two conditions fit at once."""
    for name, variations in SENTENCES.responses.items():
        conditional = [v for v in variations if v.get("condition")]
        for a, b in itertools.combinations(conditional, 2):
            left = {c["name"]: c["value"] for c in a["condition"]}
            right = {c["name"]: c["value"] for c in b["condition"]}
            clash = any(left[k] != right[k] for k in left.keys() & right.keys())
            assert clash, f"{name}: Rasa would choose between {left} and {right} by chance"
        plain = [v for v in variations if not v.get("condition") and not v.get("channel")]
        assert len(plain) == 1, f"{name} needs exactly one default"


def test_conditions_name_known_slots() -> None:
    for name, variations in SENTENCES.responses.items():
        for variation in variations:
            for condition in variation.get("condition", []):
                assert condition["name"] in DOMAIN["slots"], name


def test_every_task_has_its_acknowledgement_and_every_form_slot_its_question() -> None:
    for task in TASKS.values():
        assert task.acknowledgement in SENTENCES.responses
    for form in DOMAIN["forms"].values():
        for slot in form["required_slots"]:
            assert f"utter_ask_{slot}" in SENTENCES.responses or f"action_ask_{slot}" in DOMAIN["actions"], slot


def test_every_sentence_is_used() -> None:
    code = "\n".join(
        p.read_text(encoding="utf-8")
        for folder in ("bedside", "actions", "data")
        for p in (ROOT / folder).rglob("*.[py]*")
        if p.suffix in (".py", ".yml")
    )
    for name in SENTENCES.responses:
        if name.startswith(("utter_ask_", "utter_summary_line_")) or name in (
            "utter_emergency_medical",
            "utter_emergency_mental_health",
            "utter_emergency_harm_to_others",
        ):
            continue
        if name.startswith("utter_prep_") or name.endswith("_directions"):
            assert name.removeprefix("utter_").removeprefix("prep_") in (*CONTENT_KEYS, "none"), f"{name} is never said"
            continue
        if name.startswith("utter_bill_document_"):
            continue  # what a clinic's programs ask for is in its records
        if name.startswith("utter_bill_"):
            last = name.removeprefix("utter_bill_")
            said = [
                *statements.TERMS,
                *statements.REASONS,
                *bill_talk.INQUIRY_OF,
                bill_talk.SPECIALIST,
                bill_talk.COUNSELOR,
            ]
            known = {f"{kind}_{one}" for kind in ("term", "reason", "option") for one in said}
            assert name in code or f'"{last}"' in code or last in known, f"{name} is never said"
            continue
        if name.startswith("utter_approved_"):
            assert name.removeprefix("utter_approved_") in approved_answers.TOPICS
            continue
        if name.startswith("utter_insurance_"):
            assert _is_said_of_insurance(name.removeprefix("utter_insurance_"), code), f"{name} is never said"
            continue
        short = name.removeprefix("utter_acknowledge_")
        assert name in code or f'"{short}"' in code, f"{name} is never said"


def _is_said_of_insurance(last: str, code: str) -> bool:
    """Whether the code names it, or the words before a key of the records or the configuration."""
    if f"utter_insurance_{last}" in code or f'"{last}"' in code:
        return True
    keys = {
        *DENIAL_REASONS,
        *INFORMATION_ASKED,
        *payer_order.REASONS,
        *authorizations._NEXT,
        *claims.STATUSES,
        *("needed", "on_file", "open", "none"),
        *(re.sub(r"[^a-z_]", "", name.lower().replace(" ", "_")) for name in CLINIC.holidays),
        *(each.replace(" ", "_") for each in insurance_wishes.load("insurance")["services"]),
    }
    starts = [*re.findall(r'f"([a-z_]+_)\{', code), "service_"]
    return any(last.startswith(start) and last.removeprefix(start) in keys for start in starts)


def test_what_the_configuration_names_can_be_said() -> None:
    for key in CONTENT_KEYS:
        assert {f"utter_{key}", f"utter_prep_{key}"} & set(SENTENCES.responses), key


def test_every_intent_has_a_rule_and_data() -> None:
    rules = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "data" / "rules").glob("*.yml"))
    data = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT / "data" / "nlu").glob("*.yml"))
    for entry in DOMAIN["intents"]:
        (name,) = entry
        if name not in ("emergency_medical", "emergency_mental_health"):  # the safety policy's
            assert re.search(rf"intent: {name}$", rules, re.MULTILINE), f"{name} leads nowhere"
        if name != "open_chat":
            assert re.search(rf"intent: {name}$", data, re.MULTILINE), f"{name} has no examples"


def test_the_split_domain_is_whole() -> None:
    from bedside.rasa.importer import SplitDomainImporter

    importer = SplitDomainImporter(
        config_file=str(ROOT / "config.yml"), domain_path=str(ROOT / "domain.yml"), training_data_paths=[]
    )
    assert set(SENTENCES.responses) <= set(importer.get_domain().responses)


async def test_the_renderer_agrees_with_rasas() -> None:
    from rasa.core.nlg.response import TemplatedNaturalLanguageGenerator
    from rasa.shared.core.domain import Domain
    from rasa.shared.core.slots import AnySlot
    from rasa.shared.core.trackers import DialogueStateTracker

    generator = TemplatedNaturalLanguageGenerator(SENTENCES.responses)
    names = sorted({c["name"] for vs in SENTENCES.responses.values() for v in vs for c in v.get("condition", [])})
    values = {
        n: [
            *sorted(
                {
                    c["value"]
                    for vs in SENTENCES.responses.values()
                    for v in vs
                    for c in v.get("condition", [])
                    if c["name"] == n
                }
            ),
            None,
        ]
        for n in names
    }
    for name, variations in SENTENCES.responses.items():
        used = sorted({c["name"] for v in variations for c in v.get("condition", [])})
        facts = {f: f"<{f}>" for v in variations for f in re.findall(r"\{(\w+)\}", v["text"])}
        for combination in itertools.product(*(values[n] for n in used)):
            slots = dict(zip(used, combination, strict=True))
            tracker = DialogueStateTracker("x", [AnySlot(n, [{}], initial_value=v) for n, v in slots.items()])
            theirs = await generator.generate(name, tracker, "rest", **facts)
            assert theirs is not None
            assert theirs["text"] == SENTENCES.say(name, slots, "rest", **facts)
    assert Domain is not None


def test_a_missing_fact_is_an_error_and_not_a_brace() -> None:
    sentences = Sentences({"utter_x": [{"text": "Case {case_number}"}]})
    with pytest.raises(SentenceError, match="case_number"):
        sentences.say("utter_x")
    with pytest.raises(SentenceError, match="utter_y"):
        sentences.say("utter_y")
