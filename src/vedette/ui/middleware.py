"""What every answer of Django gets: the hint at its stylesheet, compression, and errors in words."""

import gzip
from collections.abc import Callable
from urllib.parse import urlencode

import brotli
from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers

from vedette.core.errors import Unauthenticated, Unavailable, VedetteError
from vedette.ui import built, error_pages
from vedette.ui.explain import explain
from vedette.ui.problem import wants_json

Next = Callable[[HttpRequest], HttpResponse]

_SMALL = 500
_PACKED = ("text/", "application/json", "application/problem+json", "image/svg+xml")


def is_partial(request: HttpRequest) -> bool:
    """Tell whether a part of an open page is asked for; a redirect to sign-in would then be swapped in."""
    return "HX-Request" in request.headers


class StyleHint:
    """Names the stylesheet in a header of every page, so that a slow phone asks for it before it has read the page."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response
        self._link = f"<{built.url('app.css')}>; rel=preload; as=style"

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and hint."""
        response = self._next(request)
        if response.get("Content-Type", "").startswith("text/html") and not is_partial(request):
            response.headers.setdefault("Link", self._link)
        return response


class Compress:
    """Packs texts with brotli or gzip.

    BREACH needs a secret and an attacker's text in one answer that another site can ask for again and again: our
    cookies are SameSite=Lax, so such requests come without a session, and CSRF tokens are masked anew every time.
    """

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and pack the answer where that helps."""
        response = self._next(request)
        if response.streaming or response.has_header("Content-Encoding") or len(response.content) < _SMALL:
            return response
        if not response.get("Content-Type", "").startswith(_PACKED):
            return response
        patch_vary_headers(response, ("Accept-Encoding",))
        return _pack(response, request.headers.get("Accept-Encoding", "").lower())


def _pack(response: HttpResponse, accepted: str) -> HttpResponse:
    names = {
        part.strip().partition(";")[0]
        for part in accepted.split(",")
        if "q=0" not in part.replace("q=0.", "q=.")
    }
    if "br" in names:
        response.content, response["Content-Encoding"] = brotli.compress(response.content, quality=4), "br"
    elif "gzip" in names:
        response.content, response["Content-Encoding"] = gzip.compress(response.content, 5, mtime=0), "gzip"
    else:
        return response
    response["Content-Length"] = str(len(response.content))
    return response


class ErrorPages:
    """Turns our errors, a busy database and empty error answers into pages or problem+json."""

    def __init__(self, get_response: Next) -> None:
        self._next = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; an error without a body gets one."""
        response = self._next(request)
        if response.status_code < 400 or response.streaming or response.content:
            return response
        shown = error_pages.by_status(request, response.status_code)
        for name, value in response.headers.items():
            if name != "Content-Type":
                shown.headers.setdefault(name, value)
        return shown

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer what a view raised, when it is an error of ours or a database that is busy."""
        if isinstance(exception, OperationalError):
            exception = Unavailable("The database did not answer in 5 s. Nothing was changed.", 5)
        if isinstance(exception, Unauthenticated) and not wants_json(request) and not is_partial(request):
            return HttpResponseRedirect(
                f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}"
            )
        return error_pages.show(request, explain(exception)) if isinstance(exception, VedetteError) else None
