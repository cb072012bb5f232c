"""How an update reads to a subscriber: subject and text of a mail, JSON of a webhook. Pure."""

from collections.abc import Mapping

import msgspec

from vedette.core.clock import iso
from vedette.status.showing import clock
from vedette.status.types import Impact, NoticeKind, PageIncident, PageUpdate, Progress, StatusPage

PROGRESS = {
    Progress.INVESTIGATING: "Investigating",
    Progress.IDENTIFIED: "Identified",
    Progress.MONITORING: "Monitoring",
    Progress.RESOLVED: "Resolved",
}
IMPACTS = {Impact.NONE: "No impact", Impact.SLOW: "Slow", Impact.DOWN: "Down"}


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """What a subscriber gets: `subject` and `text` of a mail, and the same for a program as `body` (JSON)."""

    subject: str
    text: str
    body: bytes


def asking(page: StatusPage, url: str, confirm: str) -> Letter:
    """Return the question whether somebody wants to hear of a page."""
    text = (
        f"Somebody, probably you, asked to hear of what happens at {page.title} ({url}).\n\n"
        f"Confirm it here:\n{confirm}\n\nIf it was not you, do nothing: you will hear no more."
    )
    told = {"event": "confirm", "page": {"title": page.title, "url": url}, "confirm_url": confirm}
    return Letter(subject=f"{page.title}: confirm that you want to hear of it", text=text, body=_json(told))


def update(
    page: StatusPage, url: str, said: tuple[PageIncident, PageUpdate], leave: str, now: float
) -> Letter:
    """Return an update of an incident or a maintenance for one subscriber."""
    incident, found = said
    word = phase(incident, found)
    names = {one.id: one.name for one in page.components}
    about = [names[one] for one in incident.components if one in names]
    lines = [f"{word}: {incident.title}", found.text]
    if about:
        lines.append(f"It is about {', '.join(about)}.")
    if incident.kind is NoticeKind.MAINTENANCE and incident.ends is not None:
        lines.append(f"From {clock(incident.starts, now)} to {clock(incident.ends, now)}.")
    lines += [f"All that is known: {url}", f"To hear no more of it: {leave}"]
    told = {
        "event": str(incident.kind), "page": {"title": page.title, "url": url}, "title": incident.title,
        "impact": str(incident.impact), "progress": str(found.progress), "text": found.text, "components": about,
        "at": iso(found.at), "starts_at": iso(incident.starts),
        "ends_at": None if incident.ends is None else iso(incident.ends), "unsubscribe_url": leave,
    }  # fmt: skip
    return Letter(
        subject=f"[{page.title}] {word}: {incident.title}", text="\n\n".join(lines), body=_json(told)
    )


def phase(incident: PageIncident, found: PageUpdate) -> str:
    """Return how far it was at an update, in one word."""
    if incident.kind is NoticeKind.MAINTENANCE:
        return "Maintenance is over" if found.progress is Progress.RESOLVED else "Maintenance"
    return PROGRESS[found.progress]


def _json(told: Mapping[str, object]) -> bytes:
    return msgspec.json.encode(told)
