"""Django's admin and django.contrib.auth with the guard's sessions and passwords: signs in by the form, by `force_login`, and out.

`python -m guard.tests.auth_site FILE`: sessions are kept in that file. Prints `ok`, or fails where something is not right.
"""

import sys

import django
import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import path

from vedette_guard.sessions import SessionRules, Sessions
from vedette_guard.stores import SqliteStore

APPS = ["admin", "auth", "contenttypes", "messages", "staticfiles"]
PASSWORD = "quilt harbor nine lemons"


def configure(file: str) -> Sessions:
    """Set up a site that is nothing but the admin."""
    processors = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
                  "django.contrib.messages.context_processors.messages"]  # fmt: skip
    sessions = Sessions(SqliteStore(file), SessionRules())
    settings.configure(
        SECRET_KEY="tests only", ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], STATIC_URL="/static/",
        INSTALLED_APPS=[f"django.contrib.{app}" for app in APPS],
        MIDDLEWARE=[
            "vedette_guard.doors.django.GuardMiddleware", "vedette_guard.doors.django_sessions.SessionsMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware",
        ],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
                    "OPTIONS": {"context_processors": processors}}],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        VEDETTE_GUARD="django-admin", VEDETTE_GUARD_SESSIONS=sessions, SESSION_COOKIE_NAME="__Host-session",
        SESSION_ENGINE="vedette_guard.doors.django_sessions",
        PASSWORD_HASHERS=["vedette_guard.doors.django_passwords.Argon2Hasher", "django.contrib.auth.hashers.MD5PasswordHasher"],
        AUTH_PASSWORD_VALIDATORS=[{"NAME": "vedette_guard.doors.django_passwords.PasswordValidator"}],
    )  # fmt: skip
    django.setup()
    return sessions


def main(sessions: Sessions) -> None:
    from django.contrib.auth import get_user_model
    from django.contrib.auth.hashers import make_password
    from django.contrib.auth.password_validation import validate_password
    from django.core.management import call_command
    from django.test import Client

    call_command("check", verbosity=0)
    call_command("migrate", verbosity=0)
    users = get_user_model()
    ann = users.objects.create_superuser("ann", "ann@shop.example", PASSWORD)
    users.objects.filter(pk=ann.pk).update(password=make_password(PASSWORD, hasher="md5"))
    client = Client()

    def page(method: str, at: str, said: dict[str, str] | None = None) -> int:
        return int(getattr(client, method)(at, said, secure=True).status_code)

    assert page("get", "/admin/") == 302
    assert page("post", "/admin/login/?next=/admin/", {"username": "ann", "password": "wrong"}) == 200
    assert page("post", "/admin/login/?next=/admin/", {"username": "ann", "password": PASSWORD}) == 302
    assert users.objects.get().password.startswith("argon2$argon2id$v=19$m=19456")
    assert page("get", "/admin/") == 200
    first = client.cookies["__Host-session"].value
    new = {"username": "bob", "password1": PASSWORD, "password2": PASSWORD}
    assert page("post", "/admin/auth/user/add/", new) == 302
    assert b"was added successfully" in client.get("/admin/auth/user/", secure=True).content, (
        "messages are kept"
    )
    changed = {"old_password": PASSWORD, "new_password1": f"{PASSWORD}!", "new_password2": f"{PASSWORD}!"}
    assert page("post", "/admin/password_change/", changed) == 302
    assert page("get", "/admin/") == 200
    assert client.cookies["__Host-session"].value != first, "another password, another token"
    assert len(sessions.of(str(ann.pk))) == 1
    assert page("post", "/admin/logout/") == 200
    assert (page("get", "/admin/"), sessions.of(str(ann.pk))) == (302, [])

    client.force_login(users.objects.get(username="ann"))
    assert page("get", "/admin/") == 200
    assert sessions.sign_out_everywhere(str(ann.pk)) == 1
    assert page("get", "/admin/") == 302
    with pytest.raises(ValidationError, match="at least 12"):
        validate_password("short", ann)
    print("ok")


if __name__ == "__main__":
    made = configure(sys.argv[1])
    from django.contrib import admin

    urlpatterns = [path("admin/", admin.site.urls)]
    main(made)
