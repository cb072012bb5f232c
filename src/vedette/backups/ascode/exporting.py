"""Plans as the text of a file that `vedette apply` reads, without what is as it would be anyway. Pure."""

from collections.abc import Iterable, Mapping

import msgspec

from vedette.wire.ascode import writing
from vedette.wire.backup import Copy, Hook, Plan, What

_LISTS: Mapping[str, type[msgspec.Struct]] = {"what": What, "copies": Copy, "before": Hook, "after": Hook}
_PLAN = Plan(name="", what=(), copies=())


class Named(msgspec.Struct, frozen=True):
    """A plan with the names a file has for its host and project (empty: of none)."""

    host: str
    project: str
    plan: Plan


def written(plans: Iterable[Named]) -> str:
    """Return plans as a file. No secret is in it: those that are kept here stay when it is applied."""
    return "\n".join(_written(one) for one in plans)


def _written(one: Named) -> str:
    told: dict[str, object] = msgspec.to_builtins(one.plan)
    usual: dict[str, object] = msgspec.to_builtins(_PLAN)
    head = {"name": one.plan.name, "host": one.host} | ({"project": one.project} if one.project else {})
    rest = {name: value for name, value in told.items() if name not in {*head, *_LISTS}}
    parts = [
        writing.section(f"backup.{name}", _changed(msgspec.to_builtins(each), _usual(kind)))
        for name, kind in _LISTS.items()
        for each in getattr(one.plan, name)
    ]
    return "\n\n".join([writing.section("backup", head | _changed(rest, usual)), *parts]) + "\n"


def _changed(told: Mapping[str, object], usual: Mapping[str, object]) -> dict[str, object]:
    """Return what is not as it would be anyway, part by part; what is nothing has no place in a file."""
    found: dict[str, object] = {}
    for name, value in told.items():
        before = usual.get(name)
        if value is not None and value != before:
            if isinstance(value, Mapping) and isinstance(before, Mapping):
                found[name] = _changed(value, before)
            else:
                found[name] = _bare(value)
    return found


def _bare(value: object) -> object:
    """Return a value without the parts of it that are nothing."""
    if isinstance(value, Mapping):
        return {name: _bare(each) for name, each in value.items() if each is not None}
    return [_bare(each) for each in value if each is not None] if isinstance(value, list | tuple) else value


def _usual(kind: type[msgspec.Struct]) -> dict[str, object]:
    """Return the fields of a part that may be left out, as they are then."""
    fields = msgspec.structs.fields(kind)
    return {one.encode_name: one.default for one in fields if one.default is not msgspec.NODEFAULT}
