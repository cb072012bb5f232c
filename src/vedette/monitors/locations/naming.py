"""Is a location fit to be kept, and is one that is named there? Pure checks with a sentence for each refusal, by field."""

import difflib
import re
from collections.abc import Collection, Sequence

from vedette.monitors.types import HERE

MOST_SLUG = 30
MOST_CHECKED = 20  # locations of one monitor
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_RESERVED = frozenset({HERE, "new"})


def problems(name: str, slug: str) -> dict[str, str]:
    """Return what is wrong with a name and a slug (empty for none that was chosen), by field."""
    found = {"name": "", "slug": slug_problem(slug) if slug else ""}
    if not 1 <= len(name) <= 80 or not name.isprintable():
        found["name"] = "A name has 1 to 80 characters that can be printed."
    return {field: text for field, text in found.items() if text}


def slug_problem(slug: str) -> str:
    """Return what is wrong with a slug; empty when it can be used."""
    if slug in _RESERVED:
        return f"{slug!r} stands for something else ({HERE} is this installation); choose another slug."
    if len(slug) > MOST_SLUG or not _SLUG.fullmatch(slug):
        return f"A slug is lower-case letters, digits and single dashes, at most {MOST_SLUG}."
    return ""


def slug_of(name: str, taken: Collection[str]) -> str:
    """Return a free slug for a name: `-2`, `-3` … when it is taken."""
    base = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: MOST_SLUG - 4].strip("-")
    base = f"location-{base}".strip("-") if not base or base in _RESERVED else base
    candidate, n = base, 2
    while candidate in taken:
        candidate, n = f"{base}-{n}", n + 1
    return candidate


def missing(named: Sequence[str], there: Collection[str]) -> str:
    """Return that a location is not there, with the one that was meant; empty when all are."""
    unknown = next((one for one in named if one != HERE and one not in there), None)
    if unknown is None:
        return ""
    near = difflib.get_close_matches(unknown, {*there, HERE}, 1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"There is no location {unknown[:40]!r}.{hint}"


def problem(named: Sequence[str], agree: int) -> tuple[str, str] | None:
    """Return the field that is wrong with where a monitor is checked from, and why; None when nothing is."""
    if len(named) > MOST_CHECKED or any(len(one) > MOST_SLUG for one in named):
        return "locations", f"At most {MOST_CHECKED} locations, each by its slug."
    if len(set(named)) < len(named):
        return "locations", "A location is named twice."
    most = max(1, len(named))
    if not 1 <= agree <= most:
        where = f"{most} locations" if len(named) > 1 else "one place alone"
        return "agree", f"It is checked from {where}, so at most {most} can agree, and at least 1."
    return None
