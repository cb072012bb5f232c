"""What is told of a file that came beside an event; its bytes are in `plumbing.files`."""

import re
from collections.abc import Mapping

import msgspec

_CONTROL = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,60}/[a-z0-9][a-z0-9!#$&^_.+-]{0,60}")
LONGEST_NAME = 200
PLAIN = "application/octet-stream"
PLAIN_KIND = "event.attachment"


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file: its name as shown, its type as sent (never trusted), what kind of attachment it is, its size in bytes.

    `file` is its name in `plumbing.files`.
    """

    name: str
    content_type: str
    kind: str
    size: int
    file: str


_ENCODE = msgspec.json.Encoder().encode
_DECODE = msgspec.json.Decoder(Attachment).decode


def made(name: object, content_type: object, kind: object, size: int, file: str) -> Attachment:
    """Return the attachment of what a client said, made fit to be shown and to be sent in headers."""
    said = str(content_type).partition(";")[0].strip().lower() if isinstance(content_type, str) else ""
    return Attachment(
        name=file_name(name),
        content_type=said if _TYPE.fullmatch(said) else PLAIN,
        kind=kind[:40] if isinstance(kind, str) and kind.isascii() and kind.isprintable() else PLAIN_KIND,
        size=size,
        file=file,
    )


def file_name(name: object) -> str:
    """Return a file's name without folders and without what could fool a reader or a header."""
    said = name if isinstance(name, str) else ""
    bare = _CONTROL.sub("", said.replace("\\", "/").rpartition("/")[2]).strip(" .")
    return bare.encode(errors="replace").decode()[:LONGEST_NAME] or "attachment"


def encode(attachment: Attachment) -> bytes:
    """Return an attachment as JSON."""
    return _ENCODE(attachment)


def decode(payload: bytes) -> Attachment:
    """Return the attachment of a payload; raises `msgspec.DecodeError`."""
    return _DECODE(payload)


def nested(fields: Mapping[str, str]) -> dict[str, object]:
    """Return form fields such as `sentry[user][id]` as the object they spell out; what does not fit is left out."""
    root: dict[str, object] = {}
    for name, value in list(fields.items())[:500]:
        keys = re.findall(r"\[([^\[\]]{1,100})\]", name)
        if not keys or len(keys) > 10:
            continue
        node = root
        for key in keys[:-1]:
            inner = node.setdefault(key, {})
            if not isinstance(inner, dict):
                break
            node = inner
        else:
            node[keys[-1]] = value
    return root
