"""The first draft of a post-mortem: what the timeline knows, and questions where only people know. Pure; Markdown."""

import re
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from vedette.core.clock import to_datetime
from vedette.incidents.postmortem.types import Figures, PostMortemRules
from vedette.incidents.spans import clock, span
from vedette.incidents.types import Entry, EntryKind, Evidence, Incident, Task

MOST_LINES = 60
_QUICK_ACK, _SLOW_ACK = 300.0, 900.0
_QUICK_DETECT, _SLOW_DETECT = 120.0, 600.0
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")
_FIRST = re.compile(
    r"^([-+=]|\d+(?=[.)](?:\s|$)))"
)  # what a line may begin with to be a list, a heading or a rule
_ALWAYS = frozenset({EntryKind.DEPLOY, EntryKind.PAGE, EntryKind.ACT, EntryKind.NOTE, EntryKind.STATUS})


class Material(msgspec.Struct, frozen=True, kw_only=True):
    """All that a draft is made of. `lead` is a name or empty; `pages` are people that were paged before somebody answered."""

    incident: Incident
    figures: Figures
    rules: PostMortemRules
    entries: Sequence[Entry] = ()
    causes: Sequence[Evidence] = ()
    similar: Sequence[Evidence] = ()
    tasks: Sequence[Task] = ()
    people: Sequence[str] = ()
    alerts: int = 0


def draft(found: Material) -> str:
    """Return the text of the draft."""
    parts = (
        f"# {found.incident.key}: {plain(found.incident.title)}",
        _section("Summary", _summary(found)),
        _section("Impact", _impact(found)),
        _section("Timeline", _timeline(found)),
        _section("Detection", _detection(found)),
        _section("Response", _response(found)),
        _section("Contributing factors", _factors(found)),
        _section("What went well", _well(found)),
        _section("What went badly", _badly(found)),
        _section("Action items", _actions(found.tasks)),
    )
    return "\n\n".join(parts) + "\n"


def plain(text: str) -> str:
    """Return a text that came from elsewhere on one line, so that Markdown reads nothing into it."""
    line = _SPECIAL.sub(r"\\\1", " ".join(text.split()))
    return _FIRST.sub(_led, line)


def _led(found: re.Match[str]) -> str:
    """Return the beginning of a line that Markdown would take for a mark; of a number its dot is what makes one."""
    return f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\"


def money(amount: float, currency: str) -> str:
    """Return an amount of money in words."""
    return f"{amount:,.0f} {plain(currency)}".replace(",", " ")


