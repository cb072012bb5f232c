"""Django's admin behind the guard, visited by an administrator: prints each page with status, headers and body as JSON."""

import json
from typing import Any

import django
from django.conf import settings
from django.urls import path

from vedette_guard import Policy

APPS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]
PAGES = ("/admin/", "/admin/auth/user/", "/admin/auth/user/add/", "/admin/auth/user/1/change/")


def configure() -> None:
    """Set up a site that is nothing but the admin."""
    middleware = [
        "sessions.middleware.SessionMiddleware",
        "auth.middleware.AuthenticationMiddleware",
        "messages.middleware.MessageMiddleware",
    ]
    processors = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                  "django.contrib.messages.context_processors.messages"]  # fmt: skip
    settings.configure(
        SECRET_KEY="tests only", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], STATIC_URL="/static/",
        INSTALLED_APPS=[f"django.contrib.{app}" for app in APPS],
        MIDDLEWARE=["vedette_guard.doors.django.GuardMiddleware", *(f"django.contrib.{one}" for one in middleware)],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": processors}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        VEDETTE_GUARD=Policy.preset("django-admin"),
    )  # fmt: skip
    django.setup()


def page(client: Any, at: str) -> dict[str, Any]:
    """Return one page."""
    response = client.get(at, secure=True)
    return {
        "status": response.status_code,
        "headers": list(response.items()),
        "body": response.content.decode(),
    }


def main() -> None:
    from django.contrib.auth import get_user_model
    from django.core.management import call_command
    from django.test import Client

    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_superuser("ann", "ann@shop.example", "correct horse")
    client = Client()
    pages = {"/admin/login/": page(client, "/admin/login/")}
    client.force_login(user)
    print(json.dumps(pages | {at: page(client, at) for at in PAGES}))


if __name__ == "__main__":
    configure()
    from django.contrib import admin

    urlpatterns = [path("admin/", admin.site.urls)]
    main()
