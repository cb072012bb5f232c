"""What a list of monitors shows, and in which order: worst first, in groups, those that are well folded. Pure."""

import enum
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.monitors.types import Change, Glance, State, Watched

BEATS = 48
FEW = 25  # so many are shown without folding any


class Shown(enum.StrEnum):
    """A monitor's state as lists tell it, worst first; one that is paused is nothing else."""

    DOWN = "down"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    WAITING = "waiting"
    UP = "up"
    PAUSED = "paused"


TROUBLE = (Shown.DOWN, Shown.DEGRADED, Shown.UNKNOWN)
SAID = {
    Shown.DOWN: ("crit", "Down"),
    Shown.DEGRADED: ("warn", "Slow"),
    Shown.UNKNOWN: ("off", "Not known"),
    Shown.WAITING: ("off", "Waiting"),
    Shown.UP: ("ok", "Up"),
    Shown.PAUSED: ("off", "Paused"),
}
_PLURAL = {
    Shown.DOWN: ("is down", "are down"),
    Shown.DEGRADED: ("is slow", "are slow"),
    Shown.UNKNOWN: ("is not known", "are not known"),
    Shown.WAITING: ("waits for its first sign", "wait for their first sign"),
    Shown.UP: ("is up", "are up"),
    Shown.PAUSED: ("is paused", "are paused"),
}
_BEAT = {State.UP: "u", State.DEGRADED: "d", State.DOWN: "x"}
_WORSE = "nudx"


class By(enum.StrEnum):
    """What a list is grouped by."""

    PROJECT = "project"
    TAG = "tag"


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Which monitors are asked for; what is empty (or None) asks for nothing. `text` is part of a name or a slug."""

    text: str = ""
    shown: Shown | None = None
    project: int | None = None
    kind: str = ""
    tag: str = ""


class Count(msgspec.Struct, frozen=True):
    """How many monitors of a project, a kind and tags are in a state."""

    project: int
    kind: str
    tags: tuple[str, ...]
    shown: Shown
    n: int


class Group(msgspec.Struct, frozen=True, kw_only=True):
    """Monitors that stand together: how many in each state, and the rows that are shown of them.

    `key` is the id of their project, or their tag.
    """

    key: str
    name: str
    counts: Mapping[Shown, int]
    rows: tuple[Glance, ...] = ()

    @property
    def total(self) -> int:
        """Return how many there are."""
        return sum(self.counts.values())

    @property
    def rest(self) -> str:
        """Say what is not shown: `28 more, all up`; empty when everything is."""
        left = dict(self.counts)
        for row in self.rows:
            state = shown(row.watched)
            left[state] = left.get(state, 0) - 1  # it may have changed since they were counted
        found = {state: n for state, n in left.items() if n > 0}
        total = sum(found.values())
        if not total:
            return ""
        more = f"{total:,}{' more' if self.rows else ''}".replace(",", "\u202f")
        if len(found) == 1:
            one = SAID[next(iter(found))][1].lower()
            return f"{more}, {one}" if total == 1 else f"{more}, all {one}"
        return f"{more}: " + ", ".join(
            f"{found[state]} {SAID[state][1].lower()}" for state in Shown if state in found
        )


class Sentence(msgspec.Struct, frozen=True, kw_only=True):
    """What a page of monitors opens with."""

    tone: str
    icon: str
    title: str
    text: str = ""


def shown(watched: Watched) -> Shown:
    """Return a monitor's state as lists tell it."""
    return Shown.PAUSED if watched.monitor.paused else Shown(str(watched.known.standing.state))


def meets(count: Count, wanted: Wanted) -> bool:
    """Tell whether a count is of what is wanted, whatever its state and its name."""
    return (
        wanted.project in {None, count.project}
        and wanted.kind in {"", count.kind}
        and (not wanted.tag or wanted.tag in count.tags)
    )


def states(counts: Iterable[Count]) -> Mapping[Shown, int]:
    """Return how many are in each state, worst first; states nobody is in are left out."""
    found: dict[Shown, int] = {}
    for one in counts:
        found[one.shown] = found.get(one.shown, 0) + one.n
    return {state: found[state] for state in Shown if state in found}


def tags(counts: Iterable[Count]) -> Mapping[str, int]:
    """Return how many monitors have each tag, by tag."""
    found: dict[str, int] = {}
    for one in counts:
        for tag in one.tags:
            found[tag] = found.get(tag, 0) + one.n
    return dict(sorted(found.items()))


