"""What hardening has to do on a host: what should be so, less what is so already. Pure."""

from collections.abc import Callable, Iterable, Mapping

from vedette.instruments.audit import looking, registry, scoring
from vedette.instruments.harden.reading import group_ids, installed, is_waived, user_ids
from vedette.instruments.harden.registry import measures
from vedette.instruments.harden.types import (
    Enabled,
    Facts,
    HardenPlan,
    Level,
    Measure,
    Mode,
    Note,
    Packages,
    Planned,
    Put,
    Run,
    Step,
    Value,
    Wanted,
)  # fmt: skip
from vedette.wire.finding import Finding

Known = Mapping[str, Measure]


def plan(facts: Facts, wanted: Wanted, known: Known | None = None) -> HardenPlan:
    """Return what each measure up to the wanted level has to do on a host; what is so already is not in it."""
    chosen = (one for one in (known or measures()).values() if one.level <= wanted.level)
    planned = tuple(_planned(one, facts, wanted) for one in chosen)
    return HardenPlan(planned=planned, score=score(facts, wanted.level))


def standing(facts: Facts, wanted: Wanted, known: Known | None = None) -> tuple[tuple[str, Step], ...]:
    """Return what measures want that is so already, each with its measure's id: what hardening stands for on this host."""
    chosen = [one for one in (known or measures()).values() if one.level <= wanted.level]
    return tuple(
        (one.id, step)
        for one in chosen
        if not _waived(one, wanted)
        for step in one.steps(facts, wanted)
        if not isinstance(step, Note) and not _is_left(step, wanted) and is_so(step, facts)
    )


def score(facts: Facts, level: Level = 2) -> float:
    """Return how hard a host is by the checks of the audit that measures answer for; what facts do not tell counts half."""
    return scoring.score(findings(facts, level))


def findings(facts: Facts, level: Level = 2) -> list[Finding]:
    """Return what the checks say that measures answer for."""
    ids = {check for one in measures().values() if one.level <= level for check in one.checks}
    return list(looking.looked((registry.checks()[each] for each in sorted(ids)), facts.live()))


def is_so(step: Step, facts: Facts) -> bool:
    """Tell whether what a step wants is so already."""
    return _LOOKS[type(step)](step, facts)


def _planned(measure: Measure, facts: Facts, wanted: Wanted) -> Planned:
    waived = _waived(measure, wanted)
    yielded = () if waived else tuple(measure.steps(facts, wanted))
    steps = tuple(
        each
        for each in yielded
        if not isinstance(each, Note) and not _is_left(each, wanted) and not is_so(each, facts)
    )
    return Planned(
        measure=measure.id, title=measure.title, steps=steps, waived=waived, proof=measure.proof, reload=measure.reload,
        notes=tuple(each.text for each in yielded if isinstance(each, Note)),
    )  # fmt: skip


def _is_left(step: Step, wanted: Wanted) -> bool:
    return isinstance(step, Mode) and is_waived(step.path, wanted)


def _waived(measure: Measure, wanted: Wanted) -> str:
    """Return why a measure is left out: its own id is waived, or all of the checks that it answers for are."""
    if measure.id in wanted.waived:
        return wanted.waived[measure.id]
    reasons = [wanted.waived[each] for each in measure.checks if each in wanted.waived]
    return "; ".join(dict.fromkeys(reasons)) if reasons and len(reasons) == len(measure.checks) else ""


def _put(step: Put, facts: Facts) -> bool:
    found = facts.files.get(step.path)
    owned = found is not None and _owned(found.uid, found.gid, step.owner, step.group, facts)
    return found is not None and owned and found.text == step.text and found.mode == step.mode


def _mode(step: Mode, facts: Facts) -> bool:
    found = facts.files.get(step.path)
    return found is None or (
        not found.mode & ~step.most and _owned(found.uid, found.gid, step.owner, step.group, facts)
    )


def _owned(uid: int, gid: int, owner: str, group: str, facts: Facts) -> bool:
    users, groups = user_ids(facts), group_ids(facts)
    return (not owner or users.get(owner) == uid) and (not group or groups.get(group) == gid)


def _value(step: Value, facts: Facts) -> bool:
    """What this kernel does not have is as it should be."""
    path = "/proc/sys/" + step.name.replace(".", "/")
    return path not in facts.files or " ".join(facts.text(path).split()) == step.value


def _packages(step: Packages, facts: Facts) -> bool:
    here = installed(facts)
    return all((name in here) is step.there for name in step.names)


def _enabled(step: Enabled, facts: Facts) -> bool:
    return step.link in facts.files


def _run(step: Run, facts: Facts) -> bool:  # noqa: ARG001  a measure tells of a command only where it is needed
    return False


_LOOKS: Mapping[type, Callable[..., bool]] = {
    Put: _put, Mode: _mode, Value: _value, Packages: _packages, Enabled: _enabled, Run: _run,
}  # fmt: skip


def lines(planned: Iterable[Planned]) -> list[str]:
    """Return what would be done, a line each, as people read it."""
    return [f"{each.measure}: {told(step)}" for each in planned for step in each.steps]


def told(step: Step) -> str:
    """Return a step as people read it."""
    match step:
        case Put():
            return f"{step.path} is written"
        case Mode():
            return f"{step.path} gets at most mode {step.most:04o}{f' and owner {step.owner}' if step.owner else ''}"
        case Value():
            return f"{step.name} becomes {step.value}"
        case Packages():
            return f"{', '.join(step.names)} {'is installed' if step.there else 'is removed'}"
        case Enabled():
            return f"{step.unit} starts with the host"
        case Run():
            return step.told
