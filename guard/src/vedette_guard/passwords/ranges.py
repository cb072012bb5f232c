"""Leaked passwords by a range service (k-anonymity): it is told five of forty digits, and answers all hashes with them.

The protocol is that of Have I Been Pwned's Pwned Passwords: `GET /range/ABCDE` answers lines `SUFFIX:COUNT`; padding has
the count 0.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException

from vedette_guard.passwords.port import BreachesAway, sha1

SERVICE = "https://api.pwnedpasswords.com/range/"
_BIGGEST = 1 << 20
_PREFIX = 5


class BreachRanges:
    """Implements `Breaches` by a function that fetches a range: it gets five hex digits and returns the lines.

    `fetch_range` is such a function; another one may go through a proxy, a cache, or a client that the application has.
    """

    def __init__(self, fetch: Callable[[str], str]) -> None:
        self._fetch = fetch

    def holds(self, password: str) -> bool:
        """Tell whether a password's hash is in its range. Raise BreachesAway when the range cannot be fetched."""
        hashed = sha1(password).hex().upper()
        prefix, wanted = hashed[:_PREFIX], hashed[_PREFIX:]
        try:
            lines = self._fetch(prefix).splitlines()
        except (OSError, ValueError) as error:
            raise BreachesAway(
                f"the range {prefix} of leaked passwords cannot be fetched: {error}"
            ) from error
        pairs = (line.strip().upper().partition(":") for line in lines)
        return any(suffix == wanted and count.strip() not in {"0", ""} for suffix, _, count in pairs)


def fetch_range(prefix: str, service: str = SERVICE, timeout: float = 2.0) -> str:
    """Return a range, padded so that its length tells nothing. Raise OSError when the service does not answer."""
    request = urllib.request.Request(  # noqa: S310 - the application names the service
        service + prefix, headers={"Add-Padding": "true", "User-Agent": "vedette-guard"}
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            text: str = answer.read(_BIGGEST).decode("ascii", "replace")
    except (
        HTTPException
    ) as error:  # it is no OSError, but the service does not speak HTTP, or stopped in the middle
        raise OSError(f"no whole answer came: {error!r}") from error
    return text
