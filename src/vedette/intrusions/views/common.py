"""What the pages of bans have in common."""

from collections.abc import Mapping

from vedette.accounts.middleware import Request
from vedette.plumbing.ports import ports

PAGE = "/bans/"
RANGES = {
    "24h": ("the last 24 hours", 86_400.0),
    "7d": ("the last 7 days", 7 * 86_400.0),
    "30d": ("the last 30 days", 30 * 86_400.0),
}


def now() -> float:
    """Return the present instant."""
    return ports().clock.now()


def posted(request: Request) -> Mapping[str, object] | None:
    """Return what was sent, None where nothing was."""
    return request.POST if request.method == "POST" else None


def back(request: Request) -> str:
    """Return the page of bans that a form names to go back to; the list for any other."""
    wanted = str(request.POST.get("back", ""))
    return wanted if wanted.startswith(PAGE) and "\\" not in wanted and "//" not in wanted else PAGE
