"""What the scanners of packages have in common: components against advisories, made a report."""

from collections.abc import Mapping, Sequence

from vedette.instruments.scan import judging, upgrading
from vedette.instruments.scan.advisories.feeds import open_feeds
from vedette.instruments.scan.advisories.types import DAY, MAX_AGE
from vedette.instruments.scan.inventory.types import Inventory
from vedette.instruments.scan.options import MAX_FEED_AGE
from vedette.instruments.scan.types import Asked, CannotKnow, Progress
from vedette.instruments.scan.upgrading import Upgrade
from vedette.wire.scan import Component, ScanReport

_MOST_TOLD = 20


def report(
    kind: str, asked: Asked, inventory: Inventory, reachable: judging.Reachable, progress: Progress
) -> tuple[ScanReport, tuple[Upgrade, ...]]:
    """Return what advisories say of an inventory, and the upgrades that mend it; what could not be compared is unknown."""
    progress("advisories", None)
    feeds = open_feeds(asked.feeds, asked.now, _age(asked))
    try:
        matches = feeds.match(inventory.components)
        unknown = (*inventory.unknown, *feeds.unknown(inventory.components))
    finally:
        feeds.close()
    upgrades = upgrading.plan(matches, inventory.components)
    told = ScanReport(
        scanner=kind, target=asked.target, at=asked.now, findings=judging.judge(matches, reachable, inventory.components),
        unknown=unknown, components=inventory.components, facts=facts(inventory.components, upgrades), complete=not unknown,
    )  # fmt: skip
    return told, upgrades


def facts(components: Sequence[Component], upgrades: Sequence[Upgrade]) -> Mapping[str, str]:
    """Return what a person may want to read: how many of each ecosystem, and which upgrades mend most, those first."""
    counts: dict[str, int] = {}
    for each in components:
        counts[each.ecosystem] = counts.get(each.ecosystem, 0) + 1
    told = {"components": ", ".join(f"{n:,} {name}" for name, n in sorted(counts.items()))}
    if upgrades:
        told["upgrades"] = "\n".join(each.told for each in upgrades[:_MOST_TOLD])
    return told


def _age(asked: Asked) -> float:
    told = asked.options.get(MAX_FEED_AGE, "")
    try:
        days = float(told) if told else MAX_AGE / DAY
    except ValueError:
        days = -1.0
    if not 0 < days < float("inf"):
        raise CannotKnow(
            f"{told[:40]!r} is no number of days that advisories may be old.",
            f"Say --{MAX_FEED_AGE} 7, or leave it out.",
        )
    return days * DAY
