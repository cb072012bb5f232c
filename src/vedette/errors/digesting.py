"""From a batch of the journal to events and issues, each exactly once.

1. Skip what the high-water mark says is counted.
2. Make an event of each delivery; whatever it is, an event comes of it.
3. Where older versions of grouping made issues, let those keep their events.
4. Append the bodies to telemetry, durably. It knows repeats of a client (not counted) from replays of ours (counted).
5. One transaction of core.db: issues, signals, story, and the new mark. A crash before its commit replays all of it.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from vedette.core.errors import Unavailable
from vedette.deploys import service as deploys
from vedette.deploys import signal as rollouts
from vedette.deploys.types import Rollout
from vedette.errors import beside, shortid, signal, succession, thinning, triaging
from vedette.errors.alike import service as alike
from vedette.errors.alike.types import Traits
from vedette.errors.grouping import elders, fingerprint
from vedette.errors.normalize import Normalized, normalize, unreadable
from vedette.errors.owners import service as owners
from vedette.errors.owners.service import Newcomer
from vedette.errors.reported import noting
from vedette.errors.reported import service as reported
from vedette.errors.scrubbing import Scrubber, scrubber
from vedette.errors.store import applying, lineage, marks, story
from vedette.errors.store.applying import Applied
from vedette.errors.tallying import Digested, tally, users_of
from vedette.errors.types import ISSUES_TOPIC, KIND, Event, Transition
from vedette.plumbing.db import sql
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Record
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.wire import delivery as wire
from vedette.wire.delivery import Delivery

_LOG = logging.getLogger("vedette.errors")
_ENCODE = msgspec.json.Encoder().encode
_LOOSE = msgspec.msgpack.Decoder().decode
SUBJECT = "event"
UNREAD = "Vedette could not read this event ({}); please report it. Its payload was not kept."
Reader = Callable[[Delivery, Scrubber], Normalized]


class Span(NamedTuple):
    """What a batch takes of the journal: all after seq `before`, up to `last`."""

    before: int
    last: int


def digest(messages: Sequence[Message], now: float, read: Reader = normalize) -> int:
    """Digest a batch and return how many events counted; see `service.digest`."""
    mark = marks.mark()
    fresh = [message for message in messages if message.seq > mark]
    if not fresh:
        return 0
    others = beside.read([message for message in fresh if message.subject != SUBJECT])
    events = [message for message in fresh if message.subject == SUBJECT]
    settled, heirs = _settled(_digested(events, read))
    digested = thinning.thin(settled, now)
    verdicts = ports().telemetry.append([_record(one, seq) for one, seq in digested])
    counted = [one for (one, _), is_new in zip(digested, verdicts, strict=True) if is_new]
    applied = _apply(counted, heirs, others, Span(mark, max(message.seq for message in fresh)), now)
    _wake(applied)
    return len(counted)


def _digested(messages: Sequence[Message], read: Reader) -> list[tuple[Digested, int]]:
    scrubbers: dict[int, Scrubber] = {}
    digested = []
    oldest = lineage.oldest_version()
    for message in messages:
        delivery = _delivery(message)
        if delivery is None:
            _LOG.error("A message of the journal names no project and was left out: seq %d", message.seq)
            continue
        if delivery.project not in scrubbers:
            scrubbers[delivery.project] = scrubber(projects.scrub_rules(delivery.project))
        digested.append((_one(delivery, scrubbers[delivery.project], read, oldest), message.seq))
    return digested


def _settled(
    digested: Sequence[tuple[Digested, int]],
) -> tuple[list[tuple[Digested, int]], dict[bytes, bytes]]:
    """Let issues of older versions of grouping keep their events; return the batch with its seqs, and the heirs."""
    batch = [one for one, _ in digested]
    settled = succession.settle(batch, lineage.known(succession.older_hashes(batch)))
    return list(zip(settled.digested, (seq for _, seq in digested), strict=True)), settled.heirs


def _delivery(message: Message) -> Delivery | None:
    """Return the delivery of a message; of a damaged one what can be known, None when not even its project."""
    try:
        return wire.decode(message.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _damaged(message)


def _damaged(message: Message) -> Delivery | None:
    try:
        found = _LOOSE(message.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    project = found.get("project") if isinstance(found, dict) else None
    if not isinstance(project, int):
        return None
    event_id = message.msg_id if len(message.msg_id) == 32 else f"{message.seq:032x}"
    return Delivery(project=project, event_id=event_id, received=message.at, payload=b"")


def _one(delivery: Delivery, scrub: Scrubber, read: Reader, oldest: int) -> Digested:
    try:
        normalized = read(delivery, scrub)
        found, older = fingerprint(normalized.event), elders(normalized.event, oldest)
        noted = noting.note(normalized.event.data)
    except Exception as error:  # noqa: BLE001 - an acknowledged event must appear, whatever our own mistake was
        normalized = Normalized(unreadable(delivery, UNREAD.format(type(error).__name__)), None)
        noted = None
        found, older = fingerprint(normalized.event), elders(normalized.event, oldest)
    event = normalized.event
    light = msgspec.structs.replace(event, data={})
    body = _ENCODE(event) if normalized.raw is None else _spliced(light, normalized.raw)
    return Digested(light, found, users_of(event), body, older, report=noted)


def _record(one: Digested, seq: int) -> Record:
    event = one.event
    return Record(
        kind=KIND, id=_id_bytes(event.id), key=one.fingerprint.hash, project=event.project, at=event.received, seq=seq,
        body=thinning.light_body(event) if one.light else one.body,
    )  # fmt: skip


def _id_bytes(event_id: str) -> bytes:
    """Return the 16 bytes of an event's id; the front door lets no other id in, and still none may stop us."""
    try:
        found = bytes.fromhex(event_id)
    except ValueError:
        found = b""
    return found if len(found) == 16 else hashlib.blake2b(event_id.encode(), digest_size=16).digest()


