"""Versions that are numbers alone: CRAN and Hackage.

CRAN: "Writing R Extensions" 1.1.1 (https://cran.r-project.org/doc/manuals/R-exts.html), two or more numbers with dots or hyphens. Hackage:
the Package Versioning Policy, https://pvp.haskell.org. Either compares number by number, and the shorter of two equals is earlier.
"""

import re

from vedette.instruments.scan.versions.types import Key, NoVersion

_FORM = re.compile(r"[0-9]+(?:[.-][0-9]+)*")
_NUMBER = re.compile(r"[0-9]+")


def key(text: str) -> Key:
    """Return the key of a version."""
    if not _FORM.fullmatch(text):
        raise NoVersion
    return tuple(int(each) for each in _NUMBER.findall(text))
