"""What the guard tells of what it stopped: kinds, what counts as the same, and how Vedette reads it.

A detection travels as an event of Sentry's protocol (level warning), so that any server of that protocol makes an issue
of each kind and route. What repeats is folded: `times` says how often.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, get_args

from vedette_guard.decisions.masking import masked

Kind = Literal["csrf", "rates", "limits", "uploads", "inspect", "sign-in", "banned", "uncounted"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TITLES: Mapping[str, str] = {
    "csrf": "Refused a request that a foreign page sent",
    "rates": "Refused a client that asks too often",
    "limits": "Refused a request that brings too much",
    "uploads": "Refused an upload",
    "inspect": "Saw what looks like an attack",
    "sign-in": "A sign-in failed",
    "banned": "Refused a banned address",
    "uncounted": "Could not count requests: the store of rates does not answer",
    "lost": "Reports of the guard were lost",
}
LOGGER = "vedette.guard"
DETAILS, LONGEST, SEGMENTS, SEGMENT = 20, 300, 5, 32
TOKEN = 16  # letters from which on a segment that mixes cases is taken for a token


@dataclass
class Detection:
    """Something the guard stopped or saw, `times` times between `first` and `last` (seconds since 1970)."""

    kind: str
    reason: str
    first: float
    last: float
    client: str = ""
    method: str = ""
    route: str = ""
    user: str = ""
    detail: Mapping[str, str] = field(default_factory=dict)
    times: int = 1

    @property
    def key(self) -> object:
        """Return what makes another detection the same one, repeated."""
        return self.kind, self.reason, self.client, self.method, self.route, self.user

    @property
    def size(self) -> int:
        """Return about how many bytes it takes to tell."""
        texts = (self.reason, self.client, self.method, self.route, self.user)
        return 500 + sum(map(len, texts)) + sum(len(k) + len(v) for k, v in self.detail.items())


class Listener(Protocol):
    """Who hears what the guard stopped. It never blocks and never raises."""

    def tell(
        self,
        kind: Kind,
        reason: str,
        *,
        client: str = "",
        method: str = "",
        path: str = "",
        user: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Hear of something that was stopped or seen."""  # fmt: skip

    def failed(self, error: BaseException, *, client: str = "", method: str = "", path: str = "") -> None:
        """Hear of an exception that left the application."""


@functools.lru_cache(1024)
def route_of(path: str) -> str:
    """Return a path without what is about one thing only (numbers, keys, tokens, addresses): those become `*`."""
    segments = path[:LONGEST].split("/")[1:]
    kept = ["*" if _is_about_one_thing(segment) else segment for segment in segments[:SEGMENTS]]
    return "/" + "/".join(kept + (["*"] if len(segments) > SEGMENTS else []))


def _is_about_one_thing(segment: str) -> bool:
    if len(segment) >= TOKEN and segment != segment.lower() and segment != segment.upper():
        return True
    return len(segment) > SEGMENT or not all(one.isalpha() or one in "-_." for one in segment)


def details(said: Mapping[str, object] | None) -> dict[str, str]:
    """Return further facts as texts: bounded, and masked."""
    pairs = list((said or {}).items())[:DETAILS]
    return {name[:50]: masked(str(value)[:LONGEST]) for name, value in pairs}


def event_of(detection: Detection) -> dict[str, Any]:
    """Return the event that tells of a detection; one issue for each kind and route, of rates for each rule."""
    kind, route = detection.kind, detection.route
    group = detection.reason if kind in ("rates", "uncounted") else route
    user = {"ip_address": detection.client, "id": detection.user}
    return {
        "level": "warning",
        "logger": LOGGER,
        "timestamp": detection.last,
        "platform": "python",
        "transaction": route,
        "message": {"formatted": _sentence(detection)},
        "fingerprint": ["vedette-guard", kind, group],
        "tags": {"guard.kind": kind},
        "user": {name: value for name, value in user.items() if value},
        "request": {"method": detection.method, "url": route} if route else {},
        "contexts": {
            "guard": {
                "kind": kind,
                "reason": detection.reason,
                "times": detection.times,
                "first": detection.first,
                "last": detection.last,
                **detection.detail,
            }
        },
    }


def _sentence(detection: Detection) -> str:
    title = TITLES[detection.kind]
    if detection.kind in ("rates", "lost", "uncounted"):
        return f"{title}: {detection.reason}"
    return f"{title}: {detection.method} {detection.route}" if detection.route else title
