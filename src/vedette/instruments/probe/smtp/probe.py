"""A mail server that takes mail (SMTP, RFC 5321): its greeting, its answer to EHLO, and QUIT. No mail is sent."""

import asyncio
import re
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Upgradable
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls import starttls
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"smtp": 25}
_MOST_LINES = 100
_NAME = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")


class SmtpOptions(Upgradable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tls` at once or by STARTTLS (`starttls`); `hello` is the name Vedette says it has."""

    hello: str = starttls.HELLO


class SmtpProbe:
    """Implements `probe.types.Probe`."""

    kind = "smtp"
    label = "Mail server (SMTP)"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = SmtpOptions
    secrets = ("client_key",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(SmtpOptions, request.options)
        targeted(request.url, SCHEMES)
        conversing.refuse_both(options)
        if not _NAME.fullmatch(options.hello):
            raise wrong("hello", "it is no name of a host")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Be greeted, say EHLO and QUIT; the status is the code of the last reply, the body what was said."""
        options = decoded(SmtpOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if options.tls or options.starttls else None

        async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await starttls.smtp(starttls.Talk(reader, writer, where(target)), options.hello)

        asks = begin if options.starttls else None
        async with conversing.opened(Opening(target, trust, asks), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                if not options.starttls:
                    await _reply(talk, tape, 220, "the greeting")
                await talk.say(f"EHLO {options.hello}\r\n".encode())
                await _reply(talk, tape, 250, "EHLO")
            await talk.say(b"QUIT\r\n")
        return f"{where(target)} greets and answers EHLO"


async def _reply(talk: Conversation, tape: Tape, code: int, to: str) -> None:
    """Take the lines of a reply, where a dash after the code says that more follow, and want its code."""
    for _ in range(_MOST_LINES):
        line = await talk.line()
        tape.body += line + b"\n"
        if not line[:3].isdigit():
            raise talk.failed(Cause.BAD_ANSWER, "its greeting or its reply is none of SMTP")
        if line[3:4] != b"-":
            tape.status = int(line[:3])
            if tape.status != code:
                said = talk.quoted(line)
                raise Failed(Cause.BAD_STATUS, f"{talk.host} says to {to}: “{said}”, and not {code}.")
            return
    raise talk.failed(Cause.BAD_ANSWER, "its reply goes on and on")


PROBE = SmtpProbe()
