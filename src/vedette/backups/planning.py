"""Is a plan one that can be kept? Pure: what is wrong, each with its place, and how far it is from 3-2-1."""

import difflib
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.backup.types import Engine, Source
from vedette.wire import cron
from vedette.wire.backup import Assertion, Copy, Hook, Plan, What

NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,58}[a-z0-9])?")
COMPARES = ("=", "!=", ">=", "<=", ">", "<")
SNAPSHOTS = ("", "lvm", "btrfs", "zfs")
MOST_WHAT, MOST_COPIES, MOST_HOOKS, MOST_ASSERTS, MOST_WORDS = 30, 10, 20, 50, 100
MOST_SECONDS = 7 * 86_400.0
_LONGEST = 1_000
_MOST_SETTINGS = 100_000  # bytes
_MOST_KEPT = 10_000
_SAFE = "small letters, digits and `-`, at most 60"
Place = tuple[str | int, ...]
Engines = Mapping[str, Engine]
Sources = Mapping[str, Source]


class Wrong(msgspec.Struct, frozen=True):
    """What is wrong with a plan: where in it, and what to write instead."""

    place: Place
    text: str


class Spread(msgspec.Struct, frozen=True):
    """How far a plan is from 3-2-1: places it is kept in (the host's own is one), kinds of them, those elsewhere."""

    copies: int
    media: int
    offsite: int
    kept: bool
    sentence: str


def wrongs(plan: Plan, engines: Engines, sources: Sources) -> tuple[Wrong, ...]:
    """Return all that is wrong with a plan, in its order."""
    return (
        *_named(plan), *_what(plan, sources), *_copies(plan, engines), *_times(plan), *_hooks(plan), *_asserts(plan), *_elsewhere(plan), *_figures(plan),
    )  # fmt: skip


def check(plan: Plan, engines: Engines, sources: Sources) -> None:
    """Pass for a plan that can be kept; raises `Invalid` with what is wrong by its place (`copies.0.at`)."""
    found = wrongs(plan, engines, sources)
    if found:
        fields = {".".join(map(str, one.place)): one.text for one in reversed(found)}
        raise Invalid(found[0].text, fields)


def spread(plan: Plan) -> Spread:
    """Return how far a plan is from 3-2-1: three copies with the live one, on two kinds of places, one of them elsewhere.

    The rule is Peter Krogh's (The DAM Book, 2005).
    """
    places = {"host", *(_medium(copy.at) for copy in plan.copies)}
    copies, offsite = len(plan.copies) + 1, sum(copy.offsite for copy in plan.copies)
    lacks = [
        *([f"{3 - copies} more {'copy' if copies == 2 else 'copies'}"] if copies < 3 else []),
        *(["a second kind of place"] if len(places) < 2 else []),
        *(["one in another place than the host"] if not offsite else []),
    ]
    kept = f"3-2-1 is kept: {copies} copies with the live one, {offsite} of them elsewhere."
    return Spread(
        copies, len(places), offsite, not lacks, f"3-2-1 lacks {' and '.join(lacks)}." if lacks else kept
    )


def _medium(at: str) -> str:
    """Return what kind of place an address names: what lies on the host's own disks burns with it."""
    scheme, _, rest = at.partition(":")
    return f"{scheme}:{rest.lstrip('/').partition('/')[0]}" if not at.startswith("/") else "host"


def _named(plan: Plan) -> Iterator[Wrong]:
    if not NAME.fullmatch(plan.name):
        yield Wrong(("name",), f"{plan.name[:60]!r} is no name of a plan: {_SAFE}.")
    if not 0 < len(plan.what) <= MOST_WHAT:
        yield Wrong(
            ("what",),
            "Say what is to be saved." if not plan.what else f"A plan saves {MOST_WHAT} things at most.",
        )
    if not 0 < len(plan.copies) <= MOST_COPIES:
        yield Wrong(
            ("copies",),
            "Say where it is kept." if not plan.copies else f"A plan has {MOST_COPIES} copies at most.",
        )
    if plan.snapshot not in SNAPSHOTS:
        yield Wrong(("snapshot",), f"`snapshot` is {_one_of(plan.snapshot, SNAPSHOTS[1:])}")


