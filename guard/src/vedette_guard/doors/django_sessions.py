"""Sessions in Django: `vedette_guard.doors.django_sessions.SessionsMiddleware` in the place of Django's own.

Settings: `VEDETTE_GUARD_SESSIONS` is a `Sessions`; `SESSION_ENGINE = "vedette_guard.doors.django_sessions"` and
`SESSION_COOKIE_NAME = "__Host-session"` let Django's test client sign in. `request.session` is what views, `django.contrib.auth` and messages
know; signing in and out rotate and end it as the other doors do. Not served: an expiry of one session's own
(`set_expiry`), for the rules say when a session ends.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.utils.cache import patch_vary_headers

from vedette_guard.doors.sessions import text_headers
from vedette_guard.passage import client as client_of
from vedette_guard.sessions import Session, Sessions, tokens
from vedette_guard.sessions.session import Act

USER = "_auth_user_id"  # where django.contrib.auth keeps who signed in


class DjangoSession(SessionBase):
    """A session as Django's own code uses one; the data is the guard's session's."""

    def __init__(self, session: Session) -> None:
        self.guard = session
        self.accessed = False
        self.modified = False
        # The key's beginning names a session; the token itself is nothing that code has to know.
        self._session_key = tokens.ref_of(session.loaded.key) if session.loaded else None

    @property
    def _session(self) -> Any:
        """Return the data, where Django's own code reads and writes it."""
        self.accessed = True
        return self.guard.data

    async def _aget_session(self, no_load: bool = False) -> Any:
        del no_load
        return self._session

    def is_empty(self) -> bool:
        """Tell whether there is neither a session nor anything to keep."""
        return self.guard.loaded is None and not self.guard.data

    def clear(self) -> None:
        """Forget the data."""
        self.guard.data.clear()
        self.accessed = self.modified = True

    def cycle_key(self) -> None:
        """Let the token become another one."""
        self.guard.rotate()

    async def acycle_key(self) -> None:
        """Let the token become another one."""
        self.guard.rotate()

    def flush(self) -> None:
        """End the session: what follows in this request begins a new one."""
        self.guard.sign_out()
        self.accessed = self.modified = True
        self._session_key = None

    async def aflush(self) -> None:
        """End the session, as `flush`."""
        self.flush()

    def exists(self, session_key: str) -> bool:
        """Tell whether there is such a session: only this one is known."""
        return bool(session_key) and session_key == self._session_key

    def create(self) -> None:
        """Begin a new session."""
        self.flush()

    def save(self, must_create: bool = False) -> None:
        """Do nothing: the middleware writes, once, as the answer leaves."""

    def delete(self, session_key: str | None = None) -> None:
        """End this session; another one is ended by `Sessions.revoke`."""
        if session_key is None or session_key == self._session_key:
            self.flush()

    def load(self) -> dict[str, Any]:
        """Return the data."""
        return self.guard.data

    @classmethod
    def clear_expired(cls) -> None:
        """Do nothing: stores forget by themselves what ended."""

    def settle(self) -> None:
        """Tell the guard's session who signed in or out by Django's means."""
        user, before = str(self.guard.data.get(USER, "")), self.guard.signed_in
        if not user or (user == before and self.guard.act is not Act.ROTATE):
            return
        kept = dict(self.guard.data)
        self.guard.sign_in(user)
        self.guard.data.update(kept)  # Django has flushed what was another user's


class SessionStore(DjangoSession):
    """A session without a request, as Django's test client makes one (`force_login`); its key is the token itself."""

    def __init__(self, session_key: str | None = None) -> None:
        self._token = session_key or ""
        super().__init__(self._opened())

    @property
    def session_key(self) -> str | None:
        """Return the token; None before the first save."""
        return self._token or None

    def save(self, must_create: bool = False) -> None:
        """Write the session now; the token may be another one afterwards."""
        del must_create
        self.settle()
        done = sessions_of_settings().commit(self.guard)
        if done.cookie is not None:
            self._token = done.cookie.partition(";")[0].partition("=")[2]
        self.guard = self._opened()

    def _opened(self) -> Session:
        sessions = sessions_of_settings()
        return sessions.open(f"{tokens.cookie_name(sessions.rules)}={self._token}" if self._token else "")


class SessionsMiddleware(SessionMiddleware):
    """Opens `request.session` and writes it as the answer leaves, under WSGI and ASGI.

    It is Django's own by class, as the checks of its admin want it.
    """

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        super().__init__(get_response)
        self._sessions = sessions_of_settings()

    def process_request(self, request: Any) -> None:
        """Open the session that a request shows."""
        meta = request.META
        try:
            address = client_of(request)
        except LookupError:
            address = meta.get("REMOTE_ADDR") or ""
        sent = meta.get("HTTP_COOKIE", ""), meta.get("HTTP_USER_AGENT", "")
        request.session = DjangoSession(self._sessions.open(*sent, address))

    def process_response(self, request: Any, response: Any) -> Any:
        """Write the session, and give the browser what it needs to know."""
        session = request.session
        session.settle()
        done = self._sessions.commit(session.guard)
        session.guard.accessed |= session.accessed
        for name, value in text_headers(session.guard, done, {name.lower() for name in response.headers}):
            if name == "Set-Cookie":
                response.cookies.load(value)
            elif name == "Vary":
                patch_vary_headers(response, (value,))
            else:
                response[name] = value
        return response


def sessions_of_settings() -> Sessions:
    """Return the sessions of this Django. Raise ImproperlyConfigured when there are none."""
    found = getattr(settings, "VEDETTE_GUARD_SESSIONS", None)
    if not isinstance(found, Sessions):
        raise ImproperlyConfigured("VEDETTE_GUARD_SESSIONS must be a vedette_guard.sessions.Sessions")
    return found
