"""How a location or an agent asks the server it works for: what an answer means, and when it asks again.

Raises `Refused` for what does not get better by asking again, `Away` where the server cannot be reached, `Unavailable` where
it answers and cannot take more now.
"""

from typing import Protocol, TypeVar

import msgspec

from vedette.core import ids
from vedette.core.errors import Invalid, Unavailable, VedetteError
from vedette.plumbing.net.port import NetError, Response

_PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
_MOST_SAID = 300
_AGAIN = frozenset({404, 405, 408, 409, 429})
T = TypeVar("T")


class Refused(VedetteError):
    """The server knows who asks and wants nothing of it: asking again does not help."""


class Away(VedetteError):
    """The server cannot be reached."""


class Ask(Protocol):
    """Asks the server once: method, path, body and the seconds it may take. Raises `NetError`."""

    def __call__(self, method: str, path: str, body: bytes, deadline: float) -> Response:
        """Return the answer."""
        ...


class Pauses:
    """How long to wait after failures in a row: longer and longer, each moved by chance so that many do not come together."""

    def __init__(self) -> None:
        self._failures = 0

    def worked(self) -> None:
        """Begin anew."""
        self._failures = 0

    def next(self, least: float = 0.0) -> float:
        """Return the seconds to wait after another failure."""
        pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
        self._failures += 1
        return max(least, ids.jitter(pause, 0.5))


def asked(ask: Ask, said: tuple[str, str, bytes, float], shape: type[T]) -> T:
    """Ask (method, path, body, deadline) and return what the answer holds; raises as the module says, and `Invalid`."""
    try:
        response = ask(*said)
    except NetError as error:
        raise Away(str(error)) from error
    if response.status != 200:
        raise _failure(response)
    try:
        return msgspec.json.decode(response.body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unavailable(f"The server's answer cannot be read: {error}.") from error


def _failure(response: Response) -> VedetteError:
    detail = _detail(response)
    if response.status in {401, 403}:
        return Refused(detail)
    if response.status >= 500 or response.status in _AGAIN or response.status < 400:
        wait = response.headers.get("retry-after", "")
        return Unavailable(
            detail, float(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else 0.0
        )
    return Invalid(detail)


def _detail(response: Response) -> str:
    """Return what a problem+json says; where it is none, something else than Vedette answers there."""
    try:
        said = msgspec.json.decode(response.body, type=dict[str, object]).get("detail", "")
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = ""
    return (
        str(said)[:_MOST_SAID] if said else f"The server answered {response.status}; is it Vedette's address?"
    )
