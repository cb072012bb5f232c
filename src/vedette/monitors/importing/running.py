"""From files of other programs to monitors of ours: recognised, read, checked as by hand, and made, or only told of."""

import os
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core.errors import Conflict, Invalid
from vedette.monitors import drafting, keeping
from vedette.monitors.ascode import exporting, turning
from vedette.monitors.ascode.entry import Entry
from vedette.monitors.importing import opening
from vedette.monitors.importing.port import Carried, Format, Given, Left
from vedette.monitors.importing.registry import all_formats
from vedette.monitors.store import monitors as store
from vedette.plumbing.db.sql import transaction
from vedette.projects import service as projects


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an import: the monitors (as a file would say them), and everything that was not carried, with its place."""

    format: str
    entries: tuple[Entry, ...]
    left: tuple[Left, ...]

    @property
    def file(self) -> exporting.Written:
        """Return the monitors as a file for `vedette apply`."""
        return exporting.written(self.entries)


def read(actor: Actor, paths: Sequence[Path], now: float, *, name: str = "", project: str = "") -> Imported:
    """Return what files would become: those of one format, recognised by what stands in them where `name` does not say.

    `project` is the slug of the project they shall belong to. Raises `Invalid` and `Forbidden`.
    """
    require(actor, Verb.MONITOR_WRITE)
    given = [each for path in paths for each in opening.opened(path)]
    chosen = _format(given, name)
    found = chosen.read(given, os.environ)
    left = [*_waiting(paths), *found.left]
    owner = projects.project(project) if project else None
    known = store.slugs(owner.id if owner else 0)
    entries = tuple(_fit(found.carried, owner.slug if owner else "", known, left, now))
    return Imported(format=chosen.label, entries=entries, left=tuple(left))


def make(actor: Actor, found: Imported, now: float) -> Imported:
    """Make the monitors that were read, all in one transaction; return what came of it. Raises `Invalid`, `Forbidden`."""
    left, made = list(found.left), []
    with transaction():
        for entry in found.entries:
            try:
                _make(actor, entry, now)
                made.append(entry)
            except Conflict as error:
                left.append(Left(entry.draft.name, str(error)))
        audit(actor, "monitor.import", found.format, {"made": str(len(made)), "left": str(len(left))}, now)
    return Imported(format=found.format, entries=tuple(made), left=tuple(left))


def _make(actor: Actor, entry: Entry, now: float) -> None:
    owner = projects.project(entry.project).id if entry.project else 0
    monitor = keeping.create(actor, owner, entry.draft, now)
    if entry.paused:
        keeping.pause(actor, monitor, now, paused=True)


def _format(given: Sequence[Given], name: str) -> Format:
    formats = all_formats()
    if name:
        if name not in formats:
            raise Invalid(f"There is no format {name}; there are {', '.join(formats)}.", {"from": "unknown"})
        return formats[name]
    found = {each.name: each for one in given for each in formats.values() if each.recognises(one)}
    if len(found) == 1:
        return next(iter(found.values()))
    several = f"it looks like {' and '.join(found)}" if found else "it looks like none of them"
    told = f"Say by --from which format this is ({', '.join(formats)}): {several}."
    raise Invalid(told, {"from": "not recognised"})


def _waiting(paths: Iterable[Path]) -> list[Left]:
    told = "Its newest changes lie here and were not read: stop the other program, or copy its database by `sqlite3 … .backup`."
    return [Left(f"{path.name}-wal", told) for path in paths if opening.waiting(path)]


def _fit(
    carried: Sequence[Carried], project: str, known: Collection[str], left: list[Left], now: float
) -> Iterable[Entry]:
    """Yield what can be kept, each with a slug of its own; what cannot, or is there already, is reported."""
    taken: set[str] = set()
    for each in carried:
        try:
            entry = turning.entry_of(
                msgspec.structs.replace(each.text, project=project, name=_name(each.text.name)), None
            )
            slug = drafting.slug_of(each.text.slug or each.text.name.strip(), taken)
            entry = msgspec.structs.replace(entry, draft=msgspec.structs.replace(entry.draft, slug=slug))
            wrong = drafting.problems(entry.draft, now)
        except Invalid as error:
            wrong = {"": str(error)}
        if not wrong:
            taken.add(slug)
        if wrong:
            left.append(Left(each.place, f"Not carried: {' '.join(wrong.values())}"))
        elif slug in known:
            left.append(Left(each.place, f"There is a monitor {slug} already; it stays as it is."))
        else:
            yield entry


def _name(text: str) -> str:
    """Return a name as monitors may have one: on one line, and not too long."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:120]
