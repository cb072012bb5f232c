"""Addresses and networks as people, logs and servers write them, brought to one form. Nothing else ever reaches a command."""

import functools
import ipaddress

from vedette.core.errors import Invalid
from vedette.wire.agent.deciding.types import Network, Target
from vedette.wire.agent.types import Scope

CLIENT = {4: 32, 6: 64}  # what one client has of the network, in bits
AROUND = {4: 24, 6: 48}  # what one attacker is likely to have where many addresses attack together
WIDEST = {4: 8, 6: 16}  # a wider ban is a slip of the pen


def of_address(text: str) -> Target | None:
    """Return the target of a client's address: itself, of IPv6 its /64; None when the text is no address.

    What a translator brings from IPv4 (64:ff9b::/96, RFC 6052) is itself, too: its /64 is everybody who has IPv4.
    """
    found = _address(text)
    if found is None:
        return None
    length = CLIENT[found.version] if found not in _TRANSLATED else 128
    return _target(ipaddress.ip_network((found, length), strict=False))


def around(text: str) -> Target | None:
    """Return the network around an address (/24, /48), or None when the text is no address."""
    found = _address(text)
    if found is None:
        return None
    length = AROUND[found.version] if found not in _TRANSLATED else _TRANSLATED.prefixlen + AROUND[4]
    return Target(Scope.NETWORK, str(ipaddress.ip_network((found, length), strict=False)))


def untranslated(net: Network) -> Network | None:
    """Return the IPv4 network that a translator shows as an IPv6 one, None where it is no such."""
    return _inner(net, _TRANSLATED)


def of_head(version: int, length: int, head: int) -> Target:
    """Return the target of the network whose first `length` bits are a number."""
    if version == 4:
        return _target(ipaddress.IPv4Network((head << (32 - length), length)))
    return _target(ipaddress.IPv6Network((head << (128 - length), length)))


def of_text(text: str) -> Target:
    """Return the target that a person means by an address or a network; raises `Invalid` with what was meant."""
    return of_address(text) or _target(network_of(text))


def of_words(text: str) -> Target:
    """Return the target that a person names: as `of_text`, or `user:NAME`, `key:NAME`; raises `Invalid`."""
    scope, colon, value = text.partition(":")
    if colon and scope in {Scope.USER, Scope.KEY}:
        found = normal(Target(Scope(scope), value))
        if found is None:
            raise Invalid(f"A {scope} has 1 to 200 characters, all of them printable.")
        return found
    return of_text(text)


def network_of(text: str) -> Network:
    """Return the network that an address or CIDR names; raises `Invalid` with what was probably meant."""
    bare = text.strip()
    try:
        found = _parsed(bare)
    except ValueError:
        raise Invalid(_refusal(bare)) from None
    if found.prefixlen == 0:
        raise Invalid(f"{bare} is everybody. To stop nobody, set the sets of rules to simulate.")
    if (
        isinstance(found, ipaddress.IPv6Network)
        and found.prefixlen < 64
        and found.overlaps(_LINK_LOCAL)
        and found != _LINK_LOCAL
    ):
        raise Invalid(f"{bare} is no network anybody has; link-local addresses are {_LINK_LOCAL}.")
    return _unmapped(found)


def network(target: Target) -> Network | None:
    """Return the network of a target; None of a user or key, and of a value that is no address."""
    if target.scope not in {Scope.ADDRESS, Scope.NETWORK}:
        return None
    try:
        return _unmapped(_parsed(target.value))
    except ValueError:
        return None


def normal(target: Target) -> Target | None:
    """Return a target as the table knows it, or None when its value is none of its scope's."""
    if target.scope in {Scope.USER, Scope.KEY}:
        return target if 0 < len(target.value) <= 200 and target.value.isprintable() else None
    found = network(target)
    if found is None:
        return None
    alone = target.scope is Scope.ADDRESS and found.version == 6 and found.prefixlen == found.max_prefixlen
    return of_address(str(found.network_address)) if alone else _target(found)


@functools.lru_cache(maxsize=4096)
def _parsed(text: str) -> Network:
    """Return the network a text names. An IPv6 zone may be any text at all, and Python prints it again: it is none of ours."""
    if "%" in text:
        raise ValueError("a zone")
    return ipaddress.ip_network(text)


def _target(found: Network) -> Target:
    if found.prefixlen == CLIENT[found.version]:
        return Target(Scope.ADDRESS, str(found.network_address) if found.version == 4 else str(found))
    return Target(Scope.NETWORK, str(found))


_LINK_LOCAL = ipaddress.IPv6Network("fe80::/10")
_MAPPED = ipaddress.IPv6Network("::ffff:0:0/96")
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return mapped or found


def _unmapped(found: Network) -> Network:
    """Return the IPv4 network that `::ffff:a.b.c.d/n` writes as an IPv6 one."""
    return _inner(found, _MAPPED) or found


def _inner(found: Network, within: ipaddress.IPv6Network) -> ipaddress.IPv4Network | None:
    if isinstance(found, ipaddress.IPv6Network) and found.prefixlen >= 96 and found.subnet_of(within):
        return ipaddress.IPv4Network((int(found.network_address) & 0xFFFF_FFFF, found.prefixlen - 96))
    return None


def _refusal(bare: str) -> str:
    meant = _meant(bare)
    shown = bare[:60] if bare.isprintable() else "It"
    return f"{shown or 'Nothing'} is no address or network." + (f" Did you mean {meant}?" if meant else _HOW)


_HOW = " Write 203.0.113.7, 203.0.113.0/24 or 2001:db8:1:2::/64; names are not looked up."


def _meant(bare: str) -> str:
    """Return what a slip probably means: host bits set, a shortened address, a range; empty when nobody can tell."""
    if bare.lower().startswith("fe80"):
        return str(_LINK_LOCAL)
    head, slash, bits = bare.partition("/")
    for candidate in (
        bare,
        _full(bare),
        f"{head.rstrip(':')}::{slash}{bits}" if head else "",
    ):
        try:
            return str(ipaddress.ip_network(candidate, strict=False))
        except ValueError:
            continue
    return _range(bare)


def _full(bare: str) -> str:
    """Return `10/8` and `192.168.1.` as four numbers with the bits that were meant."""
    head, slash, bits = bare.partition("/")
    parts = [part for part in head.split(".") if part]
    if not 0 < len(parts) < 4 or not all(part.isdigit() for part in parts):
        return bare
    return ".".join([*parts, "0", "0", "0"][:4]) + "/" + (bits if slash else str(8 * len(parts)))


def _range(bare: str) -> str:
    first, dash, last = bare.partition("-")
    try:
        start, end = ipaddress.IPv4Address(first.strip()), ipaddress.IPv4Address(last.strip())
        nets = list(ipaddress.summarize_address_range(start, end)) if dash else []
    except (ValueError, TypeError):
        return ""
    return " and ".join(str(net) for net in nets[:4])


def narrow_enough(net: Network) -> None:
    """Raise `Invalid` for a network that nobody means to ban."""
    widest = WIDEST[net.version]
    if net.prefixlen < widest:
        raise Invalid(f"{net} is too wide to be banned; /{widest} is the widest.")
