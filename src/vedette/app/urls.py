"""Every URL of the pages and of the REST API; each room brings its own."""

from importlib import import_module
from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from vedette.app.api import api, document
from vedette.app.health import metrics, ready

ROOMS = (
    "web",
    "accounts",
    "projects",
    "deploys",
    "errors",
    "monitors",
    "vitals",
    "hosts",
    "intrusions",
    "scans",
    "backups",
    "deploy",
    "oncall",
    "alerts",
    "incidents",
    "reports",
    "status",
    "notify",
    "signals",
)

handler400 = "vedette.ui.error_pages.bad_request"
handler403 = "vedette.ui.error_pages.forbidden"
handler404 = "vedette.ui.error_pages.not_found"
handler500 = "vedette.ui.error_pages.failed"
handler429 = "vedette.accounts.views.entrance.too_many"

urlpatterns: list[URLPattern | URLResolver] = [
    path("-/ready", ready, name="ready"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/openapi.json", document),
    path("api/v1/", api.urls),
    *(
        path("", include(import_module(f"vedette.{room}.urls")))
        for room in ROOMS
        if find_spec(f"vedette.{room}.urls")
    ),
]
