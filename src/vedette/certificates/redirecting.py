"""What port 80 answers: proofs for the authority, and the way to HTTPS for everybody else. Pure.

The target of a redirect is a name of ours, whatever Host a stranger sends.
"""

import re
from collections.abc import Callable

import msgspec

PREFIX = "/.well-known/acme-challenge/"  # RFC 8555, section 8.3
TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
_LINE = re.compile(r"([A-Z]{1,20}) (\S{1,4096}) HTTP/1\.[01]")
_AT = re.compile(r"https?://[^/?#]*", re.IGNORECASE)
_READS = frozenset({"GET", "HEAD"})


class Reply(msgspec.Struct, frozen=True):
    """An answer: status, where to go (empty = nowhere), and a text."""

    status: int
    location: str = ""
    text: str = ""


def reply(head: bytes, names: tuple[str, ...], port: int, proof: Callable[[str], str]) -> Reply:
    """Return the answer to the head of a request; `proof(token)` returns what is shown for it, empty for none.

    `names` are ours, the first being the usual one; `port` is that of HTTPS.
    """
    lines = head.decode("latin-1").split("\r\n")
    found = _LINE.fullmatch(lines[0])
    target = _origin_form(found[2]) if found else ""
    if found is None or not target:
        return Reply(400, text="This is no request that can be answered here.\n")
    if target.startswith(PREFIX) and found[1] in _READS:
        shown = _proof(target.removeprefix(PREFIX), proof)
        return Reply(200, text=shown) if shown else Reply(404, text="No proof is asked for by this name.\n")
    host = _name(lines[1:], names)
    location = f"https://{host}{'' if port == 443 else f':{port}'}{target}"
    return Reply(301 if found[1] in _READS else 308, location)


def _origin_form(target: str) -> str:
    """Return path and query of a request's target; empty when it has none, or bytes that no address has."""
    path = _AT.sub("", target, count=1) if target[:1] != "/" else target
    path = path if path[:1] != "?" else f"/{path}"
    if not path and _AT.match(target):
        return "/"
    fine = path.startswith("/") and all(33 <= ord(char) <= 126 and char not in '"<>\\^`{|}#' for char in path)
    return path if fine else ""


def _proof(token: str, proof: Callable[[str], str]) -> str:
    return proof(token) if TOKEN.fullmatch(token) else ""


def _name(headers: list[str], names: tuple[str, ...]) -> str:
    """Return the name that was asked for, where it is one of ours; else the usual one."""
    hosts = [value for key, _, value in (line.partition(":") for line in headers) if key.lower() == "host"]
    asked = hosts[0].strip().lower().partition(":")[0].removesuffix(".") if len(hosts) == 1 else ""
    return asked if asked in names else names[0]
