"""How a project stands: the worst first, in sentences, with every thing and the picture. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from vedette.deploy import judging
from vedette.deploy.picturing import seeing
from vedette.deploy.picturing import telling as picture_told
from vedette.deploy.picturing.drawing import svg
from vedette.deploy.picturing.seeing import Picture
from vedette.deploy.planning import pricing
from vedette.deploy.planning.kind import Kind
from vedette.deploy.types import (
    Act,
    Change,
    CloudProject,
    CloudSeen,
    Condition,
    DeployRun,
    Desired,
    KeptDrift,
    ProjectStanding,
    ThingStanding,
    ThingState,
    Way,
)
from vedette.wire import jsons
from vedette.wire.agent.deciding.spelling import spelled
from vedette.wire.infra import Judged, Ref, Thing, Verdict
from vedette.wire.witness import Witness

LATE = 1_800.0  # seconds after which what was read says little of now
_ACTS = {
    Act.CREATE: ThingState.MISSING, Act.UPDATE: ThingState.PENDING, Act.REPLACE: ThingState.PENDING, Act.DELETE: ThingState.UNSAID,
}  # fmt: skip
_SENTENCES = {
    ThingState.MISSING: "The files say it, and it is not there.",
    ThingState.PENDING: "The files say it otherwise; that was not applied.",
    ThingState.UNSAID: "It bears the project's mark, and no file says it any more.",
    ThingState.FOREIGN: "No file says it; it is left alone.",
    ThingState.RIGHT: "As the files say.",
}
_WAYS = {
    Way.CHANGED: "It is not as the files say",
    Way.GONE: "It is gone",
    Way.UNSAID: "It bears the project's mark, and no file says it",
    Way.FOREIGN: "It came, and no file says it",
}
_FEW = 3
_NO_FILES = "Nobody says what should be."


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """All that a project's standing rests on."""

    project: CloudProject
    seen: CloudSeen | None
    desired: Desired | None
    faults: tuple[str, ...]
    drifts: tuple[KeptDrift, ...]
    running: DeployRun | None
    kinds: Mapping[str, Kind]
    witnesses: tuple[Witness, ...] = ()


def standing(ground: Ground, now: float) -> ProjectStanding:
    """Return how a project stands."""
    things = tuple(
        sorted(_things(ground, now), key=lambda each: (list(ThingState).index(each.state), each.ref))
    )
    reasons = sorted(_reasons(ground, now), key=lambda each: list(Condition).index(each[0]))
    condition, sentence = reasons[0] if reasons else (Condition.GOOD, _good(ground))
    seen, drawn = ground.seen, _drawn(ground, things)
    total = pricing.total(seen.live.things, ground.kinds, seen.live.prices) if seen else None
    return ProjectStanding(
        project=ground.project, condition=condition, sentence=sentence, reasons=tuple(text for _, text in reasons[1:]),
        counts=Counter(each.state for each in things), intents=_intents(seen), things=things, drifts=ground.drifts,
        planned=seen.planned if seen else None, picture=svg(*drawn) if drawn else "", told=picture_told.text(drawn[0]) if drawn else "",
        monthly=pricing.written(total) if total is not None else "0", currency=seen.live.currency if seen else "EUR",
        at=seen.live.at if seen else None, faults=ground.faults, running=ground.running,
    )  # fmt: skip


def rank(one: ProjectStanding) -> tuple[int, str]:
    """Return where a project stands in a list: the worst first, then by name."""
    return list(Condition).index(one.condition), one.project.name


def _reasons(ground: Ground, now: float) -> Iterator[tuple[Condition, str]]:
    seen = ground.seen
    broken = [one for one in seen.judged if one.verdict is Verdict.BROKEN] if seen else []
    if broken and seen:
        few = "; ".join(one.intent.text for one in broken[:_FEW])
        yield (
            Condition.BROKEN,
            f"{_of(len(broken), len(seen.judged), 'thing', 'that must be true')} not: {few}.",
        )
    yield from _blind(ground, now)
    if ground.drifts:
        names = ", ".join(str(one.ref) for one in ground.drifts[:_FEW])
        yield (
            Condition.DRIFTED,
            f"{_many(len(ground.drifts), 'thing is', 'things are')} not as the files say: {names}.",
        )
    yield from _unsure(ground)
    pending = _pending(ground)
    if pending:
        names = ", ".join(str(each.ref) for each in pending[:_FEW])
        yield (
            Condition.PENDING,
            f"{_many(len(pending), 'change is', 'changes are')} in the files and not applied: {names}.",
        )


def _blind(ground: Ground, now: float) -> Iterator[tuple[Condition, str]]:
    project = ground.project
    if not project.has_token:
        yield Condition.UNKNOWN, "No token was given yet: one that may read is enough to watch it."
    elif project.problem:
        since = spelled(now - (project.problem_at if project.problem_at is not None else now))
        yield Condition.BLIND, f"It cannot be read since {since}: {project.problem}"
    elif ground.seen is None:
        yield Condition.UNKNOWN, "Nobody looked yet; that takes a minute."
    elif now - ground.seen.live.at > LATE:
        yield Condition.BLIND, f"It was last read {spelled(now - ground.seen.live.at)} ago."
    if ground.seen and ground.seen.live.unread:
        kinds = ", ".join(sorted(ground.seen.live.unread))
        yield (
            Condition.UNKNOWN,
            f"Nothing is known of {kinds}: {next(iter(ground.seen.live.unread.values()))}",
        )


