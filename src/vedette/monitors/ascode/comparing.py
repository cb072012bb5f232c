"""What do files change of monitors? Pure: what is there and what is wanted in, the differences out."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.monitors.ascode.compiling import Place, Placed
from vedette.monitors.ascode.entry import Entry, named
from vedette.monitors.ascode.turning import text_of
from vedette.monitors.ascode.written import bare
from vedette.wire.ascode.changing import Act, Change, differ

WHAT = "monitor"


def changes(there: Mapping[Place, Entry], wanted: Sequence[Placed]) -> tuple[Change, ...]:
    """Return what becomes of monitors; those that were made by hand stay, or become the one of their slug in a file."""
    found = [change for each in wanted if (change := of_one(there.get(each.entry.place), _bound(each)))]
    return (*found, *_gone(there, wanted))


def of_one(before: Entry | None, after: Entry) -> Change | None:
    """Return what becomes of one monitor; None when nothing does."""
    act = Act.ADD if before is None else Act.CHANGE
    fields = {} if before is None else differ(_fields(before), _fields(_as_before(before, after)))
    if before is not None and dict(before.draft.secrets or {}) != dict(after.draft.secrets or {}):
        fields["secrets"] = ("as they are", "others")
    changed = before is None or fields
    return Change(act, WHAT, _called(after), after.draft.source, fields) if changed else None


def _gone(there: Mapping[Place, Entry], wanted: Sequence[Placed]) -> Iterator[Change]:
    kept = {each.entry.place for each in wanted}
    for place, entry in there.items():
        if entry.draft.source and place not in kept:
            yield Change(Act.REMOVE, WHAT, _called(entry), entry.draft.source)


def _bound(each: Placed) -> Entry:
    """Return what is wanted with its parents named as those that are there."""
    parents = tuple(named(place, each.entry.project) for place in each.parents)
    return msgspec.structs.replace(each.entry, parents=parents)


def _as_before(before: Entry, after: Entry) -> Entry:
    """Return what is wanted with what was not said as it is: whether it is paused, and its address, which never changes."""
    paused = before.paused if after.paused is None else after.paused or None
    draft = msgspec.structs.replace(after.draft, key=before.draft.key)
    return msgspec.structs.replace(after, draft=draft, paused=paused)


def _called(entry: Entry) -> str:
    return "/".join(part for part in entry.place if part)


def _fields(entry: Entry) -> dict[str, str]:
    plain = msgspec.structs.replace(entry, draft=msgspec.structs.replace(entry.draft, secrets={}))
    text, _ = text_of(plain)
    told = bare(text)
    found = {name: _text(told.get(name)) for name in text.__struct_fields__}
    return {"kind": entry.draft.kind, **found, "source": entry.draft.source}


def _text(value: object) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value, order="deterministic").decode()
