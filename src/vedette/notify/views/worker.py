"""The service worker that shows pushed notices, at a fixed path: a browser keeps it by its address, and its folder is its scope."""

import functools

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from vedette.ui import built

# Its own policy, for a worker does not inherit that of the page: it loads nothing but icons, and asks only us.
_CSP = "default-src 'none'; img-src 'self'; connect-src 'self'"


@require_safe
def script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001 - the same for everybody
    """Return the built worker; the browser asks anew each time, so that a new version comes at once."""
    answer = HttpResponse(_source(), content_type="text/javascript; charset=utf-8")
    answer["Content-Security-Policy"] = _CSP
    answer["Service-Worker-Allowed"] = "/"
    answer["Cache-Control"] = "no-cache"
    return answer


@functools.cache
def _source() -> bytes:
    return (built.FOLDER / built.manifest()["sw.js"]).read_bytes()
