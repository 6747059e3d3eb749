"""A file for what must not be lost while the database can't be written; sealed, and taken in again later."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bedside.records.keys import Keyring


class Spool:
    """Appends sealed lines to one file; each line is on disk when `keep` returns."""

    def __init__(self, path: Path, keyring: Keyring) -> None:
        """`path`: a file in the installation's data folder."""
        self._path = path
        self._keyring = keyring

    def keep(self, kind: str, at: datetime, **facts: Any) -> None:
        """Keep one thing; raises OSError when the disk refuses it."""
        line = self._keyring.seal(json.dumps({"kind": kind, "at": at.isoformat(), **facts}, ensure_ascii=False))
        descriptor = os.open(self._path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def is_empty(self) -> bool:
        """Whether nothing waits."""
        return not self._path.exists() or self._path.stat().st_size == 0

    def drain(self, take: Callable[[dict[str, Any]], None]) -> int:
        """Hand every kept thing to `take`, oldest first; what it refuses (by raising) stays, with all after it."""
        if self.is_empty():
            return 0
        waiting = self._path.with_suffix(".taking")
        if not waiting.exists():
            os.replace(self._path, waiting)
        lines = waiting.read_text(encoding="ascii").splitlines()
        taken = 0
        try:
            for line in lines:
                take(json.loads(self._keyring.unseal(line)))
                taken += 1
        finally:
            rest = lines[taken:]
            if rest:
                waiting.write_text("\n".join(rest) + "\n", encoding="ascii")
            else:
                waiting.unlink()
        return taken
