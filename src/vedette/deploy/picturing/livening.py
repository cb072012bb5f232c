"""How everything in a picture is right now: whether servers run, are healthy and as the files say, and which intents do not hold. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from vedette.deploy.intents import judging, naming
from vedette.deploy.intents.world import World
from vedette.deploy.picturing.seeing import INTERNET
from vedette.deploy.types import Drift, KeptDrift, Way
from vedette.deploy.words.pictures import Edge, Node, Picture, State
from vedette.wire import jsons
from vedette.wire.infra import Judged, Live, Ref, Thing, Verdict

_SERVER, _BALANCER = "server", "load_balancer"
_RANKS = {"crit": 0, "warn": 1, "info": 2, "off": 3, "ok": 4}
_STATUS = {"running": ("ok", "running"), "off": ("warn", "off"), "unknown": ("off", "state unknown"), "": ("off", "state unknown")}  # fmt: skip
_DRIFTED = {Way.CHANGED: "drifted", Way.GONE: "gone", Way.UNSAID: "in no file", Way.FOREIGN: "foreign"}


def states(
    here: World, live: Live, drifts: Sequence[Drift | KeptDrift] = (), judged: Sequence[Judged] = ()
) -> Mapping[Ref, tuple[State, ...]]:
    """Return how each thing is, the worst first: of what is there, and of what is gone."""
    found: dict[Ref, list[State]] = {each.ref: [] for each in live.things}
    for ref, state in (*_broken(here, judged), *_unhealthy(live), *_moved(drifts), *_running(live)):
        found.setdefault(ref, []).append(state)
    return {ref: _sorted(each) or (State("ok", "there"),) for ref, each in found.items()}


def lively(of: Picture, here: World, known: Mapping[Ref, tuple[State, ...]], judged: Sequence[Judged] = ()) -> Picture:  # fmt: skip
    """Return a picture with how everything in it is, and lines that must not be there marked."""
    nodes = tuple(_stated(each, here, known) for each in of.nodes)
    return msgspec.structs.replace(
        of, nodes=nodes, edges=tuple(_marked(each, of, here, judged) for each in of.edges)
    )


def _stated(node: Node, here: World, known: Mapping[Ref, tuple[State, ...]]) -> Node:
    """Return a node with the worst that is known of one of its things, and of how many."""
    found = [_of(node.kind, name, here, known) for name in node.things]
    worst = _sorted([each[0] for each in found if each])[:1]
    if not worst:
        return node
    same = sum(worst[0] in each for each in found)
    some = f"{same} of {len(found)} " if 1 <= same < len(found) else ""
    return msgspec.structs.replace(node, tone=worst[0].tone, state=some + worst[0].word)


def _of(kind: str, name: str, here: World, known: Mapping[Ref, tuple[State, ...]]) -> tuple[State, ...]:
    """Return how a thing of a picture is, with its firewalls that are not as the files say."""
    if kind != _SERVER:
        return known.get(Ref(_BALANCER, name), ())
    walls = here.hosts[name].walls if name in here.hosts else ()
    beside = [
        State(each.tone, f"firewall {each.word}")
        for wall in walls
        for each in known.get(Ref("firewall", wall.name), ())
        if each.word in _DRIFTED.values()
    ]
    return _sorted([*known.get(Ref(_SERVER, name), ()), *beside])


def _marked(edge: Edge, of: Picture, here: World, judged: Sequence[Judged]) -> Edge:
    """Mark a line that an intent says must not be."""
    start, end = _node(of, edge.start), _node(of, edge.end)
    wrong = any(
        one.verdict is Verdict.BROKEN and one.intent.who and not one.intent.may
        and _means(one.intent.who, start, here) and _means(one.intent.whom, end, here)
        for one in judged
    )  # fmt: skip
    return msgspec.structs.replace(edge, wrong=wrong) if wrong else edge


def _means(word: str, node: Node, here: World) -> bool:
    party = naming.party(word, here)
    if node.kind == "outside":
        return node.name in {word, INTERNET * party.internet}
    return bool({*party.hosts, *party.balancers} & set(node.things))


def _node(of: Picture, key: str) -> Node:
    return next(each for each in of.nodes if each.id == key)


def _broken(here: World, judged: Sequence[Judged]) -> Iterator[tuple[Ref, State]]:
    """Yield whom an intent is about that does not hold: of many only those for whom it does not."""
    for one in judged:
        if one.verdict is Verdict.BROKEN:
            party = naming.party(one.intent.whom, here)
            about = [
                *(Ref(_SERVER, name) for name in party.hosts),
                *(Ref(_BALANCER, name) for name in party.balancers),
            ]
            yield from ((ref, State("crit", "intent broken")) for ref in _guilty(one, about, here))


def _guilty(one: Judged, about: Sequence[Ref], here: World) -> Sequence[Ref]:
    """Return for whom an intent does not hold by the rules; all, where only a connection told so."""
    alone = judging.judged((msgspec.structs.replace(one.intent, whom=each.name) for each in about), here)
    return [ref for ref, each in zip(about, alone, strict=True) if each.verdict is Verdict.BROKEN] or about


def _unhealthy(live: Live) -> Iterator[tuple[Ref, State]]:
    """Yield whom load balancers find unhealthy, and themselves where nobody behind them is healthy."""
    for one in live.things:
        if one.kind != _BALANCER:
            continue
        health = jsons.record(one.fields, "health")
        sick = [name for name, how in health.items() if how == "unhealthy"]
        yield from ((Ref(_SERVER, name), State("crit", "unhealthy")) for name in sick)
        yield one.ref, _serving(len(health), len(sick))


def _serving(all_of_them: int, sick: int) -> State:
    if not all_of_them:
        return State("warn", "nobody behind it")
    if sick:
        return State("crit", "all unhealthy" if sick == all_of_them else f"{sick} of {all_of_them} unhealthy")
    return State("ok", "serving")


def _moved(drifts: Iterable[Drift | KeptDrift]) -> Iterator[tuple[Ref, State]]:
    for one in drifts:
        yield one.ref, State("warn", _DRIFTED[one.way])


def _running(live: Live) -> Iterator[tuple[Ref, State]]:
    for one in live.things:
        if one.kind == _SERVER:
            yield one.ref, _status(one)


def _status(server: Thing) -> State:
    status = jsons.text(server.fields, "status")
    return State(*_STATUS.get(status, ("info", status)))


def _sorted(found: Iterable[State]) -> tuple[State, ...]:
    """Return states, the worst first, each once."""
    return tuple(sorted(dict.fromkeys(found), key=lambda each: _RANKS.get(each.tone, 3)))
