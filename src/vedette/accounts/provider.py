"""Speaks with the OpenID provider: discovery, the exchange of a code, its keys (OpenID Connect Core and Discovery 1.0)."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, urlencode

import msgspec

from vedette.accounts.claims import Claims
from vedette.core.errors import Invalid, Unavailable
from vedette.core.settings import Settings
from vedette.plumbing import jose
from vedette.plumbing.net.port import NetError
from vedette.plumbing.ports import ports

T = TypeVar("T")
_KEPT = 600.0
_MOST_BYTES = 262_144
BACK = "/sign-in/oidc/back/"


class Discovered(msgspec.Struct, frozen=True):
    """What the provider publishes of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)


class _Token(msgspec.Struct, frozen=True):
    id_token: str


class _Cache:
    """What was discovered, when, and of which issuer; keys are not kept."""

    found: Discovered | None = None
    until = 0.0


def discover(now: float) -> Discovered:
    """Return what the provider publishes, asked for at most every ten minutes; raises `Unavailable`."""
    issuer = ports().settings.oidc_issuer
    if _Cache.found is not None and _Cache.found.issuer == issuer and now < _Cache.until:
        return _Cache.found
    found = _asked(f"{issuer.rstrip('/')}/.well-known/openid-configuration", Discovered)
    if found.issuer != issuer:
        raise Unavailable(
            "The provider calls itself otherwise than oidc_issuer does; an administrator must mend it."
        )
    secure = issuer.startswith("https://")
    if secure and not all(
        u.startswith("https://") for u in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri)
    ):
        raise Unavailable("The provider wants to be asked without TLS; it is not.")
    _Cache.found, _Cache.until = found, now + _KEPT
    return found


def address(found: Discovered, state: str, nonce: str, challenge: str) -> str:
    """Return where the browser goes to sign in there (code flow, PKCE with S256: RFC 7636)."""
    asked = {
        "response_type": "code",
        "client_id": ports().settings.oidc_client_id,
        "redirect_uri": _redirect_uri(),
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in found.authorization_endpoint else "?"
    return f"{found.authorization_endpoint}{joint}{urlencode(asked)}"


def claims(found: Discovered, code: str, verifier: str) -> Claims:
    """Exchange a code for the ID token and return what it says, its signature checked; raises `Invalid`, `Unavailable`.

    The keys are fetched each time, so that a key the provider rotated in is known and one it took away is not.
    """
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _redirect_uri(),
        "client_id": ports().settings.oidc_client_id,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    _authenticate(found, sent, headers)
    token = _asked(found.token_endpoint, _Token, urlencode(sent).encode(), headers)
    keys = _asked(found.jwks_uri, jose.KeySet)
    try:
        return msgspec.json.decode(jose.verified(token.id_token, keys), type=Claims)
    except Invalid as error:
        raise Invalid(f"The provider's answer cannot be trusted: {error}.") from error
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Invalid("The provider's answer cannot be read.") from error


def client_secret(settings: Settings) -> str:
    """Return the client secret, from its setting or its file; empty for a public client."""
    if not settings.oidc_client_secret_file:
        return settings.oidc_client_secret
    try:
        return Path(settings.oidc_client_secret_file).read_text().partition("\n")[0].strip()
    except OSError as error:
        raise Unavailable(
            "The file with the client secret cannot be read; see oidc_client_secret_file."
        ) from error


def _authenticate(found: Discovered, sent: dict[str, str], headers: dict[str, str]) -> None:
    """Add the client secret: as HTTP Basic (RFC 6749, 2.3.1), or in the body where the provider takes it only there."""
    settings = ports().settings
    secret = client_secret(settings)
    if not secret:
        return
    if "client_secret_basic" in found.token_endpoint_auth_methods_supported:
        pair = f"{quote(settings.oidc_client_id, safe='')}:{quote(secret, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        sent["client_secret"] = secret


def _redirect_uri() -> str:
    return f"{ports().settings.public_url}{BACK}"


def _asked(url: str, kind: type[T], body: bytes = b"", headers: Mapping[str, str] | None = None) -> T:
    """Return the provider's JSON as a struct: by POST with a body, else by GET."""
    method, sent = ("POST" if body else "GET"), {"Accept": "application/json", **(headers or {})}
    try:
        answer = ports().net.request(method, url, headers=sent, body=body, max_bytes=_MOST_BYTES)
    except NetError as error:
        raise Unavailable(f"The provider cannot be asked: {error}") from error
    if method == "POST" and 400 <= answer.status < 500:
        raise Invalid("The provider does not take this sign-in's code; begin again.")
    try:
        if answer.status == 200:
            return msgspec.json.decode(answer.body, type=kind)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Unavailable("The provider's answer cannot be read.") from error
    raise Unavailable(f"The provider answers {answer.status}.")
