"""Django's sessions in core.db, such that a copy of the database opens none.

A row stands under the SHA-256 of the key that the browser holds, and its data is sealed: it may hold seeds of
authenticators that are being set up, or keys of password resets.
"""

import hashlib
import json

from django.contrib.sessions.backends.db import SessionStore as DatabaseSessions
from django.contrib.sessions.models import Session

from vedette.core.clock import to_datetime
from vedette.core.errors import Invalid
from vedette.plumbing.ports import ports

_PURPOSE = "session"


def _digest(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseSessions):
    """Django's session engine (`SESSION_ENGINE`) with hashed keys and sealed data."""

    def exists(self, session_key: str) -> bool:
        """Tell whether a session stands under a key."""
        return bool(super().exists(_digest(session_key)))

    def delete(self, session_key: str | None = None) -> None:
        """End a session: the one with this key, or this one."""
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key=_digest(key)).delete()

    def encode(self, session_dict: dict[str, object]) -> str:
        """Return the data, sealed."""
        return ports().seal.seal(json.dumps(session_dict, separators=(",", ":")), _PURPOSE)

    def decode(self, session_data: bytes | str) -> dict[str, object]:
        """Return the data; empty when it was altered or sealed under another key file."""
        try:
            opened: dict[str, object] = json.loads(ports().seal.open(str(session_data), _PURPOSE))
        except (Invalid, ValueError):
            return {}
        return opened

    def create_model_instance(self, data: dict[str, object]) -> Session:
        """Return the row to be written."""
        key = str(self._get_or_create_session_key())  # type: ignore[attr-defined]
        ends = to_datetime(ports().clock.now() + self.get_expiry_age())
        return Session(session_key=_digest(key), session_data=self.encode(data), expire_date=ends)

    def _get_session_from_db(self) -> Session | None:
        now = to_datetime(ports().clock.now())
        digest = _digest(str(self.session_key))
        row: Session | None = Session.objects.filter(session_key=digest, expire_date__gt=now).first()
        if row is None:
            self._session_key = None
        return row
