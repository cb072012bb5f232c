"""From files to desired state, in one pass: all of it, or everything that is wrong with it. Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from vedette.core.errors import ConfigError, Invalid
from vedette.deploy import rules
from vedette.deploy.desired import hardening, rolls
from vedette.deploy.desired.catalogue import SHIPPED, Catalogue
from vedette.deploy.desired.collecting import Line, Said, collect, section
from vedette.deploy.desired.making import balancers, firewalls, servers, simple, zones
from vedette.deploy.desired.making.around import Around, Made, Opener, names_of
from vedette.deploy.intents import naming, parsing, world
from vedette.deploy.suggesting import no_such
from vedette.deploy.types import Desired
from vedette.wire.ascode.reading import Document, Fault, parse
from vedette.wire.infra import Intent, Thing

MOST_SERVERS = 1_000
SETTINGS = "vedette.toml"  # whose section [infra] says it; other files say it at their top
_MAKERS: tuple[Callable[[Around], Made], ...] = (
    simple.networks, simple.keys, simple.placements, simple.primary_ips, simple.floating_ips, simple.certificates, firewalls.firewalls, servers.servers,
    servers.volumes, balancers.load_balancers, zones.zones, simple.snapshots,
)  # fmt: skip
_PROJECT_WORDS = "abcdefghijklmnopqrstuvwxyz0123456789-"
_LONGEST_PROJECT = 63


class File(msgspec.Struct, frozen=True):
    """A file: its name as people know it, its text, and the folder that names in it start from."""

    name: str
    text: str
    folder: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What was read: desired state, or what is wrong (then it is None)."""

    desired: Desired | None
    faults: tuple[Fault, ...]


def nowhere(folder: str, name: str) -> str:  # noqa: ARG001 - an `Opener`
    """Refuse to open a file beside: the `Opener` of those who have only texts; raises `Invalid`."""
    raise Invalid(f"{name} cannot be opened from here.")


def read(files: Sequence[File], opener: Opener = nowhere, catalogue: Catalogue = SHIPPED) -> Outcome:
    """Return what files say of one project, or everything that is wrong with them, by file and line.

    `opener` reads files that stand beside them (keys, cloud-init, certificates); `catalogue` is what Hetzner offers.
    """
    parsed = [parse(each.name, each.text, each.folder) for each in files]
    documents = [_part(each) for each in parsed if isinstance(each, Document)]
    said, faults = collect([each for each in documents if each is not None])
    broken = [each for each in parsed if isinstance(each, Fault)]
    faults += broken
    around, more = _around(said, catalogue, opener)
    faults += more
    things = list[Thing]()
    for made in (each for maker in _MAKERS for each in maker(around)):
        faults.append(made) if isinstance(made, Fault) else things.append(made)
    faults += [*_doubles(things), *([] if broken and not said.files else _project(said))]
    intents, wrong = _intents(around)
    faults += wrong
    faults += [*hardening.hardening(said.harden), *rolls.rolls(around)]
    if faults:
        return Outcome(None, _sorted(faults))
    found = Desired(
        project=said.word("project"), things=tuple(sorted(things, key=lambda one: one.ref)), groups=around.groups,
        intents=intents, harden=hardening.made(said.harden), rolls=rolls.made(said.rolls), files=tuple(each.name for each in said.files),
    )  # fmt: skip
    return Outcome(found, ())


def desired(files: Sequence[File], opener: Opener = nowhere, catalogue: Catalogue = SHIPPED) -> Desired:
    """Return what files say; raises `ConfigError` that tells everything that is wrong, a line each."""
    found = read(files, opener, catalogue)
    if found.desired is None:
        raise ConfigError("\n".join(str(each) for each in found.faults))
    return found.desired


def _part(document: Document) -> Document | None:
    """Return what a file says of infrastructure."""
    return section(document) if document.name.rpartition("/")[2] == SETTINGS else document


