"""The demo clinic's staff: one account for each role, so that the desk can be tried. Never made in production."""

from __future__ import annotations

from bedside.care import staff
from bedside.care.context import Care

PASSWORD = "riverbend demo desk"  # noqa: S105  (printed by `bedside run`, refused in production)
NAMES = {
    "nurse": "Nora Quinn",
    "biller": "Bill Okafor",
    "counselor": "Carla Mendes",
    "scheduler": "Sol Kim",
    "insurance": "Ines Duarte",
    "advocate": "Ada Brooks",
    "records": "Rhea Patel",
    "privacy": "Priya Nair",
    "risk": "Rob Lindqvist",
    "media": "Mia Torres",
    "supervisor": "Sue Abbott",
}


def hire(care: Care) -> int:
    """Make the accounts where nobody has one yet; how many. The login is the name of the role."""
    if care.settings.production or not staff.is_empty(care):
        return 0
    for role, name in NAMES.items():
        staff.add(care, role, name, role, PASSWORD)
    return len(NAMES)


def code(care: Care, login: str) -> str:
    """The code of the second proof at this moment. Raise StaffError in production, and where there is no account."""
    if care.settings.production:
        raise staff.StaffError("Codes come from the owner's authenticator when BEDSIDE_ENV is production.")
    secret = staff.secret_of(care, login)
    if secret is None:
        raise staff.StaffError(f"There is no account {login}.")
    return staff.code_at(secret, care.now().timestamp())
