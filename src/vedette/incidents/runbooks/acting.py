"""Runbooks in incidents: attached by a rule, by labels or by hand; ticked, and done by webhooks and agents."""

from collections.abc import Iterator, Mapping

import msgspec

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.alerts import service as alerts
from vedette.core.errors import Conflict, Invalid, NotFound
from vedette.incidents import service as incidents
from vedette.incidents.runbooks import deciding, keeping, ordering, signing, store
from vedette.incidents.runbooks.types import AttachedRunbook, StepAct
from vedette.incidents.types import (
    LIVE_TOPIC,
    EntryDraft,
    EntryKind,
    Incident,
    Runbook,
    RunbookStepKind,
    StepRun,
    StepState,
)
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.net.port import NetError
from vedette.plumbing.ports import ports

DEADLINE = 10.0
MOST_ATTACHED = 10
_AT_ONCE = 50


def attached(incident: int) -> tuple[AttachedRunbook, ...]:
    """Return the runbooks of an incident with how far their steps are."""
    names = {each.slug: each.name for each in store.every()}
    return deciding.attached(store.runs(incident), names)


def labels(incident: int) -> Mapping[str, str]:
    """Return the labels that commands of an incident are filled from: those of its alerts, the first that has one."""
    return store.labels(incident)


def step(incident: int, run_id: int) -> StepRun:
    """Return a step of an incident; raises `NotFound`."""
    found = store.run(incident, run_id)
    if found is None:
        raise NotFound(f"INC-{incident} has no such step; its runbook may have been taken away.")
    return found


def is_signed(run_id: int) -> bool:
    """Tell whether what the webhook of a step is sent is signed."""
    return bool(store.run_secret(run_id))


