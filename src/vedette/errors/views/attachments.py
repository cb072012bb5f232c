"""One attachment of an event, as a download."""

from django.http import FileResponse, HttpRequest
from django.views.decorators.http import require_safe

from vedette.accounts.permissions import Verb, needs
from vedette.errors import service
from vedette.errors.types import Attached, Event


@require_safe
@needs(Verb.EVENT_READ)
def attachment(_: HttpRequest, short_id: str, event_id: str, attachment_id: int) -> FileResponse:
    """Send one file of an event."""
    return download(service.event(service.issue(short_id), event_id).event, attachment_id)


def download(event: Event, attachment_id: int) -> FileResponse:
    """Return a file as a download that no browser opens in our name, whatever type its sender gave it."""
    found, file = service.open_attachment(event, attachment_id)
    answer = FileResponse(file, as_attachment=True, filename=found.name, content_type=_sent_as(found))
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


def _sent_as(attached: Attached) -> str:
    """Return the type a file is sent as: never one that a browser would run."""
    return attached.content_type if attached.content_type in _HARMLESS else "application/octet-stream"


_HARMLESS = frozenset(
    {"text/plain", "application/json", "image/png", "image/jpeg", "application/zip", "application/gzip"}
)
