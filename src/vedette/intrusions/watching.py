"""What is looked at again and again: waves of new attackers, hosts that only simulate, who is signed in, what is over."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import msgspec

from vedette.core.errors import VedetteError
from vedette.intrusions import banning, signal
from vedette.intrusions.feeding import words_hash
from vedette.intrusions.settling import tell_changed
from vedette.intrusions.sheltering import OURS, never
from vedette.intrusions.store import bans, detections, lists
from vedette.intrusions.types import GUARD, MINUTE, Knows
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.net.resolver import Resolver, SystemResolver
from vedette.plumbing.ports import ports
from vedette.signals import service as signals
from vedette.signals.types import Signal
from vedette.wire.agent.deciding import sparing

WAVE, WINDOW = 50, 10 * MINUTE
PATIENCE = 10 * MINUTE  # in which a host is to have taken a mode that it was told
TOLD = "intrusions/told"  # a key of KV: what of this is told to people (JSON)


class Told(msgspec.Struct, frozen=True):
    """What people know: whether a wave goes on, which hosts only simulate (`host set`), since when each is seen so.

    `words` changes with what agents are told besides decisions: who is allowed, who is never banned. `sheltered` are
    both, as they were at the last look: bans of who came since are lifted.
    """

    wave: bool = False
    idle: Mapping[str, float] = {}
    told: tuple[str, ...] = ()
    words: str = ""
    sheltered: tuple[str, ...] = ()


_READ = msgspec.json.Decoder(Told).decode
_ENCODE = msgspec.json.Encoder().encode


def look(now: float, knows: Knows) -> int:
    """Tell what deserves a human, lift bans of those who are sheltered now, and have agents told of them; return how much there was."""
    with transaction():
        over = bans.over(now)
        signals.publish([signal.user_free(one, now) for one in over], now)
        bans.untell([one.value for one in over])
        entry = ports().kv.get(TOLD)
        before = _READ(entry.value) if entry and entry.value else Told()
        sheltered = tuple(sorted({*never(now), *(one.network for one in lists.allowed())}))
        fresh = [text for text in sheltered if text not in before.sheltered]
        lifted = banning.spare((net for net, _ in sparing.addresses(fresh, "")), now)
        after, told = _judged(before, sheltered, now, knows)
        if after != before:
            ports().kv.put(TOLD, _ENCODE(after))
        signals.publish(told, now)
        if after.words != before.words:
            tell_changed(now)
    return len(lifted) + len(told)


def _judged(before: Told, sheltered: tuple[str, ...], now: float, knows: Knows) -> tuple[Told, list[Signal]]:
    fresh = bans.fresh(now - WINDOW)
    wave = fresh > WAVE or (before.wave and fresh > WAVE // 2)
    found = [signal.of_wave(fresh, now, over=not wave)] if wave != before.wave else []
    idle = {key: before.idle.get(key, now) for key in _idle(now, knows)}
    late = tuple(sorted(key for key, since in idle.items() if now - since >= PATIENCE or key in before.told))
    found += [signal.of_idle(*_apart(key), now, over=False) for key in late if key not in before.told]
    found += [signal.of_idle(*_apart(key), now, over=True) for key in before.told if key not in late]
    return Told(wave, idle, late, words_hash(now), sheltered), found


def _idle(now: float, knows: Knows) -> Sequence[str]:
    """Return hosts with the sets that they were told to enforce and simulated in the window before."""
    modes, found = lists.modes(), dict[str, None]()
    own: dict[str, Mapping[str, str]] = {}
    for place, rule in detections.simulated(now - WINDOW):
        name = GUARD if rule.startswith("guard-") else knows.set_of(rule)
        if place.startswith("app:") or place == "server" or not name:
            continue
        if place not in own:
            own[place] = {**modes, **knows.modes_of(place)}
        if own[place].get(name) == "enforce":
            found[f"{place} {name}"] = None
    return list(found)


def _apart(key: str) -> tuple[str, str]:
    host, _, name = key.rpartition(" ")
    return host, name


def find_ours(now: float, resolver: Resolver | None = None) -> tuple[str, ...]:
    """Find under which addresses this server is reached, and remember them: they are never banned."""
    host = urlsplit(ports().settings.public_url).hostname or ""
    try:
        found = sorted((resolver or SystemResolver()).resolve(host, 443, 5.0))
    except VedetteError:
        return ()
    entry, value = ports().kv.get(OURS), _ENCODE(found)
    if entry is None or entry.value != value:
        ports().kv.put(OURS, value)
        tell_changed(now)
    return tuple(found)
