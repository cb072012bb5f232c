"""What may be done with a step of a runbook, and which runbooks an incident gets. Pure."""

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence

from vedette.alerts.types import Matchers
from vedette.incidents.runbooks.types import AttachedRunbook, StepAct, StepVerdict
from vedette.incidents.types import STALE, Runbook, RunbookStepKind, StepRun, StepState

AGENT_STALE = 600.0  # as `STALE`, of an action on a host, which is told to be over long before
_BY = {
    RunbookStepKind.MANUAL: "itself",
    RunbookStepKind.WEBHOOK: "a webhook",
    RunbookStepKind.AGENT: "an agent",
}
Holds = Callable[[Matchers, Mapping[str, str]], bool]
"""Whether matchers hold for labels (`alerts.service.holds`)."""


class Tone(enum.StrEnum):
    """How a step looks."""

    OFF = "off"
    OK = "ok"
    INFO = "info"
    CRIT = "crit"


def may(run: StepRun, act: StepAct, now: float, *, sure: bool = False) -> StepVerdict:
    """Decide whether a step may be ticked, unticked or run; `sure` says that somebody confirmed what is destructive."""
    if act is StepAct.UNTICK:
        return _untick(run)
    if run.state is StepState.DONE:
        return StepVerdict(False, f"It is done already, by {run.by or 'somebody'}.")
    if runs(run, now):
        return StepVerdict(False, "It runs just now; wait for its answer.")
    return StepVerdict(True) if act is StepAct.TICK else _run(run, sure=sure)


def chosen(
    runbooks: Sequence[Runbook], named: str, alerts: Iterable[Mapping[str, str]], holds: Holds
) -> tuple[Runbook, ...]:
    """Return the runbooks of an incident: the one its rule names, and those whose matchers hold for one of its alerts."""
    labels = tuple(alerts)
    return tuple(
        each
        for each in runbooks
        if each.slug == named or (each.matchers and any(holds(each.matchers, found) for found in labels))
    )


def attached(runs: Sequence[StepRun], names: Mapping[str, str]) -> tuple[AttachedRunbook, ...]:
    """Return the runbooks that steps belong to, in the order in which they were attached; `names` are theirs by slug."""
    slugs = tuple(dict.fromkeys(run.runbook for run in sorted(runs, key=lambda run: run.id)))
    return tuple(_of(slug, names.get(slug, slug), runs) for slug in slugs)


def tone(run: StepRun) -> Tone:
    """Return how a step looks."""
    tones = {StepState.DONE: Tone.OK, StepState.FAILED: Tone.CRIT, StepState.RUNNING: Tone.INFO}
    return tones.get(run.state, Tone.OFF)


def _of(slug: str, name: str, runs: Sequence[StepRun]) -> AttachedRunbook:
    found = tuple(sorted((run for run in runs if run.runbook == slug), key=lambda run: run.number))
    done = sum(run.state is StepState.DONE for run in found)
    return AttachedRunbook(slug=slug, name=name, steps=found, done=done)


def _run(run: StepRun, *, sure: bool) -> StepVerdict:
    if run.step.kind is RunbookStepKind.MANUAL:
        return StepVerdict(False, "Nothing does this step but a person; tick it when it is done.")
    if run.step.destructive and not sure:
        return StepVerdict(False, "It changes what cannot be taken back; say that you are sure.", asks=True)
    return StepVerdict(True)


def _untick(run: StepRun) -> StepVerdict:
    if run.state is not StepState.DONE:
        return StepVerdict(False, "It is not done.")
    if run.result:
        return StepVerdict(False, f"It was done by {_BY[run.step.kind]}; that cannot be taken back here.")
    return StepVerdict(True)


def runs(run: StepRun, now: float) -> bool:
    """Tell whether a step runs; one that began too long ago is one whose process ended."""
    stale = AGENT_STALE if run.step.kind is RunbookStepKind.AGENT else STALE
    return run.state is StepState.RUNNING and run.at is not None and now - run.at < stale