def _unsure(ground: Ground) -> Iterator[tuple[Condition, str]]:
    if ground.faults:
        yield (
            Condition.UNKNOWN,
            f"{_many(len(ground.faults), 'thing is', 'things are')} wrong with its files: {ground.faults[0]}",
        )
    elif not ground.project.files:
        yield Condition.UNKNOWN, _NO_FILES
    unknown = [one for one in ground.seen.judged if one.verdict is Verdict.UNKNOWN] if ground.seen else []
    if unknown and ground.seen:
        few = "; ".join(one.intent.text for one in unknown[:_FEW])
        yield (
            Condition.UNKNOWN,
            f"{_of(len(unknown), len(ground.seen.judged), 'thing', 'that must be true')} unknown: {few}.",
        )


def _pending(ground: Ground) -> Sequence[Change]:
    planned = ground.seen.planned if ground.seen else None
    drifted = {one.ref for one in ground.drifts}
    return [each for each in planned.changes if each.ref not in drifted] if planned else []


def _good(ground: Ground) -> str:
    seen = ground.seen
    things = len(seen.live.things) if seen else 0
    intents = len(seen.judged) if seen else 0
    holds = (
        f", and all {intents} things that must be true are"
        if intents > 1
        else ", and what must be true is"
        if intents
        else ""
    )
    return f"{_many(things, 'thing is', 'things are')} as the files say{holds}."


def _intents(seen: CloudSeen | None) -> tuple[Judged, ...]:
    order = [Verdict.BROKEN, Verdict.UNKNOWN, Verdict.HOLDS]
    return tuple(sorted(seen.judged, key=lambda one: order.index(one.verdict))) if seen else ()


def _things(ground: Ground, now: float) -> Iterator[ThingStanding]:
    if ground.seen is None:
        return
    live = {each.ref: each for each in ground.seen.live.things}
    planned = ground.seen.planned
    changes = {each.ref: each for each in planned.changes} if planned else {}
    foreign = set(planned.foreign) if planned else set(live)
    drifts = {one.ref: one for one in ground.drifts}
    for ref in sorted({*live, *changes, *drifts}):
        yield _thing(
            ref, live.get(ref), changes.get(ref), drifts.get(ref), ground, now, foreign=ref in foreign
        )


def _thing(  # noqa: PLR0917 - a thing's sides
    ref: Ref, thing: Thing | None, change: Change | None, drift: KeptDrift | None, ground: Ground, now: float, *, foreign: bool
) -> ThingStanding:  # fmt: skip
    prices = ground.seen.live.prices if ground.seen else {}
    state = _state(ref, change, drift, ground, foreign=foreign)
    sentence = _drifted(drift, now) if drift else _SENTENCES.get(state, "Nobody knows: it could not be read.")
    known = thing if thing is None or thing.kind in ground.kinds else None
    return ThingStanding(
        ref=ref, state=state, sentence=sentence, thing=thing, monthly=pricing.written(pricing.monthly(known, ground.kinds, prices)),
        lines=drift.lines if drift else change.lines if change else (),
    )  # fmt: skip


def _state(
    ref: Ref, change: Change | None, drift: KeptDrift | None, ground: Ground, *, foreign: bool
) -> ThingState:
    if drift is not None:
        return ThingState.DRIFTED
    if change is not None:
        return _ACTS[change.act]
    if ground.seen is not None and ref.kind in ground.seen.live.unread:
        return ThingState.UNREAD
    return ThingState.FOREIGN if foreign else ThingState.RIGHT


def _drifted(drift: KeptDrift, now: float) -> str:
    since = spelled(max(0.0, now - (drift.since if drift.command else drift.until)))
    by = f", by {drift.by}" if drift.by else ""
    return f"{_WAYS[drift.way]}, {'since' if drift.command else 'seen first'} {since}{'' if drift.command else ' ago'}{by}."


def _drawn(ground: Ground, things: Sequence[ThingStanding]) -> tuple[Picture, Mapping[str, str]] | None:
    """Return the picture of what is there, and by server or load balancer how it is where that is not right."""
    if ground.seen is None:
        return None
    here = judging.live_world(ground.desired, ground.seen.live, ground.witnesses)
    wrong = {
        each.ref.name: _word(each)
        for each in reversed(things)
        if each.ref.kind in {"server", "load_balancer"} and _word(each)
    }
    return seeing.picture(here, ground.seen.judged), wrong


def _word(one: ThingStanding) -> str:
    """Return how a thing of the picture is, where that is worth a word."""
    if one.state not in {ThingState.RIGHT, ThingState.FOREIGN}:
        return one.state.value
    status = jsons.text(one.thing.fields, "status") if one.thing else ""
    return "off" if one.ref.kind == "server" and status in {"off", "stopping"} else ""


def _many(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _of(count: int, total: int, noun: str, tail: str) -> str:
    return f"{count} of {total} {noun if total == 1 else f'{noun}s'} {tail} {'is' if count == 1 else 'are'}"
