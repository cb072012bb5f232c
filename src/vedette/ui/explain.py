"""How our errors read outside: a status, a title and a sentence; the same for pages, problem+json and streams."""

from collections.abc import Mapping

import msgspec

from vedette.core import errors

TITLES: Mapping[int, str] = {
    400: "That request cannot be used",
    401: "Sign in first",
    403: "You may not do this",
    404: "Nothing is here",
    405: "This address does not take that",
    409: "It changed meanwhile",
    413: "That is too large",
    422: "Some fields need another look",
    429: "Too many tries",
    500: "Vedette failed here",
    503: "Vedette cannot answer now",
}
_STATUS: tuple[tuple[type[errors.VedetteError], int], ...] = (
    (errors.Invalid, 422),
    (errors.NotFound, 404),
    (errors.Unauthenticated, 401),
    (errors.Forbidden, 403),
    (errors.Conflict, 409),
    (errors.Throttled, 429),
    (errors.Unavailable, 503),
)


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An error in words. `fields` maps a field's name to what is wrong; `retry_after` is in seconds."""

    status: int
    title: str
    detail: str
    fields: Mapping[str, str] = {}
    retry_after: int | None = None


def explain(error: errors.VedetteError) -> Said:
    """Return what to tell about an error; one without a place of its own is our fault (500)."""
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    detail = str(error) if status != 500 else "The fault is on our side and was logged."
    fields = error.fields if isinstance(error, errors.Invalid) else {}
    wait = (
        max(1, round(error.retry_after)) if isinstance(error, errors.Throttled | errors.Unavailable) else None
    )
    return Said(status=status, title=TITLES[status], detail=detail, fields=fields, retry_after=wait)


def problem_body(said: Said) -> bytes:
    """Return the error as `application/problem+json` (RFC 9457)."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": said.title,
        "status": said.status,
        "detail": said.detail,
    }
    if said.fields:
        body["errors"] = [{"field": name, "detail": text} for name, text in said.fields.items()]
    return msgspec.json.encode(body)
