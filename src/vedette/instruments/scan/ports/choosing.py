"""Which ports are meant: `1-1024,5432`."""

import re

from vedette.core.errors import Invalid

_PART = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")
MOST = 65_535


def ports_of(text: str, what: str = "ports") -> tuple[int, ...]:
    """Return the ports a text names, in order; raises `Invalid`."""
    found: set[int] = set()
    for part in filter(None, (each.strip() for each in text.split(","))):
        match = _PART.fullmatch(part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 0 < first <= last <= MOST:
            raise Invalid(
                f"{part[:40]!r} are no ports; write 443 or 1-1024, with commas between.", {what: "no ports"}
            )
        found.update(range(first, last + 1))
    if not found:
        raise Invalid(f"No port is named; write {what}=1-1024,5432.", {what: "empty"})
    return tuple(sorted(found))
