"""Write an issue and its event as Markdown, for a ticket, a chat or a colleague."""

import re
from collections.abc import Iterator

import msgspec

from vedette.errors.present import crumbs, event, frames

MOST_FRAMES = 20
MOST_CRUMBS = 10


class Head(msgspec.Struct, frozen=True):
    """What stands above the stack: the issue in words."""

    key: str
    title: str
    message: str
    culprit: str
    link: str
    seen: str
    why: str = ""
    tags: tuple[tuple[str, str], ...] = ()


def markdown(head: Head, layout: event.Layout) -> str:
    """Return the text: title, facts, why grouped, stacks with the lines they stand at, breadcrumbs and tags."""
    parts = [
        f"## [{head.key}]({head.link}) {head.title}",
        _fenced(head.message) if head.message else "",
        f"`{head.culprit}`" if head.culprit else "",
        head.seen,
        "\n".join(f"- **{fact.name}**: {_inline(fact.text)}" for fact in layout.facts),
        head.why,
        *map(_stack, layout.exceptions),
        _crumbs(layout.crumbs),
        _tags(head.tags),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _stack(stack: frames.Stack) -> str:
    body = "\n".join(_frame_lines(stack)) or stack.note
    return f"### {stack.lead} {stack.title}\n\n".replace("###  ", "### ") + _fenced(
        "\n".join(filter(None, (stack.value, body)))
    )


def _frame_lines(stack: frames.Stack) -> Iterator[str]:
    listed = [frame for group in stack.groups for frame in group.frames]
    for frame in listed[:MOST_FRAMES]:
        line = f" line {frame.line}" if frame.line else ""
        yield f"{'*' if frame.yours else ' '} {frame.function} in {frame.place}{line}"
        hit = next((line.text for line in frame.source if line.hit), "")
        if frame.yours and hit:
            yield f"      {hit.strip()}"
    if len(listed) > MOST_FRAMES:
        yield f"  and {len(listed) - MOST_FRAMES} more frames"


def _crumbs(found: tuple[crumbs.Crumb, ...]) -> str:
    if not found:
        return ""
    lines = (f"- {_inline(c.category)}: {_inline(c.text)} ({c.ago})" for c in found[:MOST_CRUMBS])
    return "### Leading up to it\n\n" + "\n".join(lines)


def _tags(tags: tuple[tuple[str, str], ...]) -> str:
    listed = "\n".join(f"- {_inline(key)}: {_inline(value)}" for key, value in tags)
    return f"### Tags\n\n{listed}" if listed else ""


def _inline(text: str) -> str:
    """Return a text as inline code, on one line, whatever it holds."""
    flat = " ".join(text.split()).replace("`", "'")
    return f"`{flat}`" if flat else "-"


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"
