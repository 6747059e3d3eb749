"""The clinic's own people and places, as the reading of a message is handed them (`bedside.care.lists` fills them)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ClinicProvider:
    """Somebody patients are booked with: "Dr. Patel", "Maria Soto, MD", "Flu-shot nurse"."""

    name: str
    specialties: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClinicPlace:
    """A location; `key` is its lasting name in the records."""

    key: str
    name: str
    street: str = ""
    city: str = ""


@dataclass(frozen=True)
class ClinicVisit:
    """A kind of visit; `name` is its lasting name in the records."""

    name: str
    name_es: str = ""


@dataclass(frozen=True)
class ClinicPayer:
    """An insurer on file and the plans of it."""

    name: str
    plans: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClinicPharmacy:
    """A pharmacy that the clinic sends prescriptions to: "Walgreens on Main", and the street it is in."""

    name: str
    street: str = ""


@dataclass(frozen=True)
class ClinicLists:
    """All of them. Hashable, so that what is made of them is made once."""

    providers: tuple[ClinicProvider, ...] = ()
    locations: tuple[ClinicPlace, ...] = ()
    visit_types: tuple[ClinicVisit, ...] = ()
    payers: tuple[ClinicPayer, ...] = ()
    pharmacies: tuple[ClinicPharmacy, ...] = ()

    @property
    def specialties(self) -> tuple[str, ...]:
        """The clinic's own names of the specialties of its providers, each once."""
        return tuple(dict.fromkeys(specialty for one in self.providers for specialty in one.specialties))
