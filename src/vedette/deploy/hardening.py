"""How a host stands against what hardening set on it, after what it told; what people have to know of that. Pure.

A host speaks of itself alone, and whoever broke into it speaks with its voice: texts are bounded and made printable here.
"""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.deploy.types import HardenedArea, HardenedHost, HostDrift
from vedette.wire import hardened as wire
from vedette.wire.hardened import HardeningTold
from vedette.wire.infra import Waiver
from vedette.wire.witness import Witness

MOST_AREAS, MOST_WAIVED, MOST_LEFT, MOST_SIGHTS = 60, 300, 50, 500
_FEW = 3
_LINE, _TEXT = 300, 4_000
_HOST = "host:"  # begins the first target of a run on a host
RECENT = 3_600.0  # seconds within which what a host tells first is news


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """What is new of a host: what drifted and what is over, whether it was hardened anew, whether a run took itself back."""

    new: tuple[HostDrift, ...] = ()
    over: tuple[HostDrift, ...] = ()
    hardened: bool = False
    reverted: bool = False
    left: int = 0  # that still drift


def after(before: HardenedHost, told: HardeningTold, areas: Mapping[str, str]) -> HardenedHost:
    """Return how a host stands; `areas` names the area of each measure."""
    known = told.set_at > 0
    return msgspec.structs.replace(
        before, hardened_at=told.set_at if known else None, profile=line(told.profile)[:60],
        score_before=_score(told.before) if known else None, score_after=_score(told.after) if known else None,
        areas=tuple(_areas(told, areas))[:MOST_AREAS], waived=tuple(map(_waived, told.waived[:MOST_WAIVED])),
        drift=tuple(map(_drift, told.drift[: wire.MOST_DRIFT])), left=tuple(map(line, told.left[:MOST_LEFT])),
        reverted_at=told.reverted_at or None, at=told.at,
    )  # fmt: skip


def witnessed(before: HardenedHost, witness: Witness) -> HardenedHost:
    """Return what is known of a host after it told of itself and of what it saw."""
    sights = tuple(
        msgspec.structs.replace(one, sentence=line(one.sentence)) for one in witness.sights[:MOST_SIGHTS]
    )
    return msgspec.structs.replace(
        before, told=witness.told, looks=sights, at=max(before.at or 0.0, witness.at)
    )


def changed(before: HardenedHost, now: HardenedHost) -> Changed:
    """Return what is new. Of a host's first word what is old is no news."""
    was, there = {one.key: one for one in before.drift}, {one.key: one for one in now.drift}
    first = before.at is None
    since = (now.at or 0.0) - RECENT if first else before.reverted_at or 0.0
    return Changed(
        new=tuple(one for key, one in there.items() if key not in was),
        over=tuple(one for key, one in was.items() if key not in there),
        hardened=now.hardened_at is not None and now.hardened_at != before.hardened_at and not first,
        reverted=(now.reverted_at or 0.0) > since,
        left=len(there),
    )


def drifted(found: Sequence[HostDrift]) -> str:
    """Return in a sentence what is not as hardening set it, and by whom."""
    shown = "; ".join(f"{one.what} {one.name} (by {one.by or 'nobody knows whom'})" for one in found[:_FEW])
    more = f"; and {len(found) - _FEW} more" if len(found) > _FEW else ""
    return f"not as hardening set it: {shown}{more}."


def target(host: int) -> str:
    """Return how the targets of a run name its host."""
    return f"{_HOST}{host}"


def host_of(targets: Sequence[str]) -> int | None:
    """Return of which host the targets of a run are; None where they are of none."""
    first = targets[0] if targets else ""
    number = first.removeprefix(_HOST)
    return int(number) if first.startswith(_HOST) and number.isascii() and number.isdecimal() else None


def _areas(told: HardeningTold, areas: Mapping[str, str]) -> list[HardenedArea]:
    """Return areas, those with drift first: what holds, what drifted, and what is waived."""
    drifting: dict[str, int] = {}
    for one in told.drift:
        drifting[one.measure] = drifting.get(one.measure, 0) + 1
    waived = [areas.get(one.check, "") for one in told.waived]
    rows: dict[str, tuple[int, int]] = {}
    for measure, count in told.measures.items():
        name = areas.get(measure) or line(measure)[:60]
        passed, failed = rows.get(name, (0, 0))
        off = min(max(0, count), drifting.get(measure, 0))
        rows[name] = passed + max(0, count) - off, failed + off
    found = [_area(name, passed, failed, waived.count(name)) for name, (passed, failed) in rows.items()]
    return sorted(found, key=lambda one: (-one.failed, one.name))


def _area(name: str, passed: int, failed: int, waived: int) -> HardenedArea:
    is_so = f"{passed} of {passed + failed} {'is' if passed == 1 else 'are'} as hardening set them"
    sentence = f"{is_so}, {waived} waived." if waived else f"{is_so}."
    return HardenedArea(name=name, passed=passed, failed=failed, waived=waived, sentence=sentence)


def _drift(one: wire.HostDrift) -> HostDrift:
    was, now = text(one.before) or "not there", text(one.after) or "not there"
    return HostDrift(
        what=one.kind.value, name=line(one.name), since=one.since, by=line(one.by), text=f"was: {was}\nis: {now}", key=one.key[:_LINE],
        measure=line(one.measure)[:60], seen_at=one.seen_at,
    )  # fmt: skip


def _waived(one: Waiver) -> Waiver:
    return Waiver(check=line(one.check)[:100], reason=line(one.reason), until=line(one.until)[:10])


def _score(told: float) -> float:
    return max(0.0, min(100.0, told))


def line(said: str) -> str:
    """Return what a host said as one line that may be shown."""
    return " ".join(text(said[:_LINE]).split())


def text(said: str) -> str:
    """Return what a host said as lines that may be shown."""
    return "".join(c if c.isprintable() or c == "\n" else " " for c in said[:_TEXT]).strip()
