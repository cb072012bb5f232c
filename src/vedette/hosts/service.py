"""The verbs of hosts: let them in, hear them, tell how they fare."""

import re
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256

import msgspec

from vedette.accounts.permissions import Actor
from vedette.core.errors import Invalid
from vedette.hosts import acting, admitting, judging, looking, measuring, rolling
from vedette.hosts.apart import apart
from vedette.hosts.measuring import Level, Wanted
from vedette.hosts.store import actions, hosts, shelf
from vedette.hosts.store import facts as known
from vedette.hosts.taking import Taker
from vedette.hosts.types import (
    DAY,
    Action,
    Backups,
    Credential,
    Facts,
    Findings,
    Forecast,
    Host,
    Infra,
    Intrusions,
    Invitation,
    NobodyBacksUp,
    NobodyDeploys,
    Noted,
    Standing,
)
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent.enrolling import Enrolled, Enrolling, Rotated, Rotating
from vedette.wire.agent.types import ActionOrder, Audit, Inventory, Orders, Processes, RuleSetting

NOTED_DAYS, AUDIT_DAYS = 90, 400
_ORIGIN_DAYS = 60
_CHUNK = 2_000
_CURSOR = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,9})?)~([0-9]{1,18})")
_PROCESSES = msgspec.msgpack.Decoder(Processes).decode


def server_key() -> SigningKey:
    """Return the server's own key, whose fingerprint is in every token of enrolment."""
    return admitting.server_key()


def invite(actor: Actor, now: float) -> tuple[str, Invitation]:
    """Make a token that lets one host in within an hour, and return it, shown once."""
    return admitting.invite(actor, now)


def invitations() -> tuple[Invitation, ...]:
    """Return the tokens of enrolment of the last days, newest first, without their secrets."""
    return hosts.invitations()


def withdraw(actor: Actor, token: str, now: float) -> None:
    """Revoke a token that nobody used yet, by its id."""
    admitting.withdraw(actor, token, now)


def enrol(asked: Enrolling, now: float) -> Enrolled:
    """Let a host in by a token; raises `Forbidden` that says what is wrong with the token, `Invalid`."""
    return admitting.enrol(asked, now)


def credentials() -> Mapping[str, Credential]:
    """Return every key of hosts by its fingerprint."""
    return hosts.credentials()


def take_key(credential: Credential, asked: Rotating, now: float) -> Rotated:
    """Remember a host's new key, which counts from its first use on."""
    return admitting.take_key(credential, asked, now)


def promote(credential: Credential, key: str, now: float) -> None:
    """Let a host's new key be its only one, as it was used for the first time."""
    admitting.promote(credential, key, now)


def revoke(actor: Actor, host: Host, now: float) -> None:
    """Let a host say and read nothing any more, at once."""
    admitting.revoke(actor, host, now)


def rotate(actor: Actor, host: Host, now: float) -> None:
    """Have a host make a new key."""
    admitting.rotate(actor, host, now)


def settle(actor: Actor, host: Host, modes: Mapping[str, str], now: float) -> None:
    """Say what a host does with sets of rules: off, simulate or enforce."""
    admitting.settle(actor, host, dict(modes), now)


def remove(actor: Actor, host: Host, now: float) -> None:
    """Remove a host with all that is known of it."""
    admitting.remove(actor, host, now)


def every() -> tuple[Host, ...]:
    """Return every host, by name."""
    return hosts.every()


def find(key: str) -> Host:
    """Return the host of an id or a name; raises `NotFound`."""
    return admitting.find(key)


def taker(
    intrusions: Intrusions, findings: Findings | None = None, backups: Backups | None = None, *, infra: Infra | None = None
) -> Taker:  # fmt: skip
    """Return what records batches of hosts, for one thread."""
    return Taker(intrusions, findings, backups, infra=infra)


def tell_changed(now: float) -> None:
    """Have every host that waits for orders look again; in the caller's transaction."""
    admitting.tell_changed(now)


def heard(host: int, now: float, version: str) -> None:
    """Remember a sign of life."""
    hosts.heard(host, now, version)


def order_action(actor: Actor, host: str, name: str, about: str, now: float) -> Action:
    """Have a host (an id or a name) run an action that it offers, once; raises `NotFound`, `Conflict`, `Forbidden`."""
    return acting.order(actor, host, name, about, now)


def offers(host: int) -> tuple[str, ...]:
    """Return the actions that a host offers."""
    return actions.offered(host)


def action(about: str) -> Action | None:
    """Return what was ordered last for something."""
    return actions.last(about)


def end_actions(now: float) -> int:
    """End actions whose hosts were away, or never told the end; return how many."""
    return acting.expire(now)