def _what(plan: Plan, sources: Sources) -> Iterator[Wrong]:
    seen: set[str] = set()
    for place, one in enumerate(plan.what[:MOST_WHAT]):
        here: Place = ("what", place)
        called = f"{one.kind}/{one.name}" if one.name else one.kind
        if one.name and not NAME.fullmatch(one.name):
            yield Wrong((*here, "name"), f"{one.name[:60]!r} is no name: {_SAFE}.")
        if called in seen:
            yield Wrong((*here, "name"), f"{called} is there twice; give each a name of its own.")
        seen.add(called)
        yield from _settings(one, here, sources)


def _settings(one: What, here: Place, sources: Sources) -> Iterator[Wrong]:
    source = sources.get(one.kind)
    if source is None:
        yield Wrong((*here, "kind"), f"`kind` is {_one_of(one.kind, sources)}")
    elif len(msgspec.json.encode(one.settings)) > _MOST_SETTINGS:
        yield Wrong((*here, "settings"), "The settings are too long.")
    else:
        try:
            msgspec.convert(one.settings, source.settings)
        except msgspec.ValidationError as error:
            yield Wrong((*here, "settings"), f"{one.kind}: {error}")


def _copies(plan: Plan, engines: Engines) -> Iterator[Wrong]:
    seen: set[str] = set()
    kept: set[str] = set()
    for place, copy in enumerate(plan.copies[:MOST_COPIES]):
        here: Place = ("copies", place)
        if not NAME.fullmatch(copy.name):
            yield Wrong((*here, "name"), f"{copy.name[:60]!r} is no name of a copy: {_SAFE}.")
        if copy.name in seen or copy.at in kept:
            yield Wrong(
                (*here, "name"), f"There are two copies {copy.name[:60]!r}, or two at {copy.at[:100]!r}."
            )
        seen.add(copy.name)
        kept.add(copy.at)
        engine = engines.get(copy.engine)
        if engine is None:
            yield Wrong((*here, "engine"), f"`engine` is {_one_of(copy.engine, engines)}")
        else:
            yield from _copy(copy, here, engine)
            yield from _cluster(plan, here, engine)


def _copy(copy: Copy, here: Place, engine: Engine) -> Iterator[Wrong]:
    yield from _address(copy, here, engine)
    for name in copy.settings:
        if name not in engine.settings:
            yield Wrong(
                (*here, "settings", name), f"{engine.label}: the setting is {_one_of(name, engine.settings)}"
            )
    for name in copy.secrets:
        if name not in engine.secrets:
            yield Wrong((*here, "secrets"), f"{engine.label}: the secret is {_one_of(name, engine.secrets)}")


def _address(copy: Copy, here: Place, engine: Engine) -> Iterator[Wrong]:
    def wrong(text: str) -> Wrong:
        return Wrong((*here, "at"), text)

    if not copy.at or len(copy.at) > _LONGEST or not copy.at.isprintable():
        yield wrong("Say where it is kept: a whole path, or an address.")
        return
    scheme, slashes, _ = copy.at.partition(":")
    if copy.at.startswith("/"):
        if "" not in engine.schemes and engine.schemes:
            yield wrong(f"{engine.label} keeps nothing at a path; write {_schemes(engine)}.")
        if any(step == ".." for step in copy.at.split("/")):
            yield wrong("A whole path has no `..` in it.")
    elif not slashes or scheme not in engine.schemes:
        yield wrong(f"{engine.label} does not understand {copy.at[:60]!r}; write {_schemes(engine)}.")
    elif ":" in copy.at.partition("//")[2].partition("/")[0].rpartition("@")[0]:
        yield wrong("No password stands in an address: it would be shown and logged; give it as a secret.")


def _schemes(engine: Engine) -> str:
    known = [f"{scheme}:…" for scheme in engine.schemes if scheme]
    return " or ".join([*(["a whole path"] if "" in engine.schemes or not known else []), *known])


def _cluster(plan: Plan, here: Place, engine: Engine) -> Iterator[Wrong]:
    """Refuse an engine that saves clusters for what is none, and the other way round."""
    pitr = [one.kind == "postgres" and one.settings.get("mode") == "pitr" for one in plan.what]
    if engine.cluster and pitr != [True]:
        yield Wrong(
            (*here, "engine"),
            f'{engine.label} saves one PostgreSQL cluster alone: what = postgres with mode = "pitr".',
        )
    if not engine.cluster and any(pitr):
        yield Wrong(
            (*here, "engine"),
            f'{engine.label} cannot go back to an instant: use mode = "dump", or pgbackrest.',
        )


