"""A mail server that mail is read from (IMAP, RFC 9051): its greeting, what it can do, and LOGOUT. Nobody signs in."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Upgradable
from vedette.instruments.probe.optioning import decoded
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.tls import starttls
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"imap": 143}
_MOST_LINES = 100


class ImapOptions(Upgradable, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`tls` at once (port 993) or by STARTTLS (`starttls`)."""


class ImapProbe:
    """Implements `probe.types.Probe`."""

    kind = "imap"
    label = "Mailboxes (IMAP)"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = ImapOptions
    secrets = ("client_key",)

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(ImapOptions, request.options)
        targeted(request.url, SCHEMES)
        conversing.refuse_both(options)

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Be greeted, ask what the server can do, and leave; the body is what was said."""
        options = decoded(ImapOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if options.tls or options.starttls else None
        begin = (lambda r, w: starttls.imap(starttls.Talk(r, w, where(target)))) if options.starttls else None
        async with conversing.opened(Opening(target, trust, begin), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                if not options.starttls:
                    _welcome(talk, await _heard(talk, tape))
                await talk.say(b"v1 CAPABILITY\r\n")
                await _done(talk, tape)
            await talk.say(b"v2 LOGOUT\r\n")
        return f"{where(target)} greets and says what it can do"


async def _heard(talk: Conversation, tape: Tape) -> bytes:
    line = await talk.line()
    tape.body += line + b"\n"
    return line


def _welcome(talk: Conversation, greeting: bytes) -> None:
    """Take `* OK` and `* PREAUTH`; with `* BYE` the server does not want us."""
    word = greeting[2:].split(b" ")[0].upper() if greeting.startswith(b"* ") else b""
    if word in {b"OK", b"PREAUTH"}:
        return
    if word == b"BYE":
        said = talk.quoted(greeting)
        raise Failed(Cause.NOT_SERVING, f"{talk.host} takes nobody: “{said}”.")
    raise talk.failed(Cause.BAD_ANSWER, "its greeting is none of IMAP")


async def _done(talk: Conversation, tape: Tape) -> None:
    for _ in range(_MOST_LINES):
        line = await _heard(talk, tape)
        if line.startswith(b"v1 "):
            if not line.upper().startswith(b"V1 OK"):
                said = talk.quoted(line)
                raise Failed(Cause.NOT_SERVING, f"{talk.host} says to CAPABILITY: “{said}”.")
            return
    raise talk.failed(Cause.BAD_ANSWER, "its reply goes on and on")


PROBE = ImapProbe()
