"""Which rules a host's own firewall needs so that everything that files say goes on: Hetzner's rules, load balancers, and intents. Pure."""

from collections.abc import Iterator

from vedette.deploy.intents import naming
from vedette.deploy.intents.naming import Party
from vedette.deploy.intents.world import Balancer, Host, World, world
from vedette.deploy.rules import ANY, EVERY_PORT, WITH_PORTS
from vedette.deploy.types import Desired
from vedette.wire.infra import Intent, Rule


def host_rules(desired: Desired, server: str) -> tuple[Rule, ...] | None:
    """Return the rules that let in to a server, or None where no file speaks of it.

    Hetzner's firewalls do not stand in private networks, the host's own does: what comes that way is let in where an intent
    or a load balancer says so.
    """
    here = world(desired.things, desired.groups, {}, {})
    host = here.hosts.get(server)
    if host is None:
        return None
    found = [
        *(rule for rule in host.rules("in") if rule.protocol in WITH_PORTS),
        *(rule for one in here.balancers.values() for rule in _balanced(one, host, here)),
        *(rule for one in desired.intents for rule in _meant(one, host, here)),
    ]
    return tuple(dict.fromkeys(found))


def _balanced(one: Balancer, host: Host, here: World) -> Iterator[Rule]:
    if host.name in one.private:
        space = here.spaces.get(one.network)
        peers = (str(space.range),) if one.private[host.name] and space else ANY
        yield from (Rule(protocol="tcp", port=str(way.to), peers=tuple(sorted(peers))) for way in one.ways)


def _meant(intent: Intent, host: Host, here: World) -> Iterator[Rule]:
    if not (intent.may and intent.who) or intent.protocol not in WITH_PORTS:
        return
    if host.name in naming.party(intent.whom, here).hosts:
        peers = tuple(sorted(set(_peers(naming.party(intent.who, here), host, here))))
        port = EVERY_PORT if intent.port in {"", "*"} else intent.port
        if peers:
            yield Rule(protocol=intent.protocol, port=port, peers=peers)


def _peers(who: Party, host: Host, here: World) -> Iterator[str]:
    """Who is outside comes from its networks, who is a server from the private networks that both are in."""
    if who.is_outside:
        yield from (str(each) for each in who.addresses())
    for name in who.hosts:
        shared = here.hosts[name].networks.keys() & host.networks.keys()
        yield from (
            str(here.spaces[each].range) for each in shared if each in here.spaces and name != host.name
        )
