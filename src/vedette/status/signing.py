"""What only this installation can write: the links of subscribers, and the pass that a page's password gives."""

import hmac
from urllib.parse import urlsplit

from vedette.plumbing.ports import ports
from vedette.status.types import StatusPage, SubscriberKind

CONFIRM, LEAVE = "confirm", "leave"
PASS_SECONDS = 7 * 86_400.0
_LONGEST = 80
_MARK = 40  # hex digits: 160 bits


def link(act: str, subscriber: int) -> str:
    """Return the token of a link by which a subscriber confirms or leaves."""
    return f"{subscriber}.{_mark(act, str(subscriber))}"


def subscriber(act: str, token: str) -> int | None:
    """Return whose link a token is of; None when it is not one we wrote."""
    number, _, mark = token.partition(".")
    if len(token) > _LONGEST or not (number.isascii() and number.isdecimal()) or len(number) > 18:
        return None
    return int(number) if hmac.compare_digest(mark.encode(), _mark(act, number).encode()) else None


def mark(kind: str, target: str) -> str:
    """Return what stands for a subscriber's address: an e-mail address whatever its case, of a URL only the host's."""
    known = target.lower() if kind == SubscriberKind.EMAIL else _folded(target)
    return ports().seal.mark(f"{kind}:{known}", "status.subscriber")


def host_mark(url: str) -> str:
    """Return what stands for the host of a webhook."""
    return ports().seal.mark(urlsplit(url).hostname or "", "status.host")


def pass_for(page: StatusPage, now: float) -> str:
    """Return the value of the cookie that opens a page with a password until `PASS_SECONDS` are over."""
    until = str(int(now + PASS_SECONDS))
    return f"{until}.{_pass(page, until)}"


def admits(page: StatusPage, cookie: str, now: float) -> bool:
    """Tell whether a cookie opens a page; a new password makes every older one useless."""
    until, _, found = cookie.partition(".")
    if not (until.isascii() and until.isdecimal()) or len(until) > 12 or int(until) < now:
        return False
    return hmac.compare_digest(found.encode(), _pass(page, until).encode())


def _folded(url: str) -> str:
    """Return a URL with scheme and host in small letters: the rest tells one from another by case too (RFC 3986, 6.2.2.1)."""
    parts = urlsplit(url)
    return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl()


def _pass(page: StatusPage, until: str) -> str:
    return ports().seal.mark(f"{page.id}:{page.stamp}:{until}", "status.pass")[:_MARK]


def _mark(act: str, text: str) -> str:
    return ports().seal.mark(text, f"status.{act}")[:_MARK]
