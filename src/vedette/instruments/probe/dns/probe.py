"""A name in the DNS: its records, whether every name server says the same, and whether they are proven."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from vedette.core.clock import monotonic
from vedette.core.errors import Invalid
from vedette.instruments.probe import resolving
from vedette.instruments.probe.dns import asking, proving
from vedette.instruments.probe.dns.asking import Flags, Server
from vedette.instruments.probe.dns.options import SCHEMES, DnsOptions, Proof, Question, question, why_unfit
from vedette.instruments.probe.dns.zone import disagreement, name_servers_of
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

if TYPE_CHECKING:
    from dns.message import Message

_OF_RCODE = {
    "NXDOMAIN": (Cause.NXDOMAIN, "The name {name} does not exist."),
    "SERVFAIL": (Cause.SERVFAIL, "The resolver could not find out {name} {kind} (SERVFAIL)."),
    "REFUSED": (Cause.RESOLVER_REFUSED, "The resolver refuses to answer for {name} (REFUSED)."),
}


class DnsProbe:
    """Implements `probe.types.Probe` by dnspython, which is loaded on first use."""

    kind = "dns"
    label = "Name in the DNS"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = DnsOptions
    secrets = ()

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        from dns.exception import DNSException
        from dns.rdatatype import from_text

        options = decoded(DnsOptions, request.options)
        asked = question(request.url, options)
        proving.check_anchors(options.anchors)
        if len(options.values) > 100:
            raise wrong("values", "100 are the most")
        try:
            from_text(asked.type)
        except (DNSException, ValueError) as error:
            raise Invalid(f"type: there is no type of record {asked.type}.", {"type": "unknown"}) from error

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Ask, compare with what is expected, and go further where that is wanted."""
        options = decoded(DnsOptions, request.options)
        asked = question(request.url, options)
        tape.host = asked.name
        end = monotonic() + request.deadline
        servers = await _servers(asked, request, standpoint, tape)
        flags = Flags(signed=options.dnssec is not Proof.NONE, unchecked=options.dnssec is Proof.VALIDATE)
        with tape.timed(Phase.DNS):
            answer, server = await asking.ask(servers, asked.name, asked.type, end, flags)
        _note(answer, server, tape)
        _judged(asked, options, tape)
        with tape.timed(Phase.DNS):
            await _proven(answer, servers, options, standpoint, end)
            if options.each:
                zone = await name_servers_of(asked, servers, standpoint, options.port, end)
                told = await disagreement(asked, zone, tape, end)
                if told:
                    raise Failed(Cause.WRONG_RECORDS, told)
        return f"{asked.name} {asked.type} is {', '.join(tape.records)[:200]}; answered"


async def _servers(asked: Question, request: Request, standpoint: Standpoint, tape: Tape) -> Sequence[Server]:
    """Return whom to ask: the server of the URL, the request's, or the standpoint's."""
    if asked.server:
        plain = msgspec.structs.replace(request, pins=())
        with tape.timed(Phase.DNS):
            found = await resolving.addresses_of(asked.server, plain, standpoint, request.deadline)
        return [(address, asked.port) for address in found]
    if request.name_server:
        resolving.check_server(request.name_server, standpoint)
        return asking.system_servers((request.name_server,))
    return asking.system_servers(standpoint.name_servers)


def _note(answer: "Message", server: Server, tape: Tape) -> None:
    import dns.rcode
    from dns.rdatatype import CNAME, RRSIG

    tape.connected, tape.address = True, server[0]
    tape.rcode = dns.rcode.to_text(answer.rcode())
    kind = answer.question[0].rdtype if answer.question else CNAME
    rrsets = [rrset for rrset in answer.answer if rrset.rdtype == kind and rrset.rdtype != RRSIG]
    tape.records = tuple(sorted(record.to_text()[:1024] for rrset in rrsets for record in rrset)[:100])
    tape.body = "\n".join(tape.records).encode()


def _judged(asked: Question, options: DnsOptions, tape: Tape) -> None:
    if tape.rcode != "NOERROR":
        default = (Cause.BAD_ANSWER, "The resolver answered {rcode} for {name} {kind}.")
        cause, text = _OF_RCODE.get(tape.rcode, default)
        raise Failed(cause, text.format(name=asked.name, kind=asked.type, rcode=tape.rcode))
    if not tape.records:
        cause = Cause.NO_ADDRESS if asked.type in {"A", "AAAA"} else Cause.WRONG_RECORDS
        raise Failed(cause, f"{asked.name} exists and has no record of type {asked.type}.")
    unfit = why_unfit(tape.records, options)
    if unfit:
        raise Failed(
            Cause.WRONG_RECORDS, f"The records {asked.type} of {asked.name} are not as expected: {unfit}."
        )


async def _proven(
    answer: "Message", servers: Sequence[Server], options: DnsOptions, standpoint: Standpoint, end: float
) -> None:
    import dns.flags

    if options.dnssec is Proof.AD and not answer.flags & dns.flags.AD:
        raise Failed(Cause.DNSSEC, "The resolver does not say that the answer is proven (no AD flag).")
    if options.dnssec is not Proof.VALIDATE:
        return

    async def fetched(name: str, kind: str) -> "Message":
        found, _ = await asking.ask(servers, name, kind, end, Flags(signed=True, unchecked=True))
        return found

    await proving.Prover(fetched, proving.anchors_of(options.anchors), standpoint.clock.now()).prove(answer)


PROBE = DnsProbe()
