"""What the guard knows of one request, from the first look to the last header."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.decisions.detections import KINDS, Kind, Listener
from vedette_guard.decisions.dressing import Pairs, dress
from vedette_guard.decisions.rates import Metre, Step
from vedette_guard.plan import Plan

KEY = "vedette_guard"  # in an ASGI scope, a WSGI environ, and META of a Django request
NOT_GUARDED = "no Guard stands before this request"


class Passage:
    """One request on its way through a door.

    `client` is the address found behind trusted proxies, `secure` whether it came by HTTPS, `refusal` why it goes no
    further (None: it does); `listener` hears of it. `extra` are headers of this answer alone, beside those of the one
    metre that `counted` it, if one did; `sent` says that the headers have left.
    """

    __slots__ = (
        "_asked",
        "_nonce",
        "client",
        "counted",
        "extra",
        "listener",
        "plan",
        "refusal",
        "secure",
        "sent",
    )

    def __init__(
        self,
        plan: Plan,
        client: str,
        secure: bool,  # the engine says it by its place: by names, making a passage would cost twice as much
        asked: Asked | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.plan, self.client, self.secure = plan, client, secure
        self._asked, self.listener = asked, listener
        self.refusal: Refusal | None = None
        self.extra: list[tuple[str, str]] = []
        self.counted: tuple[Metre, Step] | None = None
        self.sent = False
        self._nonce: str | None = None

    @property
    def nonce(self) -> str:
        """Return the nonce of this answer's page. Raise RuntimeError when the headers left without it."""
        if self._nonce is None:
            if self.sent:
                raise RuntimeError(
                    "the nonce is asked for after the headers left: ask before the answer begins"
                )
            self._nonce = secrets.token_urlsafe(16)
        return self._nonce

    def refuse(self, refusal: Refusal) -> None:
        """Let the request go no further, unless an answer is on its way; whoever listens hears of it."""
        if not self.sent:
            self.refusal = refusal
        if refusal.part in KINDS:
            self.tell(refusal.part, refusal.reason, detail=refusal.detail)

    def tell(
        self,
        kind: Kind,
        reason: str,
        *,
        user: str | None = None,
        detail: Mapping[str, object] | None = None,
    ) -> None:
        """Tell whoever listens of something that was stopped or seen in this request."""
        if self.listener is not None:
            method, path = self._what()
            self.listener.tell(
                kind, reason, client=self.client, method=method, path=path, user=user, detail=detail
            )

    def failed(self, error: BaseException) -> None:
        """Tell whoever listens of an exception that left the application."""
        if self.listener is not None:
            method, path = self._what()
            self.listener.failed(error, client=self.client, method=method, path=path)

    def _what(self) -> tuple[str, str]:
        return (self._asked.method, self._asked.path) if self._asked is not None else ("", "")

    def dress(self, own: Pairs[bytes], status: int) -> Pairs[bytes]:
        """Return all headers of the answer, as bytes; from now on no nonce can be asked for."""
        self.sent = True
        dressings = self.plan.dressings
        extra = [(name.encode(), value.encode()) for name, value in self.extra] if self.extra else []
        if self.counted is not None:
            metre, step = self.counted
            extra += metre.policy_bytes, (b"ratelimit", metre.field(step).encode())
        nonce = self._nonce.encode() if self._nonce is not None and self.plan.has_nonce else None
        return dress(dressings.secure if self.secure else dressings.plain, own, status, nonce, extra)

    def dress_text(self, own: Pairs[str], status: int) -> Pairs[str]:
        """Return all headers of the answer, as text; from now on no nonce can be asked for."""
        self.sent = True
        dressings = self.plan.dressings
        dressing = dressings.secure_text if self.secure else dressings.plain_text
        extra = self.extra
        if self.counted is not None:
            metre, step = self.counted
            extra = [*extra, metre.policy_text, ("ratelimit", metre.field(step))]
        return dress(dressing, own, status, self._nonce if self.plan.has_nonce else None, extra)


def passage_of(request: Any) -> Passage:
    """Return the passage of a request: of an ASGI scope, a WSGI environ, or an object that has one.

    Objects are requests of Starlette (`scope`), Flask and Bottle (`environ`), Django (`META`). Raise LookupError when
    no guard stands before it.
    """
    for holder in (request, *(getattr(request, name, None) for name in ("scope", "environ", "META"))):
        if isinstance(holder, Mapping) and isinstance(holder.get(KEY), Passage):
            found: Passage = holder[KEY]
            return found
    raise LookupError(NOT_GUARDED)


def nonce(request: Any) -> str:
    """Return the nonce for scripts and styles of this answer's page; the answer is not stored by caches then.

    Raise LookupError when no guard stands before the request, RuntimeError when the headers have left.
    """
    return passage_of(request).nonce


def client(request: Any) -> str:
    """Return the client's address, behind trusted proxies too. Raise LookupError when no guard stands before it."""
    return passage_of(request).client
