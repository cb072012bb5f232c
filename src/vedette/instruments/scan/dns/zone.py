"""What is asked of names: each question once. What is not answered raises, and is never taken for missing."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING

from vedette.core.clock import monotonic
from vedette.instruments.probe.dns import asking
from vedette.instruments.probe.dns.asking import Flags, Server
from vedette.instruments.probe.types import Cause, Failed, Standpoint
from vedette.instruments.scan.types import CannotKnow

if TYPE_CHECKING:
    from dns.message import Message

_MOST_QUESTIONS = 300
HTTP = 80


Ours = Callable[[str, str], Awaitable[bool]]
"""Tells of a host, by its name and address, whether it is proven to be ours."""


async def nobodys(_name: str, _address: str) -> bool:
    """Tell that no host is proven to be ours."""
    return False


class Zone:
    """A domain and the servers it is asked of. `own` are its name servers when they are given by hand; `end` is monotonic; `port` is that of HTTP.

    `ours` tells whose servers may be asked what only their owner may ask; `facts` are what a person may want to read.
    """

    def __init__(
        self, domain: str, standpoint: Standpoint, end: float, *, own: Sequence[Server] = (),
        selectors: Sequence[str] = (), names: Sequence[str] = (), now: float = 0.0, anchors: Sequence[str] = (),
        port: int = HTTP, ours: Ours = nobodys,
    ) -> None:  # fmt: skip
        self.domain, self.standpoint, self.end, self.now = domain, standpoint, end, now
        self.own, self.selectors, self.names, self.anchors = own, selectors, names, anchors
        self.port, self.ours = port, ours
        self.facts: dict[str, str] = {}
        self._servers = asking.system_servers(standpoint.name_servers)
        self._known: dict[tuple[str, str], tuple[bool, tuple[str, ...]]] = {}
        self._asked = 0

    async def records(self, name: str, kind: str) -> tuple[str, ...]:
        """Return the records of a name as text, none when there are none; raises `Failed` when nobody can tell."""
        return (await self._look(name, kind))[1]

    async def exists(self, name: str, kind: str = "A") -> bool:
        """Tell whether a name exists, whatever it has."""
        return (await self._look(name, kind))[0]

    async def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT records of a name, their strings joined (RFC 7208, section 3.3)."""
        return await self.records(name, "TXT")

    async def message(self, name: str, kind: str, flags: Flags) -> "Message":
        """Return a whole answer; raises `Failed` for one that says that it could not be told."""
        self._count(name)
        try:
            answer, _ = await asking.ask(self._servers, name, kind, self.end, flags)
        except TimeoutError:
            raise Failed(Cause.RESOLVER_TIMEOUT, f"Nobody answered for {name} {kind} in time.") from None
        except ValueError as error:
            raise Failed(Cause.BAD_TARGET, f"{name[:200]!r} cannot be asked for.") from error
        code = int(answer.rcode())
        if code not in {0, 3}:
            raise Failed(Cause.SERVFAIL, f"The resolver could not tell {name} {kind} ({_word(code)}).")
        return answer

    async def _look(self, name: str, kind: str) -> tuple[bool, tuple[str, ...]]:
        key = (name.lower().rstrip("."), kind)
        if key not in self._known:
            answer = await self.message(name, kind, Flags())
            self._known[key] = (int(answer.rcode()) == 0, tuple(_values(answer, kind)))
        return self._known[key]

    def _count(self, name: str) -> None:
        self._asked += 1
        if self._asked > _MOST_QUESTIONS or monotonic() >= self.end:
            raise CannotKnow(
                f"{self.domain} took too many questions or too long, at {name[:200]}.",
                "Scan again with more time.",
            )


def _word(code: int) -> str:
    import dns.rcode

    return dns.rcode.to_text(dns.rcode.Rcode(code))


def _values(answer: "Message", kind: str) -> list[str]:
    from dns.rdatatype import TXT, from_text

    wanted = from_text(kind)
    found = [record for rrset in answer.answer if rrset.rdtype == wanted for record in rrset]
    if wanted == TXT:
        return [b"".join(record.strings).decode("utf-8", "replace") for record in found]
    return [record.to_text() for record in found]
