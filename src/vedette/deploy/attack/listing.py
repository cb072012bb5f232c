"""What holds a flood back, layer by layer from outside: how each stands, and how that is known. Pure; what is not known is not held."""

from collections.abc import Iterator, Sequence

from vedette.core.errors import Invalid
from vedette.deploy.intents.world import rules_of, stands_before
from vedette.deploy.selectors import matches
from vedette.deploy.types import Asked, Defence, Shield, Stand
from vedette.instruments.attack import tightening
from vedette.instruments.attack.reading import HostTold
from vedette.wire import jsons
from vedette.wire.infra import Live, Thing

_ALL = frozenset({"0.0.0.0/0", "::/0"})
_FULL = 0.8
SWITCHED = ("limits of the switch", "under attack")  # layers that the switch is about
_TYPED = Asked()
_DOCS = "Hetzner's documentation; its API does not tell"


def defences(
    shield: Shield, host: HostTold | None, live: Live | None, asked: Asked = _TYPED
) -> tuple[Defence, ...]:
    """Return the list from outside inwards; `host` and `live` are None where they could not be asked."""
    return (
        Defence(
            layer="Hetzner's network", for_all=True, stand=Stand.GIVEN, known=_DOCS,
            sentence="Hetzner filters known floods (UDP amplification, SYN) before they reach any server, always and for all; nothing is to be set, and nobody sees what is dropped.",
        ),
        *_cloud(shield, live, asked), *_kernel(host, asked), _packets(host, asked), _table(host, asked), _guard(shield, host, asked), _switch(host, asked),
        Defence(
            layer="nothing here", for_all=True, stand=Stand.OPEN, known="by construction",
            sentence="A flood that fills the line, or many addresses that each ask a little, is held by none of these: that needs a provider that filters in front.",
        ),
    )  # fmt: skip


def fronts(live: Live, name: str) -> tuple[str, ...]:
    """Return the addresses from which a load balancer speaks to its targets; raises `Invalid` where that cannot be told."""
    for one in live.things:
        if one.kind == "load_balancer" and one.name == name:
            if not jsons.text(one.fields, "ip") or not all(
                jsons.flag(each, "private") for each in jsons.records(one.fields, "targets")
            ):
                raise Invalid(
                    f"{name} speaks to targets by their public addresses, and Hetzner does not promise from which one: let it use the private network, or say --front."
                )
            return (jsons.text(one.fields, "ip"),)
    raise Invalid(f"There is no load balancer {name[:63]} at Hetzner.")


def _cloud(shield: Shield, live: Live | None, asked: Asked) -> Iterator[Defence]:
    layer = "load balancer"
    if live is None:
        yield Defence(layer=layer, stand=Stand.UNKNOWN, sentence=asked.cloud, known="not asked")  # fmt: skip
        return
    balancers = [each for each in live.things if each.kind == "load_balancer"]
    behind = [each for each in live.things if each.kind == "server" and _is_behind(each, balancers)]
    if not behind:
        yield Defence(layer=layer, stand=Stand.OPEN, sentence="No load balancer stands before a server: each takes every connection itself.", known=asked.live)  # fmt: skip
        return
    names = ", ".join(each.name for each in balancers)
    yield Defence(layer=layer, stand=Stand.HELD, sentence=f"{names} ends connections before {len(behind)} {'server' if len(behind) == 1 else 'servers'}, which see whole requests of few connections; it limits no client by itself.", known=asked.live)  # fmt: skip
    around = [each.name for each in behind if _is_open(each, live, shield.ports)]
    yield Defence(
        layer="way around it", stand=Stand.OPEN if around else Stand.HELD, known=asked.live,
        sentence=f"{', '.join(around)} can be reached past it: public, and no firewall holds the ports of the web." if around
        else "No server behind it can be reached past it.",
    )  # fmt: skip


def _is_behind(server: Thing, balancers: Sequence[Thing]) -> bool:
    for target in (row for each in balancers for row in jsons.records(each.fields, "targets")):
        of, kind = jsons.text(target, "of"), jsons.text(target, "type")
        if (kind == "server" and of == server.name) or (
            kind == "label_selector" and matches(of, server.labels)
        ):
            return True
    return False


def _is_open(server: Thing, live: Live, ports: Sequence[int]) -> bool:
    if not (jsons.text(server.fields, "ipv4") or jsons.text(server.fields, "ipv6")):
        return False
    walls = [each for each in live.things if each.kind == "firewall" and stands_before(each, server)]
    return not walls or any(
        rule.direction == "in" and _ALL & set(rule.peers) and any(_holds(rule.port, port) for port in ports)
        for each in walls
        for rule in rules_of(each)
    )


