"""From what files say to rules, routes and silences of this installation; names become ids. Pure."""

import difflib
from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import NAMESPACE_URL, uuid5

import msgspec

from vedette.alerts import checks, fitness, matching
from vedette.alerts.ascode import hooking
from vedette.alerts.ascode.written import File, RouteText, RuleText, SilenceText
from vedette.alerts.hooks.types import AlertHookDraft
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher
from vedette.alerts.routing import Route
from vedette.alerts.silencing import Recurrence, Silence
from vedette.alerts.types import Params, Receiver, Routing, RuleDraft
from vedette.core import zones
from vedette.core.errors import Invalid
from vedette.signals.types import Series
from vedette.wire.ascode.lengths import seconds
from vedette.wire.ascode.reading import Fault, Path, Read

FOR_EVER = 4_102_444_800.0  # 2100-01-01
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FIELDS = {"severity": "least"}  # how a param is written in a file


class There(msgspec.Struct, frozen=True, kw_only=True):
    """What this installation has: ids by name, and the series."""

    projects: Mapping[str, int]
    channels: Mapping[str, int]
    people: Mapping[str, int]
    catalogue: Mapping[str, Series]
    policies: Mapping[str, int] = {}


class Wanted(msgspec.Struct, frozen=True):
    """What the files ask for: rules, hooks and silences each with its file; routing is None where no file speaks of it."""

    rules: tuple[tuple[RuleDraft, str], ...]
    silences: tuple[Silence, ...]
    routing: Routing | None
    hooks: tuple[tuple[AlertHookDraft, str], ...] = ()


def compile_files(files: Sequence[Read[File]], there: There) -> tuple[Wanted, tuple[Fault, ...]]:
    """Return what the files ask for, and everything that is wrong with it."""
    faults: list[Fault] = []
    made = Wanted(
        rules=tuple(_rules(files, there, faults)),
        silences=tuple(_silences(files, faults)),
        routing=_routing(files, there, faults),
        hooks=tuple(hooking.hooks(files, faults)),
    )
    return made, tuple(faults)


def _rules(files: Sequence[Read[File]], there: There, faults: list[Fault]) -> Iterator[tuple[RuleDraft, str]]:
    seen: dict[str, str] = {}
    for file in files:
        for n, text in enumerate(file.said.rule):
            path: Path = ("rule", n)
            if text.name in seen:
                faults.append(
                    file.fault((*path, "name"), f"There is another rule “{text.name}” in {seen[text.name]}.")
                )
            seen.setdefault(text.name, file.name)
            found = _rule(text, there)
            if isinstance(found, RuleDraft):
                yield found, file.name
            else:
                faults += [file.fault((*path, field), told) for field, told in found.items()]


def _rule(text: RuleText, there: There) -> RuleDraft | dict[str, str]:
    wrong: dict[str, str] = {}
    params = {name: getattr(text, _FIELDS.get(name, name)) for name in Params.__struct_fields__}
    draft = RuleDraft(
        name=text.name,
        kind=text.kind,
        project=next(
            iter(_ids([text.project] if text.project else [], there.projects, "project", wrong)), None
        ),
        matchers=_matchers(text.matchers, "matchers", wrong),
        params=Params(**params),
        severity=text.severity,
        channels=_ids(text.channels, there.channels, "channels", wrong),
        people=_ids(text.people, there.people, "people", wrong),
        assignee=text.assignee,
        enabled=text.enabled,
        repeat_minutes=text.repeat_minutes,
        send_resolved=text.send_resolved,
        policy=next(iter(_ids([text.policy] if text.policy else [], there.policies, "policy", wrong)), None),
    )
    if wrong:
        return wrong
    ids = (there.channels.values(), there.projects.values(), there.people.values())
    return checks.problems(draft, *ids, there.catalogue, policies=there.policies.values()) or draft


def _ids(
    given: Sequence[str], known: Mapping[str, int], field: str, wrong: dict[str, str]
) -> tuple[int, ...]:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            wrong[field] = f"There is no {_ONE[field]} {name!r}.{hint}"
    return tuple(known.get(name, 0) for name in given)


_ONE = {
    "project": "project",
    "channels": "channel",
    "people": "person with the address",
    "policy": "escalation policy",
}


def _matchers(text: str, field: str, wrong: dict[str, str]) -> tuple[Matcher, ...]:
    try:
        return matching.parse(text)
    except Invalid as error:
        wrong[field] = str(error)
        return ()


def _silences(files: Sequence[Read[File]], faults: list[Fault]) -> Iterator[Silence]:
    seen: set[str] = set()
    for file in files:
        for n, text in enumerate(file.said.silence):
            wrong: dict[str, str] = {}
            made = _silence(text, file.name, wrong)
            if text.name in seen:
                wrong["name"] = f"There is another silence “{text.name}”."
            seen.add(text.name)
            if not wrong:
                wrong |= fitness.of_silence(made.matchers, made.starts, made.ends, made.starts)
            faults += [file.fault(("silence", n, field), told) for field, told in wrong.items()]
            if not wrong:
                yield made


