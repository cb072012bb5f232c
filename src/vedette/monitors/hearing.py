"""From heartbeats of the journal to verdicts, each exactly once, and from deadlines that are over.

1. Skip what the mark says is done. 2. Append the log of pings to telemetry, durably; it knows repeats of ours. 3. One
transaction of core.db: what is known of the monitors, signals, story, and the new mark.
"""

import hashlib
import logging
from collections.abc import Sequence

import msgspec

from vedette.accounts.permissions import SYSTEM
from vedette.core.errors import Unavailable, VedetteError
from vedette.monitors import checkins, judging, keeping, maintenance
from vedette.monitors.applying import Batch
from vedette.monitors.checkins import CheckIn
from vedette.monitors.store import monitors, standings
from vedette.monitors.types import Blind, Monitor, Ping, PingKind, Surroundings
from vedette.plumbing.db import sql
from vedette.plumbing.log.port import Message
from vedette.plumbing.ports import ports
from vedette.plumbing.telemetry.port import Record, Span
from vedette.wire import delivery as wire
from vedette.wire import lenient
from vedette.wire import ping as ping_wire
from vedette.wire.delivery import Delivery

_LOG = logging.getLogger("vedette.monitors")
PING, CHECK_IN = "ping", "check_in"
MOST_MADE = 500  # monitors that check-ins may make, of one project
AT_ONCE = 500
_MARK = "journal"
_ENCODE = msgspec.json.Encoder().encode
_NOTHING_SHARED = Surroundings()


class HeardPing(msgspec.Struct, frozen=True, kw_only=True):
    """A line of a heartbeat's log: the ping, what was sent with it, from where."""

    ping: Ping
    body: bytes = b""
    client: str = ""
    address: str = ""


class Heard(msgspec.Struct, frozen=True):
    """A heartbeat with its delivery: named by the key of its monitor, or by a check-in."""

    seq: int
    delivery: Delivery
    key: str
    check_in: CheckIn | None
    ping: Ping | None
    body: bytes


class Logged(msgspec.Struct, frozen=True, omit_defaults=True):
    """A line of a heartbeat's log as telemetry keeps it, in JSON: what was sent as text, or as bytes where it is none."""

    ping: Ping
    text: str = ""
    raw: bytes = b""
    client: str = ""
    address: str = ""


_DECODE = msgspec.json.Decoder(Logged).decode


def digest(messages: Sequence[Message], now: float) -> int:
    """Digest a batch and return how many heartbeats counted; raises `Unavailable`, then nothing is lost."""
    before, _, _ = standings.mark(_MARK)
    heard = [_read(message) for message in messages if message.seq > before]
    fresh = [one for one in heard if one is not None]
    last = max((message.seq for message in messages), default=0)
    if last <= before:
        return 0
    _make_named(fresh, now)
    found = _resolved(fresh)
    verdicts = ports().telemetry.append([_record(one, found.get(one.seq)) for one in fresh])
    counted = [one for one, is_new in zip(fresh, verdicts, strict=True) if is_new]
    with sql.transaction():
        if standings.mark(_MARK)[0] != before:
            raise Unavailable("Another process has taken these heartbeats; this batch is taken again.")
        _apply(counted, found, now)
        standings.set_mark(_MARK, seq=last)
    return len(counted)


def look(heard: float, now: float, blind: Blind | None = None) -> int:
    """Judge heartbeats whose deadline is over, as of the instant up to which all that was received is known."""
    late = standings.overdue(heard, AT_ONCE)
    if not late:
        return 0
    with sql.transaction():
        batch = Batch(monitors.by_ids(late), now)
        for number in late:
            watched = batch.get(number)
            if watched is None:
                continue
            around = batch.around(watched, heard, _NOTHING_SHARED, "missed")
            batch.put(judging.missed(watched, heard, blind, around))
        batch.write()
    return len(late)


def settle(now: float, at_once: int = AT_ONCE) -> int:
    """Tell what is different after a maintenance or a flapping although nothing came; return how many were told of.

    All are looked at, `at_once` in a transaction: those that a long maintenance keeps quiet stand in nobody's way.
    """
    told, last = 0, 0
    while waiting := standings.unsettled(last, at_once):
        told, last = told + _settled(waiting, now), waiting[-1]
    return told


def _settled(waiting: Sequence[int], now: float) -> int:
    told = 0
    with sql.transaction():
        batch = Batch(monitors.by_ids(waiting), now)
        for number in waiting:
            watched = batch.get(number)
            if watched is None:
                continue
            hush = maintenance.in_force(watched.monitor.config.maintenance, now)
            after = judging.settled(watched, now, hush.reason if hush else "")
            if after.judged is not None and after.judged.tell is not None:
                batch.put(after)
                told += 1
        batch.write()
    return told


