"""The words of speaking to Hetzner: what goes wrong, which names there are, and what a kind of thing must be able to do."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

import msgspec

from vedette.core.errors import VedetteError
from vedette.wire.infra import Thing

API = "https://api.hetzner.cloud/v1"
DRAINED = "vedette-out"  # the label of a server that is taken out of load balancers whose selector has `!vedette-out`


class CloudError(VedetteError):
    """Hetzner did not do it: `code` is its own (`locked`, `uniqueness_error`), `status` of HTTP (0 where nobody answered).

    `after` says how many seconds later it may be asked again; `sure` is false where nobody knows whether it was done.
    """

    def __init__(
        self, sentence: str, *, code: str = "", status: int = 0, after: float = 0.0, sure: bool = True
    ) -> None:
        super().__init__(sentence)
        self.code, self.status, self.after, self.sure = code, status, after, sure


class Names:
    """Which id a name has and the other way round, by kind; `project` marks what we make. Threads may share it."""

    def __init__(self, project: str = "") -> None:
        self.project = project
        self._ids: dict[tuple[str, str], int] = {}
        self._names: dict[tuple[str, int], str] = {}
        self._lock = threading.Lock()

    def know(self, kind: str, name: str, number: int) -> None:
        """Keep that a thing has this id; a former id of the name stays readable."""
        with self._lock:
            self._ids[kind, name] = number
            self._names[kind, number] = name

    def forget(self, kind: str, name: str) -> None:
        """Drop a name: it is gone."""
        with self._lock:
            self._names.pop((kind, self._ids.pop((kind, name), 0)), None)

    def has(self, kind: str, name: str) -> bool:
        """Tell whether the name is known."""
        return (kind, name) in self._ids

    def id(self, kind: str, name: str) -> int:
        """Return the id of a name; raises `CloudError` where there is none."""
        found = self._ids.get((kind, name))
        if found is None:
            raise CloudError(f"There is no {kind} {name} at Hetzner yet.", code="unknown_name")
        return found

    def name(self, kind: str, number: int) -> str:
        """Return the name of an id; `#7` where nobody told it, and nothing for 0."""
        return self._names.get((kind, number), f"#{number}" if number else "")

    def ids(self, kind: str, names: Iterable[str]) -> list[int]:
        """Return the ids of names."""
        return [self.id(kind, name) for name in names]


class Asks(Protocol):
    """Asks the API (`instruments.hetzner.cloud.Cloud`). Each raises `CloudError`; `did` waits until what was ordered is done."""

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Return one answer."""
        ...

    def pages(
        self, path: str, key: str, params: Mapping[str, object] | None = None
    ) -> list[Mapping[str, object]]:
        """Return the objects of all pages of a list."""
        ...

    def did(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Mapping[str, object]:
        """Order something, wait for its actions, and return the answer."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait."""
        ...


class Behind(msgspec.Struct, frozen=True, kw_only=True):
    """A place of a server behind a load balancer: as a target of `kind` server, ip or label_selector, which names it as `of`.

    `private` says that it is reached by its private address; `balancer` and `server` are Hetzner's ids.
    """

    balancer: int
    balancer_name: str
    server: int
    kind: str
    of: str
    private: bool = False


Keep = Callable[[Mapping[str, object]], None]
"""Told what outlives a thing that is made anew, before anything is removed: so that it is not lost if we are stopped."""


class Adapter(Protocol):
    """How things of a kind are read and written."""

    kind: str

    def raws(self, cloud: Asks) -> list[Mapping[str, object]]:
        """Return all there are, as Hetzner tells them."""
        ...

    def name(self, raw: Mapping[str, object]) -> str:
        """Return by which name a thing is known here."""
        ...

    def thing(self, raw: Mapping[str, object], names: Names) -> Thing | None:
        """Return it in our words; None for what is a part of something else."""
        ...

    def read(self, cloud: Asks, number: int, names: Names) -> Thing | None:
        """Return one as it is now; None where it is gone."""
        ...

    def create(self, cloud: Asks, thing: Thing, names: Names) -> int:
        """Make it, wait until it is there, and return its id."""
        ...

    def update(self, cloud: Asks, before: Thing, after: Thing, names: Names) -> None:
        """Make it what it should be."""
        ...

    def delete(self, cloud: Asks, thing: Thing, names: Names) -> None:
        """Remove it, and wait until it is gone."""
        ...

    def replace(self, cloud: Asks, before: Thing, after: Thing, names: Names, keep: Keep) -> int:
        """Remove it and make it anew; returns the new id."""
        ...

    def finish(self, cloud: Asks, number: int, thing: Thing, names: Names) -> None:
        """Do what is left of making it, where that broke off."""
        ...

    def settled(self, cloud: Asks, thing: Thing, names: Names) -> Thing:
        """Return it with what is known only at the moment of writing (the address a record stands for)."""
        ...