def _silence(text: SilenceText, file: str, wrong: dict[str, str]) -> Silence:
    if unknown := zones.problem(text.zone):
        wrong["zone"] = unknown
    for day in text.days:
        if day not in _DAYS:
            wrong["days"] = f"{day!r} is no day; write {', '.join(_DAYS)}."
    lasts = int(_seconds(text.length, "length", wrong) or 0)
    if not 60 <= lasts <= 7 * 86_400:
        wrong["length"] = "From 1m to 7d."
    days = tuple(sorted(_DAYS.index(day) for day in text.days or _DAYS if day in _DAYS))
    return Silence(
        id=str(uuid5(NAMESPACE_URL, f"vedette:silence:{text.name}")),
        matchers=_matchers(text.matchers, "matchers", wrong),
        starts=0.0,
        ends=FOR_EVER,
        author=file,
        comment=text.comment or text.name,
        updated_at=0.0,
        recurrence=Recurrence(days=days, start=text.start, minutes=lasts // 60, zone=text.zone),
        source=file,
    )


def _routing(files: Sequence[Read[File]], there: There, faults: list[Fault]) -> Routing | None:
    speaking = [file for file in files if file.said.route or file.said.receiver or file.said.inhibit]
    if not speaking:
        return None
    before = len(faults)
    places = [(file, n) for file in speaking for n in range(len(file.said.route))]
    routes = tuple(_route(file, ("route", n), file.said.route[n], faults) for file, n in places)
    receivers = [(file, n, each) for file in speaking for n, each in enumerate(file.said.receiver)]
    made = Routing(
        tree=Route(routes=routes),
        receivers=tuple(
            Receiver(name=r.name, channels=r.channels, people=r.people, policies=r.policies)
            for _, _, r in receivers
        ),
        inhibitions=tuple(_inhibitions(speaking, faults)),
        source=", ".join(file.name for file in speaking),
    )
    if len(faults) == before:
        wrong = fitness.of_routing(made, there.channels, there.people, there.policies)
        faults += [
            _placed(place, told, places, [(f, n, r.name) for f, n, r in receivers])
            for place, told in wrong.items()
        ]
    return made


def _placed(
    place: str,
    told: str,
    routes: Sequence[tuple[Read[File], int]],
    receivers: Sequence[tuple[Read[File], int, str]],
) -> Fault:
    """Return where in the files lies what `fitness` calls `route 2.1` or `receiver db`."""
    section, _, rest = place.partition(" ")
    if section == "receiver":
        file, n, _ = next(each for each in reversed(receivers) if each[2] == rest)
        return file.fault(("receiver", n), told)
    steps = [int(step) - 1 for step in rest.split(".") if step.isdecimal()]
    if not steps:
        return routes[0][0].fault(("route",), told) if routes else receivers[0][0].fault((), told)
    file, n = routes[steps[0]]
    below: Path = tuple(part for step in steps[1:] for part in ("route", step))
    return file.fault(("route", n, *below), told)


def _route(file: Read[File], path: Path, text: RouteText, faults: list[Fault]) -> Route:
    wrong: dict[str, str] = {}
    made = Route(
        matchers=_matchers(text.matchers, "matchers", wrong),
        receiver=text.receiver,
        group_by=text.group_by,
        group_wait=_seconds(text.group_wait, "group_wait", wrong),
        group_interval=_seconds(text.group_interval, "group_interval", wrong),
        repeat_interval=_seconds(text.repeat_interval, "repeat_interval", wrong),
        send_resolved=text.send_resolved,
        goes_on=text.goes_on,
        routes=tuple(_route(file, (*path, "route", n), each, faults) for n, each in enumerate(text.routes)),
    )
    faults += [file.fault((*path, field), told) for field, told in wrong.items()]
    return made


def _seconds(length: str | None, field: str, wrong: dict[str, str]) -> float | None:
    try:
        return None if length is None else seconds(length)
    except Invalid as error:
        wrong[field] = str(error)
        return None


def _inhibitions(files: Collection[Read[File]], faults: list[Fault]) -> Iterator[Inhibition]:
    for file in files:
        for n, text in enumerate(file.said.inhibit):
            wrong: dict[str, str] = {}
            made = Inhibition(
                source=_matchers(text.source, "source", wrong),
                target=_matchers(text.target, "target", wrong),
                equal=text.equal,
            )
            for field in ("source", "target"):
                if not getattr(made, field) and field not in wrong:
                    wrong[field] = "Say which alerts: at least one matcher."
            faults += [file.fault(("inhibit", n, field), told) for field, told in wrong.items()]
            yield made