def attach(actor: Actor, incident: int, slug: str, now: float) -> None:
    """Take the steps of a runbook down for an incident; raises `NotFound`, `Conflict`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    found, runbook = incidents.living(incident), keeping.find(slug)
    if len(attached(incident)) >= MOST_ATTACHED:
        raise Conflict(f"{found.key} has {MOST_ATTACHED} runbooks; take one away first.")
    if not runbook.steps:
        raise Conflict(f"{runbook.name} has no steps. Write some as `- [ ] …`, then attach it.")
    with transaction():
        if not store.attach(incident, runbook):
            raise Conflict(f"{found.key} has the steps of {runbook.name} already.")
        _tell(
            found,
            _line(f"{store.ATTACHED}{slug}:{now!r}", f"attached the runbook {runbook.name}", actor.name, now),
        )
        accounts.audit(actor, "incident.runbook.attach", found.key, {"runbook": slug}, now)


def detach(actor: Actor, incident: int, slug: str, now: float) -> None:
    """Take a runbook away from an incident with what was ticked; raises `Conflict` while a step runs, `NotFound`, `Forbidden`."""
    require(actor, Verb.INCIDENT_WRITE)
    found = incidents.living(incident)
    if any(each.runbook == slug and deciding.runs(each, now) for each in store.runs(incident)):
        raise Conflict("A step of it runs just now; wait for its answer, then take it away.")
    with transaction():
        if not store.detach(incident, slug):
            raise NotFound(f"{found.key} has no runbook {slug}.")
        _tell(
            found, _line(f"runbook:detach:{slug}:{now!r}", f"took away the runbook {slug}", actor.name, now)
        )
        accounts.audit(actor, "incident.runbook.detach", found.key, {"runbook": slug}, now)


def attach_due(now: float) -> int:
    """Attach the runbooks that rules and labels ask for to open incidents that have none; return how many were attached.

    Each of those is looked at, however many for which there is no runbook are newer.
    """
    known = store.every()
    return sum(
        _attach_itself(incident, runbook, now)
        for incident, named, labels in (_waiting() if known else ())
        for runbook in deciding.chosen(known, named, labels, alerts.holds)[:MOST_ATTACHED]
    )


def tick(actor: Actor, incident: int, run_id: int, now: float) -> StepRun:
    """Say that a step is done; raises `Conflict`, `NotFound`, `Forbidden`."""
    return _moved(actor, incident, run_id, StepAct.TICK, now)


def untick(actor: Actor, incident: int, run_id: int, now: float) -> StepRun:
    """Take back that a step is done; raises `Conflict`, `NotFound`, `Forbidden`."""
    return _moved(actor, incident, run_id, StepAct.UNTICK, now)


def run(actor: Actor, incident: int, run_id: int, now: float, *, sure: bool) -> StepRun:
    """Let the webhook of a step do it, and return it with the answer; takes as long as the answer, ten seconds at most.

    An action on a host is ordered there, and the step returned as it runs: `settle_actions` ends it.

    Raises `Conflict` for what may not run (a destructive one without `sure`, one that runs or is done), `NotFound`, `Forbidden`.
    """
    require(actor, Verb.INCIDENT_WRITE)
    found = incidents.living(incident)
    begun = _begun(actor, found, step(incident, run_id), now, sure=sure)
    if begun.step.kind is RunbookStepKind.AGENT:
        return begun
    done, said = _called(begun, found, now)
    return _ended(found, begun, said, ports().clock.now(), done=done)


def settle_actions(now: float) -> int:
    """End the steps whose actions on hosts are over; return how many."""
    ordering.expire(now)
    found = [(run, ended) for run in store.on_agents() if (ended := ordering.ended(run)) is not None]
    for run, ended in found:
        _ended(incidents.incident(run.incident), run, ended.said, now, done=ended.done)
    return len(found)


def _begun(actor: Actor, found: Incident, before: StepRun, now: float, *, sure: bool) -> StepRun:
    """Take a step for this run alone, and write down that it runs before anything goes out."""
    verdict = deciding.may(before, StepAct.RUN, now, sure=sure)
    if not verdict.allowed:
        raise Conflict(verdict.reason)
    with transaction():
        _set(before, StepState.RUNNING, now, actor.name)
        accounts.audit(actor, "incident.step.run", found.key, {**_detail(before), **_what(before)}, now)
        if before.step.kind is RunbookStepKind.AGENT:
            ordering.order(actor, before, now)
    return step(found.id, before.id)


def _called(begun: StepRun, found: Incident, now: float) -> tuple[bool, str]:
    """Return whether the webhook took it, and what it answered or why it did not."""
    try:
        secret = keeping.opened(store.run_secret(begun.id))
        call = signing.call(begun, found, ports().settings.public_url, secret, now)
        response = ports().net.request(
            "POST", begun.step.target, headers=call.headers, body=call.body, deadline=DEADLINE
        )
    except NetError as error:
        return False, f"It did not answer: {error}"[: signing.LONGEST_ANSWER]
    except Invalid as error:  # never unsigned where it was signed
        return False, f"It was not called: {error}"[: signing.LONGEST_ANSWER]
    return 200 <= response.status < 300, signing.answer(response.status, response.body)


def _ended(found: Incident, begun: StepRun, said: str, now: float, *, done: bool) -> StepRun:
    who = begun.by
    with transaction():
        _set(begun, StepState.DONE if done else StepState.FAILED, now, who, said)
        told = f"ran “{begun.step.text}”" if done else f"tried “{begun.step.text}”, and it failed"
        line = _line(f"runbook:step:{begun.id}:{now!r}", told, who, now)
        first = said.partition("\n")[0]
        _tell(found, msgspec.structs.replace(line, detail=first, tone="ok" if done else "crit"))
    return step(found.id, begun.id)


def _moved(actor: Actor, incident: int, run_id: int, act: StepAct, now: float) -> StepRun:
    require(actor, Verb.INCIDENT_WRITE)
    found, before = incidents.living(incident), step(incident, run_id)
    verdict = deciding.may(before, act, now)
    if not verdict.allowed:
        raise Conflict(verdict.reason)
    with transaction():
        if act is StepAct.TICK:
            _set(before, StepState.DONE, now, actor.name)
            told = f"ticked “{before.step.text}”"
        else:
            _set(before, StepState.TODO, None, "")
            told = f"took back “{before.step.text}”"
        _tell(found, _line(f"runbook:step:{run_id}:{now!r}", told, actor.name, now))
        accounts.audit(actor, f"incident.step.{act}", found.key, _detail(before), now)
    return step(incident, run_id)


def _set(before: StepRun, state: StepState, at: float | None, by: str, result: str = "") -> None:
    if not store.set_state(before, state, at, by, result):
        raise Conflict("Somebody was faster: look at the step again.")
    on_commit(lambda: ports().bus.wake(LIVE_TOPIC))


def _waiting() -> Iterator[store.Waiting]:
    last = None
    while part := store.waiting(last, _AT_ONCE):
        yield from part
        last = part[-1][0]


def _attach_itself(incident: int, runbook: Runbook, now: float) -> int:
    with transaction():
        if not store.attach(incident, runbook):
            return 0
        told = f"The runbook {runbook.name} is for this: {len(runbook.steps)} steps"
        _tell(incidents.incident(incident), _line(f"{store.ATTACHED}{runbook.slug}", told, "", now))
    return 1


def _tell(found: Incident, line: EntryDraft) -> None:
    incidents.entry_added(found.id, line, line.at)


def _line(source: str, text: str, by: str, now: float) -> EntryDraft:
    return EntryDraft(at=now, kind=EntryKind.ACT, text=text, source=source, by=by)


def _detail(before: StepRun) -> Mapping[str, str]:
    return {"runbook": before.runbook, "step": before.step.text}


def _what(before: StepRun) -> Mapping[str, str]:
    target = before.step.target
    return {"action": target} if before.step.kind is RunbookStepKind.AGENT else {"url": _host(target)}


def _host(url: str) -> str:
    """Return scheme and host of a URL: its path may hold a secret."""
    return "/".join(url.split("/", 3)[:3]).split("?")[0]
