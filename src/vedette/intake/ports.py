"""What the front door needs from the rest of the house; `app/wiring` fills it from projects."""

from typing import Protocol

import msgspec

from vedette.wire.hooks.mapping import Shape


class ProjectKey(msgspec.Struct, frozen=True):
    """A DSN key as the front door needs it.

    `origins` are the allowed web origins (`*` = every one). `per_minute` and `per_day` are quotas of error
    events, None for none.
    """

    key: str
    project: int
    active: bool = True
    origins: tuple[str, ...] = ("*",)
    per_minute: int | None = None
    per_day: int | None = None


class KeyRing(Protocol):
    """Keys in memory; a look-up never touches a disk."""

    def find(self, key: str) -> ProjectKey | None:
        """Return the key's record, or None when nobody issued it."""
        ...


class PingRing(Protocol):
    """Heartbeats in memory; a look-up never touches a disk."""

    def find(self, key: str) -> int | None:
        """Return the project of a heartbeat (0 for none) by its key, None when there is no such heartbeat."""
        ...


class TokenDesk(Protocol):
    """Who may push alerts with an API token."""

    async def sender(self, token: str, address: str) -> str:
        """Return a name of the token that is not secret; raises `Unauthenticated` and `Forbidden`."""
        ...


class Hook(msgspec.Struct, frozen=True):
    """A hook as the front door needs it: the digest of its own secret (empty: it has none), and its mapping."""

    name: str
    secret: str
    shape: Shape
    active: bool = True


class HookBook(Protocol):
    """The hooks there are, and a memory of what came to each lately."""

    async def find(self, name: str) -> Hook | None:
        """Return the hook of a name, or None."""
        ...

    def came(self, name: str, body: bytes, said: str, now: float) -> None:
        """Remember a body that came by somebody who may send, and in words what became of it."""
        ...


class Usage(Protocol):
    """What came and what became of it; counted in memory, stored by the other side."""

    def count(self, project: int, item_type: str, outcome: str, n: int, now: float) -> None:
        """Count items of a type; `outcome` is `accepted`, `not_kept`, `rate_limited`, `invalid` or `dropped`."""
        ...

    def today(self, project: int, now: float) -> int:
        """Return the error events accepted for a project on the UTC day of `now`."""
        ...
