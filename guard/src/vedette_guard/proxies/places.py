"""Parts of the paths that have policies of their own, as regular expressions that PCRE and RE2 read alike.

A path that could be read in two ways is in no part: it is told apart by `ODD`, and gets the policy of all paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from vedette_guard.decisions.csrf import normal_origin
from vedette_guard.decisions.paths import Prefixes
from vedette_guard.plan import Plan, Plans

# Of the path of a request line, as it is sent: what `decisions.paths.plain` refuses, and encodings of it.
ODD = r"(?i)^[^?]*(//|/\.\.?(/|\?|\z)|\\|%2e|%2f|%5c|%00)"
_SAFE = re.compile(r"[A-Za-z0-9/_-]")
Escape = Callable[[str], str]
T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """A part of the paths: its name in the configuration, its prefix, and the plan that counts there."""

    name: str
    prefix: str
    plan: Plan


def places(plans: Plans) -> tuple[Place, ...]:
    """Return the parts, the longest prefix first; the last one is everything (its prefix is empty)."""
    parts: dict[str, Plan] = {}
    for prefixes, plan in plans.below:
        prefix = prefixes.texts[0]
        if "\0" not in prefix:  # such a path is never plain
            parts.setdefault(prefix.rstrip("/") or "/", plan)
    named = [Place(f"p{n}", prefix, plan) for n, (prefix, plan) in enumerate(parts.items(), 1)]
    return (*named, Place("", "", plans.root))


def cascade(
    where: Iterable[Place], exempt: Callable[[Plan], Iterable[str]], inside: T, value: Callable[[Plan], T]
) -> list[tuple[str, T]]:
    """Return prefixes and values, the first that fits counts: `inside` below exempt paths, else the plan's own.

    The last prefix is empty, and stands for all other paths.
    """
    found: list[tuple[str, T]] = []
    for place in where:
        for path in sorted(exempt(place.plan), key=len, reverse=True):
            both = _both(place.prefix, path)
            if both and "\0" not in both:
                found.append((both, inside))
        found.append((place.prefix, value(place.plan)))
    return _first(found)


def _both(prefix: str, path: str) -> str:
    """Return the prefix of what lies under both; empty when nothing does."""
    if not prefix or path in Prefixes((prefix,)):
        return path
    return prefix if prefix in Prefixes((path,)) else ""


def _first(found: list[tuple[str, T]]) -> list[tuple[str, T]]:
    """Return the rows that can decide: the first of a prefix, and none that says what a later one says anyway."""
    seen: dict[str, T] = {}
    for prefix, value in found:
        seen.setdefault(prefix, value)
    rows = list(seen.items())
    usual = seen[""]
    return [
        row for n, row in enumerate(rows) if row[1] != usual or not row[0] or _overlaps(row, rows[n + 1 :])
    ]


def _overlaps(row: tuple[str, T], later: list[tuple[str, T]]) -> bool:
    """Tell whether a later row would decide otherwise about a path of this one."""
    prefix, value = row
    return any(_both(prefix, other) for other, otherwise in later if other and otherwise != value)


def under(prefix: str, escape: Escape) -> str:
    """Return the expression of a path under a prefix, whole segments; of every path for an empty one."""
    text = prefix.rstrip("/")
    return f"^{literal(text, escape)}(/|\\z)" if text else "^/"


def literal(text: str, escape: Escape) -> str:
    """Return the expression of exactly a text: nothing but letters, digits, / _ - stands there as itself."""
    return "".join(char if _SAFE.fullmatch(char) else escape(char) for char in text)


def pcre(char: str) -> str:
    """Return a character as PCRE reads it byte by byte."""
    return "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogateescape"))


def re2(char: str) -> str:
    """Return a character as RE2 reads it by code points."""
    return f"\\x{{{ord(char):x}}}"


def origin(text: str, escape: Escape) -> str:
    """Return the expression (lower case) of an origin, with or without its scheme's own port."""
    scheme, _, rest = normal_origin(text).partition("://")
    name, _, port = rest.rpartition(":") if re.search(r":[0-9]+$", rest) else (rest, "", "")
    own = {"http": "80", "https": "443"}.get(scheme, "")
    end = f":{port}" if port else f"(:{own})?" if own else ""
    return f"{literal(scheme, escape)}://{literal(name, escape)}\\.?{end}".replace(
        "://", literal("://", escape), 1
    )


def host(pattern: str, escape: Escape) -> str:
    """Return the expression (lower case) of the hosts that a pattern of the policy means, with any spelling of them."""
    if pattern == "*":
        return ANY_HOST
    text = pattern.lower()
    wild, text = text.startswith("*."), text.removeprefix("*.")
    match = re.fullmatch(r"(\[.*\]|[^:]*?)\.?(?::([0-9]+))?", text)
    name, port = (match[1], match[2]) if match else (text, None)
    before = r"[a-z0-9_.-]*[a-z0-9_-]\." if wild else ""
    return f"{before}{literal(name, escape)}\\.?{f':{port}' if port else '(:[0-9]+)?'}"


ANY_HOST = r"(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?)(:[0-9]+)?"
