"""Names of files as text: bytes that are no UTF-8, control characters and `%` are written as `%XX`, and read back as they were."""

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

_ESCAPED = re.compile(r"[\x00-\x1f\x7f-\x9f%\u2028\u2029\u202a-\u202e\u2066-\u2069\udc80-\udcff]")


def written(name: str | bytes | Path) -> str:
    """Return a name as text that can be printed, kept and read back."""
    return _ESCAPED.sub(_escape, os.fsdecode(name))


def read(text: str) -> str:
    """Return the name that was written, as `os` takes it."""
    return os.fsdecode(unquote_to_bytes(text))


def _escape(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in os.fsencode(found[0]))
