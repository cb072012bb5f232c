"""A notice as the service worker reads it (`ui/assets/ts/sw.ts`), within one record. Pure."""

import base64
import hashlib

import msgspec

from vedette.notify.channels.cutting import cut
from vedette.notify.channels.webpush.encryption import MOST
from vedette.notify.types import Action, Notice

TTL = 86_400  # seconds for which the push service keeps it for a browser that is away
URGENCIES = {"critical": "high", "high": "high", "low": "normal", "info": "low"}  # RFC 8030, 5.3
_TITLE, _REASON, _LINK, _ACTIONS = 300, 300, 800, 2  # bytes of JSON; browsers show two actions


class Shown(msgspec.Struct, frozen=True):
    """What the browser shows; `tag` lets a newer one take the place of the older."""

    title: str
    text: str
    link: str
    tag: str
    quiet: bool
    actions: tuple[Action, ...]


def topic(notice: Notice, idempotency_key: str) -> str:
    """Return 32 characters that name what it is about: a newer push replaces one still undelivered (RFC 8030, 5.4)."""
    digest = hashlib.sha256((notice.group or idempotency_key).encode(errors="replace")).digest()
    return base64.urlsafe_b64encode(digest)[:32].decode()


def payload(notice: Notice, tag: str) -> bytes:
    """Return the JSON of a notice; the text is cut to what is left."""
    shown = Shown(
        title=cut(f"[{notice.project}] {notice.title}" if notice.project else notice.title, _TITLE, _size),
        text="",
        link=notice.link if _size(notice.link) <= _LINK else "",
        tag=tag,
        quiet=notice.severity in {"info", "low"},
        actions=tuple(a for a in notice.actions if _size(a.url) + _size(a.label) <= _LINK)[:_ACTIONS],
    )
    room = MOST - len(msgspec.json.encode(shown))
    reason = cut(notice.reason, _REASON, _size)
    text = cut(notice.text, max(room - _size(f"\n\n{reason}"), 0), _size)
    told = "\n\n".join(part for part in (text, reason) if part)
    return msgspec.json.encode(msgspec.structs.replace(shown, text=told))


def _size(text: str) -> int:
    """Return the length of a text in JSON, in bytes, without its quotes."""
    return len(msgspec.json.encode(text)) - 2
