"""Keys that seal what is private at rest, all derived from one secret of the installation."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken

MINIMUM_SECRET_LENGTH = 32


class SecretError(ValueError):
    """The secret is missing, too short, or not the one that sealed the data."""


class Keyring:
    """Seals text and makes keyed digests (R3). Each use has a key of its own, derived from the secret."""

    def __init__(self, secret: str) -> None:
        """Raise SecretError when the secret is shorter than 32 characters."""
        if len(secret) < MINIMUM_SECRET_LENGTH:
            raise SecretError(f"The secret must have at least {MINIMUM_SECRET_LENGTH} characters.")
        self._secret = secret.encode()
        self._fernet = Fernet(base64.urlsafe_b64encode(self._derive("seal")))

    def _derive(self, purpose: str) -> bytes:
        return hmac.new(self._secret, f"bedside:{purpose}".encode(), hashlib.sha256).digest()

    def seal(self, text: str) -> str:
        """Text that only this installation can read again."""
        return self._fernet.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """Raise SecretError when the text was sealed with another secret or was tampered with."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretError("This was sealed with another secret.") from error

    def digest(self, purpose: str, value: str) -> str:
        """A keyed hash of `value` for look-ups, hex; different for each purpose."""
        return hmac.new(self._derive(purpose), value.encode(), hashlib.sha256).hexdigest()

    def signing_key(self, purpose: str) -> str:
        """A key for signing tokens, hex."""
        return self._derive(f"sign:{purpose}").hex()


_installed: Keyring | None = None


def install(keyring: Keyring) -> None:
    """Make `keyring` the one that sealed columns use in this process."""
    global _installed
    _installed = keyring


def installed() -> Keyring:
    """The keyring of this process; raise SecretError when none was installed."""
    if _installed is None:
        raise SecretError("No secret was installed in this process.")
    return _installed
