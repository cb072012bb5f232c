"""TLS by OpenSSL: contexts, a handshake on an open connection, and the chain of a host that is not trusted.

A handshake that fails to verify tells nothing of the certificates, so a second one that verifies nothing reads them.
"""

import asyncio
import contextlib
import functools
import os
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, cast

import msgspec

from vedette.instruments.probe import causes, sentences
from vedette.instruments.probe.certificates import read_chain
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import where
from vedette.instruments.probe.types import Cause, Certificate, Failed, Phase, Standpoint, Target

_READ_SECONDS = 3.0


class Trust(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a handshake trusts and what it shows: PEM texts. Without `authority` the standpoint's authorities are trusted."""

    verify: bool = True
    authority: str = ""
    certificate: str = ""
    key: str = ""


def authorities(standpoint: Standpoint) -> str:
    """Return the file of authorities that are trusted; empty when this machine has none."""
    found = standpoint.authorities or ssl.get_default_verify_paths().cafile or ""
    return found if found and Path(found).exists() else ""


def context_of(trust: Trust, standpoint: Standpoint) -> ssl.SSLContext:
    """Return the context of a handshake; raises `Failed` when a PEM text cannot be used."""
    try:
        return _context(trust, authorities(standpoint))
    except (ssl.SSLError, ValueError, OSError) as error:
        raise Failed(
            Cause.TLS_CLIENT_CERTIFICATE, f"A certificate or key to be used cannot be read: {error}."
        ) from error


@functools.lru_cache(maxsize=64)
def _context(trust: Trust, cafile: str) -> ssl.SSLContext:
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if trust.authority:
        made.load_verify_locations(cadata=trust.authority)
    elif cafile:
        made.load_verify_locations(cafile=cafile)
    else:
        made.load_default_certs()
    if not trust.verify:
        made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    if trust.certificate:
        with in_memory(trust.certificate + "\n" + trust.key) as path:
            made.load_cert_chain(path)
    return made


@contextlib.contextmanager
def in_memory(text: str) -> Iterator[str]:
    """Write a text into a file that exists in memory only, and yield its path: keys do not touch a disk."""
    handle = os.memfd_create("vedette", os.MFD_CLOEXEC)
    try:
        os.write(handle, text.encode())
        yield f"/proc/self/fd/{handle}"
    finally:
        os.close(handle)


class Streams(NamedTuple):
    """Both directions of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


class Handshake(NamedTuple):
    """What a handshake is about: whom to reach, whom to trust, and what is said before it (STARTTLS), if anything."""

    target: Target
    trust: Trust
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] | None = None


async def shaken(sock: socket.socket, wanted: Handshake, standpoint: Standpoint, tape: Tape) -> Streams:
    """Do the handshake on a connected socket, note version and chain, and return the connection.

    Raises `Failed`, and `ssl.SSLCertVerificationError` for a certificate that is not trusted.
    """
    target = wanted.target
    try:
        streams = await _shake(sock, wanted, context_of(wanted.trust, standpoint))
    except ssl.SSLCertVerificationError:
        raise  # whoever called knows how to connect again to read what is not trusted
    except ssl.SSLError as error:
        reason = error.reason or str(error)
        cause = causes.of_ssl(reason)
        raise Failed(cause, sentences.broken(cause, where(target), _plain(reason))) from error
    except (ConnectionError, EOFError) as error:
        cause = Cause.RESET if isinstance(error, ConnectionResetError) else Cause.CLOSED_EARLY
        raise Failed(cause, sentences.broken(cause, where(target))) from error
    found = cast("ssl.SSLObject", streams.writer.get_extra_info("ssl_object"))
    tape.protocol, tape.chain = found.version() or "", read_chain(sent_chain(found))
    return streams


async def trusted(sock: socket.socket, wanted: Handshake, standpoint: Standpoint, tape: Tape) -> Streams:
    """Do the handshake, and read the chain of a host that is not trusted for the sentence; raises `Failed`."""
    try:
        with tape.timed(Phase.TLS):
            return await shaken(sock, wanted, standpoint, tape)
    except ssl.SSLCertVerificationError as error:
        tape.chain = await read_untrusted(wanted, tape.address, standpoint)
        raise failed(wanted.target, error.verify_code, error.verify_message, tape, standpoint) from error


async def _shake(sock: socket.socket, wanted: Handshake, context: ssl.SSLContext) -> Streams:
    host = wanted.target.host
    if wanted.talk is None:  # at once: what comes first is TLS, and no reader of plain text may take it
        return Streams(*await asyncio.open_connection(sock=sock, ssl=context, server_hostname=host))
    reader, writer = await asyncio.open_connection(sock=sock)
    try:
        await wanted.talk(reader, writer)
        _refuse_early(reader, where(wanted.target))
        await writer.start_tls(context, server_hostname=host)
    except BaseException:  # also a check that is called off
        writer.transport.abort()
        raise
    return Streams(reader, writer)


def _refuse_early(reader: asyncio.StreamReader, host: str) -> None:
    """Refuse what came in plain text behind the word that TLS begins: it would be read as if it had come in TLS.

    Whoever is on the way can put it there (CVE-2011-0411). The stream has no word for what it holds but its own buffer.
    """
    if getattr(reader, "_buffer"):  # noqa: B009 - no attribute that is known to types
        why = "it goes on in plain text where TLS begins"
        raise Failed(Cause.BAD_ANSWER, sentences.broken(Cause.BAD_ANSWER, host, why))


def failed(target: Target, code: int, words: str, tape: Tape, standpoint: Standpoint) -> Failed:
    """Return the failure for OpenSSL's verdict on a certificate; `tape.chain` is what is known of it."""
    cause = causes.of_verification(code)
    now = standpoint.clock.now()
    return Failed(cause, sentences.untrusted(cause, target.host, tape.chain, now, words))


def _plain(reason: str) -> str:
    return reason.lower().replace("_", " ")


def sent_chain(tls: ssl.SSLObject) -> list[bytes]:
    """Return the certificates the server sent, its own first, as DER."""
    public = getattr(tls, "get_unverified_chain", None)  # since Python 3.13
    if public is not None:
        return list(public())
    inner: Any = getattr(tls, "_sslobj", tls)  # the same, before it was made public
    return [ssl.PEM_cert_to_DER_cert(found.public_bytes()) for found in inner.get_unverified_chain() or ()]


async def read_untrusted(wanted: Handshake, address: str, standpoint: Standpoint) -> tuple[Certificate, ...]:
    """Return the chain a host sends, unverified, by a connection of its own; empty when that does not come about."""
    try:
        async with asyncio.timeout(_READ_SECONDS):
            return await _read(wanted, address, standpoint)
    except (Failed, OSError, EOFError, TimeoutError):
        return ()


async def _read(wanted: Handshake, address: str, standpoint: Standpoint) -> tuple[Certificate, ...]:
    tape = Tape()
    sock = await connected(wanted.target, [address], tape)
    await closed((await shaken(sock, wanted._replace(trust=Trust(verify=False)), standpoint, tape)).writer)
    return tape.chain