def chosen(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the lines that tell the story, oldest first: pinned and annotated ones, what people did, and turns for the worse or better."""
    shown = [entry for entry in entries if not entry.hidden]
    key = [e for e in shown if e.pinned or e.annotation or e.kind in _ALWAYS or e.tone in {"crit", "ok"}]
    ranked = sorted(key, key=lambda e: (not e.pinned, not e.annotation, e.kind not in _ALWAYS, e.at))
    return tuple(sorted(ranked[:MOST_LINES], key=lambda e: (e.at, e.id)))


def until_the_end(entries: Iterable[Entry], over: float | None) -> list[Entry]:
    """Return the lines up to the end of an incident, and what people chose of the time after it."""
    return [e for e in entries if over is None or e.at <= over or e.pinned or e.annotation]


def _section(title: str, lines: Iterable[str]) -> str:
    return f"## {title}\n\n" + "\n".join(lines)


def _summary(found: Material) -> Iterator[str]:
    incident, figures = found.incident, found.figures
    day = to_datetime(incident.started_at)
    how = (
        f"for {span(figures.impact)}" if figures.resolve is not None else f"for {span(figures.impact)} so far"
    )
    yield (
        f"On {day.day} {day:%B %Y} from {clock(incident.started_at)} on, {how}: {plain(incident.title)}"
        f" (severity {incident.severity:d})."
    )
    if incident.summary.strip():
        yield ""
        yield plain(incident.summary)
    yield ""
    yield "*What did customers see, in two sentences?*"


def _impact(found: Material) -> Iterator[str]:
    figures = found.figures
    yield "| What | How much |"
    yield "|---|---|"
    yield f"| Lasted | {figures.impact / 60:.0f} minutes |"
    yield f"| Users | {'not counted' if figures.users is None else f'{figures.users:.0f} at least'} |"
    failed = "not counted" if figures.requests is None else f"{figures.requests:.0f} beyond the usual"
    yield f"| Failed requests | {failed} |"
    if figures.money is not None:
        yield f"| Money | about {money(figures.money, found.rules.currency)} |"
    yield f"| Time to detect | {span(figures.detect)} |"
    yield f"| Time to acknowledge | {_length(figures.acknowledge)} |"
    yield f"| Time to resolve | {_length(figures.resolve)} |"


def _timeline(found: Material) -> Iterator[str]:
    lines = chosen(until_the_end(found.entries, found.incident.resolved_at))
    if not lines:
        yield "*Nothing stands on the timeline. Write down what happened when.*"
    for entry in lines:
        by = f"{plain(entry.by)} " if entry.by else ""
        told = entry.text if not entry.link.startswith("/") else ""
        what = plain(told) if told else f"[{plain(entry.text)}]({entry.link})"
        more = f" ({plain(entry.annotation)})" if entry.annotation else ""
        yield f"- {_when(entry.at, found.incident.started_at)} {by}{what}{more}"


def _when(at: float, began: float) -> str:
    """Return the time of day, with the day where it is another one than that on which the incident began."""
    day = to_datetime(at)
    same = day.date() == to_datetime(began).date()
    return clock(at) if same else f"{day.day} {day:%b} {clock(at)}"


def _detection(found: Material) -> Iterator[str]:
    who = {
        "hand": f"{plain(found.incident.declared_by) or 'Somebody'} noticed it",
        "chat": "Somebody told of it in a chat",
    }
    alerts = f"{found.alerts} {'alert' if found.alerts == 1 else 'alerts'}"
    how = who.get(found.incident.declared.value, f"Vedette noticed it by itself, with {alerts}")
    yield f"{how} {span(found.figures.detect)} after it began."
    yield ""
    yield "*Could it have been noticed sooner, or by an alert instead of a customer?*"


def _response(found: Material) -> Iterator[str]:
    figures = found.figures
    if figures.acknowledge is None:
        yield "Nobody acknowledged it."
    else:
        yield f"It was acknowledged after {span(figures.acknowledge)}."
    if found.people:
        yield f"Took part: {', '.join(map(plain, found.people))}."
    yield (
        f"It was over after {_length(figures.resolve)}."
        if figures.resolve is not None
        else "It is not over yet."
    )
    yield ""
    yield "*Which step helped, which cost time, and what was missing from the runbook?*"


def _factors(found: Material) -> Iterator[str]:
    evidence = (*found.causes, *found.similar)
    for each in evidence:
        rows = "; ".join(_row(text, link) for text, link in each.rows)
        yield f"- {plain(each.sentence)} Evidence: {rows}"
    if not evidence:
        yield "*No cause is known from what Vedette saw. Which conditions had to come together?*"


def _well(found: Material) -> Iterator[str]:
    figures = found.figures
    if figures.detect <= _QUICK_DETECT:
        yield f"- It was noticed within {span(figures.detect)}."
    if figures.acknowledge is not None and figures.acknowledge <= _QUICK_ACK:
        yield f"- Somebody answered within {span(figures.acknowledge)}."
    yield "- *What helped that we should keep?*"


def _badly(found: Material) -> Iterator[str]:
    figures = found.figures
    if figures.detect >= _SLOW_DETECT:
        yield f"- It took {span(figures.detect)} until anybody knew."
    if figures.acknowledge is None or figures.acknowledge >= _SLOW_ACK:
        yield f"- It took {_length(figures.acknowledge)} until somebody answered."
    if found.similar:
        yield "- It happened before, as the contributing factors say."
    yield "- *What made it worse or longer? Name conditions, not people.*"


def _actions(tasks: Iterable[Task]) -> Iterator[str]:
    listed = [f"- [{'x' if task.done_at is not None else ' '}] {plain(task.text)}" for task in tasks]
    yield from listed or ["*Add action items beside this text: with somebody to do each, and a day.*"]


def _row(text: str, link: str) -> str:
    return f"[{plain(text)}]({link})" if link.startswith("/") else plain(text)


def _length(seconds: float | None) -> str:
    return "not yet" if seconds is None else span(seconds)
