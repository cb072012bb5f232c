"""What files of Go modules have in common. Pure."""

import re

ECOSYSTEM = "Go"
_GO = re.compile(r"^go[ \t]+1\.(\d{1,4})", re.MULTILINE)
_WHOLE = 17  # from this version of Go on, go.mod lists all that is built in


def lists_all(text: str) -> bool:
    """Tell whether a `go.mod` lists what comes along as well; without a version of Go it is an old one."""
    found = _GO.search(text)
    return found is not None and int(found[1]) >= _WHOLE
