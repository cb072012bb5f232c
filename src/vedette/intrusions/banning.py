"""What people do: ban, unban, allow, and say what is done with sets of rules; each with an entry in the audit log."""

from collections.abc import Iterable

from vedette.accounts import service as accounts
from vedette.accounts.permissions import Actor, Verb, require
from vedette.core import ids
from vedette.core.clock import iso
from vedette.core.errors import Invalid, NotFound
from vedette.intrusions import merging, signal
from vedette.intrusions.settling import lift_on, settle, tell_changed
from vedette.intrusions.sheltering import shelter
from vedette.intrusions.store import bans, lists
from vedette.intrusions.types import MODES, Allowed, Ban
from vedette.plumbing.db.sql import transaction
from vedette.signals import service as signals
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.spelling import LONGEST
from vedette.wire.agent.deciding.types import Network, Past, Target
from vedette.wire.agent.types import Decision, Measure, Scope

MOST_ALLOWED = 10_000
_WORDS = 200


def add(actor: Actor, value: str, until: float, reason: str, now: float) -> Ban:
    """Ban an address or network until an instant; raises `Invalid` for one who is never banned, your own address among them."""
    require(actor, Verb.BAN_WRITE)
    target = targets.of_text(value)
    net = targets.network(target)
    if net is None:
        raise Invalid("Name an address or a network.", {"value": "no address"})
    targets.narrow_enough(net)
    if not 0 < until - now <= LONGEST:
        raise Invalid("A ban lasts longer than nothing, and ten years at most.", {"until": "out of range"})
    why = shelter(now).why(net)
    if why is not None:
        raise Invalid(f"Not banned: {why}.", {"value": why})
    said = _plain(reason) or "no reason was given"
    decision = Decision(
        id=ids.new_id(), scope=target.scope, value=target.value, measure=Measure.BAN, at=now, until=until,
        reason=said, origin=f"{merging.PERSON}{_name(actor)}",
    )  # fmt: skip
    with transaction():
        past, _ = bans.past([target]).get(target, (Past(), None))
        bans.remember(target, past, None)
        bans.claim([decision])
        settle([target], now)
        signals.record(signal.moments([decision], now))
        accounts.audit(actor, "ban.add", target.value, {"until": iso(until), "reason": said}, now)
    return bans.bans([target])[target]


def remove(actor: Actor, value: str, reason: str, now: float) -> tuple[str, ...]:
    """Unban an address, or a network and all in it; lines from before ban nobody again. Return what stood."""
    require(actor, Verb.BAN_WRITE)
    about = _within(targets.of_text(value), now)
    with transaction():
        stood = _unban(actor, about, _plain(reason), now)
        accounts.audit(
            actor,
            "ban.remove",
            about[0].value,
            {"lifted": ", ".join(stood)[:400], "reason": _plain(reason)},
            now,
        )
    return stood


def _unban(actor: Actor, about: list[Target], reason: str, now: float) -> tuple[str, ...]:
    stood = [one for one, ban in bans.bans(about).items() if ban.until > now]
    said = f"unbanned by {_name(actor)}" + (f": {reason}" if reason else "")
    bans.end(about, said, now)
    for target in about:
        bans.remember(target, Past(), now)
    settled = {one.target for one in settle(about, now)}
    lift_on([one for one in about if one not in settled and one == about[0]], now, said)
    return tuple(one.value for one in stood)


def _within(target: Target, now: float) -> list[Target]:
    """Return a target, and of a network all that stand in it."""
    net = targets.network(target)
    if net is None or target.scope is not Scope.NETWORK:
        return [target]
    inside = [
        one
        for one in bans.standing(now)
        if (n := targets.network(one))
        and n.version == net.version
        and n.overlaps(net)
        and n.prefixlen >= net.prefixlen
    ]
    return list(dict.fromkeys([target, *inside]))


def around(value: str, now: float) -> Ban | None:
    """Return the ban of a network that an address lies in, if there is one."""
    target = targets.of_text(value)
    net = targets.network(target)
    for one in bans.networks(now):
        held = targets.network(one.target)
        if held and net and one.target != target and held.version == net.version and held.overlaps(net):
            return one
    return None


def allow(actor: Actor, value: str, note: str, now: float) -> tuple[str, tuple[str, ...]]:
    """Put an address or network on the allowlist, which lifts its bans everywhere; return it and what was lifted."""
    require(actor, Verb.BAN_WRITE)
    net = str(targets.network_of(value))
    known = lists.allowed()
    if len(known) >= MOST_ALLOWED and net not in {one.network for one in known}:
        raise Invalid(
            f"The allowlist has {MOST_ALLOWED:,} entries, which is the most.", {"value": "too many"}
        )
    with transaction():
        lists.allow(Allowed(net, _name(actor), now, _plain(note)))
        lifted = spare([targets.network_of(net)], now)
        target = targets.of_text(net)
        bans.remember(target, Past(), now)
        tell_changed(now)
        accounts.audit(
            actor, "allow.add", net, {"note": _plain(note), "lifted": ", ".join(lifted)[:400]}, now
        )
    return net, lifted


def disallow(actor: Actor, value: str, now: float) -> str:
    """Take an address or network off the allowlist; raises `NotFound`."""
    require(actor, Verb.BAN_WRITE)
    net = str(targets.network_of(value))
    with transaction():
        if not lists.disallow(net):
            raise NotFound(f"{net} is not on the allowlist.")
        settle(bans.named_within(targets.network_of(net), now), now)
        tell_changed(now)
        accounts.audit(actor, "allow.remove", net, {}, now)
    return net


def spare(nets: Iterable[Network], now: float) -> tuple[str, ...]:
    """Lift the bans that touch networks which are sheltered now, in the caller's transaction; return whose."""
    spared = shelter(now)
    about = [
        target
        for target in dict.fromkeys(one for net in nets for one in _touching(net, now))
        if (held := targets.network(target)) and spared.why(held) is not None
    ]
    if about:
        own = [target for target, ban in bans.bans(about).items() if not ban.origin.startswith(merging.LIST)]
        bans.end(own, "it may not be banned", now)
        settle(about, now, spared)
    return tuple(one.value for one in about)


def _touching(net: Network, now: float) -> list[Target]:
    """Return whose bans that stand overlap a network; for one client that is quick, however many stand."""
    if net.prefixlen >= targets.CLIENT[net.version]:
        alone = targets.of_address(str(net.network_address))
        found = [one for one, ban in bans.bans([alone] if alone else []).items() if ban.until > now]
        among: Iterable[Target] = (one.target for one in bans.networks(now))
    else:
        found, among = [], bans.standing(now)
    return found + [
        one for one in among if (n := targets.network(one)) and n.version == net.version and n.overlaps(net)
    ]


def set_mode(actor: Actor, name: str, mode: str, now: float) -> None:
    """Say what is done with a set of rules on every host that is told nothing of its own: off, simulate or enforce."""
    require(actor, Verb.HOST_WRITE)
    if mode not in MODES or not 1 <= len(name) <= 80 or not name.isprintable():
        raise Invalid("A mode is off, simulate or enforce.", {"mode": mode[:20]})
    with transaction():
        lists.set_mode(name, mode)
        tell_changed(now)
        accounts.audit(actor, "rules.mode", name, {"mode": mode}, now)


def _name(actor: Actor) -> str:
    return (actor.name or actor.kind.value)[:80]


def _plain(text: str) -> str:
    return "".join(char for char in text if char.isprintable()).strip()[:_WORDS]
