"""Insurance in the words of domain/insurance.yml: every day and figure comes from the services, every term is explained
in the message in which it stands (BRIEF 3.5, 4). Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bedside.care import authorizations, claims, denials, insurance_wishes, new_coverage, speaking
from bedside.care.authorizations import AuthorizationFacts
from bedside.care.claims import ClaimFacts
from bedside.care.context import Care
from bedside.care.coverage import NEEDED, REFERRAL_ON_FILE, PolicyFacts
from bedside.care.denials import DenialFacts
from bedside.care.insurance_dates import Deadline
from bedside.language.amounts import dollars
from bedside.records.clinic_file import TELEHEALTH
from bedside.records.insurance import Benefit
from bedside.records.visits import Visit


class InsuranceWords:
    """The sentences about insurance in one language."""

    def __init__(self, care: Care, language: str) -> None:
        self._care = care
        self._language = language
        self._sentences = speaking.sentences(care)

    def say(self, name: str, /, **facts: object) -> str:
        """A piece of domain/insurance.yml, `utter_insurance_` left out."""
        return self._sentences.say(f"utter_insurance_{name}", {"language": self._language}, **facts)

    def has(self, name: str) -> bool:
        """Whether there is such a piece."""
        return f"utter_insurance_{name}" in self._sentences.responses

    def day(self, value: date) -> str:
        """A day with its weekday, and with its year where it is another one than this."""
        said = speaking.day(value, self._language)
        if value.year == self._care.today().year:
            return said
        return self.say("piece_day_of_year", day=said, year=value.year)

    def joined(self, items: Sequence[str], word: str = "and") -> str:
        """A list in a sentence: "a, b, and c"; `word`: and, or."""
        if len(items) < 2:
            return "".join(items)
        return self.say("piece_or" if word == "or" else "piece_and", all=", ".join(items[:-1]), last=items[-1])

    def message(self, parts: Iterable[str]) -> str:
        """Sentences in one message."""
        return " ".join(part for part in parts if part)

    # Names -------------------------------------------------------------------------------------------------------

    def plan(self, payer: str, plan: str) -> str:
        """An insurance by its two names; once where the plan's holds the insurer's."""
        return plan if payer.casefold() in plan.casefold() else f"{payer} {plan}"

    def card(self, payer: str, plan: str, ending: str | None) -> str:
        """An insurance with the end of its card, as little as tells it from others (R3)."""
        named = self.plan(payer, plan)
        return self.say("piece_card", plan=named, ending=ending) if ending else named

    def service(self, service: str) -> str:
        """A kind of care with its article."""
        key = "service_" + service.replace(" ", "_")
        if self.has(key):
            return self.say(key)
        kind = self._care.organization.visit_type(service)
        name = kind.name_in(self._language) if kind else service
        feminine = name.split()[0] in ("consulta", "sesión", "vacuna", "infusión", "primera")
        if self._language == "es":
            return f"{'una' if feminine else 'un'} {name}"
        return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"

    def request(self, service: str) -> str:
        """What a request in the records is for, within a sentence: "MRI of the lower back", "infusion treatment"."""
        if self._language != "en":
            kind = insurance_wishes.service_in(service)
            key = f"piece_own_{(kind or '').replace(' ', '_')}"
            return self.say(key) if self.has(key) else service
        first = service.split(maxsplit=1)[0]
        return service if first[1:2].isupper() else service[0].lower() + service[1:]

    def place(self, location: str) -> str:
        """An office, or a visit by video."""
        if location == TELEHEALTH:
            return self.say("piece_place_video")
        return self.say("piece_place", place=self._care.organization.location(location).name)

    def visit(self, visit: Visit) -> str:
        """A coming visit with its day and hour."""
        local = visit.starts_at.astimezone(self._care.organization.tz)
        kind = self._care.organization.visit_type(visit.visit_type)
        return self.say(
            "piece_visit",
            kind=kind.name_in(self._language) if kind else visit.visit_type,
            day=self.day(local.date()),
            time=speaking.clock_time(local, self._language),
        )

    # What is paid for care ---------------------------------------------------------------------------------------

    def cost(self, facts: PolicyFacts, service: str) -> str:
        """What a plan asks of the patient for a kind of care. The caveat is said beside it."""
        benefit, named = facts.benefit, self.plan(facts.payer, facts.plan)
        if benefit is None:
            return self.say("part_no_benefit", plan=named, service=self.service(service))
        if not benefit.covered:
            return self.say("part_not_covered", plan=named, service=self.service(service))
        told = [self._share(benefit, named, service)]
        if benefit.deductible_applies:
            told.append(self.deductible_left(facts))
        if benefit.yearly_limit is not None:
            told.append(self._limit(benefit.yearly_limit, facts.visits_left))
        return self.message(told)

    def _share(self, benefit: Benefit, named: str, service: str) -> str:
        facts = {
            "plan": named,
            "service": self.service(service),
            "amount": dollars(benefit.copay_cents),
            "percent": benefit.coinsurance_percent,
        }
        if benefit.copay_cents and benefit.coinsurance_percent:
            return self.say("part_both", **facts)
        if benefit.copay_cents:
            return self.say("part_copay", **facts)
        if benefit.coinsurance_percent:
            return self.say("part_coinsurance", **facts)
        return self.say("part_after_deductible" if benefit.deductible_applies else "part_free", **facts)

    def deductible_left(self, facts: PolicyFacts) -> str:
        """How much of the deductible comes first."""
        left = facts.left.deductible_cents
        if left is None:
            return self.say("part_deductible_unknown")
        return self.say("part_deductible_left", left=dollars(left)) if left else self.say("part_deductible_met")

    def _limit(self, limit: int, left: int | None) -> str:
        if left is None:
            return self.say("part_limit_unknown", limit=limit)
        if not left:
            return self.say("part_limit_reached", limit=limit)
        return self.say("part_limit", limit=limit, used=limit - left, left=left)

    def conditions(self, facts: PolicyFacts, service: str) -> list[str]:
        """What else a plan asks for before that care: a referral, its approval."""
        told = []
        if facts.referral in (NEEDED, REFERRAL_ON_FILE):
            told.append(self.say(f"part_referral_{facts.referral}"))
        if facts.authorization_needed:
            status = facts.authorization
            key = status if status in ("approved", "denied", "expired") else "open" if status else "none"
            told.append(self.message([self.say("part_authorization"), self.say(f"part_authorization_{key}")]))
        return told

    def year(self, facts: PolicyFacts) -> str:
        """How much of the deductible and of the most to pay is met."""
        year, named = facts.year, self.plan(facts.payer, facts.plan)
        if year is None or year.deductible_cents is None:
            return self.say("part_year_unknown", plan=named)
        told = []
        if not year.deductible_cents:
            told.append(self.say("part_year_no_deductible", plan=named))
        else:
            left = facts.left.deductible_cents or 0
            told.append(
                self.say(
                    "part_year_deductible" if left else "part_year_deductible_met",
                    plan=named,
                    total=dollars(year.deductible_cents),
                    left=dollars(left),
                )
            )
        if year.out_of_pocket_cents is not None:
            told.append(
                self.say(
                    "part_year_maximum",
                    total=dollars(year.out_of_pocket_cents),
                    left=dollars(facts.left.out_of_pocket_cents or 0),
                )
            )
        if year.as_of is not None:
            told.append(self.say("part_year_as_of", date=self.day(year.as_of)))
        return self.message(told)

    # Requests and claims -----------------------------------------------------------------------------------------

    def authorization(self, facts: AuthorizationFacts) -> str:
        """Where a request stands, what we do, what the patient may need to do, and what is usual."""
        known = {
            "service": self.request(facts.service),
            "payer": facts.payer or self.say("piece_insurer"),
        }
        told = [self.say(f"auth_{facts.status}", **known, **self._days(facts)), self.say("auth_term")]
        if facts.status == authorizations.APPROVED and facts.valid_to is not None:
            told.append(self.say("auth_valid_to", date=self.day(facts.valid_to)))
        if facts.status == authorizations.PENDING_INFORMATION:
            told.append(self._information(facts.information_asked, facts.information_due_on))
        if facts.expected is not None:
            told.append(
                self.say("auth_late", date=self.day(facts.expected.latest))
                if facts.expected.late
                else self.say(
                    "auth_usual_urgent" if facts.urgent else "auth_usual",
                    first=self.day(facts.expected.earliest),
                    last=self.day(facts.expected.latest),
                )
            )
        if facts.next_step == authorizations.WE_WAIT:
            told.append(self.say("auth_we_wait", payer=known["payer"]))
        return self.message(told)

    def _days(self, facts: AuthorizationFacts) -> dict[str, str]:
        return {
            "sent": self.say("piece_since", date=self.day(facts.sent_on)) if facts.sent_on else "",
            "decided": self.say("piece_on", date=self.day(facts.decided_on)) if facts.decided_on else "",
        }

    def _information(self, asked: Sequence[str], due_on: date | None) -> str:
        if not asked:
            return ""
        listed = self.joined([self.say(f"information_{one}") for one in asked])
        from_patient = set(asked) & {"other_insurance", "accident_details"}
        name = "part_information_yours" if from_patient else "part_information"
        due = self.say("piece_until", date=self.day(due_on)) if due_on else ""
        return self.say(name, listed=listed, due=due)

    def claim(self, facts: ClaimFacts) -> str:
        """Where a claim stands, and what is usual."""
        known = {
            "date": self.day(facts.service_date),
            "payer": facts.payer or self.say("piece_insurer"),
            "term": self.say("piece_term_claim"),
            "decided": self.say("piece_on", date=self.day(facts.decided_on)) if facts.decided_on else "",
        }
        told = [self.say(f"claim_{facts.status}", **known)]
        if facts.status == claims.INFORMATION_REQUESTED:
            told.append(self._information(facts.information_asked, None))
        if facts.expected is not None:
            told.append(
                self.say("claim_late", date=self.day(facts.expected.latest))
                if facts.expected.late
                else self.say(
                    "claim_usual",
                    first=self.day(facts.expected.earliest),
                    last=self.day(facts.expected.latest),
                )
            )
            told.append(self.say("claim_not_final"))
        if facts.remitted is not None and facts.status in (claims.PAID, claims.PARTLY_PAID):
            told.append(
                self.say(
                    "claim_paid_amounts",
                    paid=dollars(facts.remitted.paid_cents),
                    left=dollars(facts.remitted.patient_cents),
                )
            )
        return self.message(told)

    # Denials -----------------------------------------------------------------------------------------------------

    def denial(self, facts: DenialFacts) -> str:
        """What the letter says, in plain words."""
        payer = facts.payer or self.say("piece_insurer")
        about = (
            self.say("piece_denied_service", service=self.request(facts.service))
            if facts.service
            else self.say("piece_denied_claim", date=self.day(facts.service_date))
            if facts.service_date
            else self.say("piece_denied_care")
        )
        return self.message(
            [
                self.say("denial_told", date=self.day(facts.noticed_on), payer=payer, about=about),
                self.say(f"denial_reason_{facts.reason}"),
            ]
        )

    def closed_days(self, facts: DenialFacts) -> str:
        """Which days are left to work on it before the visit, and which are holidays."""
        days = [self.named_day(one) for one in facts.business_days_before]
        left = self.joined(days) if days else ""
        if not days:
            return ""
        name = "denial_days_left" if len(days) > 1 else "denial_day_left"
        told = self.say(name, days=left)
        if facts.closed_before:
            closed = self.joined(
                [
                    self.say("piece_holiday", day=self.weekday(one), name=self._holiday(named))
                    for one, named in facts.closed_before
                ]
            )
            told = self.message([self.say("denial_closed", days=closed), told])
        return told

    def _holiday(self, name: str) -> str:
        plain = "".join(sign for sign in name.lower().replace(" ", "_") if sign.isalpha() or sign == "_")
        key = f"piece_holiday_{plain}"
        return self.say(key) if self.has(key) else name

    def named_day(self, value: date) -> str:
        """A day near now: today, tomorrow and its weekday."""
        days = (value - self._care.today()).days
        return self.say({0: "piece_today", 1: "piece_tomorrow"}.get(days, "piece_that_day"), day=self.weekday(value))

    def weekday(self, value: date) -> str:
        """A day by its weekday and date."""
        return speaking.day(value, self._language)

    def way(self, facts: DenialFacts) -> str:
        """What can be done now and by when: the first appeal, an outside review, or where an appeal stands."""
        payer = facts.payer or self.say("piece_insurer")
        if any(one.status == denials.WON for one in facts.appeals):
            return self.say("appeal_won", payer=payer)
        if facts.running is not None:
            running = facts.running
            if running.decision_expected is not None and running.filed_on is not None:
                return self.say(
                    "appeal_filed",
                    date=self.day(running.filed_on),
                    first=self.day(running.decision_expected.earliest),
                    last=self.day(running.decision_expected.latest),
                )
            return self.say("appeal_asked", date=self.day(running.deadline.send_by))
        if facts.level == denials.EXTERNAL and facts.deadline is not None:
            return self.say("appeal_external", **self._until(facts.deadline))
        if facts.level == denials.INTERNAL_1 and facts.deadline is not None and not facts.deadline.over:
            least, most = facts.decision_days
            known = {"payer": payer, "least": least, "most": most, **self._until(facts.deadline)}
            if facts.urgent and facts.can_be_expedited:
                return self.say("appeal_first_near", hours=facts.expedited_hours, **known)
            return self.say("appeal_first", **known)
        if facts.deadline is not None and facts.deadline.over:
            return self.say("appeal_over", last=self.day(facts.deadline.last_day))
        return self.say("appeal_person")

    def _until(self, deadline: Deadline) -> dict[str, str]:
        """The last day, and the day to send it by where that is an earlier one."""
        earlier = deadline.send_by != deadline.last_day
        return {
            "last": self.day(deadline.last_day),
            "send": self.say("piece_send_by", date=self.day(deadline.send_by)) if earlier else "",
        }

    def after_first(self, facts: DenialFacts) -> str:
        """The step behind the first appeal."""
        months = self._care.organization.insurance.external_review_months
        outside = facts.payer_kind in (None, "commercial", "marketplace")
        return self.say("appeal_then_external", months=months) if outside else self.say("appeal_then_person")

    # New insurance -----------------------------------------------------------------------------------------------

    def read_back(self, back: new_coverage.ReadBack, old: str | None, *, replaces: bool | None) -> str:
        """What is read back before it is stored, a line each; of the number, only its end."""
        lines = [self.say("new_line_payer", payer=back.payer)]
        if back.plan:
            lines.append(self.say("new_line_plan", plan=back.plan))
        lines.append(
            self.say("new_line_member", ending=back.member_ending)
            if back.member_ending
            else self.say("new_line_member_short")
        )
        lines.append(self.say("new_line_group" if back.group_given else "new_line_no_group"))
        lines.append(
            self.say("new_line_self")
            if back.holder_relation == "self"
            else self.say("new_line_holder", name=back.holder_name or "")
        )
        if back.starts_on:
            lines.append(self.say("new_line_from", date=self.day(back.starts_on)))
        if old and replaces:
            lines.append(self.say("new_line_replaces", plan=old))
        elif old and back.pays_first is not None:
            lines.append(self.say("new_line_first" if back.pays_first else "new_line_second", plan=old))
        return "\n".join(lines)
