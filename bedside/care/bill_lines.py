"""Bills in the words of domain/billing.yml: every figure comes from the records, every term is explained where it first
stands (BRIEF 3.4, 4). Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bedside.care import speaking
from bedside.care.assistance import Fit, IncomeRange
from bedside.care.context import Care
from bedside.care.plans import Terms
from bedside.care.statements import (
    FEE,
    NOT_ON_FILE,
    WAITING,
    AdjustmentPart,
    ChargePart,
    HeaderPart,
    LeftPart,
    Part,
    PayerPart,
    StatementBalance,
    TotalsPart,
)
from bedside.language.amounts import dollars


class BillWords:
    """The sentences about bills in one language."""

    def __init__(self, care: Care, language: str) -> None:
        self._care = care
        self._language = language
        self._sentences = speaking.sentences(care)

    def say(self, name: str, /, **facts: object) -> str:
        """A piece of domain/billing.yml, `utter_bill_` left out."""
        return self._sentences.say(f"utter_bill_{name}", {"language": self._language}, **facts)

    def day(self, value: date) -> str:
        """A day with its year."""
        return speaking.full_day(value, self._language)

    def joined(self, items: Sequence[str], word: str = "and") -> str:
        """A list in a sentence: "a, b, and c"; `word`: and, or."""
        if len(items) < 2:
            return "".join(items)
        return self.say("piece_or" if word == "or" else "piece_and", all=", ".join(items[:-1]), last=items[-1])

    # Statements --------------------------------------------------------------------------------------------------

    def statements(self, rows: Iterable[StatementBalance]) -> str:
        """Numbered lines, one for each statement."""
        return "\n".join(self._statement(number, row) for number, row in enumerate(rows, 1))

    def _statement(self, number: int, row: StatementBalance) -> str:
        facts = {
            "number": number,
            "name": row.number,
            "date": self.day(row.issued_on),
            "amount": dollars(row.owed_cents),
        }
        if row.held_cents:
            return self.say("piece_statement_held", held=dollars(row.held_cents), **facts)
        return self.say("piece_statement", **facts)

    def options(self, names: Sequence[str]) -> str:
        """What can be done next, as one list."""
        return self.joined([self.say(f"option_{name}") for name in names], "or")

    # The walk-through --------------------------------------------------------------------------------------------

    def step(self, parts: Sequence[Part]) -> str:
        """Some parts in one message. Each term that comes up here for the first time is explained in it."""
        told = [self._part(part) for part in parts]
        return " ".join([*told, *self.terms(term for part in parts for term in part.terms)])

    def terms(self, names: Iterable[str]) -> list[str]:
        """What these words of the trade mean, each once."""
        return [self.say(f"term_{name}") for name in dict.fromkeys(names)]

    def _part(self, part: Part) -> str:
        if isinstance(part, HeaderPart):
            return self._header(part)
        if isinstance(part, ChargePart):
            return self._charge(part)
        if isinstance(part, AdjustmentPart):
            return self._adjustment(part)
        if isinstance(part, PayerPart):
            return self._payer(part)
        if isinstance(part, LeftPart):
            return self._left(part)
        if isinstance(part, TotalsPart):
            return self._totals(part)
        raise TypeError(f"{type(part).__name__} is not said")

    def _header(self, part: HeaderPart) -> str:
        facts = {"number": part.number, "date": self.day(part.issued_on), "first": self.day(part.first_service)}
        if part.line_count == 1:
            return self.say("part_header_one", **facts)
        if part.first_service == part.last_service:
            return self.say("part_header_day", count=part.line_count, **facts)
        return self.say("part_header", count=part.line_count, last=self.day(part.last_service), **facts)

    def _charge(self, part: ChargePart) -> str:
        facts = {
            "position": part.position,
            "of": part.of,
            "description": part.description,
            "date": self.day(part.service_date),
            "amount": dollars(part.charged_cents),
        }
        if part.fee:
            return self.say("part_fee", **facts)
        return self.say(
            "part_charge",
            kind=self._kind(part),
            provider=self.say("piece_provider", provider=part.provider) if part.provider else "",
            place=self.say("piece_place", place=part.place) if part.place else "",
            **facts,
        )

    def _kind(self, part: ChargePart) -> str:
        """The kind of visit, where the description does not say it already."""
        if not part.visit_type or part.visit_type.lower() in part.description.lower():
            return ""
        kind = self._care.organization.visit_type(part.visit_type)
        return self.say("piece_kind", kind=kind.name_in(self._language) if kind else part.visit_type)

    def _adjustment(self, part: AdjustmentPart) -> str:
        facts = {"amount": dollars(part.amount_cents), "left": dollars(part.left_cents)}
        payers = self.joined(part.payers)
        if payers and part.own_cents:
            return self.say("part_adjustment_both", own=dollars(part.own_cents), payers=payers, **facts)
        if payers:
            return self.say("part_adjustment_payers", payers=payers, **facts)
        return self.say("part_adjustment_own" if part.own_cents else "part_adjustment_plain", **facts)

    def _payer(self, part: PayerPart) -> str:
        facts = {"amount": dollars(part.paid_cents), "left": dollars(part.left_cents)}
        if part.payer is None:
            return self.say("part_payer_unnamed", **facts)
        if part.of == 1:
            told = [self.say("part_payer", payer=part.payer, **facts)]
        elif part.rank == 1:
            told = [self.say("part_payer_first", payer=part.payer, of=part.of, **facts)]
        else:
            told = [self.say("part_payer_next", payer=part.payer, **facts)]
        if part.explained_on is not None:
            letter = {None: "part_letter", True: "part_letter_same", False: "part_letter_other"}[part.matches]
            told.append(self.say(letter, date=self.day(part.explained_on)))
        if part.reached_maximum:
            told.append(self.say("part_maximum"))
        return " ".join(told)

    def _left(self, part: LeftPart) -> str:
        amount, kinds = dollars(part.patient_cents), {kind for kind, _ in part.reasons}
        if not part.patient_cents:
            told = [self.say("part_left_none")]
        elif WAITING in kinds:
            told = [self.say("part_waiting", amount=amount)]
        elif NOT_ON_FILE in kinds:
            told = [self.say("part_not_on_file", amount=amount)]
        elif FEE in kinds:
            told = [self.say("part_left_plain", amount=amount)]
        else:
            reasons = [self.say(f"reason_{kind}", amount=dollars(cents)) for kind, cents in part.reasons]
            one = len(reasons) == 1
            told = [
                self.say("part_left_one", reasons=reasons[0])
                if one
                else self.say("part_left", amount=amount, reasons=self.joined(reasons))
            ]
        owed = dollars(part.owed_cents)
        if not part.owed_cents and (part.paid_cents or part.credited_cents):
            told.append(self.say("part_settled"))
        elif part.paid_cents and part.credited_cents:
            told.append(
                self.say(
                    "part_paid_credited", paid=dollars(part.paid_cents), amount=dollars(part.credited_cents), owed=owed
                )
            )
        elif part.paid_cents:
            told.append(self.say("part_paid", paid=dollars(part.paid_cents), owed=owed))
        elif part.credited_cents:
            told.append(self.say("part_credited", amount=dollars(part.credited_cents), owed=owed))
        if part.on_hold:
            told.append(self.say("part_hold"))
        return " ".join(told)

    def _totals(self, part: TotalsPart) -> str:
        told = [
            self.say(
                "part_totals",
                charged=dollars(part.charged_cents),
                adjusted=dollars(part.adjustment_cents),
                insurance=dollars(part.insurance_cents),
                amount=dollars(part.patient_cents),
            )
        ]
        paid, credited, owed = dollars(part.paid_cents), dollars(part.credited_cents), dollars(part.owed_cents)
        if not part.owed_cents:
            told.append(self.say("part_totals_nothing"))
        elif part.credited_cents:
            told.append(self.say("part_totals_settled", paid=paid, credited=credited, owed=owed))
        elif part.paid_cents:
            told.append(self.say("part_totals_paid", paid=paid, owed=owed))
        else:
            told.append(self.say("part_totals_owed", owed=owed))
        if part.held_cents:
            told.append(self.say("part_totals_held", held=dollars(part.held_cents), left=dollars(part.payable_cents)))
        return " ".join(told)

    # Plans and help ----------------------------------------------------------------------------------------------

    def offered(self, terms: Sequence[Terms]) -> str:
        """The terms to choose from, a line each; where the payments differ by a cent, both are said."""
        return "\n".join(self._terms(one) for one in terms)

    def _terms(self, terms: Terms) -> str:
        first, last = terms.instalments[0], terms.instalments[-1]
        facts = {
            "count": terms.months,
            "amount": dollars(first.amount_cents),
            "date": speaking.day(first.due_on, self._language),
        }
        if first.amount_cents == last.amount_cents:
            return self.say("piece_terms", **facts)
        few = sum(one.amount_cents == last.amount_cents for one in terms.instalments)
        return self.say("piece_terms_cents", less=dollars(last.amount_cents), few=few, **facts)

    def payments(self, terms: Terms) -> str:
        """Every payment with its day."""
        return "\n".join(
            self.say("piece_payment", date=self.day(one.due_on), amount=dollars(one.amount_cents))
            for one in terms.instalments
        )

    def ranges(self, ranges: Sequence[IncomeRange]) -> list[str]:
        """Ranges of income, a line each."""
        return [self._range(one) for one in ranges]

    def _range(self, one: IncomeRange) -> str:
        least, most = dollars(one.least_cents), dollars(one.most_cents or 0)
        if one.most_cents is None:
            return self.say("piece_range_above", number=one.number)
        if not one.least_cents:
            return self.say("piece_range", number=one.number, most=most)
        return self.say("piece_range_between", number=one.number, least=least, most=most)

    def programs(self, fits: Sequence[Fit]) -> str:
        """Programs that may fit, numbered."""
        return "\n".join(
            self.say(
                "piece_program_full" if fit.full_help else "piece_program",
                number=number,
                name=fit.name_in(self._language),
            )
            for number, fit in enumerate(fits, 1)
        )

    def documents(self, names: Sequence[str]) -> str:
        """The papers that an application needs; one that content has no words for goes by its name in the records."""
        known = self._sentences.responses
        return self.joined(
            [
                self.say(f"document_{name}") if f"utter_bill_document_{name}" in known else name.replace("_", " ")
                for name in names
            ]
        )
