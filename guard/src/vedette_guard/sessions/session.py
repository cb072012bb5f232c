"""One request's look at a session: read once, changed like a dict, written at the end by `Sessions.commit`."""

from __future__ import annotations

import enum
from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field
from typing import Any

from vedette_guard.decisions.sessions import SessionVerdict

_ABSENT = object()  # equal to no value, as a session is to a dict
SEALED = "the session is changed after the headers left: change it before the answer begins"


class Act(enum.Enum):
    """What the application did with a session as a whole."""

    NONE = "none"
    SIGN_IN = "sign in"
    ROTATE = "rotate"
    SIGN_OUT = "sign out"


@dataclass(frozen=True)
class Body:
    """What is kept of a session beside its data.

    `moved` is a mark: all that stays, for a minute, where a token was rotated or signed out; `to` is the key of the
    session that it became, if any.
    """

    user: str = ""
    created_at: float = 0.0
    seen_at: float = 0.0
    family: str = ""
    address: str = ""
    moved: bool = False
    to: str = ""


@dataclass(frozen=True)
class Loaded:
    """Where a session was read: its key in the store, the revision, and its data as it was."""

    key: str
    revision: int
    base: dict[str, Any]


@dataclass
class Seen:
    """Who asks now: the family of their browser, and their address; `token` says that they sent one."""

    family: str = ""
    address: str = ""
    token: bool = False


@dataclass(eq=False)
class Session(MutableMapping[str, Any]):
    """A session as the application has it: JSON values by name. What is inside a value may be changed, too.

    `user` is who signed in, empty for nobody. `verdict` tells why a session that was shown has ended (None: none was,
    or it goes on). `accessed`: the answer depends on who asks, so caches must tell people apart.
    """

    body: Body
    seen: Seen
    loaded: Loaded | None = None
    verdict: SessionVerdict | None = None
    act: Act = Act.NONE
    fresh: bool = False
    closed: bool = False
    accessed: bool = False
    data: dict[str, Any] = field(default_factory=dict)
    _user: str | None = None

    @property
    def user(self) -> str:
        """Return who is signed in; empty for nobody."""
        self.accessed = True
        return self.signed_in

    @property
    def signed_in(self) -> str:
        """Return who is signed in, for those who write the session and not the answer."""
        return self.body.user if self._user is None else self._user

    def sign_in(self, user: str) -> None:
        """Sign somebody in: the token becomes another one. What nobody left in the session stays, another user's goes.

        Raise ValueError for an empty user, RuntimeError when the headers have left.
        """
        if not user:
            raise ValueError("a session is signed in for somebody: the user is empty")
        self._change()
        if self.user and self.user != user:
            self.data.clear()
            self.fresh = True
        self._user, self.act = user, Act.SIGN_IN

    def rotate(self) -> None:
        """Let the token become another one, as when somebody proved more of who they are. Raise RuntimeError as sign_in."""
        self._change()
        if self.act is Act.NONE:
            self.act = Act.ROTATE

    def sign_out(self) -> None:
        """End the session and forget all of it. Raise RuntimeError when the headers have left."""
        self._change()
        self.data.clear()
        self._user, self.act, self.fresh = "", Act.SIGN_OUT, True

    def changed(self) -> tuple[str, ...]:
        """Return the names whose values are not as they were read."""
        base = self.loaded.base if self.loaded else {}
        names = {*base, *self.data}
        return tuple(sorted(n for n in names if base.get(n, _ABSENT) != self.data.get(n, _ABSENT)))

    def _change(self) -> None:
        if self.closed:
            raise RuntimeError(SEALED)

    def __getitem__(self, name: str) -> Any:
        self.accessed = True
        return self.data[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._change()
        self.data[name] = value

    def __delitem__(self, name: str) -> None:
        self._change()
        del self.data[name]

    def __iter__(self) -> Iterator[str]:
        self.accessed = True
        return iter(self.data)

    def __len__(self) -> int:
        self.accessed = True
        return len(self.data)