def _holds(written: str, port: int) -> bool:
    low, _, high = written.partition("-")
    return written == "any" or (low.isdecimal() and int(low) <= port <= int(high or low))


def _kernel(host: HostTold | None, asked: Asked) -> Iterator[Defence]:
    value = host.sysctls.get("net.ipv4.tcp_syncookies") if host else None
    if value is None:
        yield Defence(layer="SYN cookies", stand=Stand.UNKNOWN, sentence="The host did not say whether it answers SYN floods with cookies.", known="not told")  # fmt: skip
    else:
        yield Defence(
            layer="SYN cookies", stand=Stand.HELD if value else Stand.OPEN, known=asked.host,
            sentence="A flood of SYNs is answered with cookies, which cost no memory." if value
            else "SYN cookies are off: a flood of SYNs fills the queue, and nobody gets in.",
        )  # fmt: skip
    if host is not None and host.connections is not None and host.connections[1]:
        tracked, most = host.connections
        full = tracked / most >= _FULL
        yield Defence(layer="connections tracked", stand=Stand.OPEN if full else Stand.HELD, sentence=f"{tracked:,} of {most:,} tracked connections are in use{'; above, new ones are dropped' if full else ''}.", known=asked.host)  # fmt: skip


def _packets(host: HostTold | None, asked: Asked) -> Defence:
    layer = "limits of nft"
    if host is None or host.limits is None:
        return Defence(layer=layer, stand=Stand.UNKNOWN, sentence="The host's rules could not be read; that needs root, and nft.", known="not told")  # fmt: skip
    if host.limits:
        return Defence(layer=layer, stand=Stand.HELD, sentence=f"{host.limits} rules limit connections; whether they are about the ports of the web is not judged.", known=asked.host)  # fmt: skip
    return Defence(layer=layer, stand=Stand.OPEN, sentence="No rule limits how many connections one address opens.", known=asked.host)  # fmt: skip


def _table(host: HostTold | None, asked: Asked) -> Defence:
    held = host is not None and host.armed
    return Defence(
        layer=SWITCHED[0], stand=Stand.UNKNOWN if host is None else Stand.HELD if held else Stand.OFF,
        sentence="The tighter rules are in the kernel." if held else "The tighter rules are not in the kernel.", known=asked.host if host else "not told",
    )  # fmt: skip


def _guard(shield: Shield, host: HostTold | None, asked: Asked) -> Defence:
    layer = "the guard"
    if host is None or host.policy is None:
        return Defence(layer=layer, stand=Stand.UNKNOWN, sentence=asked.guard, known="not told")  # fmt: skip
    try:
        tightening.fit_policy(host.policy, shield)
    except Invalid as error:
        return Defence(layer=layer, stand=Stand.UNKNOWN, sentence=str(error), known=asked.host)
    limited = "rates" in tightening.without(host.policy) or "preset" in host.policy
    tighter = tightening.BEGIN in host.policy
    how = (
        "limits each client, and tighter now"
        if tighter
        else "limits each client"
        if limited
        else "names no rates"
    )
    return Defence(layer=layer, stand=Stand.HELD if tighter or limited else Stand.OPEN, sentence=f"Its policy {how}; requests that are refused still cost a connection. It has no challenge page.", known=f"{asked.host}: the file, not what the application has read")  # fmt: skip


def _switch(host: HostTold | None, asked: Asked) -> Defence:
    layer = SWITCHED[1]
    if host is None:
        return Defence(
            layer=layer, stand=Stand.UNKNOWN, sentence="The host did not answer.", known="not told"
        )
    if not host.until:
        return Defence(layer=layer, stand=Stand.OFF, sentence="The switch is off.", known=asked.host)
    if host.until <= host.now:
        return Defence(layer=layer, stand=Stand.UNKNOWN, sentence="The switch should have gone off by itself and did not: `vedette attack off` ends it.", known=asked.host)  # fmt: skip
    way = asked.ends or (
        "a timer of systemd"
        if host.systemd
        else "a process of its own, and the kernel; after a reboot only the policy would stay"
    )
    return Defence(layer=layer, stand=Stand.HELD, sentence=f"The switch is on for {(host.until - host.now) / 60:.0f} minutes more, ended by {way}.", known=asked.host)  # fmt: skip
