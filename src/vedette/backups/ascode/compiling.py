"""From what files say to plans; what is wrong is told with its line. Pure."""

import difflib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

import msgspec

from vedette.backups import planning
from vedette.backups.ascode.written import BackupFile, BackupText
from vedette.backups.planning import Engines, Sources
from vedette.core.errors import Invalid
from vedette.wire.ascode.reading import Fault, Path, Read
from vedette.wire.backup import Plan

PASSWORD = "password"  # noqa: S105 - the name of a secret
Opener = Callable[[str, str], str]  # "env" or "file", and its name; raises `Invalid`
_SOURCES = ("env", "file")


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What names mean here: hosts by name, projects by slug, engines and sources by kind; `opener` opens secrets."""

    hosts: Mapping[str, int]
    projects: Mapping[str, int]
    engines: Engines
    sources: Sources
    opener: Opener


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A plan that a file says: of which host and project, and its secrets by copy and name."""

    host: int
    project: int
    plan: Plan
    file: str
    secrets: Mapping[tuple[str, str], str] = {}


def compile_files(
    files: Sequence[Read[BackupFile]], there: There
) -> tuple[tuple[Wanted, ...], tuple[Fault, ...]]:
    """Return the plans that files say, or what is wrong with them."""
    found, faults, seen = list[Wanted](), list[Fault](), set[tuple[str, str]]()
    for file, number, text in ((each, n, one) for each in files for n, one in enumerate(each.said.backup)):
        here: Path = ("backup", number)
        plan = _plan(text)
        if (text.host, text.name) in seen:
            faults.append(
                file.fault((*here, "name"), f"There are two backups named {text.name!r} of {text.host}.")
            )
        seen.add((text.host, text.name))
        secrets: dict[tuple[str, str], str] = {}
        told = [*_names(text, there), *_secrets(text, there.opener, secrets)]
        wrong = planning.wrongs(plan, there.engines, there.sources)
        faults += [file.fault((*here, *place), said) for place, said in told]
        faults += [file.fault((*here, *one.place), one.text) for one in wrong]
        found.append(
            Wanted(
                host=there.hosts.get(text.host, 0), project=there.projects.get(text.project, 0), plan=plan, file=file.name, secrets=secrets,
            )
        )  # fmt: skip
    return tuple(found), tuple(faults)


def _plan(text: BackupText) -> Plan:
    """Return the plan as hosts are told it: without what only files have."""
    told = msgspec.to_builtins(text)
    bare = {
        **told,
        "copies": [{name: value for name, value in one.items() if name != "given"} for one in told["copies"]],
    }
    return msgspec.convert(bare, Plan)


def _names(text: BackupText, there: There) -> Iterator[tuple[Path, str]]:
    if text.host not in there.hosts:
        yield ("host",), _no_such("host", text.host, there.hosts)
    if text.drills.host and text.drills.host not in there.hosts:
        yield ("drills", "host"), _no_such("host", text.drills.host, there.hosts)
    if text.project and text.project not in there.projects:
        yield ("project",), _no_such("project", text.project, there.projects)


def _secrets(
    text: BackupText, opener: Opener, found: dict[tuple[str, str], str]
) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong with secrets; what is right is entered in `found`."""
    for number, copy in enumerate(text.copies):
        for name, source in copy.given.items():
            place: Path = ("copies", number, "given", name)
            if name not in {PASSWORD, *copy.secrets}:
                yield place, f"`secrets` of the copy does not name {name}."
            elif len(source) != 1 or next(iter(source)) not in _SOURCES:
                yield (
                    place,
                    f'{name} does not stand in a file; write {{ env = "NAME" }} or {{ file = "/path" }}.',
                )
            else:
                yield from _opened(place, copy.name, source, opener, found)


def _opened(
    place: Path, copy: str, source: Mapping[str, str], opener: Opener, found: dict[tuple[str, str], str]
) -> Iterator[tuple[Path, str]]:
    ((kind, where),) = source.items()
    try:
        found[copy, str(place[-1])] = opener(kind, where)
    except Invalid as error:
        yield place, str(error)


def _no_such(what: str, given: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(given, known, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(sorted(known)[:10]) or 'none'}."
    return f"There is no {what} {given!r}; {hint}" if given else f"Name the {what}: {hint}"


def plan_of(told: object) -> Plan:
    """Return a plan that somebody sends as a file would say it, but for its host; raises `Invalid` that names the key."""
    try:
        return _plan(msgspec.convert(told, BackupText))
    except msgspec.ValidationError as error:
        raise Invalid(f"The plan cannot be read: {error}.", {"plan": str(error)}) from None
