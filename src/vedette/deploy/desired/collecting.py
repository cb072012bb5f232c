"""All files of a project as one: each table an entry that knows its file and line. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Generic, TypeVar

import msgspec

from vedette.deploy.desired.shaping import Wrong, shaped
from vedette.deploy.desired.written import (
    SECTION,
    CertificateText,
    FirewallText,
    FloatingIpText,
    HardenText,
    InfraFile,
    KeyText,
    LoadBalancerText,
    NetworkText,
    PlacementText,
    PrimaryIpText,
    RollText,
    ServerText,
    SnapshotText,
    VolumeText,
    ZoneText,
)  # fmt: skip
from vedette.deploy.suggesting import no_such
from vedette.wire.ascode.reading import Document, Fault, Path, line_of

T_co = TypeVar("T_co", bound=msgspec.Struct, covariant=True)
TOP = ("project", "location", "assert")
LONGEST_NAME = 128


class Entry(msgspec.Struct, Generic[T_co], frozen=True, kw_only=True):
    """A table of a file: its name, what it says, and where it stands."""

    name: str
    text: T_co
    file: Document
    path: Path

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file.name}:{line_of(self.file.lines, self.path)}"

    def fault(self, text: str, *path: str | int) -> Fault:
        """Return what is wrong at a place below it."""
        return self.file.fault((*self.path, *path), text)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A text of a list, and where it stands."""

    text: str
    file: Document
    path: Path

    @property
    def place(self) -> str:
        """Return file and line."""
        return f"{self.file.name}:{line_of(self.file.lines, self.path)}"


Entries = dict[str, Entry[T_co]]


class Said(msgspec.Struct, kw_only=True):
    """What all files say together. `words` are those of the top (project, location) with their place.

    `unsound` are tables of servers in which something is wrong, with their labels: names that mean them are no faults beside.
    """

    files: list[Document] = []
    words: dict[str, Line] = {}
    asserts: list[Line] = []
    groups: dict[str, list[Line]] = {}
    networks: Entries[NetworkText] = {}
    keys: Entries[KeyText] = {}
    placements: Entries[PlacementText] = {}
    primary_ips: Entries[PrimaryIpText] = {}
    floating_ips: Entries[FloatingIpText] = {}
    certificates: Entries[CertificateText] = {}
    firewalls: Entries[FirewallText] = {}
    volumes: Entries[VolumeText] = {}
    servers: Entries[ServerText] = {}
    load_balancers: Entries[LoadBalancerText] = {}
    zones: Entries[ZoneText] = {}
    snapshots: Entries[SnapshotText] = {}
    rolls: Entries[RollText] = {}
    harden: Entry[HardenText] | None = None
    unsound: dict[str, Mapping[str, str]] = {}

    def word(self, name: str) -> str:
        """Return a single word of the top, or nothing."""
        return self.words[name].text if name in self.words else ""


KINDS: Mapping[str, type[msgspec.Struct]] = {
    "networks": NetworkText,
    "keys": KeyText,
    "placements": PlacementText,
    "primary_ips": PrimaryIpText,
    "floating_ips": FloatingIpText,
    "certificates": CertificateText,
    "firewalls": FirewallText,
    "volumes": VolumeText,
    "servers": ServerText,
    "load_balancers": LoadBalancerText,
    "zones": ZoneText,
    "snapshots": SnapshotText,
    "rolls": RollText,
}
_KNOWN = tuple(each.encode_name for each in msgspec.structs.fields(InfraFile))


def section(document: Document) -> Document | None:
    """Return the part of `vedette.toml` that says infrastructure as a file of it alone, None where there is none."""
    table = document.table.get(SECTION)
    if not isinstance(table, Mapping):
        return None
    lines = {path[1:]: line for path, line in document.lines.items() if path and path[0] == SECTION}
    return Document(document.name, table, lines, document.folder)


def collect(files: Sequence[Document]) -> tuple[Said, list[Fault]]:
    """Return what files say together, and everything that is wrong with the shape of each."""
    said, faults = Said(files=list(files)), list[Fault]()
    for file in files:
        for name, value in file.table.items():
            faults += _taken(said, file, name, value)
    return said, faults


