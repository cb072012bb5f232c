"""The headers a policy asks for, by scheme and part of the paths, and how each stands beside the application's own."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace

from vedette_guard.decisions.dressing import Dressing
from vedette_guard.proxies.places import Place

SCHEMES = ("https", "http")
CORS = frozenset({"access-control-allow-origin", "access-control-allow-credentials"})
Key = tuple[str, str]  # scheme, name of a place


class Beside(enum.Enum):
    """What becomes of a header of the policy where the application sends one of that name."""

    KEEP = "the application's stays alone"
    REPLACE = "the policy's stays alone"
    JOIN = "both are sent"


@dataclass(frozen=True)
class Wanted:
    """A header: its values, empty for none; `framed` are those that obey an X-Frame-Options of the application."""

    name: str
    beside: Beside
    values: Mapping[Key, str]
    framed: Mapping[str, Mapping[Key, str]]

    def of(self, place: Place, scheme: str) -> str:
        """Return the value at a place over a scheme."""
        return self.values[scheme, place.name]


def dressing(place: Place, scheme: str) -> Dressing[str]:
    """Return the headers of a place over a scheme, compiled as text."""
    dressings = place.plan.dressings
    return dressings.secure_text if scheme == "https" else dressings.plain_text


def wanted(where: tuple[Place, ...]) -> list[Wanted]:
    """Return all headers that are wanted anywhere, in the order in which the guard sends them."""
    names = dict.fromkeys(
        name for place in where for scheme in SCHEMES for name, _ in dressing(place, scheme).pairs
    )
    root = dressing(where[-1], "https")
    return [_wanted(name, where, root) for name in names if name not in CORS]


def _wanted(name: str, where: tuple[Place, ...], root: Dressing[str]) -> Wanted:
    values = {
        (scheme, place.name): dict(dressing(place, scheme).pairs).get(name, "")
        for place in where
        for scheme in SCHEMES
    }
    beside = Beside.REPLACE if name in root.replaced else Beside.JOIN if name in root.joined else Beside.KEEP
    made = Wanted(name, beside, values, {})
    return replace(made, framed=_framed(made, where)) if name in root.csp and beside is Beside.KEEP else made


def _framed(header: Wanted, where: tuple[Place, ...]) -> dict[str, dict[Key, str]]:
    """Return the values where the application says DENY or SAMEORIGIN; none where that changes nothing."""
    by_option = {}
    for option in ("DENY", "SAMEORIGIN"):
        values = {
            (scheme, place.name): _obeying(header.of(place, scheme), dressing(place, scheme), option)
            for place in where
            for scheme in SCHEMES
        }
        if values != header.values:
            by_option[option] = values
    return by_option


def _obeying(value: str, worn: Dressing[str], option: str) -> str:
    return value.replace(worn.frames, worn.framing[option]) if worn.frames else value


def spelled(name: str) -> str:
    """Return a header's name as people write it."""
    return {"nel": "NEL", "x-xss-protection": "X-XSS-Protection"}.get(name, name.title())
