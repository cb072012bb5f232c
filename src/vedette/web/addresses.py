"""What the page of an address and the page of rules put together from several rooms."""

import functools
from collections.abc import Mapping, Sequence

import msgspec

from vedette.agent.detect import rules
from vedette.errors.types import Issue
from vedette.hosts import service as hosts
from vedette.hosts.types import Host
from vedette.intrusions import service as intrusions
from vedette.intrusions import signal
from vedette.intrusions.types import GUARD, MODES, Ban, Claim, Seen, Shown, Tally
from vedette.web import visitors
from vedette.wire.agent.types import Measure

WEEK = 7 * 86_400.0
_ISSUES, _ASKED, _INNOCENTS = 10, 4, 20
_GUARD_TITLE = "What guards of applications tell: passwords tried at several of them"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of an address: a sentence first, what stands, what it did, what it caused, who is there."""

    value: str
    title: str
    text: str
    tone: str
    ban: Ban | None
    around: Ban | None
    sheltered: str
    people: tuple[str, ...]
    where: Shown
    claims: tuple[Claim, ...]
    seen: tuple[Seen, ...]
    issues: tuple[Issue, ...]


class Set(msgspec.Struct, frozen=True, kw_only=True):
    """A set of rules: whether some of it ban, what is done with it, by all hosts and by those told otherwise, and what it found and would have done."""

    name: str
    bans: bool
    titles: tuple[str, ...]
    mode: str
    own: tuple[tuple[str, str], ...]
    found: int
    would: int
    values: tuple[tuple[str, str], ...]
    innocents: tuple[tuple[str, str], ...]


def told(value: str, now: float) -> Told:
    """Return what is known of an address or network; raises `Invalid` for what is none."""
    target = intrusions.target_of(value)
    ban, claims, seen = intrusions.of(value, now)
    around = intrusions.around(target.value, now) if ban is None else None
    sheltered, people = intrusions.why_sheltered(target.value, now), visitors.people_at(target.value, now)
    title, text, tone = _sentence(target.value, ban, around, sheltered, people, seen)
    return Told(
        value=target.value, title=title, text=text, tone=tone, ban=ban, around=around, sheltered=sheltered, people=people,
        where=intrusions.whereabouts_of(target.value), claims=claims, seen=seen, issues=_issues(target.value),
    )  # fmt: skip


def _sentence(value: str, ban: Ban | None, around: Ban | None, sheltered: str, people: Sequence[str], seen: Sequence[Seen]) -> tuple[str, str, str]:  # fmt: skip # noqa: PLR0917
    times = sum(one.detection.count for one in seen)
    often = "once" if times == 1 else f"{times:,} times"
    did = f"Noticed {often}, last: {seen[0].detection.reason}" if seen else "No host and no guard noticed it."
    if ban is not None and people:
        return f"{value} is banned, and real users were seen there: {'; '.join(people[:2])}.", did, "crit"
    if ban is not None:
        return f"{value} is banned by {ban.origin}.", did, "warn"
    if around is not None:
        return f"{value} is banned with {around.target.value} around it.", did, "warn"
    if sheltered:
        return f"{sheltered}: it is never banned.", did, "ok"
    return (
        (f"{value} attacks and is not banned." if seen else f"{value} is not banned."),
        did,
        "crit" if seen else "ok",
    )


def _issues(value: str) -> tuple[Issue, ...]:
    """Return the issues an address caused: of its events that name it as the user's."""
    asked = visitors.addresses_of(value)[:_ASKED]
    found = {one.short_id: one for address in asked for one in visitors.issues_of(address, _ISSUES)}
    return tuple(found.values())[:_ISSUES]


def sets(now: float) -> tuple[Set, ...]:
    """Return every set of rules, those that would have banned somebody innocent first, then those that found most."""
    named, modes, known = _titles(), intrusions.modes(), hosts.every()
    tallies, claims = intrusions.tallies(now, WEEK), intrusions.simulated(now, WEEK)
    members = visitors.members(now)
    made = [_set(name, titles, modes, known, tallies, claims, members) for name, titles in named.items()]
    return tuple(sorted(made, key=lambda one: (not one.innocents, -one.would, -one.found, one.name)))


def set_of(rule: str) -> str:
    """Return the set that a rule is in, empty for one that is unknown."""
    return GUARD if rule.startswith("guard-") else _of().get(rule, "")


def _set(name: str, titles: tuple[str, ...], modes: Mapping[str, str], known: Sequence[Host], tallies: Sequence[Tally], claims: Sequence[Claim], members: Mapping[str, str]) -> Set:  # fmt: skip # noqa: PLR0917
    would = list(dict.fromkeys(one.target.value for one in claims if set_of(one.rule) == name))
    own = tuple((one.name, one.modes[name]) for one in known if name in one.modes)
    innocents = tuple((value, members[value]) for value in would if value in members)[:_INNOCENTS]
    return Set(
        name=name, bans=name in _banning(), titles=titles, mode=modes.get(name, "simulate"), own=own, innocents=innocents, would=len(would),
        values=tuple((value, signal.address_link(value)) for value in would[:5]), found=sum(one.detections for one in tallies if set_of(one.rule) == name),
    )  # fmt: skip


@functools.cache
def _titles() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for rule in rules.load():
        found[rule.set] = (*found.get(rule.set, ()), rule.title)
    return {**found, GUARD: (_GUARD_TITLE,)}


@functools.cache
def _banning() -> frozenset[str]:
    return frozenset(rule.set for rule in rules.load() if rule.measure is Measure.BAN)


@functools.cache
def _of() -> Mapping[str, str]:
    return {rule.id: rule.set for rule in rules.load()}


def choices() -> tuple[str, ...]:
    """Return what can be done with a set of rules."""
    return MODES
