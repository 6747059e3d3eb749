"""What was just made of a text, kept for whoever asks for the same text next."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")

AT_HAND = 64


class AtHand(Generic[T]):
    """The newest results by a hash of their text; the text itself is not kept (R3). May be shared by threads."""

    def __init__(self) -> None:
        """Empty."""
        self._kept: OrderedDict[bytes, T] = OrderedDict()
        self._lock = Lock()

    def get(self, text: str, make: Callable[[], T]) -> T:
        """What is kept for the text, or what `make` makes of it now; two threads may both make it."""
        key = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()
        with self._lock:
            known = self._kept.get(key)
        if known is not None:
            return known
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > AT_HAND:
                self._kept.popitem(last=False)
        return made
