"""From a name to its addresses, once for a check, with the reason when there are none.

The resolver is asked by dnspython, not by getaddrinfo: that knows neither a deadline nor the difference between
SERVFAIL and silence. Which of the addresses may be reached is the policy's; what is returned is what is pinned.
"""

import asyncio
import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from vedette.core.address import parse
from vedette.instruments.probe.hosts import known
from vedette.instruments.probe.sentences import blocked
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import name_server
from vedette.instruments.probe.types import Cause, Failed, Family, Phase, Request, Standpoint, Target

if TYPE_CHECKING:
    import dns.resolver
    from dns.asyncresolver import Resolver

_TRY_SECONDS = 2.0
_MOST_ADDRESSES = 8
_NOT_RESOLVED = {
    Cause.NXDOMAIN: "The name {name} does not exist.",
    Cause.SERVFAIL: "The resolver could not find out the address of {name} (SERVFAIL).",
    Cause.RESOLVER_REFUSED: "The resolver refuses to answer for {name} (REFUSED).",
    Cause.RESOLVER_TIMEOUT: "The resolver did not answer for {name} in time.",
    Cause.RESOLVER_UNREACHABLE: "No resolver can be reached to find the address of {name}.",
    Cause.BAD_TARGET: "{name} is no name a resolver can be asked for.",
}
_VERSIONS = {Family.ANY: (4, 6), Family.IPV4: (4,), Family.IPV6: (6,)}


async def addresses_of(
    host: str, request: Request, standpoint: Standpoint, seconds: float
) -> tuple[str, ...]:
    """Return the addresses of a host that may be reached, IPv6 and IPv4 in turns; raises `Failed`.

    `seconds` is how long resolvers may take, all tries together.
    """
    found: Sequence[str] = request.pins or known(host, standpoint.hosts)
    if not found:
        found = await _asked(host, request, standpoint, seconds)
    wanted = [text for text in found if _is_of(text, request.family)]
    if not wanted:
        raise Failed(Cause.NO_ADDRESS, _no_address(host, request.family))
    allowed, reasons = standpoint.policy.sift(wanted)
    if not allowed:
        raise Failed(Cause.BLOCKED_ADDRESS, blocked(host, reasons))
    return _in_turns(allowed)[:_MOST_ADDRESSES]


async def resolved(target: Target, request: Request, standpoint: Standpoint, tape: Tape) -> tuple[str, ...]:
    """Return the addresses of the target of a request, as the check's DNS phase; raises `Failed`."""
    tape.host = target.host
    with tape.timed(Phase.DNS):
        return await addresses_of(target.host, request, standpoint, request.deadline)


def _is_of(text: str, family: Family) -> bool:
    found = parse(text)
    return found is not None and found.version in _VERSIONS[family]


def _no_address(host: str, family: Family) -> str:
    kind = {Family.ANY: "", Family.IPV4: "IPv4 ", Family.IPV6: "IPv6 "}[family]
    return f"{host} exists and has no {kind}address."


def _in_turns(addresses: Sequence[str]) -> tuple[str, ...]:
    """Return addresses with the families in turns, IPv6 first (RFC 8305, section 4)."""
    if len(addresses) == 1:
        return tuple(addresses)
    six = [text for text in addresses if ":" in text]
    four = [text for text in addresses if ":" not in text]
    mixed = [text for pair in zip(six, four, strict=False) for text in pair]
    return tuple(dict.fromkeys([*mixed, *six, *four]))


async def _asked(host: str, request: Request, standpoint: Standpoint, seconds: float) -> list[str]:
    servers = (request.name_server,) if request.name_server else standpoint.name_servers
    if request.name_server:
        check_server(request.name_server, standpoint)
    resolver = resolver_of(servers)
    kinds = {Family.ANY: ("A", "AAAA"), Family.IPV4: ("A",), Family.IPV6: ("AAAA",)}[request.family]
    answers = await asyncio.gather(*(_ask(resolver, host, kind, seconds) for kind in kinds))
    found = [text for answer in answers if not isinstance(answer, Cause) for text in answer]
    failures = [answer for answer in answers if isinstance(answer, Cause)]
    if not found and failures:
        raise Failed(failures[0], _NOT_RESOLVED[failures[0]].format(name=host))
    return found


def check_server(text: str, standpoint: Standpoint) -> None:
    """Raise `Failed` when a name server that a request names may not be reached."""
    server, _ = name_server(text)
    why = standpoint.policy.why_not(server)
    if why is not None:
        raise Failed(Cause.BLOCKED_ADDRESS, blocked(server, [f"{server} is {why}"]))


def resolver_of(servers: tuple[str, ...]) -> "Resolver":
    """Return a resolver for these name servers, the system's without any; raises `Failed` when it has none."""
    from dns.resolver import NoResolverConfiguration

    try:
        return _resolver(servers)
    except NoResolverConfiguration as error:
        raise Failed(
            Cause.RESOLVER_UNREACHABLE, "This machine has no resolver configured (/etc/resolv.conf)."
        ) from error


@functools.lru_cache(maxsize=256)
def _resolver(servers: tuple[str, ...]) -> "Resolver":
    from dns.asyncresolver import Resolver
    from dns.nameserver import Do53Nameserver

    made = Resolver(configure=not servers)
    if servers:
        made.nameservers = [Do53Nameserver(*name_server(text)) for text in servers]
    made.timeout = _TRY_SECONDS
    return made


async def _ask(resolver: "Resolver", host: str, kind: str, seconds: float) -> list[str] | Cause:
    from dns.exception import DNSException

    try:
        answer = await resolver.resolve(host, kind, lifetime=seconds, raise_on_no_answer=False, search=True)
    except DNSException as error:
        return cause_of(error)
    except UnicodeError:
        return Cause.BAD_TARGET
    return [record.address for record in answer.rrset or ()]


def cause_of(error: Exception) -> Cause:
    """Return the cause an exception of dnspython stands for."""
    from dns.exception import Timeout
    from dns.resolver import NXDOMAIN, NoNameservers

    if isinstance(error, NXDOMAIN):
        return Cause.NXDOMAIN
    if isinstance(error, Timeout):
        return Cause.RESOLVER_TIMEOUT
    return _worst(error) if isinstance(error, NoNameservers) else Cause.BAD_TARGET


def _worst(error: "dns.resolver.NoNameservers") -> Cause:
    """Return what the servers that were asked said: one that answered counts more than one that cannot be reached."""
    from dns.rcode import REFUSED

    answers = [entry[4] for entry in error.kwargs.get("errors", ()) if entry[4] is not None]
    if any(answer.rcode() == REFUSED for answer in answers):
        return Cause.RESOLVER_REFUSED
    return Cause.SERVFAIL if answers else Cause.RESOLVER_UNREACHABLE
