"""What is known of projects, drifts, runs and hosts: read from the database alone, nothing is asked of Hetzner."""

from collections.abc import Mapping

from vedette.core.errors import NotFound
from vedette.deploy import agreeing, judging, signal, standing
from vedette.deploy.desired.catalogue import SHIPPED
from vedette.deploy.desired.exporting.writing import Exported, exported
from vedette.deploy.desired.reading import Outcome
from vedette.deploy.registry import all_kinds
from vedette.deploy.standing import Ground
from vedette.deploy.store import drifts as drift_rows
from vedette.deploy.store import hosts as host_rows
from vedette.deploy.store import projects as project_rows
from vedette.deploy.store import runs as run_rows
from vedette.deploy.store import seen as seen_rows
from vedette.deploy.types import (
    CloudProject,
    CloudSeen,
    DeployRun,
    DriftState,
    HardenedHost,
    KeptDrift,
    ProjectStanding,
    RunState,
)
from vedette.hosts import service as host_rooms
from vedette.signals.types import Signal
from vedette.ui import pager
from vedette.wire.witness import Witness

FRESH = 86_400.0  # seconds after which what a host told or saw says nothing of now


def projects() -> tuple[CloudProject, ...]:
    """Return all projects by name."""
    return tuple(project_rows.every())


def names() -> Mapping[int, str]:
    """Return what projects are called, by their numbers."""
    return project_rows.named()


def project(name: str) -> CloudProject:
    """Return a project by its name or number; raises `NotFound`."""
    found = project_rows.find(name)
    if found is None and name.isascii() and name.isdigit() and len(name) < 16:
        found = project_rows.find_by(int(name))
    if found is None:
        raise NotFound(f"There is no infrastructure project {name[:63]}.")
    return found


def standings(now: float) -> tuple[ProjectStanding, ...]:
    """Return how every project stands, the worst first."""
    told = witnesses(now)
    return tuple(sorted((_standing(one, told, now) for one in project_rows.every()), key=standing.rank))


def one_standing(project_id: int, now: float) -> ProjectStanding:
    """Return how a project stands; raises `NotFound`."""
    return _standing(project_rows.get(project_id), witnesses(now), now)


def last_seen(known: CloudProject) -> CloudSeen | None:
    """Return what was last read of a project."""
    return seen_rows.find(known.id, known.name)


def outcome_of(known: CloudProject, seen: CloudSeen | None) -> Outcome | None:
    """Return what a project's files say now, or what is wrong with them; None where there are none."""
    return judging.outcome(known.files, seen.live if seen else None) if known.files else None


def proposed(project_id: int) -> Exported:
    """Return what is there as the file that says it, to begin with; raises `NotFound` for one that was never read."""
    known = project_rows.get(project_id)
    seen = last_seen(known)
    if seen is None:
        raise NotFound(f"{known.name} was not read yet; that takes a minute.")
    return exported(seen.live, known.name, catalogue=SHIPPED.with_prices(seen.live.prices))


def drifts(project_id: int) -> tuple[KeptDrift, ...]:
    """Return what drifted of a project and is there still, by thing."""
    return tuple(drift_rows.open_of(project_id))


def past_drifts(project_id: int, cursor: str, n: int) -> pager.Page[KeptDrift]:
    """Return a page of drifts that are over, the last first; raises `Invalid` for a cursor that is not ours."""
    before = pager.decode(cursor, tuple[float, int]) if cursor else None
    found = drift_rows.page(project_id, before, n + 1)
    more = pager.encode(found[n - 1].ended_at, found[n - 1].id) if len(found) > n else None
    return pager.Page(found[:n], more)


def runs(project_id: int | None = None, cursor: str = "", n: int = 25) -> pager.Page[DeployRun]:
    """Return a page of runs (of a project), the last first; raises `Invalid` for a cursor that is not ours."""
    before = pager.decode(cursor, tuple[float, str]) if cursor else None
    found = run_rows.page(project_id, before, n + 1)
    more = pager.encode(found[n - 1].asked_at, found[n - 1].id) if len(found) > n else None
    return pager.Page(found[:n], more)


def run(number: str) -> DeployRun:
    """Return a run; raises `NotFound`."""
    return run_rows.get(number)


def hosts() -> tuple[HardenedHost, ...]:
    """Return how each host is hardened, also those of which nothing is known yet, by number."""
    known = {one.host: one for one in host_rows.every()}
    return tuple(known.get(one.id, HardenedHost(host=one.id)) for one in host_rooms.every())


def host(number: int) -> HardenedHost:
    """Return how a host is hardened; raises `NotFound`."""
    host_rooms.find(str(number))
    return host_rows.find(number)


def witnesses(now: float) -> tuple[Witness, ...]:
    """Return what hosts told of themselves and saw within a day, each at the server that is called as it is; what is older says nothing."""
    names = {one.id: one.name for one in host_rooms.every()}
    return tuple(
        Witness(spot=names[one.host], at=one.at, sights=one.looks, told=one.told)
        for one in host_rows.every()
        if one.host in names
        and one.at is not None
        and now - one.at <= FRESH
        and (one.told is not None or one.looks)
    )


def failed(project_id: int, *, besides: str = "") -> DeployRun | None:
    """Return what failed last of a project, unless something later went well."""
    found = run_rows.last_ended(project_id, agreeing.TOLD, besides)
    return None if found is None or found.state is RunState.DONE else found


def ended_signals(known: CloudProject, now: float) -> list[Signal]:
    """Return that nothing people were told of a project goes on: nobody watches it any more."""
    seen = last_seen(known)
    over = [signal.of_drift(known, one, now, over=DriftState.GONE) for one in drift_rows.open_of(known.id)]
    over += [signal.of_intent(known, text, now) for text in (seen.broken if seen else ())]
    if (last := failed(known.id)) is not None:
        over.append(signal.of_apply(known, last, "nobody watches it any more.", now, over=True))
    return over + ([signal.of_blind(known, now, over=True)] if project_rows.was_told(known.id) else [])


def _standing(known: CloudProject, told: tuple[Witness, ...], now: float) -> ProjectStanding:
    seen = last_seen(known)
    found = outcome_of(known, seen)
    running = run_rows.open_of(known.id)
    ground = Ground(
        project=known, seen=seen, desired=found.desired if found else None,
        faults=tuple(str(each) for each in found.faults) if found else (), drifts=tuple(drift_rows.open_of(known.id)),
        running=running[0] if running else None, kinds=all_kinds(), witnesses=told,
    )  # fmt: skip
    return standing.standing(ground, now)
