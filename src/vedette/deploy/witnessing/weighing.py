"""What connections say of intents that rules have judged: what was seen weighs more. Pure.

An answer is an answer. Silence says something only where something else answered: who gets nowhere at all may have no way
out. That nobody of the internet gets in is never proven from one spot; that each of some servers does not, is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy import ports
from vedette.deploy.intents import naming, reach
from vedette.deploy.intents.world import World
from vedette.deploy.ports import Seen
from vedette.deploy.witnessing import choosing
from vedette.deploy.witnessing.standing import SOMEWHERE, counts, spot_of, stands_in_the_internet
from vedette.wire.infra import Intent, Judged, Told, Verdict
from vedette.wire.witness import Came, Sight, Witness

_SPEAKS = frozenset({Came.ANSWERED, Came.REFUSED})
_WORDS = {Came.ANSWERED: "answers", Came.REFUSED: "refuses", Came.SILENT: "does not answer"}


class _Pair(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody tried a port of somebody, at one or more addresses; the best of what came."""

    spot: str
    name: str
    port: int
    came: Came

    @property
    def text(self) -> str:
        """Return it as people read it."""
        return f"{self.name}:{self.port} {_WORDS[self.came]} from {self.spot or 'outside'}"


def weighed(judged: Sequence[Judged], witnesses: Sequence[Witness], here: World) -> tuple[Judged, ...]:
    """Return intents as connections bear them out; raises `Invalid` for a witness whose spot nothing is called."""
    intents = [one.intent for one in judged]
    return tuple(_weighed(one, list(_pairs(one.intent, intents, witnesses, here)), here) for one in judged)


def seen_from_outside(witnesses: Sequence[Witness], here: World) -> tuple[Seen, ...]:
    """Return what witnesses who stand in the internet saw, for `deploy.ports.compared`; silence counts where something answered."""
    looked: dict[str, set[int]] = {}
    opened: dict[str, set[int]] = {}
    for one in witnesses:
        if one.spot == SOMEWHERE or not stands_in_the_internet(spot_of(one.spot, here), here):
            continue
        for sight in _telling(one):
            looked.setdefault(sight.look.name, set()).add(sight.look.port)
            if sight.came is Came.ANSWERED:
                opened.setdefault(sight.look.name, set()).add(sight.look.port)
    return tuple(
        Seen(name=name, open=frozenset(opened.get(name, ())), looked=frozenset(all_of))
        for name, all_of in sorted(looked.items())
    )


def odd(witnesses: Sequence[Witness], here: World) -> tuple[str, ...]:
    """Return in sentences which ports answer from the internet although no rule lets them, and the other way round."""
    found = ports.compared(seen_from_outside(witnesses, here), here)
    return tuple(f"{one.name}:{one.port}: {one.reason}." for one in found)


def tried(witnesses: Sequence[Witness]) -> str:
    """Return in sentences how many connections were tried from where, and what came."""
    return " ".join(_tried(one) for one in witnesses if one.sights)


def _tried(one: Witness) -> str:
    counts = {came: sum(each.came is came for each in one.sights) for came in Came}
    told = ", ".join(f"{count} {came}" for came, count in counts.items() if count)
    from_ = one.spot or "somewhere outside"
    lost = (
        ""
        if any(counts[came] for came in _SPEAKS)
        else " Nothing answered at all: there may be no way out from there, so silence says nothing."
    )
    return f"{len(one.sights)} connections were tried from {from_}: {told}.{lost}"


def _telling(one: Witness) -> list[Sight]:
    """Return the sights that say something."""
    heard = any(each.came in _SPEAKS for each in one.sights)
    return [each for each in one.sights if each.came in _SPEAKS or (heard and each.came is Came.SILENT)]


def _pairs(
    intent: Intent, intents: Sequence[Intent], witnesses: Sequence[Witness], here: World
) -> Iterator[_Pair]:
    if not intent.who or intent.protocol not in {"", "tcp"}:
        return
    who, whom = naming.party(intent.who, here), naming.party(intent.whom, here)
    asked = set(choosing.ports_of(intent, intents, here)) | _refuting(intent, witnesses)
    for one in witnesses:
        stands = spot_of(one.spot, here)
        if counts(stands, who, here):
            yield from _best(one, {*whom.hosts, *whom.balancers} - set(stands.hosts), asked)


def _refuting(intent: Intent, witnesses: Sequence[Witness]) -> set[int]:
    """Return the ports that answered somebody though an intent forbids them, whoever chose to try them."""
    low, high = reach.ends("" if intent.port == "*" else intent.port)
    answered = {each.look.port for one in witnesses for each in one.sights if each.came is Came.ANSWERED}
    return set() if intent.may else {port for port in answered if low <= port <= high}


