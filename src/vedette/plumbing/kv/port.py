"""KV: small shared values with revisions and change notices."""

from collections.abc import Sequence
from typing import Protocol

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """A value and the revision at which it was written; revisions grow over the whole store."""

    key: str
    value: bytes | None
    revision: int


class KV(Protocol):
    """Key-value store. Every adapter passes `tests/contract/test_kv.py`."""

    def get(self, key: str) -> Entry | None:
        """Return the live entry of a key, or None."""
        ...

    def put(self, key: str, value: bytes, expect: int | None = None) -> int:
        """Write and return the new revision.

        With `expect` it is a compare-and-set (0 = the key must not exist); raises `core.errors.Conflict`.
        Takes part in the caller's transaction where the adapter has one.
        """
        ...

    def delete(self, key: str) -> int:
        """Remove a key and return the revision of the removal."""
        ...

    def watch(self, prefix: str, revision: int, wait: float = 0.0) -> Sequence[Entry]:
        """Return changes under `prefix` after `revision`, oldest first (a removal has value None).

        Blocks up to `wait` seconds for the first; sees what other processes write within 200 ms.
        """
        ...

    def notify(self, topic: str) -> None:
        """Wake whoever waits for `topic`; lossy, may be coalesced."""
        ...
