"""What every service is handed: the store, the clinic, the clock and a source of chance."""

from __future__ import annotations

import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from bedside.calendar import BusinessCalendar
from bedside.clock import Clock, clock_from
from bedside.organization import Organization, load_organization
from bedside.records import keys
from bedside.records.store import Store
from bedside.settings import Settings, read_settings


@dataclass(frozen=True)
class Care:
    """The clinic at work. Services are functions that take it first."""

    store: Store
    organization: Organization
    calendar: BusinessCalendar
    clock: Clock
    chance: random.Random
    keyring: keys.Keyring
    settings: Settings

    def now(self) -> datetime:
        """This moment, UTC."""
        return self.clock()

    def today(self) -> date:
        """Today's date at the clinic."""
        return self.clock().astimezone(self.organization.tz).date()


def open_care(environ: Mapping[str, str] | None = None) -> Care:
    """Put the clinic together from the environment; raise the parts' own errors when one is wrong."""
    settings = read_settings(os.environ if environ is None else environ)
    organization = load_organization(settings.organization_file)
    keyring = keys.Keyring(settings.secret)
    keys.install(keyring)
    return Care(
        store=Store(settings.database_url),
        organization=organization,
        calendar=BusinessCalendar(organization),
        clock=clock_from(settings.environ, organization.tz),
        chance=random.SystemRandom(),
        keyring=keyring,
        settings=settings,
    )
