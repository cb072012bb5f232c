"""When a target is scanned, how it fares, and whether its bill is to be compared anew. Pure."""

import re
import zlib
from collections.abc import Iterable

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.scan.types import Scanner, Takes
from vedette.scans.types import Outcome, Scan, Target

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0
LEAST, MOST = HOUR, 30 * DAY
AGAIN = HOUR  # after a scan that could not know
_SPREAD = 0.1
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_OUTSIDE = frozenset({Takes.URL, Takes.ENDPOINT, Takes.DOMAIN, Takes.HOST})
_ORDER = {Outcome.BLIND: 0, Outcome.FOUND: 1, None: 2, Outcome.CLEAN: 3}


class Faring(msgspec.Struct, frozen=True):
    """What a list of targets says first: a sentence, what is said beside it, and its tone."""

    title: str
    text: str
    tone: str


def next_at(target: Target, outcome: Outcome | None, now: float) -> float | None:
    """Return when a target is scanned next after `now`, None for one that is not.

    Each has its own place within a tenth of its interval, so that targets made together are not scanned together; what was
    missed while the server was down is made up for once. One that could not know is tried again within the hour.
    """
    if not target.enabled or target.host or target.every <= 0:
        return None
    wait = min(target.every, AGAIN) if outcome is Outcome.BLIND else target.every
    return now + wait * (1.0 + _SPREAD * (phase(target) - 0.5))


def first_at(target: Target, now: float) -> float | None:
    """Return when a target that was just made or changed is scanned: within a minute, None for one that is not."""
    return None if next_at(target, None, now) is None else now + MINUTE * phase(target)


def phase(target: Target) -> float:
    """Return a target's own place from 0 to 1."""
    return zlib.crc32(f"{target.scanner} {target.target}".encode()) / 2**32


def after(target: Target, scan: Scan, now: float) -> Target:
    """Return a target as it is after a scan."""
    return msgspec.structs.replace(
        target, last_at=now, outcome=scan.outcome, sentence=sentence(scan), running_since=None,
        next_at=next_at(target, scan.outcome, now),
    )  # fmt: skip


def sentence(scan: Scan) -> str:
    """Return what a scan came to, in a sentence."""
    if scan.outcome is Outcome.BLIND:
        first = scan.unknown[0].why if scan.unknown else "Only a part of it was looked at."
        rest = len(scan.unknown) - 1
        return f"Could not know: {first}" + (f" And {rest:,} more." if rest > 0 else "")
    if scan.outcome is Outcome.CLEAN:
        return "Nothing is open."
    told = [
        f"{n:,} {word}" for n, word in ((scan.new, "new"), (scan.worse, "worse"), (scan.fixed, "fixed")) if n
    ]
    open_now = f"{scan.found:,} {'is' if scan.found == 1 else 'are'} open"
    return f"{open_now}: {', '.join(told)}." if told else f"{open_now}, as before."


def is_to_match(target: Target, revision: str) -> bool:
    """Tell whether a bill is to be compared with advisories anew: they changed, or it never was.

    Whoever sent a report of their own compared it with their own feeds: without a feed here there is nothing to add.
    """
    return target.matched != revision and bool(revision or target.host)


def worst_first(found: Iterable[Target]) -> list[Target]:
    """Return targets in the order people want them: blind, with findings, not scanned yet, clean; each by name."""
    return sorted(found, key=lambda one: (_ORDER[one.outcome], (one.name or one.target).lower(), one.id))


def faring(found: Iterable[Target]) -> Faring:
    """Return what a list of targets says first: a scan that could not know comes before everything."""
    outcomes = [one.outcome for one in found]
    blind, weak = outcomes.count(Outcome.BLIND), outcomes.count(Outcome.FOUND)
    total = f"{len(outcomes):,} {'target' if len(outcomes) == 1 else 'targets'} in all."
    if not outcomes:
        return Faring(
            "Nothing is scanned yet",
            "A site, a domain, a host's packages: what is looked at again and again stands here.",
            "off",
        )
    if blind:
        return Faring(
            f"{blind:,} {'scan' if blind == 1 else 'scans'} could not know", f"What {'it' if blind == 1 else 'they'} would have found is not known either. {total}", "crit",
        )  # fmt: skip
    if weak:
        return Faring(
            f"{weak:,} {'target has' if weak == 1 else 'targets have'} open findings", total, "warn"
        )
    if None in outcomes:
        return Faring(f"{outcomes.count(None):,} not scanned yet", total, "off")
    return Faring("Every scan could look, and nothing is open", total, "ok")


def may_be_scheduled(scanner: Scanner) -> bool:
    """Tell whether this server may run a scanner by itself: never one that reads its files."""
    return scanner.takes in _OUTSIDE


def check(target: Target, scanner: Scanner) -> None:
    """Raise `Invalid` by field for a target that people cannot make here."""
    if not may_be_scheduled(scanner):
        raise Invalid(
            f"{scanner.label} is not scanned from here, for this server reads none of its files for a form: send it by"
            f" vedette scan {scanner.kind} … --send, or let an agent look.", {"scanner": "not from here"},
        )  # fmt: skip
    if (
        not target.target
        or len(target.target) > 500
        or not target.target.isprintable()
        or " " in target.target
    ):
        raise Invalid(
            "Write what is scanned without spaces: https://shop.example, shop.example:443, shop.example.",
            {"target": "unusable"},
        )
    if target.target.startswith("-"):
        raise Invalid("What is scanned begins with no dash.", {"target": "unusable"})
    if target.every and not LEAST <= target.every <= MOST:
        raise Invalid("Scan every hour at most, and every 30 days at least.", {"every": "out of range"})
    if target.location and scanner.takes is not Takes.HOST:
        raise Invalid("Only ports are looked at from a location.", {"location": "not from there"})
    if target.location and not _SLUG.fullmatch(target.location):
        raise Invalid(
            "Write the slug of a location, as Monitors, Locations shows it.", {"location": "no slug"}
        )
    unknown = [name for name in target.options if name not in scanner.options]
    if unknown:
        raise Invalid(f"{unknown[0][:40]!r} is no option of {scanner.kind}.", {"options": "unknown"})
