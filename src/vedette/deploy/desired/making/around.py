"""What every kind of thing is made with: names that resolve, defaults, and the files beside a file. Pure."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.deploy import selectors
from vedette.deploy.desired.catalogue import Catalogue
from vedette.deploy.desired.collecting import Entry, Said
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Fault
from vedette.wire.infra import OURS, Thing

Opener = Callable[[str, str], str]  # a folder and the name of a file below it to its text; raises `Invalid`
SPREAD = "spread"
FIRST = "::1"  # of the addresses of a /64
Made = Iterator[Thing | Fault]
_HOST = re.compile(
    r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*", re.IGNORECASE
)


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """All that files say, with what names stand for: groups as networks, tables of servers as their servers."""

    said: Said
    catalogue: Catalogue
    opener: Opener
    groups: Mapping[str, tuple[str, ...]]
    servers: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Mapping[str, str]]  # of each server

    def location(self, given: str) -> str:
        """Return where a thing is that does or does not say it."""
        return given or self.said.word("location")

    def zone(self, location: str) -> str:
        """Return the network zone of a location, or nothing where it is not known."""
        return self.catalogue.locations.get(location, "")

    def has_own_group(self, given: str) -> bool:
        """Tell whether servers that say this are a placement group of their own: `spread`, unless a file calls a group so."""
        return given == SPREAD and SPREAD not in self.said.placements

    def every_server(self) -> tuple[str, ...]:
        """Return the names of all servers."""
        return tuple(self.labels)

    def fitting(self, selector: str) -> tuple[str, ...]:
        """Return the servers that a selector takes."""
        return tuple(name for name, labels in self.labels.items() if selectors.matches(selector, labels))

    def is_taken(self, selector: str) -> bool:
        """Tell whether a selector takes a server, if only one in whose table something else is wrong."""
        return bool(self.fitting(selector)) or any(
            selectors.matches(selector, labels) for labels in self.said.unsound.values()
        )


def names_of(table: str, count: int | None) -> tuple[str, ...]:
    """Return the servers of a table: `web`, or with a count `web-1`, `web-2`."""
    return (table,) if count is None else tuple(f"{table}-{n}" for n in range(1, count + 1))


def many(given: str | Sequence[str]) -> tuple[str, ...]:
    """Return one or more as several."""
    return (given,) if isinstance(given, str) else tuple(given)


def unknown(
    entry: Entry[msgspec.Struct], key: str, given: str, known: Collection[str], what: str
) -> Iterator[Fault]:
    """Yield that a name stands for nothing."""
    if given not in known:
        yield entry.fault(no_such(given, known, what), key)


def somewhere(entry: Entry[msgspec.Struct], location: str, around: Around) -> Iterator[Fault]:
    """Yield what is wrong with where a thing is to be."""
    if not location:
        yield entry.fault('Say where it is: location = "fsn1", here or above the first [table].')
        return
    yield from unknown(entry, "location", location, around.catalogue.locations, "Hetzner")


def labelled(entry: Entry[msgspec.Struct], labels: Mapping[str, str]) -> Iterator[Fault]:
    """Yield what is wrong with labels."""
    for key, value in labels.items():
        if key == OURS or key.startswith(f"{OURS}/"):
            yield entry.fault(f"The label {OURS} is ours: it marks what a file made.", "labels", key)
        elif not selectors.KEY.fullmatch(key) or not selectors.VALUE.fullmatch(value):
            yield entry.fault(
                f"{key}={value} is no label: at most 63 letters, digits, '-', '_' and '.', which stand inside.",
                "labels",
                key,
            )


def host_name(entry: Entry[msgspec.Struct], name: str) -> Iterator[Fault]:
    """Yield that a name is no name of a host, with the one that was perhaps meant."""
    if not _HOST.fullmatch(name) or len(name) > 253:
        bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        meant = re.sub(r"[^A-Za-z0-9-]+", "-", bare).strip("-").lower()
        hint = f"; did you mean {meant!r}?" if meant else "."
        yield entry.fault(f"{name!r} is no name of a server: letters, digits and '-'{hint}")


def file_text(entry: Entry[msgspec.Struct], key: str, name: str, around: Around) -> str | Fault:
    """Return what stands in a file beside this one."""
    try:
        return around.opener(entry.file.folder, name)
    except Invalid as error:
        return entry.fault(str(error), key)


def rdns(
    entry: Entry[msgspec.Struct], given: str | Mapping[str, str], default: str, six: str = FIRST
) -> dict[str, str] | Fault:
    """Return reverse names by `ipv4` or an address (`::2`); a bare name is that of the `default`.

    `ipv6` is written as `six`: of a whole /64 the first address, of a load balancer its one.
    """
    found = {default: given} if isinstance(given, str) and given else dict(given or {})
    for key, name in found.items():
        if key not in {"ipv4", "ipv6"} and not re.fullmatch(r"::[0-9a-f:]{1,19}", key):
            return entry.fault(f"{key!r} is no key of `rdns`; write ipv4, ipv6 or ::2.", "rdns")
        if not _HOST.fullmatch(name.rstrip(".").replace("{n}", "1")):
            return entry.fault(f"{name!r} is no name of a host.", "rdns")
    named = {six if key == "ipv6" else key: name.rstrip(".").lower() for key, name in found.items()}
    return dict(sorted(named.items()))
