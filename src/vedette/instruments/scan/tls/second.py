"""A second opinion on trust, by OpenSSL, as the clients of the world judge: sslyze's own judge is stricter than any of them."""

import asyncio
import ssl
from pathlib import Path
from typing import NamedTuple

import msgspec

from vedette.instruments.probe import handshaking
from vedette.instruments.probe.connecting import closed, connected
from vedette.instruments.probe.handshaking import Handshake, Trust
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import where
from vedette.instruments.probe.tls.starttls import TALKS, Talk
from vedette.instruments.probe.types import Failed, Standpoint, Target
from vedette.instruments.scan.tls.answering import Job

_WRONG_NAME = 62  # X509_V_ERR_HOSTNAME_MISMATCH: looked at when the chain is good
_PATIENCE = 5.0


class Opinion(NamedTuple):
    """Whether a chain is trusted, and OpenSSL's words when it is not."""

    trusted: bool
    problem: str = ""


def opinion(target: Target, job: Job) -> Opinion | None:
    """Return what OpenSSL thinks of a server's chain; None when no handshake comes about."""
    try:
        return asyncio.run(_asked(msgspec.structs.replace(target, host=job.name), job))
    except (Failed, OSError, EOFError, TimeoutError):
        return None


async def _asked(target: Target, job: Job) -> Opinion:
    tape, begin = Tape(), TALKS.get(job.starttls.lower())
    trust = Trust(authority=Path(job.authority).read_text("utf-8") if job.authority else "")
    talk = (lambda reader, writer: begin(Talk(reader, writer, where(target)))) if begin else None
    async with asyncio.timeout(_PATIENCE):
        sock = await connected(target, [job.address], tape)
        try:
            streams = await handshaking.shaken(sock, Handshake(target, trust, talk), Standpoint(), tape)
        except ssl.SSLCertVerificationError as error:
            return Opinion(error.verify_code == _WRONG_NAME, error.verify_message)
        await closed(streams.writer)
    return Opinion(True)