def _best(one: Witness, names: set[str], asked: Collection[int]) -> Iterator[_Pair]:
    """Yield for each name and port the best that came: an answer at any address is an answer."""
    order = list(Came)
    found: dict[tuple[str, int], Came] = {}
    for sight in _telling(one):
        key = (sight.look.name, sight.look.port)
        if sight.look.name in names and sight.look.port in asked:
            found[key] = min(found.get(key, sight.came), sight.came, key=order.index)
    yield from (_Pair(spot=one.spot, name=name, port=port, came=came) for (name, port), came in found.items())


def _weighed(one: Judged, pairs: Sequence[_Pair], here: World) -> Judged:
    if not pairs:
        return one
    return _must(one, pairs, here) if one.intent.may else _must_not(one, pairs, here)


def _must(one: Judged, pairs: Sequence[_Pair], here: World) -> Judged:
    missed = [pair for pair in pairs if pair.came is not Came.ANSWERED]
    led = [pair for pair in missed if _is_led(one.intent, pair, here)]
    if led:  # the way is through a load balancer: that the server itself is silent is as it should be
        return one
    if missed:
        return _seen(one, Verdict.BROKEN, missed)
    if one.verdict is not Verdict.HOLDS and any(pair.spot == SOMEWHERE for pair in pairs):
        return msgspec.structs.replace(one, reason=f"{one.reason} Tried: {_told(pairs)}.")
    return _seen(one, Verdict.HOLDS, pairs) if _is_whole(one.intent, pairs, here) else one


def _must_not(one: Judged, pairs: Sequence[_Pair], here: World) -> Judged:
    hit = [pair for pair in pairs if pair.came is Came.ANSWERED]
    unsure = [pair for pair in hit if pair.spot == SOMEWHERE and _some_may(pair, here)]
    if len(hit) > len(unsure):
        return _seen(one, Verdict.BROKEN, [pair for pair in hit if pair not in unsure])
    if unsure:
        why = f"{_told(unsure)}, where some may reach it: say where this machine is (--from). By the rules: {one.reason}"
        return Judged(intent=one.intent, verdict=Verdict.UNKNOWN, reason=why)
    silent = all(pair.came is Came.SILENT for pair in pairs) and _is_whole(one.intent, pairs, here)
    by_servers = bool(naming.party(one.intent.who, here).hosts)
    if silent and (one.verdict is Verdict.HOLDS or (one.verdict is Verdict.UNKNOWN and by_servers)):
        return _seen(one, Verdict.HOLDS, pairs)
    return msgspec.structs.replace(one, reason=f"{one.reason} Tried: {_told(pairs)}.")


def _is_led(intent: Intent, pair: _Pair, here: World) -> bool:
    """Tell whether a load balancer leads to the port of a server, and may."""
    ways = [way for each in here.balancers.values() if pair.name in each.private for way in each.ways]
    return not intent.rest and any(way.to == pair.port for way in ways)


def _is_whole(intent: Intent, pairs: Sequence[_Pair], here: World) -> bool:
    """Tell whether everybody an intent speaks of tried everything: one port, each target, and of servers each one."""
    low, high = reach.ends("" if intent.port == "*" else intent.port)
    who, whom = naming.party(intent.who, here), naming.party(intent.whom, here)
    names = {*whom.hosts, *whom.balancers}
    spots = set(who.hosts) or {pair.spot for pair in pairs}
    wanted = {(spot, name) for spot in spots for name in names if spot != name}
    return low == high and bool(wanted) and wanted <= {(pair.spot, pair.name) for pair in pairs}


def _some_may(pair: _Pair, here: World) -> bool:
    """Tell whether rules let somebody from outside to a port, if not everybody."""
    host = here.hosts.get(pair.name)
    of = reach.traffic("tcp", str(pair.port), all_of_it=False)
    return host is not None and reach.letting(host.rules("in"), of, reach.EVERYWHERE) is not None


def _told(pairs: Sequence[_Pair]) -> str:
    few = "; ".join(pair.text for pair in pairs[:3])
    return few + (f"; and {len(pairs) - 3} more" if len(pairs) > 3 else "")


def _seen(one: Judged, verdict: Verdict, pairs: Sequence[_Pair]) -> Judged:
    reason = f"{_told(pairs)}. By the rules: {one.reason}"
    return Judged(intent=one.intent, verdict=verdict, reason=reason, seen=True)


def told_by(witnesses: Sequence[Witness]) -> Mapping[str, Told]:
    """Return what hosts tell of themselves, by server."""
    return {one.spot: one.told for one in witnesses if one.told is not None}
