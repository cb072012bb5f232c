"""What can be read of a host as it is now: files, what programs say, what listens. Nothing here changes anything."""

from collections.abc import Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError

LONGEST_TEXT = 16 * 1024 * 1024  # bytes of a file or of an answer; what is longer is told as unreadable


class Missing(VedetteError):
    """There is no such file, folder or program."""


class Unreadable(VedetteError):
    """It is there and could not be read: no permission, too long, too slow, or it failed."""


class FileStatus(msgspec.Struct, frozen=True, kw_only=True):
    """What a file is: `kind` (`file`, `folder`, `link`, `other`), permission bits with set-id and sticky, owner, bytes, and when it was last written."""

    kind: str
    mode: int
    uid: int = 0
    gid: int = 0
    size: int = 0
    changed: float = 0.0


class PasswordState(msgspec.Struct, frozen=True, kw_only=True):
    """What /etc/shadow says of a user but the hash: `state` is `set`, `locked`, `none` (no password fits) or `empty`.

    `scheme` names how it is hashed (`yescrypt`, `sha512`, `md5`, `des` …). Days are since 1970 or None where not set.
    """

    user: str
    state: str
    scheme: str = ""
    changed: int | None = None
    longest: int | None = None
    inactive: int | None = None
    expires: int | None = None


class Listener(msgspec.Struct, frozen=True, kw_only=True):
    """A socket that waits for others: `tcp` or `udp`, its address and port, and whose it is as far as could be told.

    `package` is the distribution's package that brought the program, where somebody looked that up.
    """

    protocol: str
    address: str
    port: int
    program: str = ""
    user: str = ""
    package: str = ""

    @property
    def local(self) -> bool:
        """Tell whether only this host reaches it."""
        return self.address.startswith("127.") or self.address in {"::1", "::ffff:127.0.0.1"}

    @property
    def place(self) -> str:
        """Return where it listens, as a person writes it: `tcp [::]:443`."""
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{self.protocol} {host}:{self.port}"


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """What one walk over the local file systems found: paths, at most some hundreds of a sort.

    `owners` and `groups` are every id that owns something, each with one path. `whole` says that the walk came to its end.
    """

    whole: bool = True
    writable: tuple[str, ...] = ()
    unsticky: tuple[str, ...] = ()
    set_id: tuple[str, ...] = ()
    owners: Mapping[int, str] = {}
    groups: Mapping[int, str] = {}


class Live(Protocol):
    """A host as it is now. Everything may raise `Missing` and `Unreadable`; answers are kept for one look."""

    @property
    def now(self) -> float:
        """Return the instant of this look."""
        ...

    def text(self, path: str) -> str:
        """Return a file's text; bytes that are no UTF-8 become U+FFFD. /etc/shadow and its like are never read here."""
        ...

    def status(self, path: str) -> FileStatus:
        """Return what a path is, without following a link."""
        ...

    def names(self, path: str) -> tuple[str, ...]:
        """Return the names in a folder, sorted."""
        ...

    def ran(self, *argv: str) -> str:
        """Return what a program writes on standard output; it is found in the system's folders alone and no shell sees it."""
        ...

    def passwords(self) -> tuple[PasswordState, ...]:
        """Return the state of every user's password, never a hash."""
        ...

    def listening(self) -> tuple[Listener, ...]:
        """Return what listens on this host, by port."""
        ...

    def sweep(self) -> Sweep:
        """Return what a walk over the local file systems finds."""
        ...
