"""What arrived of an SDK's event, as a row of the tables in docs/sdks.md."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

HEAD = (
    "from", "title", "culprit", "level", "release", "user", "tags", "frames", "breadcrumbs", "threads", "sent too, not kept",
)  # fmt: skip
_MADE_HERE = frozenset(
    {
        "level",
        "user",
        "release",
        "environment",
        "handled",
        "mechanism",
        "transaction",
        "server_name",
        "logger",
    }
)
_PAGE = re.compile(r"^http://127\.0\.0\.1:\d+/\?.*")
Json = dict[str, Any]


def row(source: str, event: Json, not_kept: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the cells of an event as `vedette export` tells it."""
    data = event.get("data", {})
    frames = _frames(data)
    source_shown = any(frame.get("context_line") for frame in frames)
    tags = {key for key, _ in event.get("tags", [])} - _MADE_HERE
    return (
        source, event["title"], _PAGE.sub("address of the page", event.get("culprit", "")), event.get("level", "error"), event.get("release", ""), event.get("user", ""),
        _mark(tags), ("with source" if source_shown else _mark(frames)), _mark(_members(data, "breadcrumbs")), _mark(_members(data, "threads")),
        ", ".join(sorted(not_kept)),
    )  # fmt: skip


def table(rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table with its head."""
    lines = [HEAD, ["---"] * len(HEAD), *rows]
    return "".join(f"| {' | '.join(map(_cell, cells))} |\n" for cells in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") or "–"


def _mark(found: object) -> str:
    return "yes" if found else ""


def _members(data: Json, key: str) -> list[Json]:
    part = data.get(key)
    listed = part.get("values") if isinstance(part, dict) else part
    return [member for member in listed or [] if isinstance(member, dict)]


def _frames(data: Json) -> list[Json]:
    holders = [*_members(data, "exception"), *_members(data, "threads"), data]
    return [frame for holder in holders for frame in (holder.get("stacktrace") or {}).get("frames") or []]
