"""Verbs of deploying: see what is there, plan, carry out. Nothing here is kept in a database; what is there is at Hetzner."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core.errors import Conflict, Invalid
from vedette.deploy import applying, journal, opening, rules
from vedette.deploy.desired.catalogue import SHIPPED, Catalogue
from vedette.deploy.desired.exporting.writing import Exported, exported
from vedette.deploy.desired.reading import Outcome
from vedette.deploy.intents import host_rules as hosting
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import world
from vedette.deploy.picturing import seeing
from vedette.deploy.picturing.drawing import svg
from vedette.deploy.planning import making, telling
from vedette.deploy.planning.linking import linked
from vedette.deploy.registry import all_kinds
from vedette.deploy.types import Applied, Change, Desired, Planned, Step, Verified, Wish
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.prices import prices
from vedette.instruments.hetzner.reading import read
from vedette.instruments.hetzner.registry import all_adapters
from vedette.instruments.hetzner.types import Names
from vedette.wire import jsons
from vedette.wire.infra import Live, Rule, Thing

_SECRET = "cloud_init"  # noqa: S105 - the field in which people put passwords
Clock = Callable[[], float]


def opened(folder: Path, cloud: Cloud | None = None) -> Outcome:
    """Return what a folder (or a file) says should be there, or everything that is wrong with it, by file and line.

    What the list of Hetzner's offers shipped here does not know is asked of Hetzner. Raises `Invalid` where nothing can be read.
    """
    found = opening.opened(folder)
    if found.desired is not None or cloud is None:
        return found
    return opening.opened(folder, _offered(prices(jsons.record(cloud.get("/pricing"), "pricing"))))


def picture(desired: Desired) -> str:
    """Return the project as the files say it as an SVG: networks, who is in them, and who reaches whom."""
    here = world(desired.things, desired.groups, {}, {})
    return svg(seeing.picture(here, judging.desired(desired)))


def host_rules(desired: Desired, server: str) -> tuple[Rule, ...] | None:
    """Return what the own firewall of a server lets in so that everything that files say goes on, or None where none speaks of it."""
    return hosting.host_rules(desired, server)


def typed_rules(texts: Iterable[str], desired: Desired | None) -> tuple[Rule, ...]:
    """Return rules as people type them (`tcp/8080 from admin`); raises `Invalid`. Groups are those of the files."""
    groups = desired.groups if desired else {}
    return tuple(rule for text in texts for rule in rules.parse(text, "in", groups))


def verify(desired: Desired, cloud: Cloud, now: float) -> Verified:
    """Return whether all is as the files say, and which intents hold by the rules that are there."""
    live = seen(cloud, desired.project, now)
    planned = making.planned(desired, live, all_kinds(), now)
    return Verified(planned=planned, intents=judging.live(desired, live))


def told(verified: Verified) -> str:
    """Return it as people read it, what is broken first."""
    return telling.verified(verified)


def imported(cloud: Cloud, project: str, now: float) -> Exported:
    """Return what is there as the file that says it: planning with that file changes nothing."""
    live = seen(cloud, project, now)
    return exported(live, project, catalogue=_offered(live.prices))


def seen(cloud: Cloud, project: str, now: float) -> Live:
    """Return what is there; raises `CloudError` where nothing can be read."""
    return read(cloud, project, now)[0]


def plan(desired: Desired, cloud: Cloud, now: float, wish: Wish | None = None) -> Planned:
    """Return how what is there becomes what should be; nothing is changed."""
    return making.planned(desired, seen(cloud, desired.project, now), all_kinds(), now, wish)


def apply(
    desired: Desired, cloud: Cloud, folder: Path, clock: Clock, *,
    wish: Wish | None = None, agree: Callable[[Planned], bool], tell: Callable[[Step], None],
) -> tuple[Planned, Applied]:  # fmt: skip
    """Finish what a stopped apply left, plan, ask whether to go on, and carry it out.

    `folder` holds the journal. Where `agree` says no, nothing of the plan is done. Raises `Conflict` where another apply is at work.
    """
    with journal.opened(folder / f"{desired.project}.journal") as kept:
        live, names = read(cloud, desired.project, clock())
        finished = applying.finish(_half_made(desired, live), _ground(cloud, names, kept, clock, tell))
        if finished:
            live, names = read(cloud, desired.project, clock())
        planned = making.planned(desired, live, all_kinds(), clock(), wish)
        if not planned.changes:
            kept.forget(clock())
        if any(step.problem for step in finished) or not planned.changes or not agree(planned):
            return planned, Applied(steps=finished, left=tuple(each.ref for each in planned.changes))
        applied = applying.apply(planned, _ground(cloud, names, kept, clock, tell))
        return planned, msgspec.structs.replace(applied, steps=(*finished, *applied.steps))


def saved(planned: Planned) -> bytes:
    """Return a plan as a file: JSON without what a server's first boot is told, where passwords stand."""
    changes = tuple(
        msgspec.structs.replace(each, before=_bare(each.before), after=_bare(each.after))
        for each in planned.changes
    )
    return msgspec.json.format(
        msgspec.json.encode(msgspec.structs.replace(planned, changes=changes)), indent=1
    )


def is_still(planned: Planned, file: bytes) -> bool:
    """Tell whether a plan is the one of a file: made against the same state, with the same changes. Raises `Invalid`, `Conflict`."""
    try:
        former = msgspec.json.decode(file, type=Planned)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"This is no plan: {error}.") from error
    if former.project != planned.project:
        raise Invalid(f"This is a plan of the project {former.project}, not of {planned.project}.")
    if former.digest != planned.digest:
        raise Conflict("What is at Hetzner changed since this plan was made; make it again and look at it.")
    if [_shown(each) for each in former.changes] != [_shown(each) for each in planned.changes]:
        raise Conflict("The files changed since this plan was made; make it again and look at it.")
    return True


def text(planned: Planned) -> str:
    """Return a plan as people read it."""
    return telling.text(planned)


def summary(planned: Planned) -> str:
    """Return a plan in a sentence."""
    return telling.summary(planned)


def step(done: Step) -> str:
    """Return what became of a change in a line."""
    return telling.step(done)


def outcome(applied: Applied) -> str:
    """Return what became of a plan in a sentence."""
    return telling.outcome(applied)


def _offered(known: Mapping[str, str]) -> Catalogue:
    parts = [key.split("/") for key in known if key.count("/") == 2]
    names = {kind: {each[1] for each in parts if each[0] == kind} for kind in ("server", "load_balancer")}
    return SHIPPED.with_more(servers=names["server"], load_balancers=names["load_balancer"])


def _half_made(desired: Desired, live: Live) -> Sequence[Thing]:
    return linked(desired.things, live.things, desired.project)


def _ground(
    cloud: Cloud, names: Names, kept: journal.Journal, clock: Clock, tell: Callable[[Step], None]
) -> applying.Ground:
    return applying.Ground(
        cloud=cloud, names=names, kinds=all_kinds(), adapters=all_adapters(), journal=kept, now=clock, tell=tell
    )  # fmt: skip


def _bare(thing: Thing | None) -> Thing | None:
    if thing is None or _SECRET not in thing.fields:
        return thing
    return msgspec.structs.replace(
        thing, fields={key: value for key, value in thing.fields.items() if key != _SECRET}
    )


def _shown(change: Change) -> tuple[object, ...]:
    return change.act, change.ref, change.lines, change.wave
