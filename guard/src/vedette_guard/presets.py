"""Policies by name. Each is what differs from the default, section by section."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from vedette_guard.policy import Cookies, Headers, Https, Limits, Policy, PolicyError, Rate

SELF, NONE, INLINE, NONCE = "'self'", "'none'", "'unsafe-inline'", "'nonce'"

# Sensors and devices that no page gets unless its policy says so. Names that a browser does not know (`bluetooth` in Chromium on
# Linux) are in none: it warns of each on every page, and a page gets such a device only from a person who picks it.
NO_DEVICES: Mapping[str, tuple[str, ...]] = dict.fromkeys(
    (
        "accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "hid",
        "magnetometer", "microphone", "midi", "payment", "serial", "usb", "xr-spatial-tracking",
    ),
    (),
)  # fmt: skip

_STRICT_CSP = {
    "default-src": (NONE,),
    "script-src": (SELF, NONCE),
    "style-src": (SELF, NONCE),
    "img-src": (SELF, "data:"),
    "font-src": (SELF,),
    "connect-src": (SELF,),
    "manifest-src": (SELF,),
    "form-action": (SELF,),
    "base-uri": (NONE,),
}
_SPA_CSP = {
    "default-src": (SELF,),
    "style-src": (SELF, INLINE),
    "img-src": (SELF, "data:", "blob:"),
    "font-src": (SELF, "data:"),
    "worker-src": (SELF, "blob:"),
    "object-src": (NONE,),
    "base-uri": (SELF,),
}
# Swagger UI and ReDoc as FastAPI serves them: from jsdelivr, with a script and styles in the page.
_DOCS_CSP = {
    "default-src": (NONE,),
    "script-src": (SELF, "https://cdn.jsdelivr.net", INLINE),
    "style-src": (SELF, "https://cdn.jsdelivr.net", "https://fonts.googleapis.com", INLINE),
    "font-src": ("https://fonts.gstatic.com",),
    "img-src": (SELF, "data:", "https://fastapi.tiangolo.com", "https://cdn.redoc.ly"),
    "connect-src": (SELF,),
    "worker-src": ("blob:",),
    "base-uri": (NONE,),
}
_ADMIN_CSP = {
    "default-src": (SELF,),
    "img-src": (SELF, "data:"),
    "object-src": (NONE,),
    "form-action": (SELF,),
    "base-uri": (NONE,),
}


def _strict() -> dict[str, Any]:
    headers = Headers(
        csp=_STRICT_CSP, trusted_types="enforce", frames=(NONE,), referrer="same-origin", permissions=NO_DEVICES,
        opener="same-origin", resource="same-origin", remove=("server", "x-powered-by"),
    )  # fmt: skip
    return {
        "https": Https(redirect=True, hsts="1y", subdomains=True),
        "headers": headers,
        "cookies": Cookies(http_only="all"),
        "rates": (Rate("all", limit=600, per="1m", burst=200),),
        "limits": Limits(body=1024 * 1024, headers=16 * 1024, json_depth=32, parts=100),
    }


def _api() -> dict[str, Any]:
    headers = Headers(
        csp={"default-src": (NONE,), "base-uri": (NONE,), "form-action": (NONE,)}, frames=(NONE,),
        referrer="no-referrer", permissions=NO_DEVICES, opener="same-origin", resource="same-origin", cache="no-store",
        remove=("server", "x-powered-by"),
    )  # fmt: skip
    limits = Limits(body=1024 * 1024, json_depth=32)
    return {
        "headers": headers,
        "rates": (Rate("all", limit=600, per="1m", burst=200),),
        "limits": limits,
        "answers": "problem",
    }


def _spa() -> dict[str, Any]:
    return {"headers": Headers(csp=_SPA_CSP, permissions=NO_DEVICES, opener="same-origin-allow-popups")}


def _fastapi_docs() -> dict[str, Any]:
    return {"headers": Headers(csp=_DOCS_CSP, frames=(NONE,), permissions=NO_DEVICES)}


def _django_admin() -> dict[str, Any]:
    headers = Headers(
        csp=_ADMIN_CSP, permissions=NO_DEVICES, referrer="same-origin", opener="same-origin", cache="no-store"
    )
    return {
        "headers": headers,
        "cookies": Cookies(http_only="all", readable=("csrftoken",)),
        "rates": (Rate("sign-in", limit=10, per="1m", paths=("/admin/login",), methods=("POST",)),),
    }


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "default": {},
    "strict": _strict(),
    "api": _api(),
    "spa": _spa(),
    "fastapi-docs": _fastapi_docs(),
    "django-admin": _django_admin(),
}


def sections(name: str) -> Mapping[str, Any]:
    """Return the sections of a preset. Raise PolicyError for a name there is not, with the nearest one."""
    if name in PRESETS:
        return PRESETS[name]
    near = difflib.get_close_matches(name, PRESETS, 1)
    guess = f"; did you mean `{near[0]}`?" if near else ""
    raise PolicyError(f"preset = {name!r}: there are {', '.join(PRESETS)}{guess}")


def named(policy: Policy | str | None) -> Policy:
    """Return a policy as doors are given it: the object, the name of a preset, or None for the default."""
    return policy if isinstance(policy, Policy) else Policy.preset(policy or "default")
