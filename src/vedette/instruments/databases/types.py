"""Which database is measured, and what a look at one brings."""

from collections.abc import Sequence

import msgspec

from vedette.wire.agent.types import Happening, Sample


class Database(msgspec.Struct, frozen=True, kw_only=True):
    """A database server: what it is called in series, and how it is reached.

    `url` names host, port and the database that is asked (`postgres://127.0.0.1:5432/shop`); with `socket`, a path, the host is
    not connected to. `user` may only read (docs/host-metrics.md says how it is made). `tls` is verified by `authority` (PEM),
    the system's authorities without one. `deadline` is in seconds and bounds a whole look.
    """

    name: str
    url: str
    user: str
    password: str = ""
    socket: str = ""
    tls: bool = False
    authority: str = ""
    deadline: float = 8.0

    def __repr__(self) -> str:
        """Return it without what opens it."""
        return f"Database({self.name!r})"


class Look(msgspec.Struct, frozen=True):
    """What one look at a database brings: measures, and what has to be told."""

    sample: Sample
    happened: Sequence[Happening] = ()
