"""Django behind what its users put there, and behind the guard, under WSGI.

Django's SecurityMiddleware (HTTPS, HSTS, nosniff, referrers, COOP), CommonMiddleware (hosts), CsrfViewMiddleware and
XFrameOptionsMiddleware, django-csp, and django-ratelimit on the view, which counts in the memory of the process. The
guard stands alone, and does more (see `stacks`).
"""

from collections.abc import Callable
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django_ratelimit.decorators import ratelimit

from benchmarks.guarded import ALL

OTHERS = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
]


def page(_request: HttpRequest) -> HttpResponse:
    """Answer two bytes."""
    return HttpResponse("ok")


limited = ratelimit(key="ip", rate="1000000000/s", method=ratelimit.ALL)(page)
urlpatterns = [path("orders/7", page), path("limited/7", limited)]


def applications() -> dict[str, tuple[Callable[..., Any], str]]:
    """Return the WSGI application of each stack, and the path that it is asked for."""
    settings.configure(
        ALLOWED_HOSTS=list(ALL.hosts), ROOT_URLCONF=__name__, SECRET_KEY="not a secret", SECURE_SSL_REDIRECT=True,
        SECURE_HSTS_SECONDS=31_536_000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True, SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
        CONTENT_SECURITY_POLICY={"DIRECTIVES": dict(ALL.headers.csp)}, VEDETTE_GUARD=ALL, MIDDLEWARE=[],
        SILENCED_SYSTEM_CHECKS=["django_ratelimit.E003", "django_ratelimit.W001"],
    )  # fmt: skip
    django.setup()
    guard = ["vedette_guard.doors.django.GuardMiddleware"]
    return {
        "bare Django": (_handler([]), "/orders/7"),
        "Django: the guard": (_handler(guard), "/orders/7"),
        "Django: its own, django-csp, django-ratelimit": (_handler(OTHERS), "/limited/7"),
    }


def _handler(middleware: list[str]) -> WSGIHandler:
    settings.MIDDLEWARE = middleware  # a handler reads it once, when it is made
    return WSGIHandler()
