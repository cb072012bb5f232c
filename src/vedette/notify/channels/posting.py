"""What every channel over HTTP shares: one POST, the verdict on its answer, and no secret in any word of it."""

import re
from collections.abc import Mapping, Sequence
from typing import TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from vedette.core.errors import Invalid
from vedette.notify.channels.waiting import retry_after
from vedette.notify.types import ChannelError
from vedette.plumbing.net.port import NetError, Response
from vedette.plumbing.ports import ports

TRY_AGAIN = frozenset({408, 425, 429})
_DOTS = "••••"
_AUTHORIZATION = re.compile(r"\b(Basic|Bearer|GenieKey) [\w+/=.:~-]+")
T = TypeVar("T")


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str] | None = None,
    *,
    hidden: Sequence[str] = (),
    method: str = "POST",
    deadline: float = 10.0,
) -> Response:
    """POST JSON (or what `headers` say) and return the answer, whatever it is; raises `ChannelError` when none came.

    `hidden` are secrets that must not stand in the error; `deadline` bounds the whole exchange in seconds.
    """
    sent = {"Content-Type": "application/json", **(headers or {})}
    try:
        return ports().net.request(method, url, headers=sent, body=body, deadline=deadline)
    except NetError as error:
        raise ChannelError(masked(str(error), hidden), permanent=error.permanent) from None


def refusal(
    response: Response,
    said: str = "",
    advice: str = "",
    *,
    hidden: Sequence[str] = (),
    wait: float | None = None,
) -> ChannelError:
    """Return the error of an answer that is a refusal: the receiver's words, then what to do.

    408, 425, 429 and 5xx are worth another try, the rest is not. `wait` (seconds) is what the body asks for;
    a `Retry-After` header counts where it does not.
    """
    words = masked(said or _text(response), hidden).rstrip(".")
    told = f"The receiver answered HTTP {response.status}{': ' + words if words else ''}"
    asked = retry_after(response.headers.get("retry-after", ""), ports().clock.now())
    return ChannelError(
        f"{told}. {advice}" if advice else told,
        permanent=response.status < 500 and response.status not in TRY_AGAIN,
        retry_after=asked if wait is None else wait,
    )


def parsed(response: Response, kind: type[T]) -> T | None:
    """Return the body of an answer as a struct, None when it is not one."""
    try:
        return msgspec.json.decode(response.body, type=kind)
    except (msgspec.ValidationError, msgspec.DecodeError):
        return None


def masked(text: str, hidden: Sequence[str]) -> str:
    """Return the text with every secret in it, plain or percent-encoded, and every authorization as dots."""
    text = _AUTHORIZATION.sub(rf"\1 {_DOTS}", text)
    for secret in hidden:
        for form in {secret, quote(secret, safe="")}:
            text = text.replace(form, _DOTS) if form else text
    return text


def check_url(url: str, field: str) -> None:
    """Raise `Invalid` that blames `field` unless the URL is http(s), names a host and carries no password."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        good = False
    if not good:
        raise Invalid("This is no http or https URL.", {field: "Starts with http:// or https://."})
    if "@" in parts.netloc:
        what = "Put no user or password into the URL."
        raise Invalid(what, {field: what})


def _text(response: Response) -> str:
    return " ".join(response.body[:200].decode(errors="replace").split())
