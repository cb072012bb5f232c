"""Verbs of deploying without a server: see what is there, plan, carry out. No database is asked; what is there is at Hetzner."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from vedette.core.errors import Conflict, Invalid
from vedette.deploy import applying, journal, memory, opening, rules
from vedette.deploy.adopting import adopting
from vedette.deploy.attack import listing, switching, tightening
from vedette.deploy.attack import telling as attack_told
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.exporting.writing import Exported, exported
from vedette.deploy.desired.reading import Outcome
from vedette.deploy.drifting import remembering
from vedette.deploy.drifting import seeing as drifting
from vedette.deploy.drifting import telling as drift_telling
from vedette.deploy.hands import Local, Ssh
from vedette.deploy.intents import host_rules as hosting
from vedette.deploy.intents import judging
from vedette.deploy.intents.world import world
from vedette.deploy.picturing import seeing
from vedette.deploy.picturing.drawing import svg
from vedette.deploy.planning import making, telling
from vedette.deploy.planning.choosing import fitting
from vedette.deploy.planning.linking import linked
from vedette.deploy.registry import all_kinds
from vedette.deploy.rolling import acting as rolling
from vedette.deploy.rolling import telling as rolling_told
from vedette.deploy.rolling.serving import Served
from vedette.deploy.types import (
    Adopted,
    Applied,
    Besieged,
    Change,
    Desired,
    Drifted,
    Event,
    Hands,
    Memory,
    Planned,
    Roll,
    Rolled,
    RollPlanned,
    Shield,
    Step,
    Verified,
    Wish,
)
from vedette.deploy.witnessing import choosing, scanned, weighing
from vedette.deploy.witnessing.choosing import Chosen
from vedette.instruments.hetzner.cloud import Cloud
from vedette.instruments.hetzner.happenings import happened
from vedette.instruments.hetzner.prices import prices
from vedette.instruments.hetzner.reading import read
from vedette.instruments.hetzner.registry import all_adapters
from vedette.instruments.hetzner.types import Names
from vedette.plumbing.net.port import Net
from vedette.wire import jsons
from vedette.wire.finding import Finding
from vedette.wire.infra import Live, Rule, Thing
from vedette.wire.witness import Looks, Witness

_SECRET = "cloud_init"  # noqa: S105 - the field in which people put passwords
Clock = Callable[[], float]
Looking = Callable[[Looks], Witness]


def opened(folder: Path, cloud: Cloud | None = None) -> Outcome:
    """Return what a folder (or a file) says should be there, or everything that is wrong with it, by file and line.

    What the list of Hetzner's offers shipped here does not know is asked of Hetzner. Raises `Invalid` where nothing can be read.
    """
    found = opening.opened(folder)
    if found.desired is not None or cloud is None:
        return found
    return opening.opened(folder, SHIPPED.with_prices(prices(jsons.record(cloud.get("/pricing"), "pricing"))))


def picture(desired: Desired) -> str:
    """Return the project as the files say it as an SVG: networks, who is in them, and who reaches whom."""
    here = world(desired.things, desired.groups, {}, {})
    return svg(seeing.picture(here, judging.judged(desired.intents, here)))


def host_rules(desired: Desired, server: str) -> tuple[Rule, ...] | None:
    """Return what the own firewall of a server lets in so that everything that files say goes on, or None where none speaks of it."""
    return hosting.host_rules(desired, server)


def typed_rules(texts: Iterable[str], desired: Desired | None) -> tuple[Rule, ...]:
    """Return rules as people type them (`tcp/8080 from admin`); raises `Invalid`. Groups are those of the files."""
    groups = desired.groups if desired else {}
    return tuple(rule for text in texts for rule in rules.parse(text, "in", groups))


def verify(
    desired: Desired, cloud: Cloud, now: float, *, witnesses: Sequence[Witness] = (), findings: Sequence[Finding] = (),
    spot: str = "", look: Looking | None = None,
) -> Verified:  # fmt: skip
    """Return whether all is as the files say, and which intents hold: by the rules that are there, and by what witnesses saw.

    `look` tries connections from a spot (where this machine stands; empty: somewhere outside); `findings` are of scans of
    ports that ran there. Raises `Invalid` for a spot that nothing is called.
    """
    live = seen(cloud, desired.project, now)
    planned = making.planned(desired, live, all_kinds(), now)
    here = world(live.things, desired.groups, weighing.told_by(witnesses), live.unread)
    found = choosing.chosen(desired.intents, here, spot) if look is not None else choosing.NOTHING
    if look is not None:
        witnesses = (*witnesses, look(found.looks))
    if findings:
        witnesses = (*witnesses, scanned.witness(findings, here, spot, now))
    return Verified(
        planned=planned, intents=weighing.weighed(judging.judged(desired.intents, here), witnesses, here),
        odd=weighing.odd(witnesses, here), tried=weighing.tried(witnesses), untried=found.notes,
    )  # fmt: skip


def looks(desired: Desired, cloud: Cloud, now: float, spot: str) -> Chosen:
    """Return the connections that somebody at a spot should try, for `vedette deploy witness` there; raises `Invalid`."""
    live = seen(cloud, desired.project, now)
    return choosing.chosen(desired.intents, world(live.things, desired.groups, {}, live.unread), spot)


def drift(desired: Desired, cloud: Cloud, folder: Path, now: float) -> Drifted:
    """Return what is not as the files say, since when, and which side moved; `folder` remembers what was seen."""
    live, planned = _looked(desired, cloud, now)
    former = memory.read(folder, desired.project)
    found = drifting.drifted(planned, live, former, all_kinds())
    memory.write(folder, remembering.looked(former, live, planned))
    if not found.drifts or not former.at:
        return found
    told = happened(cloud, (each.ref.kind for each in found.drifts))
    return drifting.dated(found, live, former, (drifting.Happening(*each) for each in told))


def note(desired: Desired, cloud: Cloud, folder: Path, now: float, applied: Applied) -> None:
    """Remember what is there after an apply, so that whatever changes from then on was not us."""
    live, planned = _looked(desired, cloud, now)
    failed = (step.ref for step in applied.problems)
    memory.write(folder, remembering.applied(memory.read(folder, desired.project), live, planned, failed))


def forget(project: str, folder: Path) -> None:
    """Remember nothing any more: all of it is gone."""
    memory.write(folder, Memory(project=project))


def adopt(
    path: Path, desired: Desired, found: Drifted, cloud: Cloud, *, wanted: Sequence[str], now: float
) -> Adopted:
    """Return the files with what drifted (all, or what patterns name) written into them; nothing is written yet.

    Raises `Invalid` for a pattern that nothing fits.
    """
    live = seen(cloud, desired.project, now)
    ground = adopting.Ground(
        opener=opening.beside, catalogue=SHIPPED.with_live(live), live=live, kinds=all_kinds()
    )
    drifted = fitting(found.drifts, lambda each: each.ref, wanted)
    return adopting.adopted(opening.files(path), drifted, ground, named=bool(wanted))


def texts(path: Path) -> Mapping[str, str]:
    """Return the files that say what should be there, by name; raises `Invalid` for one that cannot be read."""
    return {each.name: each.text for each in opening.files(path)}


def written(path: Path, found: Adopted) -> None:
    """Write the files that say now what is there; raises `Invalid` for one that cannot be written."""
    opening.write(path, found.texts)


def drift_text(found: Drifted) -> str:
    """Return drift as people read it."""
    return drift_telling.text(found)


def adopted_text(found: Adopted) -> str:
    """Return in sentences what the files say now, and what they cannot."""
    return drift_telling.adopted(found)


def _looked(desired: Desired, cloud: Cloud, now: float) -> tuple[Live, Planned]:
    live = seen(cloud, desired.project, now)
    return live, making.planned(desired, live, all_kinds(), now)


def told(verified: Verified) -> str:
    """Return it as people read it, what is broken first."""
    return telling.verified(verified)


def imported(cloud: Cloud, project: str, now: float) -> Exported:
    """Return what is there as the file that says it: planning with that file changes nothing."""
    live = seen(cloud, project, now)
    return exported(live, project, catalogue=SHIPPED.with_prices(live.prices))


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
        finished = applying.finish(
            linked(desired.things, live.things, desired.project), _ground(cloud, names, kept, clock, tell)
        )
        if finished:
            live, names = read(cloud, desired.project, clock())
        planned = making.planned(desired, live, all_kinds(), clock(), wish)
        if not planned.changes:
            kept.forget(clock())
        if any(step.problem for step in finished) or not planned.changes or not agree(planned):
            return planned, Applied(steps=finished, left=tuple(each.ref for each in planned.changes))
        applied = applying.apply(planned, _ground(cloud, names, kept, clock, tell))
        if not (applied.problems or applied.left or (wish and wish.targets)):
            kept.forget(clock())
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


def require_still(planned: Planned, file: bytes) -> None:
    """Raise `Invalid` or `Conflict` unless a plan is the one of a file: made against the same state, with the same changes."""
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


def hands(user: str = "", port: int = 0, *, local: bool = False) -> Hands:
    """Return what runs commands on servers: over SSH as a user, or on this machine."""
    return Local() if local else Ssh(user, port)


def roll(
    wanted: Roll, worker: Hands, net: Net, folder: Path, clock: Clock, *, cloud: Cloud | None, balancer: str,
    hosts: Mapping[str, str], pause: Callable[[float], object], agree: Callable[[RollPlanned], bool],
    tell: Callable[[Event], None], back: bool = False,
) -> Rolled | None:  # fmt: skip
    """Roll out to the servers behind a load balancer (or to `hosts`: addresses by name); None where `agree` says no.

    Goes on with one that was stopped, or takes it `back`. Raises `Invalid`, `Conflict`, `CloudError` before anything is begun.
    """
    return rolling.roll(
        wanted, folder, lambda: rolling.targets(cloud, balancer, hosts), Served(wanted, worker, net, cloud=cloud, pause=pause),
        clock, name=balancer or "by-hand", agree=agree, tell=tell, back=back,
    )  # fmt: skip


def roll_line(event: Event) -> str:
    """Return what happened in a roll in a line; nothing for what only began."""
    return rolling_told.event(event)


def roll_outcome(rolled: Rolled) -> str:
    """Return how a roll ended."""
    return rolling_told.ended(rolled)


def attack_fronts(cloud: Cloud, balancer: str, now: float) -> tuple[Live, tuple[str, ...]]:
    """Return what is at Hetzner, and from which addresses a load balancer speaks to its servers. Raises `Invalid`, `CloudError`."""
    live = seen(cloud, "", now)
    return live, listing.fronts(live, balancer)


def attack_plan(shield: Shield, host: str, until: float, now: float) -> str:
    """Return what the switch would do on a host, as people read it. Raises `Invalid` for one that cannot be."""
    tightening.fit(shield, until - now)
    return attack_told.plan(shield, host, until)


def attack_status(worker: Hands, host: str, shield: Shield, live: Live | None, now: float) -> Besieged:
    """Return what holds a flood back from a host, layer by layer, and whether the switch is on."""
    return switching.besieged(worker, host, shield, live, now=now)


def attack_on(worker: Hands, host: str, shield: Shield, seconds: float) -> None:
    """Tighten the limits of a host for some seconds; it undoes them itself. Raises `Invalid`, `Unavailable`."""
    switching.on(worker, host, shield, seconds=seconds)


def attack_off(worker: Hands, host: str, shield: Shield) -> None:
    """Undo it now. Raises `Unavailable` where something is left."""
    switching.off(worker, host, shield)


def attack_text(found: Besieged) -> str:
    """Return how a host stands, as people read it."""
    return attack_told.status(found)


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