def sentence(counts: Mapping[Shown, int], leading: str) -> Sentence:
    """Return what the list opens with; `leading` tells of the first of those in trouble."""
    watched = sum(n for state, n in counts.items() if state is not Shown.PAUSED)
    if not watched:
        paused = counts.get(Shown.PAUSED, 0)
        return Sentence(
            tone="off",
            icon="heart-pulse",
            title=f"{_many(paused, Shown.PAUSED)}." if paused else "Nothing is watched yet.",
        )
    bad = [state for state in TROUBLE if counts.get(state)]
    if not bad:
        return _calm(counts, watched)
    title = f"{counts[bad[0]]} of {watched:,} {_PLURAL[bad[0]][counts[bad[0]] != 1]}".replace(",", "\u202f")
    more = "".join(f", {_many(counts[state], state)}" for state in bad[1:])
    tone = SAID[bad[0]][0]
    icon = {"crit": "flame", "warn": "triangle-alert"}.get(tone, "circle-help")
    return Sentence(tone=tone, icon=icon, title=f"{title}{more}.", text=leading)


def _calm(counts: Mapping[Shown, int], watched: int) -> Sentence:
    waiting, paused = counts.get(Shown.WAITING, 0), counts.get(Shown.PAUSED, 0)
    up = watched - waiting
    more = [_many(n, state) for n, state in ((waiting, Shown.WAITING), (paused, Shown.PAUSED)) if n]
    text = f"{', '.join(more)}." if more and up else ""
    if not up:
        return Sentence(tone="off", icon="hourglass", title=f"{_many(waiting, Shown.WAITING)}.", text=text)
    title = (
        "The one monitor is up."
        if watched == up == 1
        else f"All {up:,} are up."
        if up == watched
        else f"{up:,} of {watched:,} {_PLURAL[Shown.UP][up != 1]}."
    )
    return Sentence(
        tone="ok", icon="shield-check", title=title.replace(",", "\u202f"), text=text[:1].upper() + text[1:]
    )


def _many(n: int, state: Shown) -> str:
    return f"{n:,} {_PLURAL[state][n != 1]}".replace(",", "\u202f")


def groups(
    counts: Sequence[Count], rows: Sequence[Glance], by: By, names: Mapping[int, str]
) -> tuple[Group, ...]:
    """Return the groups of what is wanted, worst first; who has several tags stands in each of their groups."""
    found: dict[str, dict[Shown, int]] = {}
    for one in counts:
        for key in _keys(one.project, one.tags, by):
            at = found.setdefault(key, {})
            at[one.shown] = at.get(one.shown, 0) + one.n
    seen: dict[str, list[Glance]] = {}
    for row in rows:
        for key in _keys(row.watched.monitor.project, row.watched.monitor.config.tags, by):
            seen.setdefault(key, []).append(row)
    made = [
        Group(key=key, name=_name(key, by, names), counts=at, rows=tuple(seen.get(key, ())))
        for key, at in found.items()
    ]
    return tuple(sorted(made, key=_badness))


def beats(changes: Sequence[Change], start: float, end: float, n: int = BEATS) -> str:
    """Return one letter for each `n`th of a time: the worst a monitor was in it (`x` down, `d` slow, `u` up, `n` not known)."""
    found = ["n"] * n
    step = (end - start) / n
    ends = [*(one.at for one in changes[1:]), end]
    for change, until in zip(changes, ends, strict=False):
        letter = _BEAT.get(change.state, "n")
        first = max(0, int((change.at - start) // step))
        last = min(n - 1, int((min(until, end) - start - 1e-9) // step))
        for place in range(first, last + 1):
            found[place] = max(found[place], letter, key=_WORSE.index)
    return "".join(found)


def _keys(project: int, tagged: Sequence[str], by: By) -> Sequence[str]:
    return [str(project)] if by is By.PROJECT else tagged or [""]


def _name(key: str, by: By, names: Mapping[int, str]) -> str:
    if by is By.TAG:
        return key or "Without a tag"
    return names.get(int(key), "Of no project")


def _badness(group: Group) -> tuple[int, int, str]:
    worst = next((place for place, state in enumerate(Shown) if group.counts.get(state)), len(Shown))
    return (
        min(worst, len(TROUBLE)),
        -sum(group.counts.get(state, 0) for state in TROUBLE),
        group.name.lower(),
    )