def pings(
    monitor: Monitor, span: Span, n: int, cursor: str | None
) -> tuple[tuple[HeardPing, ...], str | None]:
    """Return a page of a heartbeat's log, newest first, and the cursor of the next."""
    page = ports().telemetry.list(PING, [_key(monitor)], span, n, cursor)
    return tuple(_heard(_DECODE(record.body)) for record in page.records), page.cursor


def _read(message: Message) -> Heard | None:
    """Return the heartbeat of a message; whatever is in the journal, nothing here may stop a batch."""
    try:
        one = wire.decode(message.body)
        if message.subject == CHECK_IN:
            said, _ = lenient.decode(one.payload)
            return Heard(message.seq, one, "", checkins.read(said, one.received), None, lenient.encode(said))
        told = ping_wire.decode(one.payload)
        ping = Ping(kind=PingKind(told.act), at=one.received, run=told.run, code=told.code)
        return Heard(message.seq, one, told.key, None, ping, told.body)
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError):
        _LOG.error("A %s of the journal cannot be read: seq %d", message.subject, message.seq)
        return None


def _make_named(heard: Sequence[Heard], now: float) -> None:
    """Make the monitors that check-ins ask for and that are not there; what cannot be made is left out and logged."""
    asked = {
        (one.delivery.project, one.check_in.slug): one.check_in.draft
        for one in heard if one.check_in is not None and one.check_in.draft is not None
    }  # fmt: skip
    for project, slug in asked.keys() - monitors.by_slugs(asked.keys()).keys():
        draft = asked[project, slug]
        if draft is None or monitors.count(project) >= MOST_MADE:
            continue
        try:
            keeping.create(SYSTEM, project, draft, now)
        except Unavailable:
            raise
        except VedetteError as error:
            _LOG.warning("No monitor was made for the check-ins of %s: %s", slug, error)


def _resolved(heard: Sequence[Heard]) -> dict[int, Monitor]:
    """Return, by seq, the monitor each heartbeat is of, where there is one."""
    slugs = {(one.delivery.project, one.check_in.slug) for one in heard if one.check_in is not None}
    by_slug, by_key = monitors.by_slugs(slugs), monitors.by_keys({one.key for one in heard if one.key})
    found: dict[int, Monitor] = {}
    for one in heard:
        named = (one.delivery.project, one.check_in.slug) if one.check_in else (0, "")
        monitor = by_slug.get(named) if one.check_in else by_key.get(one.key)
        if monitor is not None:
            found[one.seq] = monitor
    return found


def _apply(counted: Sequence[Heard], found: dict[int, Monitor], now: float) -> None:
    batch = Batch({one.id: one for one in found.values()}, now)
    for one in counted:
        ping = one.check_in.ping if one.check_in else one.ping
        watched = batch.get(found[one.seq].id) if one.seq in found else None
        if ping is None or watched is None or watched.monitor.paused:
            continue
        batch.put(judging.pinged(watched, ping, batch.around(watched, ping.at, _NOTHING_SHARED, "failed")))
    batch.write()


def _record(one: Heard, monitor: Monitor | None) -> Record:
    """Return a heartbeat as telemetry keeps it: in the log of its monitor; a check-in of none under its slug."""
    delivery = one.delivery
    identity = _hash(f"{delivery.project}:{one.seq}")
    ping = one.check_in.ping if one.check_in else one.ping
    if monitor is None or ping is None:
        slug = one.check_in.slug if one.check_in else ""
        return Record(CHECK_IN, identity, _hash(f"{delivery.project}:{slug}"), delivery.project, delivery.received,
                      one.seq, one.body)  # fmt: skip
    text, raw = _readable(one.body)
    log = Logged(ping, text, raw, delivery.client, delivery.address or "")
    return Record(PING, identity, _key(monitor), monitor.project, delivery.received, one.seq, _ENCODE(log))


def _readable(body: bytes) -> tuple[str, bytes]:
    """Return a body as text, else as bytes: text can be searched, and what names a person be found in it."""
    try:
        return body.decode(), b""
    except UnicodeDecodeError:
        return "", body


def _heard(kept: Logged) -> HeardPing:
    body = kept.raw or kept.text.encode()
    return HeardPing(ping=kept.ping, body=body, client=kept.client, address=kept.address)


def _key(monitor: Monitor) -> bytes:
    return bytes.fromhex(monitor.key)


def _hash(text: str) -> bytes:
    return hashlib.blake2b(text.encode(errors="replace"), digest_size=16).digest()
