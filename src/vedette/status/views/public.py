"""Draws what visitors see: every page, picture, feed and answer of a status page, to be kept in memory."""

from collections.abc import Iterable, Mapping, Sequence

from django.template.loader import render_to_string

from vedette.core.clock import iso, to_datetime
from vedette.status import badges, composing, days, feeds, showing
from vedette.status.answers import ATOM, HTML, JSON, RSS, SVG, Body
from vedette.status.types import (
    DAY,
    DAYS,
    NoticeKind,
    PageIncident,
    PageUpdate,
    Progress,
    ShownComponent,
    ShownPage,
    ShownWindow,
)

RECENT = 14 * DAY
_ICONS = {
    "ok": "circle-check",
    "warn": "triangle-alert",
    "crit": "octagon-alert",
    "info": "calendar",
    "off": "circle-help",
}
_IMPACT_TONES = {"none": "off", "slow": "warn", "down": "crit"}
# What is said after a form, in the language of the page: heading, text, and whether a form follows.
_SAID = {
    "asked": ("Confirm it now", "A message is on its way. Open the link in it: from then on you hear of this page. Who is subscribed already gets none."),
    "confirmed": ("You hear of it from now on", "Each message holds a link by which you leave."),
    "left": ("You hear no more of it", "What was kept of you is gone."),
    "stale": ("This link does not work", "It is too old, or not complete. Subscribe again to get another."),
    "bad": ("That cannot be told", "Give an e-mail address, or a web address that begins with https://."),
    "full": ("No more can subscribe", "This page takes no more subscribers of this kind. Its feeds tell the same."),
    "busy": ("Not now", "Too many ask at once, or the same was asked too often. Nothing was changed; try again in a minute."),
    "missing": ("There is no such page", "Everything there is begins on the first page."),
}  # fmt: skip


def render(shown: ShownPage) -> Mapping[str, Body]:
    """Return every body of a page by its path below it; those that begin with `=` are answers to forms and wrong paths.

    Of one that is switched off there are these alone.
    """
    if not shown.page.enabled:
        return _answers(shown)
    return {**_pages(shown), **_history(shown), **_machines(shown), **_pictures(shown), **_answers(shown)}


def page(shown: ShownPage, *, preview: bool = False) -> str:
    """Return the first page alone, as a visitor would see it now."""
    return _html("page", shown, "", {**_first(shown), "preview": preview})


def _pages(shown: ShownPage) -> dict[str, Body]:
    embed = _html("embed", shown, "../", _first(shown))
    return {
        "": Body(kind=HTML, text=page(shown)),
        "embed/": Body(kind=HTML, text=embed, framed=True),
    }


def _first(shown: ShownPage) -> dict[str, object]:
    recent = [one for one in shown.past if (one.ends or 0) > shown.at - RECENT]
    return {
        "sections": _sections(shown.components),
        "open": [_notice(shown, one) for one in shown.open],
        "planned": [_notice(shown, one) for one in shown.planned],
        "windows": [_window(shown, one) for one in shown.windows],
        "recent": [_notice(shown, one) for one in recent],
    }


def _history(shown: ShownPage) -> dict[str, Body]:
    """Return a page for each month in which something was announced, and one that leads there."""
    months: dict[str, list[PageIncident]] = {}
    for one in (*shown.open, *shown.past):
        months.setdefault(f"{to_datetime(one.starts):%Y-%m}", []).append(one)
    names = sorted(months, reverse=True)
    links = [{"key": key, "name": _month(months[key][0].starts), "n": len(months[key])} for key in names]
    found = {"history/": Body(kind=HTML, text=_html("history", shown, "../", {"months": links}))}
    for key in names:
        about = {
            "month": _month(months[key][0].starts),
            "notices": [_notice(shown, one) for one in months[key]],
        }
        found[f"history/{key}/"] = Body(kind=HTML, text=_html("month", shown, "../../", about))
    return found


def _machines(shown: ShownPage) -> dict[str, Body]:
    return {
        "status.json": Body(kind=JSON, text=feeds.json(shown), shared=True),
        "feed.atom": Body(kind=ATOM, text=feeds.atom(shown), shared=True),
        "feed.rss": Body(kind=RSS, text=feeds.rss(shown), shared=True),
    }


