"""How a file that strangers sent leaves again: what browsers show in place, and what they only save."""

from __future__ import annotations

import re
from urllib.parse import quote

from vedette_guard.decisions.filenames import clean_filename
from vedette_guard.decisions.kinds import KINDS, Kind

STORED = re.compile(r"[0-9a-f]{32}\.([a-z0-9]{1,8})")
# A film that is opened for itself is a page of the browser's, which loads it once more.
SANDBOX = "default-src 'none'; media-src 'self'; sandbox"


def kind_of(stored: str) -> Kind | None:
    """Return the kind of a file by the name it was stored with; None for a name that none was stored with."""
    match = STORED.fullmatch(stored)
    return next((k for k in KINDS.values() if match and k.extensions[0] == match[1]), None)


def headers(kind: Kind, download: str) -> dict[str, str]:
    """Return the headers a file is served with; `download` is the name it is saved by.

    Images, sound and films are shown in place, everything else is saved (RFC 6266). Nothing runs, whatever it is.
    """
    place = "inline" if kind.inline else "attachment"
    name = clean_filename(download)
    plain = re.sub(r"[^A-Za-z0-9 ._()+@-]", "_", name)
    charset = "; charset=utf-8" if kind.group in {"text", "active"} else ""
    return {
        "Content-Type": kind.types[0] + charset,
        "Content-Disposition": f"{place}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "X-Content-Type-Options": "nosniff",
    }
