"""Puts in force what files say of infrastructure: what should be there, and no more. At Hetzner nothing changes by it."""

import posixpath
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.core.errors import Invalid
from vedette.deploy import keeping, opening
from vedette.deploy.ascode.written import SECTIONS, InfraSection, called, is_whole, part, whole
from vedette.deploy.desired.reading import File, read
from vedette.deploy.desired.written import SECTION
from vedette.deploy.store import projects as store
from vedette.deploy.types import CloudProject
from vedette.plumbing.db.sql import transaction
from vedette.wire.ascode.changing import Act, Change, Plan
from vedette.wire.ascode.reading import Document, Fault

__all__ = ["SECTIONS", "InfraSection", "apply", "is_whole", "plan", "whole"]
_NO_TOKEN = "none yet: give it on the page of the project, or by REST"  # noqa: S105 - a sentence


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A project as files say it: its texts with those beside them, and the file that is told."""

    name: str
    files: dict[str, str]
    source: str


def plan(actor: Actor, files: Sequence[Document], now: float) -> Plan:  # noqa: ARG001 - as every room's
    """Return what files would change; raises `Forbidden`."""
    require(actor, Verb.INFRA_WRITE)
    wanted, faults = _wanted(files)
    return Plan((), faults) if faults else Plan(_changes(wanted), ())


def apply(actor: Actor, files: Sequence[Document], now: float) -> Plan:
    """Keep what files say should be; a project whose token is not there yet is noted. Nothing is bought, changed or removed at Hetzner.

    Where one of them is wrong, nothing is changed. Raises `Forbidden`.
    """
    require(actor, Verb.INFRA_WRITE)
    with transaction():
        wanted, faults = _wanted(files)
        if faults:
            return Plan((), faults)
        changes = _changes(wanted)
        for change in changes:
            known = store.find(change.name)
            if change.act is Act.REMOVE and known is not None:
                keeping.unfile(actor, known.id, now)
            elif wanted is not None:
                one = known or keeping.add_filed(actor, wanted.name, now)
                keeping.say(actor, one.id, wanted.files, now, source=wanted.source)
    return Plan(changes, ())


def _wanted(files: Sequence[Document]) -> tuple[_Wanted | None, tuple[Fault, ...]]:
    said = [each for each in files if SECTION in each.table]
    if not said:
        return None, ()
    texts = {called(each): each.text if is_whole(each) else part(each.text) for each in said}
    for each in said:
        if texts[called(each)] is None:
            return None, (
                each.fault((SECTION,), "Write [infra] as tables of its own, or move it to infra/*.toml."),
            )
    root = Path(said[0].folder or ".")
    root = root.parent if is_whole(said[0]) else root
    beside: dict[str, str] = {}
    here = [File(name, text or "", posixpath.dirname(name)) for name, text in texts.items()]
    found = read(here, _Beside(root, beside).open)
    if found.desired is None:
        return None, found.faults
    whole_ = {name: text or "" for name, text in texts.items()} | beside
    return _Wanted(name=found.desired.project, files=whole_, source=next(iter(texts))), ()


class _Beside:
    """Opens files that others name, below one folder, and remembers their texts."""

    def __init__(self, root: Path, texts: dict[str, str]) -> None:
        self._root, self._texts = root, texts

    def open(self, folder: str, name: str) -> str:
        """Return a text; raises `Invalid`."""
        path = posixpath.normpath(posixpath.join(folder, name))
        if path.startswith(("/", "../")):
            raise Invalid(f"{name} lies outside of the folder of these files; put it there.")
        self._texts[path] = opening.text(self._root / path, name)
        return self._texts[path]


def _changes(wanted: _Wanted | None) -> tuple[Change, ...]:
    """Return what becomes of projects; one that was said by hand and has the name of the one in the files becomes that one."""
    found = [
        Change(Act.REMOVE, SECTION, known.name, known.source)
        for known in store.every()
        if known.source and (wanted is None or known.name != wanted.name)
    ]
    if wanted is None:
        return tuple(found)
    known = store.find(wanted.name)
    fields = _fields(known, wanted)
    if known is None:
        return (*found, Change(Act.ADD, SECTION, wanted.name, wanted.source, {"token": ("", _NO_TOKEN)}))
    return (
        (*found, Change(Act.CHANGE, SECTION, wanted.name, wanted.source, fields)) if fields else tuple(found)
    )


def _fields(known: CloudProject | None, wanted: _Wanted) -> dict[str, tuple[str, str]]:
    """Return which texts are not as they were, each by its fingerprint: what stands in them may be secret."""
    before = known.files if known else {}
    names = sorted({*before, *wanted.files})
    changed = {
        name: (_mark(before.get(name)), _mark(wanted.files.get(name)))
        for name in names
        if before.get(name) != wanted.files.get(name)
    }
    source = known.source if known else ""
    return changed | ({"source": (source, wanted.source)} if source != wanted.source else {})


def _mark(text: str | None) -> str:
    return "" if text is None else sha256(text.encode()).hexdigest()[:8]
