"""Files that say what is there: each drift by the smallest edit that does it, and only one that is proven. Pure.

After each edit the files are read and planned again: the thing must have nothing left to do, and everything else exactly what
it had. An edit that does not pass is not made, and the reason is told.
"""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import ConfigError
from vedette.deploy.adopting import editing, matching
from vedette.deploy.adopting.editing import Unsaid
from vedette.deploy.desired.catalogue import Catalogue
from vedette.deploy.desired.collecting import section as part_of
from vedette.deploy.desired.exporting.tables import WRITERS, Left, Place
from vedette.deploy.desired.exporting.writing import section, slim
from vedette.deploy.desired.making.around import Opener
from vedette.deploy.desired.reading import SETTINGS, File, desired
from vedette.deploy.desired.written import SECTION
from vedette.deploy.intents.naming import table_of
from vedette.deploy.planning import comparing
from vedette.deploy.planning.linking import linked
from vedette.deploy.planning.making import Kinds, planned
from vedette.deploy.types import Adopted, Change, Desired, Drift, Side, Way
from vedette.wire import jsons
from vedette.wire.ascode.reading import Document, Path, parse
from vedette.wire.infra import Live, Ref, Thing


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What adopting stands on: how files beside are opened, what Hetzner offers, what is there, and the kinds of things."""

    opener: Opener
    catalogue: Catalogue
    live: Live
    kinds: Kinds


def adopted(
    files: Sequence[File], drifts: Sequence[Drift], ground: Ground, *, named: bool = False
) -> Adopted:
    """Return files that say what is there of each drift, and what cannot be said, with why.

    Where not Hetzner's side alone moved, the files may say what somebody wants: that is taken over only where it was `named`.
    """
    now, done, left = list(files), list[Ref](), dict[Ref, str]()
    for drift in drifts:
        if drift.side is not Side.CLOUD and not named:
            left[drift.ref] = (
                "The files may have changed as well; name it with --target to let them say what is there."
            )
            continue
        try:
            now = _proven(now, _edited(now, drift, ground), drift.ref, ground)
            done.append(drift.ref)
        except (Unsaid, Left) as error:
            left[drift.ref] = f"{error}; write it by hand, or revert."
    texts = {new.name: new.text for old, new in zip(files, now, strict=True) if old.text != new.text}
    return Adopted(texts=texts, done=tuple(done), left=left)


def _edited(files: Sequence[File], drift: Drift, ground: Ground) -> list[File]:
    there = {each.ref: each for each in ground.live.things}.get(drift.ref)
    of = _desired(files, ground)
    if drift.way in {Way.FOREIGN, Way.UNSAID} and there is not None:
        return _added(files, there, _place(files, of, ground))
    file, path = _table_of(files, drift.ref)
    if there is None:
        return _with(files, file, editing.drop_table(file.text, path))
    said = next(each for each in linked(of.things, ground.live.things, of.project) if each.ref == drift.ref)
    actual = _moved(said, there, ground)
    return _with(files, file, _rewritten(file, path, said, actual, _place(files, of, ground)))


def _moved(said: Thing, there: Thing, ground: Ground) -> Thing:
    """Return what the files say of a thing, with what is there in each field that differs."""
    kind = ground.kinds[said.kind]
    moved = {line.field for line in comparing.lines(kind, *comparing.settled(kind, there, said))}
    fields = {**said.fields, **{name: each for name, each in there.fields.items() if name in moved}}
    labels = there.labels if comparing.LABELS in moved else said.labels
    return msgspec.structs.replace(said, fields=fields, labels=labels)


def _rewritten(file: File, path: Path, said: Thing, actual: Thing, place: Place) -> str:
    """Return the text of a file in which each key that differs says what is there."""
    before, after, text = slim(said, place), slim(actual, place), file.text
    for key in [each for each in {**before, **after} if before.get(each) != after.get(each)]:
        text = _key_rewritten(text, (*path, key), before.get(key), after.get(key), place)
    return text


def _key_rewritten(text: str, path: Path, before: object, after: object, place: Place) -> str:
    if after is None:
        return (
            editing.drop(text, path) if not isinstance(before, bool) else editing.put(text, path, not before)
        )
    if isinstance(after, list) and isinstance(before, list):
        found = parse("", text)
        table = found.table if isinstance(found, Document) else {}
        written = jsons.items(table, *map(str, path))
        gone, come = matching.changes(str(path[-1]), written, after, before, place.groups)
        return editing.relist(text, path, gone, come)
    return editing.put(text, path, after)


def _added(files: Sequence[File], there: Thing, place: Place) -> list[File]:
    """Return files of which the one that names the project has the table of a thing at its end."""
    home = next((each for each in files if "project" in _top(each)), files[0])
    above = f"{SECTION}." if _is_settings(home) else ""
    return _with(files, home, editing.append(home.text, section(there, place, above)))


def _proven(files: Sequence[File], edited: list[File], ref: Ref, ground: Ground) -> list[File]:
    """Return edited files if they do what they should and nothing else; raises `Unsaid`."""
    before, after = _changes(files, ground), _changes(edited, ground)
    if ref in after:
        raise Unsaid("what is there cannot be said by a small edit")
    others = {each: what for each, what in before.items() if each != ref}
    if others != after:
        odd = sorted(str(each) for each in {*others, *after} if others.get(each) != after.get(each))
        raise Unsaid(f"the edit would change {', '.join(odd[:3])} as well")
    return edited


def _changes(files: Sequence[File], ground: Ground) -> Mapping[Ref, object]:
    of = _desired(files, ground)
    return {each.ref: _shown(each) for each in planned(of, ground.live, ground.kinds, ground.live.at).changes}


def _shown(change: Change) -> tuple[object, ...]:
    return change.act, change.lines


def _desired(files: Sequence[File], ground: Ground) -> Desired:
    try:
        return desired(files, ground.opener, ground.catalogue)
    except ConfigError as error:
        raise Unsaid(str(error).partition("\n")[0].rstrip(".")) from None


def _table_of(files: Sequence[File], ref: Ref) -> tuple[File, Path]:
    """Return the file and table that says a thing alone; raises `Unsaid`."""
    if ref.kind not in WRITERS:
        raise Unsaid("no file can say it")
    kind = WRITERS[ref.kind][0]
    for each in files:
        above: Path = (SECTION,) if _is_settings(each) else ()
        table = jsons.record(_top(each), kind)
        if ref.name in table:
            return each, (*above, kind, ref.name)
        if ref.kind == "server" and table_of(ref.name) in table:
            raise Unsaid(f"it is one of several of [servers.{table_of(ref.name)}]")
    raise Unsaid("it has no table of its own")


def _top(file: File) -> Mapping[str, object]:
    """Return what a file says of infrastructure at its top."""
    found = parse(file.name, file.text)
    if not isinstance(found, Document):
        return {}
    if _is_settings(file):
        inner = part_of(found)
        return inner.table if inner is not None else {}
    return found.table


def _place(files: Sequence[File], of: Desired, ground: Ground) -> Place:
    home = next((found for each in files if (found := jsons.text(_top(each), "location"))), "")
    return Place(location=home, zone=ground.catalogue.locations.get(home, ""), groups=of.groups)


def _is_settings(file: File) -> bool:
    return file.name.rpartition("/")[2] == SETTINGS


def _with(files: Sequence[File], file: File, text: str) -> list[File]:
    return [File(each.name, text, each.folder) if each.name == file.name else each for each in files]
