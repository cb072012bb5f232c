"""TLS of any port, at once or after STARTTLS: the handshake and the certificates, good or not."""

import asyncio
import ssl
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import handshaking, resolving, sentences
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.handshaking import Trust
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls.starttls import TALKS, Talk
from vedette.instruments.probe.types import Cause, Certificate, Failed, Phase, Request, Standpoint, Target

SCHEMES = {
    "tls": 443, "smtps": 465, "imaps": 993, "pop3s": 995, "ftps": 990,
    "smtp+starttls": 587, "imap+starttls": 143, "pop3+starttls": 110, "ftp+starttls": 21,
    "postgres+starttls": 5432,
}  # fmt: skip
_SECONDS_AGAIN = 3.0
_STARTTLS = "+starttls"


class TlsOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to trust and what to show (PEM texts); `name` is the host's name when it is not that of the URL."""

    verify: bool = True
    authority: str = ""
    client_certificate: str = ""
    client_key: str = ""
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
        tape.host = target.host
        with tape.timed(Phase.DNS):
            addresses = await resolving.addresses_of(target.host, request, standpoint, request.deadline)
        named = msgspec.structs.replace(target, host=options.name or target.host)
        await _shaken(named, addresses, options, standpoint, tape)
        ends = min(certificate.ends for certificate in tape.chain)
        left = sentences.span(max(0.0, ends - standpoint.clock.now()))
        return f"{where(target)} speaks {tape.protocol}; its certificates are valid for {left}; done"


async def _shaken(
    target: Target, addresses: tuple[str, ...], options: TlsOptions, standpoint: Standpoint, tape: Tape
) -> None:
    trust = Trust(
        verify=options.verify,
        authority=options.authority,
        certificate=options.client_certificate,
        key=options.client_key,
    )
    sock = await connected(target, addresses, tape)
    reader, writer = await asyncio.open_connection(sock=sock)
    try:
        with tape.timed(Phase.TLS):
            await _begun(target, reader, writer)
            await handshaking.shaken(writer, target, trust, standpoint, tape)
    except ssl.SSLCertVerificationError as error:
        tape.chain = await _read_again(target, tape.address, standpoint)
        raise handshaking.failed(target, error.verify_code, error.verify_message, tape, standpoint) from error
    except (ConnectionError, asyncio.IncompleteReadError) as error:
        raise Failed(Cause.RESET, sentences.broken(Cause.RESET, where(target))) from error
    finally:
        await closed(writer)


async def _begun(target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if target.scheme.endswith(_STARTTLS):
        await TALKS[target.scheme.removesuffix(_STARTTLS)](Talk(reader, writer, where(target)))


async def _read_again(target: Target, address: str, standpoint: Standpoint) -> tuple[Certificate, ...]:
    """Return the chain of a host that is not trusted, by a second connection that verifies nothing; empty when it fails."""
    tape = Tape()
    try:
        async with asyncio.timeout(_SECONDS_AGAIN):
            sock = await connected(target, [address], tape)
            reader, writer = await asyncio.open_connection(sock=sock)
            try:
                await _begun(target, reader, writer)
                await handshaking.shaken(writer, target, Trust(verify=False), standpoint, tape)
            finally:
                await closed(writer)
    except (Failed, OSError, EOFError, TimeoutError):
        return ()
    return tape.chain


PROBE = TlsProbe()
