"""Which steps does a runbook have? Pure: the items of its lists that have a box, in their order.

`- [ ] Roll back` is a step; what is indented under it is its detail, the first block of code its command, and a line
`webhook: https://… (destructive)` or `agent: restart-shop on web1` makes that it does itself. Boxes: GitHub Flavored Markdown, "Task list items".
"""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.incidents.types import RunbookStep, RunbookStepKind

MOST_STEPS = 50
LONGEST_TEXT = 100_000
LONGEST_STEP = 200
LONGEST_DETAIL = 4_000
LONGEST_TARGET = 1_000
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +\[[ xX]\] +(\S.*)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_DIRECTIVE = re.compile(r"(webhook|agent):\s*(\S.*)", re.IGNORECASE)
_DESTRUCTIVE = re.compile(r"\s*\(destructive\)\s*$", re.IGNORECASE)
_HOLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:@/-]{0,199}")
_URL = re.compile(
    r"https?://(?:\[[0-9a-f:.]+\]|[^\s/?#@:\\\[\]]+)(?::[1-9]\d{0,4})?(?:[/?#]\S*)?", re.IGNORECASE
)
_ACTION = re.compile(r"([a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?) on ([^\s/](?:[^/]{0,78}[^\s/])?)")
_NO_ACTION = "an agent does `agent: restart-shop on web1`: the name of an action, and that of a host"


class _Item(msgspec.Struct):
    line: int
    text: str
    body: list[str]


def steps(text: str) -> tuple[RunbookStep, ...]:
    """Return the steps of a runbook."""
    return tuple(_step(item) for item in _items(text))


def problems(text: str) -> tuple[str, ...]:
    """Return what is wrong with a runbook, each with its line; none when it can be kept."""
    if len(text) > LONGEST_TEXT:
        return (f"It is longer than {LONGEST_TEXT} characters; split it.",)
    n = sum(1 for _ in _items(text))
    many = (f"It has {n} steps; at most {MOST_STEPS}.",) if n > MOST_STEPS else ()
    return (*many, *(f"Line {line}: {said}." for line, said in faults(text)))


def faults(text: str) -> tuple[tuple[int, str], ...]:
    """Return what is wrong with its steps: the line, counted from 1, and a clause without its stop."""
    return tuple((item.line, said) for item in _items(text) for said in _wrong(item))


def automatic(found: Sequence[RunbookStep]) -> int:
    """Return how many steps do themselves."""
    return sum(step.kind is not RunbookStepKind.MANUAL for step in found)


def action(target: str) -> tuple[str, str] | None:
    """Return the action and the host that a step of an agent names, None where it names none.

    Both are as they are written: no label of an alert says what runs where.
    """
    found = _ACTION.fullmatch(target)
    return (found[1], found[2]) if found else None


def filled(command: str, labels: Mapping[str, str]) -> str:
    """Return a command with `{host}` and the like replaced by labels of the incident.

    A value that a shell could read as more than a word stays a hole: labels come from outside.
    """

    def value(hole: re.Match[str]) -> str:
        found = labels.get(hole[1], "")
        return found if _PLAIN.fullmatch(found) else hole[0]

    return _HOLE.sub(value, command)


def _items(text: str) -> Iterator[_Item]:
    """Yield the items with a box that stand in no block of code."""
    item: _Item | None = None
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = None if fence else _ITEM.fullmatch(line.rstrip())
        inside = bool(fence) or not line.strip() or line[0] in " \t"
        if item is not None and (found or not inside):
            yield item
            item = None
        if found:
            item = _Item(number, found[1].strip(), [])
        elif item is not None:
            item.body.append(line)
        fence = _fence_after(line.strip() if item is not None else line, fence)
    if item is not None:
        yield item


def _fence_after(line: str, fence: str) -> str:
    """Return the fence that is open behind a line, empty for none."""
    found = _FENCE.match(line)
    if found is None:
        return fence
    if not fence:
        return found[1]
    closes = found[1][0] == fence[0] and len(found[1]) >= len(fence) and not line.strip().strip(fence[0])
    return "" if closes else fence


def _step(item: _Item) -> RunbookStep:
    command, rest = _apart(textwrap.dedent("\n".join(item.body).expandtabs(4)).splitlines())
    directive = next((found for line in rest if (found := _DIRECTIVE.fullmatch(line.strip()))), None)
    detail = [line for line in rest if directive is None or line.strip() != directive[0].strip()]
    told = _DESTRUCTIVE.sub("", directive[2]).strip() if directive else ""
    return RunbookStep(
        text=item.text[:LONGEST_STEP],
        detail="\n".join(detail).strip()[:LONGEST_DETAIL],
        command=command[:LONGEST_TARGET],
        kind=RunbookStepKind(directive[1].lower()) if directive else RunbookStepKind.MANUAL,
        target=told[:LONGEST_TARGET],
        destructive=bool(directive and _DESTRUCTIVE.search(directive[2])),
    )


def _apart(lines: Sequence[str]) -> tuple[str, list[str]]:
    """Return the first block of code of a step, and its other lines."""
    command: list[str] = []
    rest: list[str] = []
    fence, taken = "", False
    for line in lines:
        before, fence = fence, _fence_after(line, fence)
        if taken or not (before or fence):
            rest.append(line)
        elif before and fence:
            command.append(line)
        taken = taken or bool(before and not fence)
    return "\n".join(command).strip("\n"), rest


def _wrong(item: _Item) -> Iterator[str]:
    if len(item.text) > LONGEST_STEP:
        yield f"a step has at most {LONGEST_STEP} characters; put the rest under it, indented"
    made = _step(item)
    if made.kind is RunbookStepKind.AGENT and action(made.target) is None:
        yield _NO_ACTION
    if made.kind is RunbookStepKind.WEBHOOK and not _URL.fullmatch(made.target):
        yield "a webhook is an http or https URL without user and password"
