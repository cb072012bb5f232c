"""How allauth and Django's authentication behave here: hashing, policy, throttling, sealing, mails, redirects."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from vedette.accounts import entering, leaked, mailing, origins, passwords, people
from vedette.accounts.models import User
from vedette.core.client import client_address
from vedette.plumbing.ports import ports
from vedette.ui import requests

SESSION_ID = "vedette.session"
_SEED = "accounts.two-factor"


class Argon2id(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet)."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1


class PasswordPolicy:
    """Django's validator over `accounts.leaked` and `accounts.passwords`."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` in words when the password is not good enough."""
        about = () if user is None else (user.name, user.email)
        found = leaked.password_problems(password, about)
        if found:
            raise ValidationError(list(found))

    def get_help_text(self) -> str:
        """Return what to tell beside the field."""
        return f"At least {passwords.SHORTEST} characters that are hard to guess: four or more unrelated words do."


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Signs in by e-mail and password. Django's own backend is not asked: each try costs one hash, known or not."""


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account adapter: nobody signs up, tries are throttled, mails are ours, redirects stay here."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "invalid_password_reset": "This link does not work any more; ask for another one.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        """Nobody signs up; people come by set-up or invitation."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Count the try; raises `Throttled`, which the sign-in page turns into 429."""
        entering.begin_try(credentials["email"], address_of(request), ports().clock.now())

    def authenticate(self, request: HttpRequest, **credentials: str) -> User | None:
        """Return who the credentials belong to, and keep count."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None:
            entering.succeed_try(credentials["email"], address_of(request), ports().clock.now())
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: str) -> None:  # noqa: ARG002
        """Write the failure down."""
        entering.failed_sign_in(credentials["email"], ports().clock.now())

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: str) -> None:  # noqa: ARG002
        entering.forgive(credentials["email"])

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing to roll back: `succeed_try` does."""

    def set_password(self, user: User, password: str) -> None:
        """Write a password after a reset by mail."""
        people.reset_password(user.pk, password, ports().clock.now())

    def is_safe_url(self, url: str) -> bool:
        """Tell whether a `next` may be followed: a path of ours, never another host."""
        return requests.is_ours(url)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the client's address."""
        return address_of(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Return the reset link under the configured address; the Host header of a stranger never gets into a mail."""
        return f"{ports().settings.public_url}/password/reset/key/{key}/"

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, object]) -> None:
        """Send one of allauth's mails through our port, in the background."""
        data = {**context, "url": ports().settings.public_url}
        subject = render_to_string(f"{template_prefix}_subject.txt", data)
        text = render_to_string(f"{template_prefix}_message.txt", data)
        mailing.send_later(mailing.letter(email, subject, text, ports().clock.now()))

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing: the pages say what happened themselves."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Tell a deactivated person so, after the right password."""
        response: HttpResponse = super().respond_user_inactive(request, user)
        return response


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's MFA adapter: seeds and recovery codes are sealed at rest."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "The code is not right; take the next one, and check the clock of the phone.",
    }

    def encrypt(self, text: str) -> str:
        """Return the sealed text."""
        return ports().seal.seal(text, _SEED)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return whom passkeys belong to: the host of the configured address, never the Host header's."""
        return {"id": origins.place(ports().settings.public_url)[1], "name": "Vedette"}

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; raises `Invalid` when it was sealed under another key file."""
        return ports().seal.open(encrypted_text, _SEED)


def address_of(request: HttpRequest) -> str:
    """Return the client's address, as the trusted proxies tell it; empty when nobody tells."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    peer = request.META.get("REMOTE_ADDR", "")
    return client_address(peer, forwarded, ports().settings.trusted_proxies) or ""


def passkey_offer(request: HttpRequest) -> origins.Offer:
    """Tell whether a browser that asks here is offered passkeys, and why not."""
    return origins.offer(ports().settings.public_url, request.get_host())


def on_signed_in(sender: object, request: HttpRequest, user: User, **_: object) -> None:  # noqa: ARG001 - a receiver
    """Note the browser that signed in; receives Django's `user_logged_in`."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    now = ports().clock.now()
    request.session[SESSION_ID] = entering.open_session(user.pk, address_of(request), agent, now)


def on_signed_out(sender: object, request: HttpRequest, user: User | None, **_: object) -> None:  # noqa: ARG001
    """Forget the browser that signed out; receives Django's `user_logged_out`, before its session is flushed."""
    session_id = request.session.get(SESSION_ID)
    if user is not None and session_id:
        entering.close_session(str(session_id), user.pk)


def display_name(user: User) -> str:
    """Return how mails call a person."""
    return user.name
