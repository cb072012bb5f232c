"""A server of SSH (RFC 4253): its banner, and the algorithms it offers in answer to ours. No key is exchanged, nobody signs in."""

import struct
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Phase, Request, Standpoint

SCHEMES = {"ssh": 22}
_OURS = b"SSH-2.0-Vedette\r\n"
_MOST_LINES = 50  # that a server may say before its banner (RFC 4253, section 4.2)
_LARGEST_PACKET = 35_000  # section 6.1
_KEXINIT = 20
_LISTS = (  # section 7.1, in this order
    "kex_algorithms", "server_host_key_algorithms", "encryption_algorithms_client_to_server",
    "encryption_algorithms_server_to_client", "mac_algorithms_client_to_server", "mac_algorithms_server_to_client",
    "compression_algorithms_client_to_server", "compression_algorithms_server_to_client",
)  # fmt: skip


class SshOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """There is nothing to choose."""


class SshProbe:
    """Implements `probe.types.Probe`."""

    kind = "ssh"
    label = "SSH"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = SshOptions
    secrets = ()

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        decoded(SshOptions, request.options)
        targeted(request.url, SCHEMES)

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Exchange banners and take the server's KEXINIT: the body is the banner, the headers are the algorithms."""
        target = targeted(request.url, SCHEMES)
        async with conversing.opened(Opening(target), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                await talk.say(_OURS)
                tape.body = await _banner(talk)
            tape.protocol = tape.body.decode("utf-8", "replace")[:255]
            with tape.timed(Phase.TRANSFER):
                tape.headers = await _offered(talk)
        return f"{where(target)} is {tape.protocol}"


async def _banner(talk: Conversation) -> bytes:
    for _ in range(_MOST_LINES):
        line = await talk.line()
        if line.startswith((b"SSH-2.0-", b"SSH-1.99-")):
            return line
        if line.startswith(b"SSH-"):
            raise talk.failed(Cause.BAD_ANSWER, "it speaks a version of SSH that is not 2")
    raise talk.failed(Cause.BAD_ANSWER, "it does not greet as SSH does")


async def _offered(talk: Conversation) -> list[tuple[str, str]]:
    """Return the lists of names in SSH_MSG_KEXINIT."""
    size, padding = struct.unpack(">IB", await talk.exactly(5))
    if not 2 < size <= _LARGEST_PACKET or padding > size - 2:
        raise talk.failed(Cause.BAD_ANSWER, "what follows its banner is no packet of SSH")
    payload = (await talk.exactly(size - 1))[: size - 1 - padding]
    if payload[0] != _KEXINIT:
        raise talk.failed(Cause.BAD_ANSWER, "it does not begin with the algorithms it offers")
    return _lists(talk, payload[17:])  # behind the number of the message and 16 bytes of cookie


def _lists(talk: Conversation, data: bytes) -> list[tuple[str, str]]:
    found = []
    for name in _LISTS:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 + size:
            raise talk.failed(Cause.BAD_ANSWER, "its list of algorithms is cut short")
        found.append((name, data[4 : 4 + size].decode("ascii", "replace")))
        data = data[4 + size :]
    return found


PROBE = SshProbe()
