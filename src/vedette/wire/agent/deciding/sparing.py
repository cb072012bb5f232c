"""Who is never banned, whatever a log says, and who is allowed. Both win over every decision and end live ones."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field

from vedette.core.errors import ConfigError, Invalid
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.networks import Networks
from vedette.wire.agent.deciding.types import Network

# Nobody outside comes from here; what does is our own machine, network, proxy or container. RFC 6890 and its successors.
_NOBODY = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a provider's customers or a private overlay",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.168.0.0/16": "private",
    "224.0.0.0/4": "multicast",
    "255.255.255.255/32": "broadcast",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "ff00::/8": "multicast",
}
NOBODY = Networks((ipaddress.ip_network(net), why) for net, why in _NOBODY.items())


def allowlist(texts: Iterable[str], where: str) -> Networks:
    """Return an allowlist; raises `ConfigError` that names `where` it stands and what was meant, for the first wrong line."""
    named = []
    for text in texts:
        try:
            named.append((targets.network_of(text), text))
        except Invalid as error:
            raise ConfigError(f"{where}: {error}") from None
    return Networks(named)


def addresses(texts: Iterable[str], why: str) -> list[tuple[Network, str]]:
    """Return networks of what instruments and the server tell, with a word why; what is no address is left out."""
    found = []
    for text in texts:
        try:
            found.append((targets.network_of(text), why))
        except Invalid:
            continue
    return found


@dataclass(frozen=True)
class Shelter:
    """Those who are not banned: the allowlist, and those who never are (each with a word: `signed in here`)."""

    allowed: Networks = field(default_factory=Networks)
    never: Networks = field(default_factory=Networks)

    def why(self, net: Network) -> str | None:
        """Return why a network is not banned, as a sentence, or None when it may be."""
        for among, words in ((self.allowed, "is in the allowlist"), (NOBODY, "is"), (self.never, "is")):
            found = among.overlapping(net)
            if found is not None:
                return _sentence(net, found[0], words if among is self.allowed else f"{words} {found[1]}")
        inner = targets.untranslated(net)
        return None if inner is None else self.why(inner)


def _sentence(net: Network, found: Network, words: str) -> str:
    if net.prefixlen < found.prefixlen:
        return f"{_shown(net)} holds {_shown(found)}, which {words}"
    return f"{_shown(net)} {words}" + ("" if net == found else f" ({_shown(found)})")


def _shown(net: Network) -> str:
    return str(net.network_address) if net.prefixlen == net.max_prefixlen else str(net)
