"""What a request says beside what it asks for: where its browser's clock stands, where its form came from."""

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

from vedette.core import zones

_LONGEST_ZONE = 64


def zone(request: HttpRequest) -> str:
    """Return the time zone the browser told, or UTC."""
    told = request.COOKIES.get("tz", "")[:_LONGEST_ZONE]
    return "UTC" if zones.problem(told) else told


def back(request: HttpRequest, otherwise: str) -> str:
    """Return the page of ours a form came from (its field `next`), else `otherwise`."""
    wanted = request.POST.get("next", "")
    return wanted if is_ours(wanted) else otherwise


def is_ours(url: str) -> bool:
    """Tell whether an address is a path of ours, which may be followed: never another host."""
    return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)
