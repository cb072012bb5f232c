"""What the browser of a journey showed when it failed."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from vedette.accounts.middleware import Request
from vedette.accounts.permissions import Verb, needs
from vedette.core.errors import NotFound
from vedette.monitors import portraying, trying
from vedette.monitors.views.common import now, watched

_KEPT = {"Cache-Control": "no-store, private"}


@require_safe
@needs(Verb.MONITOR_READ)
def failed(_request: Request, key: str) -> HttpResponse:
    """Show what was seen at the last failure."""
    found = portraying.failure(watched(key).monitor, now())
    return _shown(found.evidence.picture if found and found.evidence else b"")


@require_safe
@needs(Verb.MONITOR_WRITE)
def tried(_request: Request, trial_id: str) -> HttpResponse:
    """Show what was seen when a test failed."""
    found = trying.find(trial_id).result
    return _shown(found.evidence.picture if found else b"")


def _shown(picture: bytes) -> HttpResponse:
    if not picture:
        raise NotFound("There is no picture of it, or not any more.")
    return HttpResponse(picture, content_type="image/jpeg", headers=_KEPT)
