"""The clinic's own names, from the records and the configuration, for reading a message (`language.clinic_words`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock
from weakref import WeakKeyDictionary

from sqlalchemy import select
from sqlalchemy.orm import Session

from bedside.care.context import Care
from bedside.language.clinic_lists import ClinicLists, ClinicPayer, ClinicPlace, ClinicProvider, ClinicVisit
from bedside.organization import Organization
from bedside.records.payers import payers_on_file
from bedside.records.store import Store
from bedside.records.tables import Provider

LIFE_SECONDS = 60.0
"""How long the lists are used before they are read anew."""

_kept: WeakKeyDictionary[Store, tuple[float, Organization, ClinicLists]] = WeakKeyDictionary()
_lock = Lock()


def clinic_lists(care: Care, timer: Callable[[], float] = time.monotonic) -> ClinicLists:
    """The lists of the clinic, at most a minute old.

    `timer` gives seconds that pass; not the clinic's clock, which stands still in a demo. Pharmacies are none: neither
    the records nor the configuration name any yet.
    """
    now = timer()
    with _lock:
        kept = _kept.get(care.store)
    if kept and kept[1] is care.organization and 0 <= now - kept[0] < LIFE_SECONDS:
        return kept[2]
    with care.store.reading() as session:
        lists = read_lists(care.organization, session)
    if kept and kept[2] == lists:
        lists = kept[2]  # the same object, so that what was made of it is found at once
    with _lock:
        _kept[care.store] = (now, care.organization, lists)
    return lists


def read_lists(organization: Organization, session: Session) -> ClinicLists:
    """The lists as they are right now."""
    providers = session.execute(select(Provider).order_by(Provider.id)).scalars()
    return ClinicLists(
        providers=tuple(
            ClinicProvider(str(one.name), (str(one.specialty), *map(str, one.other_specialties or ())))
            for one in providers
        ),
        locations=tuple(ClinicPlace(one.key, one.name, one.street, one.city) for one in organization.locations),
        visit_types=tuple(ClinicVisit(one.name, one.name_es) for one in organization.visit_types),
        payers=tuple(ClinicPayer(name, plans) for name, plans in payers_on_file(session).items()),
    )
