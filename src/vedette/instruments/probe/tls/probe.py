"""TLS of any port, at once or after STARTTLS: the handshake and the certificates, good or not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import msgspec

from vedette.instruments.probe import handshaking, resolving, sentences
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.conversing import Trusting, trust_of
from vedette.instruments.probe.handshaking import Handshake
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls.starttls import TALKS, Talk
from vedette.instruments.probe.types import Request, Standpoint, Target

SCHEMES = {
    "tls": 443, "smtps": 465, "imaps": 993, "pop3s": 995, "ftps": 990,
    "smtp+starttls": 587, "imap+starttls": 143, "pop3+starttls": 110, "ftp+starttls": 21,
    "postgres+starttls": 5432,
}  # fmt: skip
_STARTTLS = "+starttls"


class TlsOptions(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`name` is the host's name when it is not that of the URL."""

    name: str = ""


class TlsProbe:
    """Implements `probe.types.Probe`."""

    kind = "tls"
    label = "TLS and certificates"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = TlsOptions
    secrets = ("client_key",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(TlsOptions, request.options)
        targeted(request.url, SCHEMES)
        if options.name and not options.name.replace("-", "").replace(".", "").isalnum():
            raise wrong("name", "it is no host name")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Connect, ask for TLS where the protocol wants that, and shake hands."""
        options = decoded(TlsOptions, request.options)
        target = targeted(request.url, SCHEMES)
        addresses = await resolving.resolved(target, request, standpoint, tape)
        named = msgspec.structs.replace(target, host=options.name or target.host)
        await _shaken(named, addresses, options, standpoint, tape)
        ends = min(certificate.ends for certificate in tape.chain)
        left = sentences.span(max(0.0, ends - standpoint.clock.now()))
        return f"{where(target)} speaks {tape.protocol}; its certificates are valid for {left}; done"


async def _shaken(
    target: Target, addresses: tuple[str, ...], options: TlsOptions, standpoint: Standpoint, tape: Tape
) -> None:
    trust = trust_of(options)
    wanted = Handshake(target, trust, _talk(target))
    handshaking.context_of(trust, standpoint)  # reading the authorities is not the host's time
    sock = await connected(target, addresses, tape)
    await closed((await handshaking.trusted(sock, wanted, standpoint, tape)).writer)


def _talk(target: Target) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None:
    if not target.scheme.endswith(_STARTTLS):
        return None
    begin = TALKS[target.scheme.removesuffix(_STARTTLS)]
    return lambda reader, writer: begin(Talk(reader, writer, where(target)))


PROBE = TlsProbe()
