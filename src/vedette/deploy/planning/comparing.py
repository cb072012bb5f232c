"""What differs between a thing that is there and one that should be, line by line. Pure."""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.deploy.planning.kind import Fields, Kind, Said, plain
from vedette.deploy.types import Line
from vedette.wire.infra import Thing

LABELS = "labels"
_LONGEST = 120


def settled(kind: Kind, before: Thing, after: Thing) -> tuple[Thing, Thing]:
    """Return both with fields that can be compared: what cannot be read or is left open counts as the same."""
    old, new = kind.settle(before.fields, after.fields)
    there = {field: new.get(field, old[field]) for field in kind.fields if field in old}
    left_open = {field: old[field] for field in kind.open if field in old and not new.get(field)}
    return (
        msgspec.structs.replace(before, fields=old),
        msgspec.structs.replace(after, fields={**new, **there, **left_open}, id=before.id),
    )


def lines(kind: Kind, before: Thing, after: Thing) -> tuple[Line, ...]:
    """Return every difference of two settled things, and of their labels."""
    found = [
        line
        for field in kind.fields
        if field in before.fields
        for line in _field(kind, field, before.fields, after.fields)
    ]
    return tuple(found + list(_table(LABELS, before.labels, after.labels, plain)))


def whole(kind: Kind, thing: Thing, sign: str) -> tuple[Line, ...]:
    """Return all that a thing is, as lines of what comes (`+`) or goes (`-`); what is empty or off is not told."""
    told = [(field, each) for field in kind.fields for each in _parts(kind, field, thing.fields.get(field))]
    return tuple(_line(field, sign, said(kind.say.get(field, plain), each)) for field, each in told if each)


def made_anew(kind: Kind, before: Thing, after: Thing, changed: Sequence[Line]) -> str:
    """Return why the thing must be made anew, or nothing."""
    reasons = [kind.fixed[line.field] for line in changed if line.field in kind.fixed]
    return "; ".join(dict.fromkeys([*reasons, *filter(None, [kind.anew(before, after)])]))


def said(say: Said, value: object) -> str:
    """Return a value on one line, cut where it is long."""
    text = " ".join(say(value).split())
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _field(kind: Kind, field: str, before: Fields, after: Fields) -> Iterator[Line]:
    old, new = before.get(field), after.get(field)
    say = kind.say.get(field, plain)
    if old == new:
        return
    if field in kind.keyed:
        yield from _items(field, _by_key(kind, field, old), _by_key(kind, field, new), say)
    elif isinstance(old, list | tuple) and isinstance(new, list | tuple):
        yield from _items(field, {str(each): each for each in old}, {str(each): each for each in new}, say)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _table(field, old, new, say)
    else:
        yield Line(field=field, sign="~", before=said(say, old), after=said(say, new))


def _parts(kind: Kind, field: str, value: object) -> Sequence[object]:
    return value if field in kind.keyed and isinstance(value, list | tuple) else [value]


def _by_key(kind: Kind, field: str, value: object) -> dict[str, object]:
    items = value if isinstance(value, list | tuple) else ()
    return {
        str([each.get(key) for key in kind.keyed[field]]): each for each in items if isinstance(each, Mapping)
    }


def _items(field: str, old: Mapping[str, object], new: Mapping[str, object], say: Said) -> Iterator[Line]:
    for key, each in old.items():
        if key not in new:
            yield _line(field, "-", said(say, each))
        elif new[key] != each:
            yield Line(field=field, sign="~", before=said(say, each), after=said(say, new[key]))
    for key, each in new.items():
        if key not in old:
            yield _line(field, "+", said(say, each))


def _table(field: str, old: Mapping[str, object], new: Mapping[str, object], say: Said) -> Iterator[Line]:
    for key in sorted({*old, *new}):
        if key not in new:
            yield _line(field, "-", f"{key} = {said(say, old[key])}")
        elif key not in old:
            yield _line(field, "+", f"{key} = {said(say, new[key])}")
        elif old[key] != new[key]:
            yield Line(
                field=field,
                sign="~",
                before=f"{key} = {said(say, old[key])}",
                after=f"{key} = {said(say, new[key])}",
            )


def _line(field: str, sign: str, text: str) -> Line:
    return Line(field=field, sign=sign, before=text if sign == "-" else "", after="" if sign == "-" else text)
