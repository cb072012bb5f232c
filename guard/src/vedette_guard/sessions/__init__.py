"""Sessions on the server's side: a random token in a `__Host-` cookie, its SHA-256 and all else in a store.

`Sessions` opens, commits, lists and revokes them; the doors are in `vedette_guard.doors.sessions` and
`vedette_guard.doors.django_sessions`.
"""

from vedette_guard.decisions.sessions import Ending, SessionRules, SessionVerdict
from vedette_guard.sessions.keeping import Committed, SessionRef, Sessions
from vedette_guard.sessions.session import Session

__all__ = ["Committed", "Ending", "Session", "SessionRef", "SessionRules", "SessionVerdict", "Sessions"]
