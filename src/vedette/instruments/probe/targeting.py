"""From a URL to what is checked. Decisions only."""

import functools
import re
from collections.abc import Collection, Mapping
from urllib.parse import urljoin

from vedette.core.address import parse
from vedette.core.errors import Invalid
from vedette.core.place import place
from vedette.instruments.probe.masking import cut, masked_url
from vedette.instruments.probe.types import MAX_DEADLINE, Cause, Failed, Request, Target

MOST_URL = 8192
# What some libraries read as an IPv4 address (`127.1`, `0x7f.1`, `2130706433`): their last part is a number.
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?")


def targeted(url: str, schemes: Mapping[str, int]) -> Target:
    """Return a URL taken apart; raises `Invalid` that says why it cannot be checked."""
    return _targeted(url, tuple(schemes.items()))


@functools.lru_cache(maxsize=16_384)
def _targeted(url: str, schemes: tuple[tuple[str, int], ...]) -> Target:
    """Return a URL taken apart; kept, for checks come again with the same one."""
    if len(url) > MOST_URL:
        raise Invalid(f"The URL has {len(url)} characters; {MOST_URL} are the most.", {"url": "too long"})
    try:
        found = place(url.partition("#")[0], dict(schemes))
        if _NUMERIC.fullmatch(found.host) and parse(found.host) is None:
            raise ValueError("its host is neither a name nor an address written as 192.0.2.1")
    except ValueError as error:
        raise Invalid(
            f"{masked_url(url, ())[:200]} cannot be checked: {error}.", {"url": str(error)}
        ) from error
    host, path, shown = found.host, found.path, found.host_header
    return Target(url=url, scheme=found.scheme, host=host, port=found.port, path=path, shown=shown)


def redirected(base: str, location: str, schemes: Mapping[str, int], secrets: Collection[str] = ()) -> Target:
    """Return where a redirect leads; raises `Failed`, without the secrets, when that is nowhere."""
    try:
        return targeted(urljoin(base, location), schemes)
    except (Invalid, ValueError) as error:
        shown = cut(masked_url(location, secrets), (), 200) or "nowhere"
        raise Failed(
            Cause.BAD_REDIRECT,
            f"{cut(masked_url(base, secrets), (), 200)} redirects to {shown}, which cannot be followed.",
        ) from error


def where(target: Target) -> str:
    """Return host and port as a person writes them."""
    shown = f"[{target.host}]" if ":" in target.host else target.host
    return f"{shown}:{target.port}" if target.port else shown


def check_request(request: Request) -> None:
    """Raise `Invalid` for what no probe can use: a deadline out of range, or a name server that is no address."""
    if not 0.05 <= request.deadline <= MAX_DEADLINE:
        raise Invalid(
            f"The deadline is {request.deadline:g} s; it is between 0.05 and {MAX_DEADLINE:g} s.",
            {"deadline": "out of range"},
        )
    if request.name_server:
        name_server(request.name_server)


def name_server(text: str) -> tuple[str, int]:
    """Return address and port of a name server (`192.0.2.1`, `192.0.2.1:5353`, `[2001:db8::1]:53`); raises `Invalid`."""
    host, port = text, "53"
    if text.startswith("[") or text.count(":") == 1:
        host, _, given = text.rpartition(":") if not text.endswith("]") else (text, "", "")
        port = given if host != text else port
    if parse(host) is None or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise Invalid(
            f"The name server {text[:80]} is no address; write 192.0.2.1 or 192.0.2.1:5353.",
            {"name_server": "no address"},
        )
    return host.strip("[]"), int(port)
