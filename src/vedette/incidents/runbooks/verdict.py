"""The sentence the list of runbooks opens with. Pure."""

from collections.abc import Sequence

import msgspec

from vedette.incidents.runbooks.types import RunbookLine


class Said(msgspec.Struct, frozen=True):
    """How it stands: a tone, an icon, a sentence and what stands behind it."""

    tone: str
    icon: str
    title: str
    text: str


def of_list(lines: Sequence[RunbookLine]) -> Said:
    """Return the sentence of the list."""
    if not lines:
        return Said(
            "off", "book-open", "No runbook yet", "Whoever is woken at night has to know it all by heart."
        )
    n = len(lines)
    title = f"{n} runbook{'s' if n > 1 else ''}"
    empty = [line.name for line in lines if not line.steps]
    nobody = sum(line.owner is None for line in lines)
    if empty:
        return Said(
            "warn",
            "triangle-alert",
            title,
            f"{empty[0]} has no steps: write them as “- [ ] …”, else nothing can be ticked.",
        )
    if nobody:
        told = "One belongs to nobody" if nobody == 1 else f"{nobody} belong to nobody"
        return Said("warn", "triangle-alert", title, f"{told}; name an owner who keeps it true.")
    return Said("ok", "book-open", title, "Each has steps and an owner.")
