"""Requests of this host, each signed by its key; answers are believed when the server's key has signed them.

An answer also tells, by its signature, what time it is at the server: a clock that is wrong here is corrected by that.
"""

from collections.abc import Callable, Mapping
from functools import partial

from vedette.core.errors import Invalid, Unauthenticated
from vedette.plumbing.net.port import Net, NetError, Response
from vedette.plumbing.seal import messages
from vedette.plumbing.seal.ed25519 import SigningKey, fingerprint
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import JSON, PACKED, REPORTS

MOST_ANSWER = 32 * 1024 * 1024
_CLOSE = 2.0  # seconds: a signature is of a whole second, and the way takes time
_FINAL = frozenset({401, 403})
PublicOf = Callable[[str, Mapping[str, str]], bytes | None]


class Speaker:
    """Asks one server. `public_of` returns the server's public key by its fingerprint and an answer's headers.

    `now` tells this host's time.

    Implements `plumbing.net.asking.Ask`. An answer that is not the server's is as if it could not be reached.
    """

    def __init__(
        self, net: Net, url: str, key: SigningKey, public_of: PublicOf, now: Callable[[], float]
    ) -> None:
        self._net, self._url, self.key = net, url, key
        self._public_of, self._now = public_of, now
        self.ahead = 0.0  # seconds that the server's clock is ahead of this host's

    def __call__(self, method: str, path: str, body: bytes, deadline: float) -> Response:
        """Ask once, and once more when the clocks were too far apart or the key was replaced meanwhile. Raises `NetError`."""
        before, key = self.ahead, self.key
        response, off = self._once(method, path, body, deadline)
        moved = max(off, abs(self.ahead - before)) > messages.CLOSE / 2
        if response.status in _FINAL and (moved or self.key is not key):
            response, off = self._once(method, path, body, deadline)
        if response.status in _FINAL and off > messages.CLOSE / 2:
            raise NetError(
                "The clock of this host and that of the server are too far apart, and move.", permanent=False
            )
        return response

    def _once(self, method: str, target: str, body: bytes, deadline: float) -> tuple[Response, float]:
        """Return an answer, and how many seconds apart the server signed it from what the request said."""
        signed_at = self._now() + self.ahead
        sent = messages.signed_request(self.key, method, target, body, signed_at)
        asked = sent["Signature"].removeprefix("sig=")
        response = self._net.request(
            method, f"{self._url}{target}", headers={**sent, **_described(target, body)}, body=body, deadline=deadline,
            max_bytes=MOST_ANSWER,
        )  # fmt: skip
        return response, abs(self._believe(response, asked) - signed_at)

    def _believe(self, response: Response, asked: str) -> int:
        """Return when the server signed its answer, and learn its time; whatever stands before it says nothing but that it is away."""
        headers = response.headers
        public_of = partial(self._public_of_headers, headers)
        try:
            created = messages.check_answer(headers, response.status, response.body, asked, public_of)
        except Unauthenticated:
            why = f"The answer ({response.status}) is not signed by the server this host is enrolled with."
            raise NetError(
                f"{why} Is its address still right, and does nothing stand between?", permanent=False
            ) from None
        off = created + 0.5 - self._now()
        self.ahead = off if abs(off) > _CLOSE else 0.0
        return created

    def _public_of_headers(self, headers: Mapping[str, str], key: str) -> bytes | None:
        return self._public_of(key, headers)


def _described(target: str, body: bytes) -> dict[str, str]:
    if not body:
        return {}
    packed = target.partition("?")[0] == REPORTS
    return {"Content-Type": PACKED, "Content-Encoding": "zstd"} if packed else {"Content-Type": JSON}


def only(public: bytes) -> PublicOf:
    """Return the lookup of one key, whatever an answer says."""
    return lambda key, _: public if key == fingerprint(public) else None


def told(wanted: str) -> PublicOf:
    """Return the lookup of the key that an answer tells, when its fingerprint is the one that is wanted."""

    def found(key: str, headers: Mapping[str, str]) -> bytes | None:
        try:
            public = enrolling.key_of(headers.get(enrolling.KEY_HEADER, ""))
        except Invalid:
            return None
        return public if key == wanted == fingerprint(public) else None

    return found