def _elsewhere(plan: Plan) -> Iterator[Wrong]:
    if plan.drills.host and not any(map(plan.is_proven_elsewhere, plan.copies)):
        yield Wrong(
            ("drills", "host"),
            f"{plan.drills.host[:60]} cannot read a copy at a path of this host: leave it empty, or keep a copy elsewhere.",
        )


def _times(plan: Plan) -> Iterator[Wrong]:
    schedule = plan.schedule
    if text := cron.problem(schedule.cron, schedule.zone):
        yield Wrong(("schedule", "cron"), text)
    if not 0 <= schedule.jitter <= 86_400:
        yield Wrong(("schedule", "jitter"), "`jitter` is between nothing and a day.")
    if plan.drills.cron and (text := cron.problem(plan.drills.cron, "UTC")):
        yield Wrong(("drills", "cron"), text)
    if plan.drills.sample < 0 or not 1 <= plan.drills.whole_days <= 366:
        yield Wrong(
            ("drills",), "The whole is proven within 1 to 366 days, a sample is 0 bytes (all) or more."
        )


def _hooks(plan: Plan) -> Iterator[Wrong]:
    for name, hooks in (("before", plan.before), ("after", plan.after)):
        if len(hooks) > MOST_HOOKS:
            yield Wrong((name,), f"There are {MOST_HOOKS} hooks at most.")
        for place, hook in enumerate(hooks[:MOST_HOOKS]):
            yield from _hook(hook, (name, place))


def _hook(hook: Hook, here: Place) -> Iterator[Wrong]:
    yield from _program(hook.run, here)
    if not 0 < hook.seconds <= 86_400:
        yield Wrong((*here, "seconds"), "A hook has a day at most.")


def _program(run: Sequence[str], here: Place) -> Iterator[Wrong]:
    if not run or not run[0].startswith("/"):
        yield Wrong(
            (*here, "run"),
            '`run` begins with the whole path of a program: run = ["/usr/local/bin/dump-shop"].',
        )
    if len(run) > MOST_WORDS or any("\0" in word for word in run):
        yield Wrong((*here, "run"), f"`run` has at most {MOST_WORDS} words, none with a zero byte.")


def _asserts(plan: Plan) -> Iterator[Wrong]:
    if len(plan.drills.asserts) > MOST_ASSERTS:
        yield Wrong(("drills", "asserts"), f"There are {MOST_ASSERTS} at most.")
    for place, one in enumerate(plan.drills.asserts[:MOST_ASSERTS]):
        yield from _assert(one, ("drills", "asserts", place))


def _assert(one: Assertion, here: Place) -> Iterator[Wrong]:
    if not one.name or len(one.name) > 100:
        yield Wrong((*here, "name"), "Give it a name: the report of the drill shows it.")
    if bool(one.sql) == bool(one.run):
        yield Wrong(
            here, "It is either `sql` or `run`: a value that is compared, or a program that ends with 0."
        )
    if one.run:
        yield from _program(one.run, here)
    if one.sql and one.is_ not in COMPARES:
        yield Wrong((*here, "is"), f"`is` is {_one_of(one.is_, COMPARES)}")


def _figures(plan: Plan) -> Iterator[Wrong]:
    for name in ("last", "hourly", "daily", "weekly", "monthly", "yearly"):
        if not 0 <= getattr(plan.keep, name) <= _MOST_KEPT:
            yield Wrong(("keep", name), f"`{name}` is between 0 and {_MOST_KEPT:,}.")
    for name in ("rpo", "rto", "proven"):
        if not _is_span(getattr(plan.goals, name), 366 * 86_400.0):
            yield Wrong(("goals", name), f"`{name}` is more than nothing and a year at most.")
    if not _is_span(plan.limits.seconds, MOST_SECONDS):
        yield Wrong(("limits", "seconds"), "A run has more than nothing, and 7 days at most.")
    if plan.limits.upload < 0 or not 0 <= plan.limits.nice <= 19:
        yield Wrong(("limits",), "`upload` is 0 (no limit) or bytes a second, `nice` is between 0 and 19.")
    if not 0 < plan.shrink <= 1:
        yield Wrong(("shrink",), "`shrink` is the share that may vanish: more than 0, 1 at most.")


def _is_span(seconds: float, most: float) -> bool:
    return math.isfinite(seconds) and 0 < seconds <= most


def _one_of(given: str, choices: Iterable[str]) -> str:
    known = list(choices)
    near = difflib.get_close_matches(given, known, 1)
    return f"one of {', '.join(known) or 'none'}, not {given[:40]!r}.{f' Did you mean {near[0]}?' if near else ''}"