def orders(
    host: int, since: str, intrusions: Intrusions, now: float, backups: Backups | None = None, *, infra: Infra | None = None
) -> Orders | None:  # fmt: skip
    """Return what changed for a host since a revision, everything when it is unknown; None when nothing did.

    The revision is made of what the host is told of by this room, by `backups` and `infra`, and of the revision of `intrusions`.
    """
    found, waiting = admitting.of_id(host), acting.waiting(host, now)
    saves, builds = backups or NobodyBacksUp(), infra or NobodyDeploys()
    mine, _, theirs = since.partition(".")
    mine, _, built = mine.partition("*")
    mine, _, saved = mine.partition("~")
    same, _, ran = mine.partition("+")
    revision, mark, saving = _revision(found), _mark(waiting), saves.mark(host, now)
    building = builds.mark(host, now)
    told = intrusions.orders(found.name, theirs if same == revision else "")
    if same == revision and told is None:
        if (saved, built) == (saving, building) and (
            ran == mark or not waiting
        ):  # what was run already needs no word
            return None
        told = intrusions.orders(found.name, "")  # orders are never told without whom to spare
    base = told or Orders(revision=theirs)
    sets = {name: RuleSetting(mode=mode) for name, mode in found.modes.items()}
    return msgspec.structs.replace(
        base,
        revision=f"{revision}{'+' if mark else ''}{mark}{'~' if saving else ''}{saving}{'*' if building else ''}{building}.{base.revision or theirs}"[
            :80
        ],
        sets={**base.sets, **sets},
        rotate=found.rotate,
        actions=waiting,
        backups=saves.orders(host, now) if saved != saving or same != revision else None,
        infra=builds.orders(host, now) if built != building or same != revision else None,
    )


def _revision(host: Host) -> str:
    """Return what changes with whatever a host is told by this room, but for actions."""
    said = msgspec.json.encode((host.key, host.rotate, sorted(host.modes.items())))
    return sha256(said).hexdigest()[:12]


def _mark(waiting: Sequence[ActionOrder]) -> str:
    """Return what changes with the actions that a host is to run; empty without any."""
    return sha256(msgspec.json.encode(waiting)).hexdigest()[:8] if waiting else ""


def overview(now: float) -> tuple[Standing, ...]:
    """Return how every host fares, worst first."""
    facts = known.of()
    found = [
        judging.standing(one, facts.get(one.id, Facts()), _last_of(one.id, now), now) for one in hosts.every()
    ]
    return tuple(sorted(found, key=judging.rank))


def _last_of(host: int, now: float) -> tuple[float, Mapping[str, float]] | None:
    return apart(host, "reading the last measures", lambda: _last(host, now), None, now)


def of(host: Host, now: float) -> Standing:
    """Return how a host fares, with the disk that is full first."""
    facts = known.of([host.id]).get(host.id, Facts())
    found = judging.standing(host, facts, _last(host.id, now), now)
    return msgspec.structs.replace(found, forecast=next(iter(looking.forecasts(host.id, now)), None))


def _last(host: int, now: float) -> tuple[float, Mapping[str, float]] | None:
    found = shelf.last(host, now)
    return None if found is None else (found[0], dict(zip(found[1], found[2], strict=True)))


def forecasts(host: Host, now: float) -> Sequence[Forecast]:
    """Return when each disk of a host is full, the earliest first."""
    return looking.forecasts(host.id, now)


def levels(
    host: Host, wanted: Wanted, start: float, end: float, step: float
) -> Mapping[str, list[Level | None]]:
    """Return least, mean and most of series in buckets of `step` seconds from `start` on; None where nothing was measured."""
    return measuring.levels(host.id, wanted, start, end, step)


def processes(host: Host, at: float) -> Processes | None:
    """Return what used a host the most at an instant, as told within ten minutes before."""
    found = shelf.processes(host.id, at, 600.0)
    return None if found is None else _PROCESSES(found[1])


def inventory(host: Host) -> Inventory | None:
    """Return what a host is, as it last told."""
    return known.inventory(known.of([host.id]).get(host.id, Facts()))


def audit(host: Host) -> Audit | None:
    """Return the last look at a host's hardening."""
    return known.audit(host.id)


def scores(host: Host) -> tuple[tuple[float, float, int], ...]:
    """Return when a host was audited, its score and how much failed, oldest first."""
    return known.scores(host.id)


def noted(
    host: Host, start: float, end: float, n: int = 100, kinds: Collection[str] | None = None
) -> tuple[Noted, ...]:
    """Return what happened and changed on a host with `start` <= at < `end`, newest first."""
    return known.noted(host.id, start, end, n, kinds)


def events(host: Host, cursor: str, n: int) -> tuple[tuple[Noted, ...], str | None]:
    """Return a page of what happened on a host, newest first, and the cursor of the next; raises `Invalid`."""
    named = _CURSOR.fullmatch(cursor)
    if cursor and named is None:
        raise Invalid("This is no cursor.", {"cursor": "take it from the page before"})
    before = (float(named[1]), int(named[2])) if named else (float("inf"), 0)
    found, more = known.page(host.id, before, n)
    return found, None if more is None else f"{more[0]!r}~{more[1]}"


def notice(now: float, since: float) -> int:
    """Tell, once, of each host that is not heard of any more, and that it is back; return how many were told of."""
    return looking.notice(now, since)


def foresee(now: float) -> int:
    """Tell of disks that will be full soon, of the hosts whose turn it is; return how many hosts were looked at."""
    return looking.foresee(now)


def roll(now: float, n: int = 4) -> int:
    """Put together up to `n` hours of measures that are over; return how many there were."""
    return rolling.roll(now, n)


def drop_old(now: float) -> int:
    """Delete what is kept long enough; return how much went."""
    gone = (
        actions.drop(now - NOTED_DAYS * DAY) + shelf.drop_old(now) + hosts.forget_invitations(now - 7 * DAY)
    )
    gone += hosts.forget_origins(now - _ORIGIN_DAYS * DAY)
    while dropped := known.drop_before(now - NOTED_DAYS * DAY, now - AUDIT_DAYS * DAY, _CHUNK):
        gone += dropped
    return gone


measuring.register()
