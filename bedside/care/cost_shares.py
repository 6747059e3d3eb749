"""Who would pay how much of an estimated charge: plain arithmetic in cents. An estimate, never a promise of payment.

The order is the usual one: the deductible first, then the copay, then the coinsurance of what is left; all three stop
at the most that the patient pays in the year. What a plan doesn't cover counts towards nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from bedside.care.plan_rules import Left
from bedside.records.insurance import Benefit

SUPPLEMENT = "medicare_supplement"


@dataclass(frozen=True)
class Share:
    """What one plan leaves of what it is asked for, and why; cents that add up to `asked_cents`.

    `capped_cents` is what the yearly maximum took off the patient's part: the plan pays it.
    """

    asked_cents: int
    deductible_cents: int
    copay_cents: int
    coinsurance_cents: int
    not_covered_cents: int
    capped_cents: int
    plan_cents: int

    @property
    def patient_cents(self) -> int:
        """What is left for the patient, or for the next plan."""
        return self.deductible_cents + self.copay_cents + self.coinsurance_cents + self.not_covered_cents


@dataclass(frozen=True)
class Together:
    """What two plans leave: the first one's share, what the second pays of the rest, and what is the patient's."""

    first: Share
    second_pays_cents: int
    patient_cents: int


def share(asked_cents: int, benefit: Benefit, left: Left, *, limit_reached: bool = False) -> Share:
    """What one plan does with a charge at its agreed price.

    Raise ValueError where a deductible counts and what is left of it is not on file.
    """
    if asked_cents < 0:
        raise ValueError("nobody is asked for less than nothing")
    if not benefit.covered or limit_reached:
        return Share(asked_cents, 0, 0, 0, asked_cents, 0, 0)
    deductible = 0
    if benefit.deductible_applies:
        if left.deductible_cents is None:
            raise ValueError("what is left of the deductible is not on file")
        deductible = min(left.deductible_cents, asked_cents)
    copay = min(benefit.copay_cents, asked_cents - deductible)
    coinsurance = _percent(asked_cents - deductible - copay, benefit.coinsurance_percent)
    over = 0
    if left.out_of_pocket_cents is not None:
        over = max(0, deductible + copay + coinsurance - left.out_of_pocket_cents)
    capped = over
    from_coinsurance = min(over, coinsurance)
    from_copay = min(over - from_coinsurance, copay)
    coinsurance, copay = coinsurance - from_coinsurance, copay - from_copay
    deductible -= over - from_coinsurance - from_copay
    return Share(
        asked_cents,
        deductible,
        copay,
        coinsurance,
        0,
        capped,
        asked_cents - deductible - copay - coinsurance,
    )


def with_second(
    first: Share, second_kind: str | None, benefit: Benefit, left: Left, *, limit_reached: bool = False
) -> Together:
    """What a second plan does with what the first one left.

    Usually it pays up to what it would have paid as the only plan, and never more than what was left. A Medicare
    supplement fills the gap instead: it pays what was left but for its own copay, and but for the first plan's
    deductible where its benefit says that this stays the patient's. Raise ValueError as `share` does.
    """
    rest = first.patient_cents
    if second_kind == SUPPLEMENT:
        if not benefit.covered or limit_reached:
            pays = 0
        else:
            kept = (first.deductible_cents if benefit.deductible_applies else 0) + first.not_covered_cents
            pays = max(0, rest - kept - benefit.copay_cents)
    else:
        alone = share(first.asked_cents, benefit, left, limit_reached=limit_reached)
        pays = min(alone.plan_cents, rest)
    return Together(first, pays, rest - pays)


def _percent(cents: int, percent: int) -> int:
    """The share of an amount, half a cent up."""
    return (cents * percent + 50) // 100
