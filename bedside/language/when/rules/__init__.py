"""The rules, in the order in which they rewrite the line: what an earlier one made, a later one builds on."""

from __future__ import annotations

from bedside.language.when.rules import between, clock, counted, holidays, hours, months, weeks

RULES = (*clock.rules, *months.rules, *counted.rules, *holidays.rules, *weeks.rules, *between.rules, *hours.rules)