def _pictures(shown: ShownPage) -> dict[str, Body]:
    found = showing.sentence(shown.components, shown.at)
    least = min((one.uptime for one in shown.components if one.uptime is not None), default=None)
    drawn = {
        "badge.svg": badges.badge(shown.page.title, showing.WORDS[found.state].lower(), found.state),
        "uptime.svg": _uptime(f"{shown.page.title}, {DAYS} days", least),
    }
    for one in shown.components:
        drawn[f"badge-{one.id}.svg"] = badges.badge(one.name, showing.WORDS[one.state].lower(), one.state)
        drawn[f"uptime-{one.id}.svg"] = _uptime(one.name, one.uptime)
    return {path: Body(kind=SVG, text=text, shared=True) for path, text in drawn.items()}


def _uptime(name: str, share: float | None) -> str:
    return badges.badge(name, days.percent(share), badges.of_uptime(share))


def _answers(shown: ShownPage) -> dict[str, Body]:
    found = {
        f"={key}": _html("said", shown, None, {"head": head, "said": text})
        for key, (head, text) in _SAID.items()
    }
    asked = {
        "confirm": ("Hear of this page?", "Yes, tell me"),
        "leave": ("Hear no more of this page?", "Leave"),
    }
    for key, (head, verb) in asked.items():
        found[f"={key}"] = _html("said", shown, None, {"head": head, "verb": verb})
    for key in ("password", "wrong"):
        found[f"={key}"] = _html("password", shown, None, {"bad": key == "wrong"})
    return {key: Body(kind=HTML, text=text) for key, text in found.items()}


def _html(name: str, shown: ShownPage, root: str | None, about: Mapping[str, object]) -> str:
    """Return a page; `root` leads from where it stands to the first page, None when it stands at many places."""
    found = showing.sentence(shown.components, shown.at)
    context = {
        "page": shown.page, "home": shown.url if root is None else root or "./", "sentence": found.text, "tone": found.tone,
        "icon": _ICONS[found.tone], "at": iso(shown.at), "at_words": showing.instant(shown.at), **about,
    }  # fmt: skip
    return render_to_string(f"status/public/{name}.html", context)


def _sections(components: Iterable[ShownComponent]) -> Sequence[dict[str, object]]:
    found: dict[str, list[dict[str, object]]] = {}
    for one in components:
        found.setdefault(one.section, []).append(
            {
                "id": one.id, "name": one.name, "tone": showing.TONES[one.state], "word": showing.WORDS[one.state],
                "beats": days.beats(one.days), "sentence": f"{one.name}. {days.described(one.days)}",
                "uptime": days.percent(one.uptime), "n": len(one.days),
            }
        )  # fmt: skip
    return [{"name": name, "components": there} for name, there in found.items()]


def _notice(shown: ShownPage, one: PageIncident) -> dict[str, object]:
    names = shown.names
    planned = one.kind is NoticeKind.MAINTENANCE
    over = one.ends is not None and one.ends <= shown.at
    word = "Over" if over else "Maintenance" if planned else composing.IMPACTS[one.impact]
    return {
        "id": one.id, "title": one.title, "planned": planned, "word": word,
        "tone": "ok" if over else "info" if planned else _IMPACT_TONES[one.impact],
        "about": [names[each] for each in one.components if each in names],
        "starts": _time(one.starts), "ends": _time(one.ends) if one.ends is not None else None,
        "updates": [_update(one, each) for each in one.updates],
    }  # fmt: skip


def _window(shown: ShownPage, one: ShownWindow) -> dict[str, object]:
    names = ", ".join(shown.names[each] for each in one.components)
    return {"names": names, "starts": _time(one.starts), "ends": _time(one.ends)}


def _update(incident: PageIncident, one: PageUpdate) -> dict[str, object]:
    first = incident.kind is NoticeKind.MAINTENANCE and one.progress is not Progress.RESOLVED
    word = "Announced" if first else composing.phase(incident, one)
    return {"word": word, "text": one.text, **_time(one.at)}


def _time(at: float) -> dict[str, str]:
    return {"iso": iso(at), "words": showing.instant(at)}


def _month(at: float) -> str:
    return f"{to_datetime(at):%B %Y}"
