"""What goes in and out of the fake: a call, its reply, and refusals in the API's own words.

Codes are those of the API's reference (docs.hetzner.cloud, "Error Codes"); clients look at the code, not at the status.
"""

from collections.abc import Mapping

import msgspec

Shape = dict[str, object]  # a JSON object as the API shows it


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A request: its path without `/v1`, and its query with every value that was given."""

    method: str
    path: str
    query: Mapping[str, list[str]] = {}
    body: bytes = b""
    token: str = ""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. `text` stands in for `body` where it is no JSON (HTML of a proxy on its way).

    It comes `delay` seconds late; a status of 0 is the end of the connection.
    """

    status: int = 200
    body: Shape | None = None
    headers: Mapping[str, str] = {}
    text: str | None = None
    delay: float = 0


class Refused(Exception):
    """The API says no: an HTTP status, its own code, a sentence and details."""

    def __init__(self, status: int, code: str, message: str, details: Shape | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.details = status, code, message, details

    def reply(self) -> Reply:
        """Return it as an answer."""
        error: Shape = {"code": self.code, "message": self.message, "details": self.details}
        return Reply(status=self.status, body={"error": error})


def invalid(field: str, message: str) -> Refused:
    """Refuse an input, naming the field."""
    details: Shape = {"fields": [{"name": field, "messages": [message]}]}
    return Refused(422, "invalid_input", f"invalid input in field '{field}': {message}", details)


def failed(code: str, message: str) -> Refused:
    """Refuse an operation with a code of its own."""
    return Refused(422, code, message)


def missing(what: str, key: object) -> Refused:
    """Refuse because nothing stands under a key."""
    return Refused(404, "not_found", f"{what} with ID '{key}' not found")


def taken(field: str, message: str) -> Refused:
    """Refuse because something must be unique."""
    return Refused(409, "uniqueness_error", message, {"fields": [{"name": field}]})


def locked(what: str) -> Refused:
    """Refuse because an action is running on the thing."""
    return Refused(409, "locked", f"{what} is locked (there is already an action running)")


def conflicting(what: str) -> Refused:
    """Refuse because another change of the thing is under way; the caller may try again."""
    return Refused(409, "conflict", f"{what} has changed during the request, please retry")


def protected(what: str) -> Refused:
    """Refuse because the thing is protected."""
    return Refused(403, "protected", f"{what} is protected")


def exceeded(limit: str) -> Refused:
    """Refuse because a project may not have more of it."""
    return Refused(403, "resource_limit_exceeded", f"{limit} exceeded", {"limits": [{"name": limit}]})
