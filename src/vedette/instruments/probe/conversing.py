"""A conversation with a server over one pinned connection, in TLS where that is wanted, every error told as a cause."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from typing import NamedTuple

import msgspec

from vedette.instruments.probe import causes, handshaking, locality, resolving, sentences
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.handshaking import Handshake, Streams, Trust
from vedette.instruments.probe.masking import QUOTED, cut
from vedette.instruments.probe.optioning import wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint, Target

MOST_BYTES = 1 << 20
MOST_HEARD = (4 << 20) + (
    256 << 10
)  # of a whole conversation: the longest list of Docker, and what leads to it
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Trusting(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The options of every probe that can speak TLS: whom to trust and what to show (PEM texts)."""

    verify: bool = True
    authority: str = ""
    client_certificate: str = ""
    client_key: str = ""


class Securable(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same where the scheme of the URL does not say whether there is TLS: `tls` does."""

    tls: bool = False


class Upgradable(Securable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same where TLS may also be asked for in the middle of the conversation."""

    starttls: bool = False


def refuse_both(options: Upgradable) -> None:
    """Raise `Invalid` for TLS that would begin twice."""
    if options.tls and options.starttls:
        raise wrong("starttls", "TLS begins either at once (tls) or by STARTTLS, not both")


def trust_of(options: Trusting) -> Trust:
    """Return what a handshake needs of some options."""
    return Trust(
        verify=options.verify,
        authority=options.authority,
        certificate=options.client_certificate,
        key=options.client_key,
    )


class Conversation:
    """What is said and heard; everything raises `Failed` when the connection breaks, or when more is heard than can be of use.

    `host` is what to call the other side, `secrets` what is never quoted of it.
    """

    def __init__(self, streams: Streams, host: str, secrets: Collection[str] = ()) -> None:
        self._reader, self._writer = streams
        self.host, self._secrets, self._heard = host, secrets, 0

    @property
    def secure(self) -> bool:
        """Whether it is in TLS."""
        return self._writer.get_extra_info("ssl_object") is not None

    async def say(self, data: bytes) -> None:
        """Send bytes."""
        with self._told():
            self._writer.write(data)
            await self._writer.drain()

    async def line(self) -> bytes:
        """Return the next line without its end."""
        with self._told():
            line = await self._reader.readline()
        if not line.endswith(b"\n"):
            raise self.failed(Cause.CLOSED_EARLY)
        return self._counted(line).rstrip(b"\r\n")

    async def exactly(self, size: int, most: int = MOST_BYTES) -> bytes:
        """Return as many bytes; refuses more than a megabyte, or what else is the most."""
        if size > most:
            raise self.failed(Cause.BAD_ANSWER, f"it announces {size} bytes")
        with self._told():
            return self._counted(await self._reader.readexactly(size))

    async def until(self, end: bytes) -> bytes:
        """Return what comes up to some bytes, those included; 64 KiB at most."""
        with self._told():
            return self._counted(await self._reader.readuntil(end))

    def failed(self, cause: Cause, why: str = "") -> Failed:
        """Return the failure for something of the network or of the protocol."""
        return Failed(cause, sentences.broken(cause, self.host, why))

    def quoted(self, said: bytes | str, most: int = QUOTED) -> str:
        """Return the beginning of what the other side said, fit to be shown."""
        text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return cut(text.strip(), self._secrets, most)

    def _counted(self, data: bytes) -> bytes:
        self._heard += len(data)
        if self._heard > MOST_HEARD:
            raise Failed(Cause.BODY_TOO_LARGE, f"{self.host} says more than {MOST_HEARD} bytes.")
        return data

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except ssl.SSLError as error:  # with TLS 1.3 a certificate is refused only after the handshake
            reason = error.reason or str(error)
            raise self.failed(causes.of_ssl(reason), reason.lower().replace("_", " ")) from error
        except (asyncio.LimitOverrunError, ValueError) as error:
            raise self.failed(Cause.BAD_ANSWER, "it sends a line without an end") from error
        except EOFError as error:
            raise self.failed(Cause.CLOSED_EARLY) from error
        except OSError as error:
            raise self.failed(Cause.RESET) from error


@contextlib.asynccontextmanager
async def opened_socket(path: str, standpoint: Standpoint, tape: Tape) -> AsyncIterator[Conversation]:
    """Connect to a socket of this machine, where checks may look, and close the connection in the end; raises `Failed`."""
    tape.host = path
    with tape.timed(Phase.CONNECT):
        try:
            real = locality.permitted(path, standpoint.folders)
            streams = Streams(*await asyncio.open_unix_connection(real))
        except OSError as error:
            raise locality.unopened(path, error) from error
    tape.connected, tape.address = True, path
    try:
        yield Conversation(streams, path, tape.secrets)
    finally:
        await closed(streams.writer)


class Opening(NamedTuple):
    """Whom to speak to; with `trust` in TLS, which `talk` asks for first where the protocol wants that."""

    target: Target
    trust: Trust | None = None
    talk: Talk | None = None


@contextlib.asynccontextmanager
async def opened(
    opening: Opening, request: Request, standpoint: Standpoint, tape: Tape
) -> AsyncIterator[Conversation]:
    """Resolve, connect and shake hands, and close the connection in the end; raises `Failed`."""
    target = opening.target
    addresses = await resolving.resolved(target, request, standpoint, tape)
    if opening.trust is not None:
        handshaking.context_of(opening.trust, standpoint)  # reading the authorities is not the host's time
    sock = await connected(target, addresses, tape)
    if opening.trust is None:
        streams = Streams(*await asyncio.open_connection(sock=sock))
    else:
        wanted = Handshake(target, opening.trust, opening.talk)
        streams = await handshaking.trusted(sock, wanted, standpoint, tape)
    try:
        yield Conversation(streams, where(target), tape.secrets)
    finally:
        await closed(streams.writer)
