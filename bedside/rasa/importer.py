"""Reads domain.yml and every file of domain/ as one domain, so that each topic keeps a file of its own."""

from __future__ import annotations

from pathlib import Path

from rasa.shared.core.domain import Domain
from rasa.shared.importers.rasa import RasaFileImporter


class SplitDomainImporter(RasaFileImporter):
    """Rasa's own importer, with the folder of sentences merged in."""

    def get_domain(self) -> Domain:
        """The merged domain. A broken file is an error here, not a file that silently vanishes."""
        domain = super().get_domain()
        folder = Path(self._domain_path or "domain.yml").parent / "domain"
        for path in sorted(folder.glob("**/*.yml")):
            domain = domain.merge(Domain.from_file(str(path)))
        return domain