def _spliced(light: Event, raw: bytes) -> bytes:
    """Return the body that telemetry keeps, with the data taken over as it was sent."""
    return b'%b,"data":%b}' % (_ENCODE(light)[:-1], raw)


def _apply(
    counted: Sequence[Digested], heirs: dict[bytes, bytes], others: beside.Beside, span: Span, now: float
) -> list[Applied]:
    with sql.transaction():
        if marks.mark() != span.before:
            raise Unavailable("Another process has counted events meanwhile; this batch is taken again.")
        lineage.inherit(heirs)
        applied = applying.apply(tally(counted), now, triaging.releases())
        _tell([one for one in applied if one.transition is not Transition.NONE], now)
        alike.remember(_traits(one) for one in applied if one.is_new)
        _see(applied, now)
        thinning.tell(applied, now)
        reported.note(counted)
        beside.store_all(others)
        marks.set_mark(span.last)
    return applied


def _tell(changed: Sequence[Applied], now: float) -> None:
    """Publish, in the transaction, what happened to issues: signals, story, history."""
    if not changed:
        return
    known = {project.id: project for project in projects.projects()}
    told, moments, lines = [], [], []
    afters: dict[tuple[int, str, str], Rollout | None] = {}
    for one in changed:
        event, owner = one.tally.last, known.get(one.tally.project)
        after = _after(afters, owner, one) if owner else ""
        key = shortid.short_id(owner.slug if owner else f"project-{event.project}", one.number)
        happened = signal.happened(one.transition, event, after, one.reason)
        sent = signal.of_transition(one.transition, key, event, one.reason, now, after)
        if sent is not None:
            told.append(sent)
            moments.append(signal.moment(sent.kind, key, f"{happened}: {event.title}", event.project, now))
        lines.append(story.Line(issue=one.id, at=now, kind=str(one.transition), text=happened))
    signals.publish(told, now)
    signals.record(moments)
    story.add(lines + owners.give(_newcomers(changed), now))


def _after(known: dict[tuple[int, str, str], Rollout | None], owner: Project, one: Applied) -> str:
    """Say what rollout a transition came after; `known` spares the questions a batch has asked already."""
    if one.transition not in {Transition.NEW, Transition.REGRESSED}:
        return ""
    event, at = one.tally.last, one.tally.last_at
    asked = (owner.id, event.release, event.environment)
    if asked not in known:
        known[asked] = deploys.before(owner, at, event.release, event.environment)
    rollout = known[asked]
    return rollouts.after(rollout, at) if rollout is None or rollout.began <= at else ""


def _newcomers(changed: Sequence[Applied]) -> list[Newcomer]:
    new = [one for one in changed if one.transition is Transition.NEW]
    return [Newcomer(one.id, one.tally.last.project, one.tally.body) for one in new]


def _traits(one: Applied) -> Traits:
    event, parts = one.tally.last, one.tally.fingerprint.parts
    return Traits(one.id, event.project, event.kind, event.culprit, event.message[: applying.MESSAGE], parts)


def _see(applied: Sequence[Applied], now: float) -> None:
    seen: dict[int, tuple[set[str], set[str]]] = {}
    for one in applied:
        releases, environments = seen.setdefault(one.tally.project, (set(), set()))
        for key, value in one.tally.tags:
            if key == "release":
                releases.add(value)
            elif key == "environment":
                environments.add(value)
    for project, (releases, environments) in seen.items():
        if releases or environments:
            projects.see(project, releases, environments, now)


def _wake(applied: Sequence[Applied]) -> None:
    bus = ports().bus
    for one in applied:
        bus.wake(f"live:issue:{one.id}")
    for project in {one.tally.project for one in applied}:
        bus.wake(f"live:project:{project}")
    if applied:
        bus.wake(ISSUES_TOPIC)
