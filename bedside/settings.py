"""What the installation's environment says: stores, secrets, addresses. Nothing here is the clinic's own rule."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class SettingsError(ValueError):
    """A setting that makes it unsafe or impossible to start, in one sentence."""


@dataclass(frozen=True)
class Settings:
    """One reading of the environment; see docs/settings.md for each variable."""

    production: bool
    home: Path  # where configuration and content live
    var: Path  # where data, keys and the spool live
    database_url: str
    conversations_url: str
    secret: str
    rest_token: str
    environ: Mapping[str, str]

    @property
    def organization_file(self) -> Path:
        """The clinic's configuration."""
        return Path(self.environ.get("BEDSIDE_ORGANIZATION", self.home / "organization.yml"))


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the environment; raise SettingsError when production lacks what it must have.

    Outside production a secret is made once and kept in `var/secret.key`, readable by its owner only.
    """
    production = environ.get("BEDSIDE_ENV", "").lower() == "production"
    home = Path(environ.get("BEDSIDE_HOME", ROOT))
    var = Path(environ.get("BEDSIDE_VAR", home / "var"))
    var.mkdir(parents=True, exist_ok=True)
    secret = environ.get("BEDSIDE_SECRET", "")
    if not secret:
        if production:
            raise SettingsError("BEDSIDE_SECRET is missing: production needs a secret of at least 32 characters.")
        secret = _kept_secret(var / "secret.key")
    return Settings(
        production=production,
        home=home,
        var=var,
        database_url=environ.get("BEDSIDE_DATABASE_URL", f"sqlite:///{var / 'bedside.db'}"),
        conversations_url=environ.get("BEDSIDE_CONVERSATIONS_URL", f"sqlite:///{var / 'conversations.db'}"),
        secret=secret,
        rest_token=environ.get("BEDSIDE_REST_TOKEN", ""),
        environ=environ,
    )


def _kept_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
        return path.read_text(encoding="ascii").strip()
