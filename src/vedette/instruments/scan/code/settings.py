"""Checks of settings: of Django's, and of Flask's and Quart's `app.config`."""

import ast
import re
from collections.abc import Iterator

from vedette.instruments.scan.code.plain import dotted
from vedette.instruments.scan.code.sources import holds_star, is_constant

_SETTINGS = re.compile(
    r"(?:^|/)(?:settings|config|conf|local_settings)(?:/|[\w-]*\.py$)|(?:^|/)[\w-]*(?:settings|config)\.py$"
)
_SECRETS = frozenset(
    {
        "SECRET_KEY",
        "secret_key",
        "JWT_SECRET_KEY",
        "JWT_SECRET",
        "SECURITY_PASSWORD_SALT",
        "WTF_CSRF_SECRET_KEY",
    }
)
_DEVELOPERS = re.compile(r"(?:^|[/_.-])(?:dev|development|local|test|tests|testing|ci)(?:[/_.-]|$)")
_OFF = {
    "SESSION_COOKIE_SECURE": "cookie-insecure", "CSRF_COOKIE_SECURE": "cookie-insecure", "REMEMBER_COOKIE_SECURE": "cookie-insecure",
    "SESSION_COOKIE_HTTPONLY": "cookie-scripts", "WTF_CSRF_ENABLED": "csrf-off", "check_hostname": "tls-unverified",
}  # fmt: skip
_ON = {"CORS_ALLOW_ALL_ORIGINS": "cors-all", "CORS_ORIGIN_ALLOW_ALL": "cors-all"}
_WEAK_HASHERS = ("MD5PasswordHasher", "SHA1PasswordHasher", "UnsaltedMD5PasswordHasher", "UnsaltedSHA1PasswordHasher", "CryptPasswordHasher")  # fmt: skip


def of_assignment(target: ast.expr, value: ast.expr, path: str) -> Iterator[str]:
    """Yield the ids of the checks that hold for an assignment, in a file of that path."""
    name = _name(target)
    if name in _SECRETS and _literal(value):
        yield "secret-key"
    if name == "DEBUG" and is_constant(value, True) and _of_a_site(target, path):
        yield "debug-on"
    if name == "ALLOWED_HOSTS" and holds_star(value) and not _DEVELOPERS.search(path):
        yield "all-hosts"
    if name in _OFF and is_constant(value, False) and not _DEVELOPERS.search(path):
        yield _OFF[name]
    if name in _ON and is_constant(value, True):
        yield _ON[name]
    if name == "PASSWORD_HASHERS" and _weak_first(value) and not _DEVELOPERS.search(path):
        yield "weak-password-hash"
    if name == "verify_mode" and dotted(value).endswith("CERT_NONE"):
        yield "tls-unverified"


def of_decorator(decorator: ast.expr) -> Iterator[str]:
    """Yield the ids of the checks that hold for a decorator."""
    name = dotted(decorator.func if isinstance(decorator, ast.Call) else decorator)
    if name.rpartition(".")[2] == "csrf_exempt" or name == "csrf.exempt":
        yield "csrf-off"


def _name(target: ast.expr) -> str:
    """Return the name that is set: `DEBUG`, `app.secret_key`, `app.config["SECRET_KEY"]`."""
    if isinstance(target, ast.Subscript) and dotted(target.value).rpartition(".")[2] == "config":
        return (
            target.slice.value
            if isinstance(target.slice, ast.Constant) and isinstance(target.slice.value, str)
            else ""
        )
    return dotted(target).rpartition(".")[2]


def _literal(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, (str, bytes)) and len(value.value) >= 8


def _of_a_site(target: ast.expr, path: str) -> bool:
    """Whether DEBUG is that of a site: in its settings but for those of developers, or in an application's configuration."""
    return not isinstance(target, ast.Name) or bool(_SETTINGS.search(path) and not _DEVELOPERS.search(path))


def _weak_first(value: ast.expr) -> bool:
    first = value.elts[0] if isinstance(value, (ast.List, ast.Tuple)) and value.elts else None
    return isinstance(first, ast.Constant) and str(first.value).endswith(_WEAK_HASHERS)
