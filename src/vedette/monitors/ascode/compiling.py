"""From what files say to the monitors of this installation, and what is wrong with it. Pure."""

import difflib
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.monitors import dependencies, drafting
from vedette.monitors.ascode.entry import Entry
from vedette.monitors.ascode.secreting import Opener, beside
from vedette.monitors.ascode.turning import entry_of, place_of
from vedette.monitors.ascode.written import MonitorFile
from vedette.monitors.locations import naming
from vedette.wire.ascode.reading import Fault, Path, Read

Place = tuple[str, str]  # the slugs of project and monitor


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What this installation has besides: projects, monitors that stay with what they depend on, addresses in use, locations."""

    projects: Mapping[str, int]
    monitors: Mapping[Place, tuple[Place, ...]]
    addresses: Mapping[str, Place]
    locations: frozenset[str] = frozenset()


class Placed(msgspec.Struct, frozen=True):
    """A monitor that a file asks for, with where it says so and what it depends on."""

    entry: Entry
    file: Read[MonitorFile]
    path: Path
    parents: tuple[Place, ...] = ()

    def fault(self, key: str, told: str) -> Fault:
        """Return what is wrong with a key of it."""
        return self.file.fault((*self.path, key), told)


def compile_files(
    files: Sequence[Read[MonitorFile]], there: There, opener: Opener, now: float
) -> tuple[tuple[Placed, ...], tuple[Fault, ...]]:
    """Return the monitors that files ask for, those that others depend on first, and everything that is wrong with them."""
    faults: list[Fault] = []
    found = list(_read(files, opener, now, faults))
    faults += _twice(found, there)
    faults += [each.fault("project", _no_project(each, there)) for each in found if _no_project(each, there)]
    faults += [each.fault("locations", told) for each in found if (told := _no_location(each, there))]
    known = {each.entry.place for each in found} | set(there.monitors)
    bound = [_bound(each, known, faults) for each in found]
    faults += _circles(bound, there)
    return (() if faults else _in_order(bound)), tuple(faults)


def _read(
    files: Sequence[Read[MonitorFile]], opener: Opener, now: float, faults: list[Fault]
) -> Iterator[Placed]:
    for file in files:
        for n, text in enumerate(file.said.monitor):
            path: Path = ("monitor", n)
            try:
                entry = entry_of(text, beside(opener, file.folder), file.name)
                wrong = {place_of(field): told for field, told in drafting.problems(entry.draft, now).items()}
            except Invalid as error:
                wrong = {place_of(field): str(error) for field in list(error.fields)[:1] or [""]}
            faults += [file.fault((*path, *place), told) for place, told in wrong.items()]
            if not wrong:
                yield Placed(entry, file, path)


def _twice(found: Sequence[Placed], there: There) -> Iterator[Fault]:
    seen: dict[Place, Placed] = {}
    addresses = dict(there.addresses)
    for each in found:
        place, key = each.entry.place, each.entry.draft.key
        if place in seen:
            said = seen[place].file.name
            yield each.fault(
                "slug", f"There is another monitor {place[1]} in {said}; give one of them another slug."
            )
        seen.setdefault(place, each)
        if key and addresses.setdefault(key, place) != place:
            yield each.fault("address", f"The monitor {addresses[key][1]} has this address.")


def _no_project(each: Placed, there: There) -> str:
    name = each.entry.project
    if not name or name in there.projects:
        return ""
    near = difflib.get_close_matches(name, there.projects, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no project {name!r}.{hint}"


def _no_location(each: Placed, there: There) -> str:
    return naming.missing(each.entry.draft.config.locations, there.locations)


def _bound(each: Placed, known: set[Place], faults: list[Fault]) -> Placed:
    """Return it with the monitors that its parents name: of its own project first, then of none."""
    found = []
    for name in each.entry.parents:
        project, slash, slug = name.rpartition("/")
        ways = [(project, slug)] if slash else [(each.entry.project, slug), ("", slug)]
        parent = next((way for way in ways if way in known), None)
        if parent is None:
            near = difflib.get_close_matches(slug, {slug for _, slug in known}, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            faults.append(each.fault("parents", f"There is no monitor {name!r} to depend on.{hint}"))
        else:
            found.append(parent)
    if len(found) > dependencies.MOST_PARENTS:
        faults.append(each.fault("parents", f"At most {dependencies.MOST_PARENTS} parents."))
    return msgspec.structs.replace(each, parents=tuple(found))


def _circles(bound: Sequence[Placed], there: There) -> Iterator[Fault]:
    ways = {**there.monitors, **{each.entry.place: each.parents for each in bound}}
    numbers = {place: n for n, place in enumerate(ways)}
    graph = {
        numbers[place]: [numbers[parent] for parent in named if parent in numbers]
        for place, named in ways.items()
        if named
    }
    for each in bound:
        if each.parents and dependencies.cycle(graph, numbers[each.entry.place]):
            yield each.fault("parents", "A monitor cannot depend on itself, also not by way of others.")


def _in_order(bound: Sequence[Placed]) -> tuple[Placed, ...]:
    """Return them so that what others depend on comes first; there are no circles."""
    waiting = {each.entry.place: each for each in bound}
    done: dict[Place, Placed] = {}
    for start in list(waiting):
        ways = [start]
        while ways:
            here = waiting.get(ways[-1])
            missing = [p for p in here.parents if p in waiting and p not in done] if here else []
            if missing:
                ways += missing
            else:
                place = ways.pop()
                if here is not None:
                    done.setdefault(place, here)
    return tuple(done.values())
