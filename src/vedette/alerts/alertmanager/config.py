"""The routing in force as Alertmanager's configuration file, so that `amtool` tries routes as we do. Pure.

Source of the syntax: Prometheus' documentation, "Alertmanager, Configuration". Receivers stand there by name alone:
where they lead is Vedette's, and partly secret.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vedette.alerts import routing
from vedette.alerts.inhibition import Inhibition
from vedette.alerts.matching import Matcher
from vedette.alerts.routing import ALL_LABELS, DEFAULT_RECEIVER, ROOT, Route
from vedette.alerts.types import Routing

_INDENT = "  "


def original(table: Routing) -> str:
    """Return the routing as YAML."""
    lines = [
        "global:",
        "  resolve_timeout: 5m",
        "route:",
        *_indented(_route(_root(table.tree))),
        "receivers:",
        *(f"- name: {_text(name)}" for name in receivers(table)),
        *_inhibitions(table.inhibitions),
        "templates: []",
    ]
    return "\n".join(lines) + "\n"


def receivers(table: Routing) -> tuple[str, ...]:
    """Return the names of all receivers: those written, and those routes lead to; the default one first."""
    written = [DEFAULT_RECEIVER, *(each.name for each in table.receivers)]
    led_to = [each.receiver for each in routing.every(table.tree)]
    return tuple(dict.fromkeys([*written, *led_to]))


def _root(tree: Route) -> Route:
    """Return the first route with what is ours where it says nothing: there, nothing can be inherited."""
    return msgspec.structs.replace(
        tree,
        matchers=(),
        receiver=ROOT.receiver if tree.receiver is None else tree.receiver,
        group_by=ROOT.group_by if tree.group_by is None else tree.group_by,
        group_wait=ROOT.timing.wait if tree.group_wait is None else tree.group_wait,
        group_interval=ROOT.timing.interval if tree.group_interval is None else tree.group_interval,
        repeat_interval=ROOT.timing.repeat if tree.repeat_interval is None else tree.repeat_interval,
        goes_on=False,
    )


def _route(route: Route) -> Iterator[str]:
    if route.receiver is not None:
        yield f"receiver: {_text(route.receiver)}"
    if route.group_by is not None:
        all_of_them = ALL_LABELS in route.group_by
        yield f"group_by: {_list([ALL_LABELS] if all_of_them else dict.fromkeys(route.group_by))}"
    if route.matchers:
        yield f"matchers: {_matchers(route.matchers)}"
    yield f"continue: {'true' if route.goes_on else 'false'}"
    times = {"group_wait": route.group_wait, "group_interval": route.group_interval}
    times["repeat_interval"] = route.repeat_interval
    yield from (f"{name}: {_duration(seconds)}" for name, seconds in times.items() if seconds is not None)
    if route.routes:
        yield "routes:"
    for child in route.routes:
        yield from _item(_route(child))


def _inhibitions(rules: Sequence[Inhibition]) -> Iterator[str]:
    if rules:
        yield "inhibit_rules:"
    for rule in rules:
        yield from _item(
            [
                f"source_matchers: {_matchers(rule.source)}",
                f"target_matchers: {_matchers(rule.target)}",
                f"equal: {_list(rule.equal)}",
            ]
        )


def _item(lines: Iterable[str]) -> Iterator[str]:
    for number, line in enumerate(lines):
        yield f"{'- ' if number == 0 else _INDENT}{line}"


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"{_INDENT}{line}" for line in lines)


def _matchers(matchers: Iterable[Matcher]) -> str:
    return _list(str(each) for each in matchers)


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(_text(each) for each in values)}]"


def _text(value: str) -> str:
    """Return a text as YAML: what JSON writes, and no sign that cannot be printed as it is."""
    written = msgspec.json.encode(value).decode()
    return "".join(sign if sign.isprintable() else f"\\U{ord(sign):08x}" for sign in written)


def _duration(seconds: float) -> str:
    thousandths = round(seconds * 1000)
    return f"{thousandths // 1000}s" if thousandths % 1000 == 0 else f"{thousandths}ms"
