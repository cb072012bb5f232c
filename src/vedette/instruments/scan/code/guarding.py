"""Does anything here serve the web, and does the guard stand before it?"""

import re
from collections.abc import Iterable

FRAMEWORKS = {
    "django": "Django", "flask": "Flask", "fastapi": "FastAPI", "starlette": "Starlette", "quart": "Quart", "litestar": "Litestar",
    "bottle": "Bottle", "falcon": "Falcon", "pyramid": "Pyramid", "aiohttp": "aiohttp", "sanic": "Sanic", "tornado": "Tornado",
}  # fmt: skip
GUARDED = frozenset(
    ("django", "flask", "fastapi", "starlette", "quart", "litestar", "bottle", "falcon", "pyramid")
)
_MADE = re.compile(
    rb"\b(?:Flask|FastAPI|Starlette|Quart|Litestar|Bottle)\(|\bdjango\.core\.(?:wsgi|asgi)\b|\bget_[aw]sgi_application\b|\bfalcon\.(?:asgi\.)?App\(|\bConfigurator\(|\bdefault_app\("
)
_GUARD = re.compile(rb"\bvedette_guard\b")


def makes_application(source: bytes) -> bool:
    """Whether a file makes a web application of a framework that the guard supports."""
    return bool(_MADE.search(source))


def names_guard(source: bytes) -> bool:
    """Whether a file names the guard."""
    return bool(_GUARD.search(source))


def told(imported: Iterable[str]) -> str:
    """Return the frameworks among imports that the guard supports, for a person; empty for none."""
    return ", ".join(FRAMEWORKS[name] for name in sorted(GUARDED & frozenset(imported)))
