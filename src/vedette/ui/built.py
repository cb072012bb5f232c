"""Where the built files are: plain name -> URL under the hash of the content."""

import functools
import json
from pathlib import Path

FOLDER = Path(__file__).parent / "static"
PREFIX = "/static/"


@functools.cache
def manifest() -> dict[str, str]:
    """Return the plain names and the hashed names `tools/build-assets` gave them."""
    names: dict[str, str] = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
    return names


def url(name: str) -> str:
    """Return the URL of a built file; raises `KeyError` for a name nobody built."""
    return PREFIX + manifest()[name]
