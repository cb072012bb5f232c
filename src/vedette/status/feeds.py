"""What happened as Atom (RFC 4287), RSS 2.0, and JSON. Pure."""

from collections.abc import Iterator, Mapping
from email.utils import format_datetime
from html import escape

import msgspec

from vedette.core.clock import iso, to_datetime
from vedette.status import composing, showing
from vedette.status.types import AHEAD, PageIncident, ShownComponent, ShownPage, ShownWindow

MOST = 50
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'


class _Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a feed: its own id and its place on the page, when it was said, in which order of one instant."""

    id: str
    place: str
    at: float
    number: int
    title: str
    text: str


def atom(shown: ShownPage) -> str:
    """Return the last updates, newest first, as Atom."""
    said = _said(shown)
    entries = "".join(
        f"<entry><id>{_x(shown.url)}#{one.id}</id><title>{_x(one.title)}</title><updated>{iso(one.at)}</updated>"
        f'<link href="{_x(shown.url)}#{one.place}"/><content type="text">{_x(one.text)}</content></entry>\n'
        for one in said
    )
    updated = iso(said[0].at if said else shown.page.created_at)
    return (
        f'{_XML}<feed xmlns="http://www.w3.org/2005/Atom"><id>{_x(shown.url)}</id><title>{_x(shown.page.title)}</title>'
        f'<updated>{updated}</updated><link href="{_x(shown.url)}"/><link rel="self" href="{_x(shown.url)}feed.atom"/>'
        f"<author><name>{_x(shown.page.title)}</name></author>\n{entries}</feed>\n"
    )


def rss(shown: ShownPage) -> str:
    """Return the last updates, newest first, as RSS."""
    items = "".join(
        f'<item><guid isPermaLink="false">{_x(shown.url)}#{one.id}</guid><title>{_x(one.title)}</title>'
        f"<link>{_x(shown.url)}#{one.place}</link><pubDate>{format_datetime(to_datetime(one.at))}</pubDate>"
        f"<description>{_x(one.text)}</description></item>\n"
        for one in _said(shown)
    )
    return (
        f'{_XML}<rss version="2.0"><channel><title>{_x(shown.page.title)}</title><link>{_x(shown.url)}</link>'
        f"<description>{_x(shown.page.text or shown.page.title)}</description>\n{items}</channel></rss>\n"
    )


def json(shown: ShownPage) -> str:
    """Return all that the page shows, for programs."""
    found = showing.sentence(shown.components, shown.at)
    names = shown.names
    told = {
        "page": {"title": shown.page.title, "url": shown.url},
        "as_of": iso(shown.at),
        "state": str(found.state),
        "sentence": found.text,
        "components": [_component(one) for one in shown.components],
        "incidents": [_incident(one, names) for one in shown.open],
        "planned": [_incident(one, names) for one in shown.planned],
        "windows": [
            {"starts_at": iso(one.starts), "ends_at": iso(one.ends), "components": [names[each] for each in one.components]}
            for one in shown.windows
        ],
    }  # fmt: skip
    return msgspec.json.encode(told).decode()


def _component(one: ShownComponent) -> dict[str, object]:
    return {
        "id": one.id, "name": one.name, "section": one.section, "state": str(one.state), "since": _iso(one.since),
        "until": _iso(one.until), "uptime": None if one.uptime is None else round(one.uptime, 6),
        "days": [
            {"day": day.day, "up": round(day.up + day.slow), "slow": round(day.slow), "down": round(day.down)}
            for day in one.days
        ],
    }  # fmt: skip


def _incident(one: PageIncident, names: Mapping[int, str]) -> dict[str, object]:
    return {
        "id": one.id, "kind": str(one.kind), "title": one.title, "impact": str(one.impact), "starts_at": iso(one.starts),
        "ends_at": _iso(one.ends), "components": [names[each] for each in one.components if each in names],
        "updates": [{"at": iso(u.at), "progress": str(u.progress), "text": u.text} for u in one.updates],
    }  # fmt: skip


def _said(shown: ShownPage) -> list[_Entry]:
    return sorted(_all(shown), key=lambda one: (one.at, one.number), reverse=True)[:MOST]


def _all(shown: ShownPage) -> Iterator[_Entry]:
    for incident in (*shown.open, *shown.planned, *shown.past):
        for one in incident.updates:
            yield _Entry(
                id=f"u{one.id}", place=f"i{incident.id}", at=one.at, number=one.id, text=one.text,
                title=f"{composing.phase(incident, one)}: {incident.title}",
            )  # fmt: skip
    for window in shown.windows:
        yield _window(window, shown.names)


def _window(one: ShownWindow, names: Mapping[int, str]) -> _Entry:
    """Return a maintenance window as an entry whose words stay the same as long as it is ahead."""
    about = ", ".join(names[each] for each in one.components)
    numbers = ".".join(str(each) for each in one.components)
    return _Entry(
        id=f"w{one.starts:.0f}-{numbers}", place="h-planned", at=one.starts - AHEAD, number=0,
        title=f"Maintenance: {about}", text=f"From {showing.instant(one.starts)} to {showing.instant(one.ends)}.",
    )  # fmt: skip


def _iso(at: float | None) -> str | None:
    return None if at is None else iso(at)


def _x(text: str) -> str:
    """Escape for XML."""
    return escape(showing.printable(text))
