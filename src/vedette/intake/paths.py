"""Which door a request knocks at: the URL paths Sentry clients use, in every form they come in."""

import re
from enum import Enum
from functools import lru_cache

import msgspec


class Door(Enum):
    """A door of the front: the protocol spoken there."""

    ENVELOPE = "envelope"
    STORE = "store"
    REPORTS = "reports"
    MINIDUMP = "minidump"
    ATTACHMENTS = "attachments"
    CRON = "cron"
    FEEDBACK = "feedback"
    OTLP = "otlp"
    LOADER = "loader"
    ALERTS = "alerts"
    HOOK = "hook"
    PING = "ping"


class Route(msgspec.Struct, frozen=True):
    """A door of a project. `item_type` is what a body at a door other than those of events is counted as.

    `key` is a key in the path itself (heartbeats, scripts), `name` what the path is about (an event's id, a
    monitor's slug, a hook's name, what a ping says, a part of the client); empty where there is none.
    """

    project: int
    door: Door
    item_type: str = "event"
    key: str = ""
    name: str = ""


ALERTS = "/api/v2/alerts"
HOOKS = "/api/hooks/alerts/"
_MOST_CODE = 255
_LOADER = re.compile(r"(?:/[^/]+)?/+js/+([0-9a-f]{32})(?:\.(vitals|feedback))?(?:\.min)?\.js")
_HOOK = re.compile(rf"{HOOKS}([a-z0-9][a-z0-9-]{{0,59}})/?")
_PING = re.compile(
    r"/ping/([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})(?:/(start|fail|log|\d{1,3}))?/?"
)
_FIXED = {
    ("envelope",): (Door.ENVELOPE, "event"),
    ("store",): (Door.STORE, "event"),
    ("security",): (Door.REPORTS, "security"),
    ("csp-report",): (Door.REPORTS, "security"),
    ("nel",): (Door.REPORTS, "nel"),
    ("minidump",): (Door.MINIDUMP, "attachment"),
    ("user-feedback",): (Door.FEEDBACK, "user_report"),
    ("integration", "otlp", "v1", "logs"): (Door.OTLP, "log"),
    ("integration", "otlp", "v1", "traces"): (Door.OTLP, "span"),
}


@lru_cache(maxsize=4096)
def match(path: str) -> Route | None:
    """Return the door at `[/prefix]/api/{project}/{door}[/]`, or None when it is no door of ours.

    Slashes may be doubled anywhere, and the last one may be missing. `/js/{key}[.{part}].js` is the loader's,
    `/api/v2/alerts` Alertmanager's, `/api/hooks/alerts/{name}` a hook's, `/ping/{uuid}[/{act}]` a heartbeat's:
    these are of no project.
    """
    if path == ALERTS:
        return Route(0, Door.ALERTS, "alert")
    if path.startswith("/ping/"):
        return _ping(path)
    hook = _HOOK.fullmatch(path)
    if hook:
        return Route(0, Door.HOOK, "alert", name=hook[1])
    if "/api/" not in path:
        return _loader(path)
    parts = [part for part in path.split("/") if part]
    for at, part in enumerate(parts):
        if part == "api" and at + 2 < len(parts) and _is_number(parts[at + 1]):
            return _door(int(parts[at + 1]), tuple(parts[at + 2 :]))
    return None


def takes(path: str, method: str) -> bool:
    """Tell whether a request is for the front door; alerts are pushed there, and read from the pages' side."""
    route = match(path)
    return route is not None and (route.door is not Door.ALERTS or method == "POST")


def _loader(path: str) -> Route | None:
    found = _LOADER.fullmatch(path)
    return Route(0, Door.LOADER, key=found[1], name=found[2] or "") if found else None


def _ping(path: str) -> Route | None:
    found = _PING.fullmatch(path.lower())
    if found is None or (found[2] and found[2].isdigit() and int(found[2]) > _MOST_CODE):
        return None
    return Route(0, Door.PING, "ping", found[1].replace("-", ""), found[2] or "")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _door(project: int, rest: tuple[str, ...]) -> Route | None:
    if rest in _FIXED:
        return Route(project, *_FIXED[rest])
    if rest[0] == "cron" and len(rest) in {2, 3}:
        return Route(project, Door.CRON, "check_in", rest[2] if len(rest) == 3 else "", rest[1])
    if len(rest) == 3 and rest[0] == "events" and rest[2] == "attachments":
        return Route(project, Door.ATTACHMENTS, "attachment", name=rest[1])
    return None
