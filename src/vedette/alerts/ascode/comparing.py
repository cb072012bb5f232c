"""What do files change? Pure: what is there and what is wanted in, the differences out."""

from collections.abc import Iterable, Sequence

import msgspec

from vedette.alerts import matching
from vedette.alerts.ascode.compiling import Wanted
from vedette.alerts.hooks.types import AlertHook, AlertHookDraft
from vedette.alerts.matching import Matcher
from vedette.alerts.silencing import Silence
from vedette.alerts.types import Routing, Rule, RuleDraft
from vedette.oncall.types import Policy, PolicyDraft
from vedette.wire.ascode.changing import Act, Change, differ


class Pair(msgspec.Struct, frozen=True):
    """A rule of a file and the one that is there: by its name, one of a file first."""

    before: Rule | None
    draft: RuleDraft | None
    file: str


def pairs(there: Sequence[Rule], wanted: Wanted) -> tuple[Pair, ...]:
    """Return each wanted rule with the one it replaces, and each rule of a file that is not wanted any more.

    A rule that was made by hand and has the name of one in a file becomes that one.
    """
    by_name = {rule.name: rule for rule in sorted(there, key=lambda rule: bool(rule.source))}
    kept = [Pair(by_name.get(draft.name), draft, file) for draft, file in wanted.rules]
    ids = {pair.before.id for pair in kept if pair.before}
    gone = [Pair(rule, None, rule.source) for rule in there if rule.source and rule.id not in ids]
    return (*kept, *gone)


def of_rule(pair: Pair) -> Change | None:
    """Return what becomes of a rule; None when nothing does."""
    if pair.draft is None:
        return Change(Act.REMOVE, "rule", pair.before.name if pair.before else "", pair.file)
    after = _fields(pair.draft) | {"source": pair.file}
    if pair.before is None:
        return Change(Act.ADD, "rule", pair.draft.name, pair.file)
    fields = differ(_fields(pair.before) | {"source": pair.before.source}, after)
    return Change(Act.CHANGE, "rule", pair.draft.name, pair.file, fields) if fields else None


def of_hooks(there: Iterable[AlertHook], wanted: Sequence[tuple[AlertHookDraft, str]]) -> tuple[Change, ...]:
    """Return what becomes of hooks; one that was made by hand and has the name of one in a file becomes that one."""
    before = {each.name: each for each in there}
    found = []
    for draft, file in wanted:
        known = before.pop(draft.name, None)
        after = _hook_fields(draft) | {"source": file}
        fields = differ(_hook_fields(known) | {"source": known.source}, after) if known else {}
        if known is None or fields:
            found.append(Change(Act.CHANGE if known else Act.ADD, "hook", draft.name, file, fields))
    gone = (each for each in before.values() if each.source)
    return (*found, *(Change(Act.REMOVE, "hook", each.name, each.source) for each in gone))


def of_policies(there: Iterable[Policy], wanted: Sequence[tuple[PolicyDraft, str]]) -> tuple[Change, ...]:
    """Return what becomes of escalation policies; one that was made by hand and has the name of one in a file becomes that one."""
    before = {each.name: each for each in there}
    found = []
    for draft, file in wanted:
        known = before.pop(draft.name, None)
        after = _policy_fields(draft) | {"source": file}
        fields = differ(_policy_fields(known) | {"source": known.source}, after) if known else {}
        if known is None or fields:
            found.append(Change(Act.CHANGE if known else Act.ADD, "policy", draft.name, file, fields))
    gone = (each for each in before.values() if each.source)
    return (*found, *(Change(Act.REMOVE, "policy", each.name, each.source) for each in gone))


def of_silences(there: Iterable[Silence], wanted: Sequence[Silence]) -> tuple[Change, ...]:
    """Return what becomes of the silences of files."""
    before = {each.id: each for each in there if each.source}
    found = []
    for each in wanted:
        known = before.pop(each.id, None)
        fields = {} if known is None else differ(_silence_fields(known), _silence_fields(each))
        if known is None or fields:
            act = Act.ADD if known is None else Act.CHANGE
            found.append(Change(act, "silence", each.comment, each.source, fields))
    return (*found, *(Change(Act.REMOVE, "silence", each.comment, each.source) for each in before.values()))


def of_routing(there: Routing, wanted: Routing | None, *, by_files: bool) -> tuple[Change, ...]:
    """Return what becomes of routes, receivers and inhibitions; `by_files` says that files wrote what is there."""
    if wanted is None:
        return (Change(Act.REMOVE, "routes", "all", there.source),) if by_files else ()
    fields = differ(_routing_fields(there), _routing_fields(wanted))
    if not fields:
        return ()
    return (Change(Act.CHANGE if by_files else Act.ADD, "routes", "all", wanted.source, fields),)


def _fields(draft: RuleDraft) -> dict[str, str]:
    own = [name for name in RuleDraft.__struct_fields__ if name != "params"]
    params = {name: _text(value) for name, value in msgspec.structs.asdict(draft.params).items()}
    params["least"] = params.pop("severity")
    return {name: _text(getattr(draft, name)) for name in own} | params


def _silence_fields(each: Silence) -> dict[str, str]:
    left_out = {"id", "updated_at", "starts", "ends", "author"}
    found = {name: _text(getattr(each, name)) for name in Silence.__struct_fields__ if name not in left_out}
    return found | {"recurrence": _json(each.recurrence)}


def _hook_fields(each: AlertHookDraft) -> dict[str, str]:
    mapping = msgspec.structs.asdict(each.mapping)
    told = {name: value if isinstance(value, str) else _json(value) for name, value in mapping.items()}
    return told | {"enabled": str(each.enabled)}


def _policy_fields(each: PolicyDraft) -> dict[str, str]:
    return {"steps": _json(each.steps), "repeats": str(each.repeats), "ack_minutes": str(each.ack_minutes)}


def _routing_fields(table: Routing) -> dict[str, str]:
    return {
        "route": _json(table.tree),
        "receiver": _json(table.receivers),
        "inhibit": _json(table.inhibitions),
        "source": table.source,
    }


def _text(value: object) -> str:
    if isinstance(value, tuple):
        matchers = [each for each in value if isinstance(each, Matcher)]
        return matching.written(matchers) if matchers else ", ".join(map(str, value))
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