def _taken(said: Said, file: Document, name: str, value: object) -> Iterator[Fault]:
    if name in KINDS:
        yield from _tables(said, file, name, value)
    elif name == "groups":
        yield from _groups(said, file, value)
    elif name == "harden":
        yield from _harden(said, file, value)
    elif name == "assert":
        yield from _asserts(said, file, value)
    elif name in TOP:
        yield from _word(said, file, name, value)
    else:
        yield file.fault((name,), no_such(name, _KNOWN, "A file of infrastructure"))


def _tables(said: Said, file: Document, section: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield file.fault((section,), f"`{section}` are tables, each with a name: [{section}.NAME].")
        return
    there = getattr(said, section)
    for name, table in value.items():
        path: Path = (section, name)
        text, wrongs = shaped(KINDS[section], table, f"[{section}.{name}]")
        yield from (file.fault((*path, *below), _at_the_top(below, told)) for below, told in wrongs)
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            yield file.fault(path, f"A name has 1 to {LONGEST_NAME} characters that can be printed.")
        elif name in there:
            yield file.fault(path, f"[{section}.{name}] stands in {there[name].place} as well; leave one.")
        elif text is None and section == "servers":
            said.unsound[name] = _labels(table)
        elif text is not None:
            there[name] = Entry(name=name, text=text, file=file, path=path)


def _labels(table: object) -> Mapping[str, str]:
    found = table.get("labels") if isinstance(table, Mapping) else None
    return {str(k): v for k, v in found.items() if isinstance(v, str)} if isinstance(found, Mapping) else {}


def _at_the_top(below: Path, told: str) -> str:
    """Return a fault with what to do where a key of the whole file slipped into a table."""
    if len(below) == 1 and below[0] in TOP and " has no " in told:
        return f"`{below[0]}` belongs to the whole file: write it above the first [table]."
    return told


def _groups(said: Said, file: Document, value: object) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield file.fault(
            ("groups",), '`groups` is a table: [groups] and admin = ["203.0.113.0/24"] below it.'
        )
        return
    for name, listed in value.items():
        path: Path = ("groups", name)
        if name in said.groups:
            yield file.fault(
                path, f"The group {name} stands in {said.groups[name][0].place} as well; leave one."
            )
        elif name in TOP:
            yield file.fault(path, _at_the_top((name,), " has no "))
        elif not isinstance(listed, list) or not listed or not all(isinstance(each, str) for each in listed):
            yield file.fault(path, f'The group {name} is a list of networks: {name} = ["203.0.113.0/24"].')
        else:
            said.groups[name] = [
                Line(text=each, file=file, path=(*path, number)) for number, each in enumerate(listed)
            ]


def _harden(said: Said, file: Document, value: object) -> Iterator[Fault]:
    text, wrongs = shaped(HardenText, value, "[harden]")
    yield from _faults(file, ("harden",), wrongs)
    if said.harden is not None:
        yield file.fault(("harden",), f"[harden] stands in {said.harden.place} as well; leave one.")
    elif text is not None:
        said.harden = Entry(name="harden", text=text, file=file, path=("harden",))


def _asserts(said: Said, file: Document, value: object) -> Iterator[Fault]:
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        yield file.fault(("assert",), '`assert` is a list of texts: ["internet cannot reach db:*"].')
        return
    said.asserts += [Line(text=each, file=file, path=("assert", n)) for n, each in enumerate(value)]


def _word(said: Said, file: Document, name: str, value: object) -> Iterator[Fault]:
    if not isinstance(value, str) or not value.strip():
        yield file.fault((name,), f"`{name}` is a text.")
        return
    known = said.words.setdefault(name, Line(text=value, file=file, path=(name,)))
    if known.text != value:
        yield file.fault(
            (name,), f"`{name}` is {value!r} here and {known.text!r} in {known.place}; leave one."
        )


def _faults(file: Document, path: Path, wrongs: Sequence[Wrong]) -> Iterator[Fault]:
    yield from (file.fault((*path, *below), told) for below, told in wrongs)
