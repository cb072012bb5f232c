"""A template of `parsing` filled in. Pure.

Values are put in as they are and never read as a template; escaping is each channel's own. Size and work are bounded.
"""

from collections.abc import Mapping, Sequence

from vedette.core.clock import iso
from vedette.core.errors import Invalid
from vedette.notify.parsing import Check, If, Node, Put, parsed
from vedette.notify.types import Notice, Told, Wording

MOST_OUTPUT, MOST_ITEMS = 20_000, 20
Value = str | bool | Mapping[str, "Value"] | Sequence["Value"]


def worded(notice: Notice, wording: Wording) -> Wording:
    """Return title and text of a notice by a template; what the template leaves empty stays as it was.

    Raises `Invalid` when the template cannot be read, or its text grows beyond the bound.
    """
    values = values_of(notice)
    title = " ".join(render(parsed(wording.title), values).split())
    text = render(parsed(wording.text), values).strip("\n")
    return Wording(title=title or notice.title, text=text if wording.text.strip() else notice.text)


def values_of(notice: Notice) -> Mapping[str, Value]:
    """Return what a template may name; `annotations` are those of the first alert."""
    first = notice.alerts[0].annotations if notice.alerts else {}
    return {
        "title": notice.title, "text": notice.text, "severity": notice.severity, "state": notice.state,
        "resolved": notice.state == "resolved", "project": notice.project, "link": notice.link,
        "reason": notice.reason, "receiver": notice.receiver, "time": iso(notice.at),
        "truncated": str(notice.truncated or ""), "labels": notice.labels, "annotations": first,
        "alerts": [_alert(told) for told in notice.alerts],
    }  # fmt: skip


def render(nodes: Sequence[Node], values: Mapping[str, Value]) -> str:
    """Return the text; raises `Invalid` when it grows beyond the bound."""
    page = _Page()
    page.fill(nodes, values)
    return "".join(page.parts)


def _alert(told: Told) -> Mapping[str, Value]:
    return {
        "labels": told.labels, "annotations": told.annotations, "state": told.state, "link": told.link,
        "resolved": told.state == "resolved", "starts": iso(told.starts),
        "ends": "" if told.ends is None else iso(told.ends),
    }  # fmt: skip


class _Page:
    """What was written so far, and how much more may be."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.room = MOST_OUTPUT

    def fill(self, nodes: Sequence[Node], values: Mapping[str, Value]) -> None:
        for node in nodes:
            if isinstance(node, Put):
                self.put(_found(node.path, values) if node.path else node.text)
            elif isinstance(node, If):
                taken = (body for check, body in node.branches if check is None or _holds(check, values))
                self.fill(next(taken, ()), values)
            else:
                alerts = values.get("alerts", ())
                for item in list(alerts)[:MOST_ITEMS] if isinstance(alerts, list | tuple) else ():
                    self.fill(node.body, {**values, node.name: item})

    def put(self, value: Value) -> None:
        text = value if isinstance(value, str) else "yes" if value is True else ""
        self.room -= len(text)
        if self.room < 0:
            raise Invalid(f"The text grows beyond {MOST_OUTPUT} characters.")
        self.parts.append(text)


def _holds(check: Check, values: Mapping[str, Value]) -> bool:
    found = _found(check.path, values)
    return (bool(found) if check.wanted is None else found == check.wanted) != check.negated


def _found(path: Sequence[str], values: Mapping[str, Value]) -> Value:
    """Return the value at a path, "" where there is none; a label's own name may hold dots."""
    found: Value = values
    for n, step in enumerate(path):
        if not isinstance(found, Mapping):
            return ""
        rest = ".".join(path[n:])
        if rest in found:
            return found[rest]
        found = found.get(step, "")
    return found