def _around(said: Said, catalogue: Catalogue, opener: Opener) -> tuple[Around, list[Fault]]:
    faults = list[Fault]()
    groups = {name: _group(name, lines, said, faults) for name, lines in sorted(said.groups.items())}
    tables = {name: names_of(name, entry.text.count) for name, entry in said.servers.items()}
    if said.word("location") and said.word("location") not in catalogue.locations:
        faults.append(
            _at(said.words["location"], no_such(said.word("location"), catalogue.locations, "Hetzner"))
        )
    if sum(map(len, tables.values())) > MOST_SERVERS:
        last = list(said.servers.values())[-1]
        faults.append(last.fault(f"A project has {MOST_SERVERS:,} servers at most; split it."))
        tables = {}
    labels = {name: said.servers[table].text.labels for table, names in tables.items() for name in names}
    return Around(
        said=said, catalogue=catalogue, opener=opener, groups=groups, servers=tables, labels=labels
    ), faults


def _group(name: str, lines: Sequence[Line], said: Said, faults: list[Fault]) -> tuple[str, ...]:
    found = list[str]()
    if (
        name in {"any", parsing.INTERNET, parsing.EVERYTHING}
        or name in said.servers
        or name in said.load_balancers
    ):
        faults.append(
            _at(lines[0], f"A group cannot be called {name}: the name means something else already.")
        )
    for line in lines:
        try:
            found.append(rules.network(line.text))
        except Invalid as error:
            faults.append(_at(line, str(error)))
    return tuple(sorted(set(found)))


def _at(line: Line, text: str) -> Fault:
    return line.file.fault(line.path, text)


def _doubles(things: Iterable[Thing]) -> Iterator[Fault]:
    """Yield things of one kind and name that different tables make."""
    seen: dict[object, Thing] = {}
    for one in things:
        if one.ref in seen and one.place != seen[one.ref].place:
            file, _, line = one.place.rpartition(":")
            yield Fault(
                file,
                int(line),
                f"The {one.ref} is made in {seen[one.ref].place} as well; call one otherwise.",
            )
        seen.setdefault(one.ref, one)


def _project(said: Said) -> Iterator[Fault]:
    if not said.files:
        yield Fault(
            SETTINGS,
            1,
            'No file says infrastructure: write [infra] and project = "shop", or infra/*.toml (docs/deploy/desired.md).',
        )
        return
    name = said.word("project")
    if not name:
        yield said.files[0].fault(
            (), 'Say what the project is called: project = "shop", above the first [table].'
        )
    elif set(name) - set(_PROJECT_WORDS) or len(name) > _LONGEST_PROJECT or name.strip("-") != name:
        yield _at(
            said.words["project"],
            f"{name!r} marks what the file makes: letters a to z, digits and '-', {_LONGEST_PROJECT} at most.",
        )


def _intents(around: Around) -> tuple[tuple[Intent, ...], list[Fault]]:
    here = world.world(_named(around), around.groups, {}, {})
    found, faults = list[Intent](), list[Fault]()
    for line in around.said.asserts:
        try:
            intent = parsing.parse(line.text, line.place)
        except Invalid as error:
            faults.append(_at(line, str(error)))
            continue
        found.append(intent)
        for name in filter(None, (intent.who, intent.whom)):
            if naming.party(name, here).is_empty:
                faults.append(_at(line, no_such(name, naming.known(here), "The project")))
    return tuple(found), faults


def _named(around: Around) -> Iterator[Thing]:
    """Yield what a word may mean, whatever else is wrong with it."""
    for name, labels in around.labels.items():
        yield Thing(kind="server", name=name, labels=labels, fields={})
    for name, labels in around.said.unsound.items():
        yield Thing(kind="server", name=name, labels=labels, fields={})
    for name in around.said.load_balancers:
        yield Thing(kind="load_balancer", name=name, fields={})


def _sorted(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    return tuple(sorted(dict.fromkeys(faults), key=lambda one: (one.file, one.line)))
