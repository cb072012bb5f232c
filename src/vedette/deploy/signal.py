"""How infrastructure reads to a person: what drifted, what must be true and is not, what was carried out; lines of the story."""

from vedette.deploy.types import (
    ROOM,
    CloudProject,
    Deed,
    DeployRun,
    Drift,
    DriftState,
    KeptDrift,
    RunState,
    Way,
)
from vedette.signals.types import Moment, Severity, Signal, SignalState
from vedette.wire.infra import Judged, Ref

ATTACK = "/infrastructure/attack/"
DRIFT, INTENT, APPLY, BLIND = "infra.drift", "infra.intent", "infra.apply", "infra.blind"
HOST_DRIFT, HOST_REVERTED = "infra.host", "infra.reverted"
_SEVERITIES = {
    DRIFT: Severity.HIGH,
    INTENT: Severity.CRITICAL,
    APPLY: Severity.HIGH,
    BLIND: Severity.LOW,
    HOST_DRIFT: Severity.HIGH,
    HOST_REVERTED: Severity.HIGH,
}
_WAYS = {
    Way.CHANGED: "is not as the files say",
    Way.GONE: "is gone",
    Way.UNSAID: "bears the project's mark, and no file says it",
    Way.FOREIGN: "came, and no file says it",
}
_ENDS = {
    DriftState.GONE: "is as it should be again",
    DriftState.REVERTED: "was put back as the files say",
    DriftState.ADOPTED: "is what the files say now",
}
_DEEDS = {
    Deed.PLAN: "planned",
    Deed.APPLY: "applied",
    Deed.REVERT: "reverted",
    Deed.ADOPT: "adopted",
    Deed.DESTROY: "removed",
}


def link(project: int) -> str:
    """Return the path of a project's page."""
    return f"/infrastructure/{project}/"


def link_of(run: str) -> str:
    """Return the path of a run's page."""
    return f"/infrastructure/runs/{run}/"


def link_of_host(host: int) -> str:
    """Return the path of the page about a host's hardening."""
    return f"/infrastructure/hosts/{host}/"


def of_drift(
    project: CloudProject, drift: Drift | KeptDrift, now: float, *, over: DriftState | None = None
) -> Signal:
    """Return that something drifted, or does so no longer and why."""
    what = _ENDS[over] if over else f"{_WAYS[drift.way]}{_by(drift)}"
    text = f"{project.name}: {named(drift.ref)} {what}."
    labels = {"thing_kind": drift.ref.kind, "thing": drift.ref.name[:200]}
    return _signal(project, DRIFT, named(drift.ref), text, now, over=over is not None, labels=labels)


def of_intent(project: CloudProject, intent: str, now: float, judged: Judged | None = None) -> Signal:
    """Return that something that must be true is not (`judged`), or is so again."""
    text = (
        f"{project.name}: {intent}: {judged.reason}" if judged else f"{project.name}: {intent} holds again."
    )
    return _signal(
        project, INTENT, intent[:200], text, now, over=judged is None, labels={"intent": intent[:200]}
    )


def of_blind(project: CloudProject, now: float, *, over: bool) -> Signal:
    """Return that a project cannot be read, so that nobody would see what drifts; or can be again."""
    text = f"{project.name} is read again." if over else f"{project.name} cannot be read: {project.problem}"
    return _signal(project, BLIND, project.name, text, now, over=over)


def of_apply(project: CloudProject, run: DeployRun, sentence: str, now: float, *, over: bool) -> Signal:
    """Return that what was asked for failed, or that a later one went well."""
    text = f"{project.name} {'was' if over else 'could not be'} {_DEEDS[run.deed]}: {sentence}"
    return _signal(project, APPLY, project.name, text, now, over=over, link=link_of(run.id))


def of_host(host: str, kind: str, text: str, now: float, *, number: int, over: bool | None) -> Signal:
    """Return that a host drifted from its hardening or its hardening took itself back (None: it only happened)."""
    state = SignalState.INFO if over is None else SignalState.RESOLVED if over else SignalState.FIRING
    return Signal(
        room=ROOM, kind=kind, subject=host, severity=_SEVERITIES[kind], state=state, at=now, title=plain(text)[:300], text=plain(text),
        link=link_of_host(number), labels={"host": host},
    )  # fmt: skip


def host_moment(host: int, name: str, kind: str, text: str, now: float, run: str = "") -> Moment:  # noqa: PLR0917 - a line's parts
    """Return a line of the story of a host: about a run where one is named."""
    return Moment(
        at=now, room=ROOM, kind=kind[:40], subject=name, text=plain(f"{name}: {text}"), link=link_of(run) if run else link_of_host(host)
    )  # fmt: skip


def moment(project: CloudProject, kind: str, text: str, now: float, path: str = "") -> Moment:
    """Return a line of the story of a project."""
    return Moment(
        at=now, room=ROOM, kind=kind[:40], subject=project.name, text=plain(f"{project.name}: {text}"), link=path or link(project.id)
    )  # fmt: skip


def flood_moment(host: str, text: str, now: float) -> Moment:
    """Return a line of the story about the switch against floods of a host."""
    return Moment(
        at=now, room=ROOM, kind="infra.attack", subject=host[:200], text=plain(f"{host}: {text}"), link=ATTACK
    )


def of_run(project: CloudProject, run: DeployRun, state: RunState, sentence: str, now: float) -> Moment:
    """Return the line of the story about a run that ended."""
    text = (
        f"{run.by} had it {_DEEDS[run.deed]}"
        if state is RunState.DONE
        else f"it could not be {_DEEDS[run.deed]}, as {run.by} asked"
    )
    return moment(project, f"infra.{run.deed}", f"{text}: {sentence}", now, link_of(run.id))


def drift_moment(
    project: CloudProject, drift: Drift | KeptDrift, now: float, over: DriftState | None = None
) -> Moment:
    """Return the line of the story about a drift: where Hetzner tells when it was, at that instant."""
    at = now if over or not isinstance(drift, Drift) else drift.when or now
    what = _ENDS[over] if over else f"{_WAYS[drift.way]}{_by(drift)}"
    return moment(project, DRIFT, f"{named(drift.ref)} {what}.", min(at, now))


def named(ref: Ref) -> str:
    """Return a thing as people say it."""
    return f"{ref.kind.replace('_', ' ')} {ref.name}"


def plain(text: str) -> str:
    """Return a text on one line, without what does not print."""
    return "".join(char if char.isprintable() else " " for char in text[:600])[:500]


def _by(drift: Drift | KeptDrift) -> str:
    return (
        f" ({drift.command}, by {drift.by})"
        if drift.command and drift.by
        else f" (by {drift.by})"
        if drift.by
        else ""
    )


def _signal(
    project: CloudProject, kind: str, subject: str, text: str, now: float, *, over: bool, labels: dict[str, str] | None = None,
    link: str = "",
) -> Signal:  # fmt: skip
    return Signal(
        room=ROOM, kind=kind, subject=plain(subject), severity=_SEVERITIES[kind], state=SignalState.RESOLVED if over else SignalState.FIRING,
        at=now, title=plain(text)[:300], text=plain(text), link=link or f"/infrastructure/{project.id}/",
        labels={"infra": project.name, **(labels or {})},
    )  # fmt: skip
