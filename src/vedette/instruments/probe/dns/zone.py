"""Every name server of a zone, and whether they all say what the first answer said."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from vedette.core.address import parse
from vedette.instruments.probe.dns import asking
from vedette.instruments.probe.dns.asking import Flags, Server
from vedette.instruments.probe.dns.options import Question
from vedette.instruments.probe.sentences import blocked
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Cause, Failed, Standpoint

_MOST_SERVERS = 16


class NameServer(NamedTuple):
    """A name server of a zone, and the address it is asked at."""

    name: str
    at: Server


async def name_servers_of(
    asked: Question, servers: Sequence[Server], standpoint: Standpoint, port: int, end: float
) -> list[NameServer]:
    """Return the name servers of the zone a name is in, with one address each; raises `Failed`."""
    names = await _delegated(asked.name, servers, end)
    found = await asyncio.gather(*(_address(name, servers, end) for name in names))
    made = [NameServer(name, (address, port)) for name, address in zip(names, found, strict=True)]
    for server in made:
        why = standpoint.policy.why_not(server.at[0])
        if why is not None:
            raise Failed(Cause.BLOCKED_ADDRESS, blocked(server.name, [f"{server.at[0]} is {why}"]))
    return made


async def _delegated(name: str, servers: Sequence[Server], end: float) -> list[str]:
    """Return the names of the servers of the nearest zone at or above a name."""
    from dns.rdatatype import NS

    rest = name.rstrip(".")
    while rest:
        answer, _ = await asking.ask(servers, rest, "NS", end)
        found = sorted(
            str(record.target) for rrset in answer.answer if rrset.rdtype == NS for record in rrset
        )
        if found:
            return found[:_MOST_SERVERS]
        rest = rest.partition(".")[2]
    raise Failed(Cause.WRONG_RECORDS, f"No name servers are known for {name}.")


async def _address(name: str, servers: Sequence[Server], end: float) -> str:
    for kind in ("A", "AAAA"):
        answer, _ = await asking.ask(servers, name, kind, end)
        for rrset in answer.answer:
            for record in rrset:
                text = getattr(record, "address", "")
                if text and parse(text) is not None:
                    return str(text)
    raise Failed(Cause.NO_ADDRESS, f"The name server {name} has no address.")


async def disagreement(asked: Question, zone: Sequence[NameServer], tape: Tape, end: float) -> str:
    """Return who says something else than what the tape has, or says nothing; empty when all agree."""
    answers = await asyncio.gather(*(_records(asked, server, end) for server in zone))
    for server, records in zip(zone, answers, strict=True):
        tape.notes.append(f"{server.name} ({server.at[0]}): {', '.join(records)[:200] or 'nothing'}")
    for server, records in zip(zone, answers, strict=True):
        if set(records) != set(tape.records):
            told = ", ".join(records)[:200] or "nothing"
            return f"{server.name} says {told} for {asked.name} {asked.type}, the resolver {', '.join(tape.records)[:200]}."
    return ""


async def _records(asked: Question, server: NameServer, end: float) -> list[str]:
    from dns.rdatatype import from_text

    try:
        answer, _ = await asking.ask([server.at], asked.name, asked.type, end, Flags(recursive=False))
    except Failed as error:
        raise Failed(error.cause, f"The name server {server.name} failed: {error}") from error
    kind = from_text(asked.type)
    return sorted(r.to_text()[:1024] for rrset in answer.answer if rrset.rdtype == kind for r in rrset)
