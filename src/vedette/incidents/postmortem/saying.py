"""The sentences of post-mortems: how one stands, what it counts, what is still to be done. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.core.clock import to_datetime
from vedette.incidents.postmortem.drafting import money
from vedette.incidents.postmortem.types import PostMortemLine, PostMortemRules
from vedette.incidents.spans import span
from vedette.incidents.types import Incident, PostMortem, PostMortemState, Task


class Said(msgspec.Struct, frozen=True):
    """How it stands: a tone, an icon, a sentence and what stands behind it."""

    tone: str
    icon: str
    title: str
    text: str = ""


def of_paper(incident: Incident, paper: PostMortem | None) -> Said:
    """Return how the post-mortem of an incident stands."""
    if paper is None:
        when = (
            "It can be begun now, and filled again when it is over."
            if incident.is_open
            else "The timeline fills the first draft."
        )
        return Said("off", "file-text", f"{incident.key} has no post-mortem yet", when)
    if paper.state is PostMortemState.PUBLISHED:
        return Said(
            "ok",
            "circle-check",
            f"What {incident.key} taught",
            f"Written by {paper.author or 'somebody'}, read and published by {paper.reviewer or 'somebody'}.",
        )
    if paper.state is PostMortemState.REVIEW:
        return Said(
            "info",
            "eye",
            f"The post-mortem of {incident.key} waits for a reader",
            f"{paper.author} asks: is it true, and is it whole?",
        )
    return Said(
        "warn",
        "pencil",
        f"The post-mortem of {incident.key} is a draft",
        "What stands in italics asks you something.",
    )


def of_list(lines: Sequence[PostMortemLine]) -> Said:
    """Return how the post-mortems stand."""
    if not lines:
        return Said("off", "file-text", "No post-mortem yet", "Each incident has a link to its own.")
    waiting = [line for line in lines if line.state == PostMortemState.REVIEW]
    drafts = [line for line in lines if line.state == PostMortemState.DRAFT]
    if waiting:
        return Said(
            "info", "eye", f"{_n(len(waiting), 'post-mortem waits', 'post-mortems wait')} for a reader"
        )
    if drafts:
        return Said("warn", "pencil", f"{_n(len(drafts), 'draft is', 'drafts are')} not finished")
    return Said("ok", "circle-check", "Every post-mortem is published")


def of_actions(tasks: Sequence[Task], now: float) -> Said:
    """Return how the action items stand that are not done."""
    late = sum(task.due_at is not None and task.due_at < now for task in tasks)
    if not tasks:
        return Said(
            "ok",
            "circle-check",
            "Nothing is left to do",
            "What follows from post-mortems stands here until it is done.",
        )
    nobody = sum(task.assignee is None for task in tasks)
    text = (
        f"{_n(nobody, 'belongs', 'belong')} to nobody; nobody is reminded of those."
        if nobody
        else "Who has one is reminded on its day, and each week after."
    )
    if late:
        return Said(
            "warn",
            "hourglass",
            f"{_n(late, 'action item is', 'action items are')} late, of {len(tasks)} open",
            text,
        )
    return Said(
        "info", "list", f"{_n(len(tasks), 'action item is', 'action items are')} open, none late", text
    )


def figures(paper: PostMortem, rules: PostMortemRules) -> tuple[tuple[str, str, str], ...]:
    """Return the figures of a post-mortem in words: name, figure, and what belongs behind it in small letters."""
    facts = paper.facts
    told = (
        ("Lasted", _span(facts.get("impact")), ""),
        ("Users", _count(facts.get("users")), "at least"),
        ("Failed requests", _count(facts.get("requests")), "beyond the usual"),
        ("Money", "" if (cost := facts.get("money")) is None else money(cost, rules.currency), "about"),
        ("Detected", _span(facts.get("detect")), "after it began"),
        ("Acknowledged", _span(facts.get("acknowledge")), "later"),
    )
    return tuple(each for each in told if each[1])


def meta(paper: PostMortem) -> str:
    """Return what stands above a post-mortem that is handed on."""
    if paper.published_at is None:
        return f"Draft, not reviewed. Written by {paper.author or 'somebody'}."
    day = to_datetime(paper.published_at)
    return f"Published on {day.day} {day:%B %Y}. Written by {paper.author or 'somebody'}, reviewed by {paper.reviewer or 'somebody'}."


def _span(seconds: float | None) -> str:
    return "" if seconds is None else span(seconds)


def _count(number: float | None) -> str:
    return "" if number is None else f"{number:.0f}"


def _n(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
