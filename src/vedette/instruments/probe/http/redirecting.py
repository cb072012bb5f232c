"""What the next request of a chain of redirects is. Decisions only; RFC 9110, section 15.4."""

from collections.abc import Mapping

import msgspec

from vedette.instruments.probe.masking import is_secret_name
from vedette.instruments.probe.types import Target

STATUSES = frozenset({301, 302, 303, 307, 308})


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One request; `trusted` says that credentials may be sent: it goes where the check was told to go."""

    method: str
    headers: Mapping[str, str]
    body: str = ""
    trusted: bool = True


def following(ask: Ask, status: int, before: Target, after: Target) -> Ask:
    """Return the request that follows a redirect.

    303, and 301 and 302 to anything but GET and HEAD, become GET without a body, as browsers do. Credentials stay
    behind when scheme, host or port change: the next host could be anybody's.
    """
    method, body, headers = ask.method, ask.body, dict(ask.headers)
    if method not in {"GET", "HEAD"} and status in {301, 302, 303}:
        method, body = "GET", ""
        headers = {name: value for name, value in headers.items() if not name.lower().startswith("content-")}
    same = (before.scheme, before.host, before.port) == (after.scheme, after.host, after.port)
    if not same:
        headers = {n: v for n, v in headers.items() if n.lower() != "host" and not is_secret_name(n)}
    return Ask(method=method, headers=headers, body=body, trusted=ask.trusted and same)
