"""Recording what hosts detect and decide, and what their guards tell; each in the caller's transaction or its own."""

import logging
from collections.abc import Mapping, Sequence

import msgspec

from vedette.core.errors import Unavailable
from vedette.intrusions import guarding, merging, replaying, signal
from vedette.intrusions.deciding import decided
from vedette.intrusions.settling import settle
from vedette.intrusions.sheltering import own_target
from vedette.intrusions.store import bans, detections, lists
from vedette.intrusions.types import GUARD, LIVE, Knows
from vedette.plumbing.db import sql
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.signals import service as signals
from vedette.wire import delivery as wire
from vedette.wire import guarding as told
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Decision, Detection, Lifted, ReplayReport

_LOG = logging.getLogger("vedette.intrusions")
_JOURNAL = "journal"
MOST_TOLD = 50  # signals of one batch: whoever is broken into fifty times knows it
Judgement = Detection | Decision | Lifted | ReplayReport


def accept(host: str, reports: Sequence[Judgement], now: float, knows: Knows) -> None:
    """Record what a host detected, decided and lifted, in the caller's transaction."""
    found = [one for one in reports if isinstance(one, Detection)]
    detections.add(host, [(own_target(one.address), one) for one in found])
    about = [one for one in reports if isinstance(one, Decision)]
    _decide(host, about, {one.id: one for one in found}, now, knows)
    _lift(host, [one for one in reports if isinstance(one, Lifted)], now)
    sql.on_commit(lambda: ports().bus.wake(LIVE))
    replaying.take(host, [one for one in reports if isinstance(one, ReplayReport)], now)
    successes = [one for one in found if signal.is_success(one)][:MOST_TOLD]
    signals.publish([signal.of_success(host, one, now) for one in successes], now)


def _decide(
    host: str, reports: Sequence[Decision], fresh: Mapping[str, Detection], now: float, knows: Knows
) -> None:
    """Record decisions of a host: in its name, whatever it writes, unless a person took it there."""
    if not reports:
        return
    named = [
        msgspec.structs.replace(
            one, origin=f"{one.origin[:80]}@{host}"[:90] if one.origin.startswith(merging.PERSON) else host
        )
        for one in reports
    ]
    decided(named, lambda one: fresh.get(one.detection) or detections.by_uid(host, one.detection), now, knows)


def _lift(host: str, reports: Sequence[Lifted], now: float) -> None:
    """Note that a host ended its own decisions early; those of others stand."""
    about = []
    for one in reports:
        target = Target(one.scope, one.value[:200])
        if bans.end_of(host, target, f"{host}: {one.reason}", now):
            about.append(target)
    if about:
        settle(about, now)


def digest(messages: Sequence[Message], now: float, knows: Knows) -> int:
    """Take a batch of the journal, what guards told, exactly once; return how many reports counted. Raises `Unavailable`."""
    before = bans.mark(_JOURNAL)
    last = max((message.seq for message in messages), default=0)
    if last <= before:
        return 0
    reports = [one for message in messages if message.seq > before for one in _read(message)]
    with sql.transaction():
        if bans.mark(_JOURNAL) != before:
            raise Unavailable("Another process has taken these reports; this batch is taken again.")
        bans.set_mark(_JOURNAL, last)
        slugs = {project.id: project.slug for project in projects.projects()}
        _guarded([(slugs[project], one) for project, one in reports if project in slugs], now, knows)
    return len(reports)


def _read(message: Message) -> list[tuple[int, Detection]]:
    try:
        one = wire.decode(message.body)
        report = told.read(one.payload)
    except (msgspec.DecodeError, UnicodeDecodeError):
        _LOG.error(
            "a message of the journal holds no report of a guard and was left out: seq %d", message.seq
        )
        return []
    return [(one.project, _detection(report, f"{message.seq}", one.received))]


def _detection(report: told.Report, uid: str, received: float) -> Detection:
    """Return a guard's report as a detection, at our instant: an application's clock is its own."""
    kept = max(0.0, min(report.last - report.first, 3600.0))
    return Detection(
        id=uid, at=received, rule=f"guard-{report.kind}", reason=report.text, severity=guarding.severity(report.kind),
        service="guard", address=report.client, user=report.user, count=report.times, first_at=received - kept,
        labels={"route": report.route},
    )  # fmt: skip


def _guarded(reports: Sequence[tuple[str, Detection]], now: float, knows: Knows) -> None:
    mode = lists.modes().get(GUARD, "simulate")
    if mode == "off":
        return
    quiet = mode != "enforce"
    suspects: dict[str, Detection] = {}
    for slug, one in reports:
        value = own_target(one.address)
        kept = msgspec.structs.replace(one, simulated=quiet)
        detections.add(f"app:{slug}", [(value, kept)])
        if value and one.rule == guarding.SIGN_IN:
            suspects[value] = kept
    judged = [made for value, one in suspects.items() if (made := _stuffing(value, one, now)) is not None]
    detections.add("server", [(own_target(one.address), one) for one in judged])
    by_id = {one.id: one for one in judged}
    decided([_answer(one, now) for one in judged], lambda one: by_id.get(one.detection), now, knows)


def _stuffing(value: str, last: Detection, now: float) -> Detection | None:
    reason = guarding.stuffing(detections.sums(value, guarding.SIGN_IN, now - guarding.WINDOW, now))
    if not reason:
        return None
    return msgspec.structs.replace(
        last, id=f"stuffing-{last.id}", rule=guarding.STUFFING, severity="high", reason=f"{reason}, from {last.address}", first_at=now - guarding.WINDOW,
    )  # fmt: skip


def _answer(one: Detection, now: float) -> Decision:
    response = guarding.RESPONSE
    return Decision(
        id=one.id, scope=response.scope, value=own_target(one.address), measure=response.measure, at=now,
        until=now + response.first, reason=one.reason, rule=one.rule, detection=one.id, origin="server", simulated=one.simulated,
    )  # fmt: skip
