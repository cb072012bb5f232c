"""A picture in words, for a terminal and for those who do not see it. Pure."""

from collections.abc import Iterator

from vedette.deploy.words.pictures import Edge, Node, Picture


def text(of: Picture) -> str:
    """Return who gets to whom, from outside on, and who is in which network; one fact a line."""
    return "\n".join([*_outside(of), *_networks(of), *_alone(of), *_wrong(of)]) + "\n"


def sentence(of: Picture) -> str:
    """Return it in one sentence."""
    servers = sum(each.count for each in of.nodes if each.kind == "server")
    opened = len({each.end for each in of.edges if each.start == "internet"})
    wide = [called(_node(of, each.end)) for each in of.edges if each.wide]
    tail = f" No firewall stands before {', '.join(wide)}." if wide else ""
    return f"{_many(servers, 'server')} in {_many(len(of.networks), 'network')}; the internet gets to {opened or 'none'} of what is drawn.{tail}"


def called(node: Node) -> str:
    """Return a node's name, with how many there are."""
    return f"{node.name} ×{node.count}" if node.count > 1 else node.name


def below(node: Node) -> str:
    """Return what stands below a node's name, with how it is."""
    return f"{node.below}; {node.state}" if node.state else node.below


def _why(edge: Edge) -> str:
    return (" (no firewall)" if edge.wide else "") + (" (must not be so)" if edge.wrong else "")


def _outside(of: Picture) -> Iterator[str]:
    for node in of.nodes:
        if node.kind == "server":
            continue
        edges = [each for each in of.edges if each.start == node.id]
        kind = "load balancer " if node.kind == "balancer" else ""
        yield f"{kind}{node.name} ({below(node)})"
        yield from (f"  → {called(_node(of, each.end))}: {each.ports}{_why(each)}" for each in edges)
        if not edges:
            yield "  → nobody"


def _networks(of: Picture) -> Iterator[str]:
    for name, range_ in of.networks.items():
        yield f"network {name} ({range_}), in which everybody gets to everybody unless a host's own firewall drops it"
        inside = [each for each in of.nodes if name in each.networks]
        yield from (f"  · {called(each)} ({below(each)})" for each in inside)
        if not inside:
            yield "  · nobody"


def _alone(of: Picture) -> Iterator[str]:
    lonely = [each for each in of.nodes if each.kind == "server" and not each.networks]
    if lonely:
        yield "in no network"
        yield from (f"  · {called(each)} ({below(each)})" for each in lonely)


def _wrong(of: Picture) -> Iterator[str]:
    yield from (f"✗ does not hold: {each}" for each in of.broken)
    yield from (f"? nobody knows: {each}" for each in of.unknown)


def _node(of: Picture, key: str) -> Node:
    return next(each for each in of.nodes if each.id == key)


def _many(count: int, word: str) -> str:
    return f"{count or 'No'} {word}{'' if count == 1 else 's'}"
