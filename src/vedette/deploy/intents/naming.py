"""Whom a word of an intent means: the internet, a group, servers by label or name, a load balancer, a network. Pure."""

from collections.abc import Iterator, Sequence

import msgspec

from vedette.deploy import selectors
from vedette.deploy.intents import reach
from vedette.deploy.intents.parsing import EVERYTHING, INTERNET
from vedette.deploy.intents.reach import Network
from vedette.deploy.intents.world import World


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a word means: the internet, networks outside, or names of servers and of load balancers."""

    name: str
    internet: bool = False
    networks: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    balancers: tuple[str, ...] = ()

    @property
    def is_outside(self) -> bool:
        """Tell whether it comes from outside."""
        return self.internet or bool(self.networks)

    @property
    def is_empty(self) -> bool:
        """Tell whether nobody is meant."""
        return not (self.internet or self.networks or self.hosts or self.balancers)

    def addresses(self) -> list[Network]:
        """Return the networks it comes from."""
        return list(reach.EVERYWHERE) if self.internet else reach.networks(self.networks)


def party(name: str, world: World) -> Party:
    """Return whom a word means. A name that is a group is that group; labels' values and numbered names stand for servers."""
    if name == INTERNET:
        return Party(name=name, internet=True)
    if name in world.groups:
        return Party(name=name, networks=world.groups[name])
    if name in world.balancers and name not in world.hosts:
        return Party(name=name, balancers=(name,))
    cidr = _cidr(name)
    if cidr:
        return Party(name=name, networks=(cidr,))
    return Party(name=name, hosts=tuple(_hosts(name, world)))


def known(world: World) -> tuple[str, ...]:
    """Return the words that mean somebody."""
    labels = {value for host in world.hosts.values() for value in host.labels.values() if value}
    tables = {table_of(name) for name in world.hosts}
    return tuple(sorted({INTERNET, *world.groups, *world.balancers, *world.hosts, *labels, *tables}))


def _hosts(name: str, world: World) -> Iterator[str]:
    is_selector = bool(set(name) & set("=!")) and not selectors.wrong(name)
    for host in world.hosts.values():
        called = {EVERYTHING, host.name, table_of(host.name), *host.labels.values()}
        if name in called or (is_selector and selectors.matches(name, host.labels)):
            yield host.name


def table_of(name: str) -> str:
    """Return the table of a numbered server: `web` of `web-2`."""
    bare, _, number = name.rpartition("-")
    return bare if bare and number.isdecimal() else name


def _cidr(text: str) -> str:
    if not any(each in text for each in "./"):
        return ""
    try:
        found: Sequence[Network] = reach.networks([text])
    except ValueError:
        return ""
    return str(found[0])
