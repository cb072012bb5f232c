"""What of a host's reports is remembered, and what is told of it? Pure: facts before and after, and what people hear."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.hosts.types import Facts, Noted
from vedette.wire.agent.types import Audit, Happening, HostChange, Inventory
from vedette.wire.finding import FindingState

UNIT = "unit"
_SAME_BOOT = 60.0  # seconds within which two instants of a start are one: a clock was set meanwhile
_MOST_SHOWN = 4_000
_replace = msgspec.structs.replace


class Told(msgspec.Struct, frozen=True):
    """What an inventory changes: troubles that began and are over (subject to sentence), and what happened."""

    facts: Facts
    began: Mapping[str, str] = {}
    over: Mapping[str, str] = {}
    happened: Sequence[Noted] = ()


def plain(text: str, most: int) -> str:
    """Return the beginning of a text that a host told, without what a terminal or a chat would obey."""
    cut = text[:most]
    if cut.isprintable():
        return cut
    return "".join(
        char if char.isprintable() or char == "\n" else "\N{REPLACEMENT CHARACTER}" for char in cut
    )


def inventoried(before: Facts, found: Inventory, packed: bytes) -> Told:
    """Return what is known after an inventory (`packed` is how it is kept)."""
    names = [_line(name, 100) for name in found.failed_units[:50]]
    failed = {f"{UNIT}:{name}": f"The unit {name} has failed." for name in names}
    was = {key: text for key, text in before.troubles.items() if key.startswith(f"{UNIT}:")}
    rest = {key: text for key, text in before.troubles.items() if key not in was}
    facts = _replace(
        before, inventory=packed, booted_at=found.booted_at, reboot_required=found.reboot_required, pending=len(found.pending),
        security=sum(one.security for one in found.pending), troubles={**rest, **failed},
    )  # fmt: skip
    return Told(
        facts,
        {key: text for key, text in failed.items() if key not in was},
        {key: f"The unit {key.partition(':')[2]} runs again." for key in was if key not in failed},
        _reboot(before, found),
    )


def _reboot(before: Facts, found: Inventory) -> Sequence[Noted]:
    if not before.booted_at or found.booted_at - before.booted_at <= _SAME_BOOT:
        return ()
    kernel = _line(found.kernel, 80)
    text = f"started again, with {kernel}."
    return (Noted(at=found.booted_at, kind="reboot", subject=kernel, text=text, severity="low"),)


def audited(before: Facts, found: Audit) -> tuple[Facts, int]:
    """Return what is known after an audit, and how many of its own checks failed: those of other auditors are not counted."""
    failed = sum(one.state is FindingState.FAILED and "source" not in one.labels for one in found.findings)
    return _replace(before, score=max(0.0, min(100.0, found.score)), failed=failed), failed


def happened(found: Happening) -> Noted:
    """Return a happening as it is remembered."""
    kind = _line(found.kind, 40)
    return Noted(
        at=found.at, kind=kind, subject=_line(found.subject, 300) or kind, text=plain(found.text, _MOST_SHOWN), severity=_line(found.severity, 10)
    )  # fmt: skip


def changed(found: HostChange) -> Noted:
    """Return a change as it is remembered."""
    kind, subject, why = _line(found.kind, 40), _line(found.subject, 300), _line(found.explanation, 300)
    explained = f" ({why})" if why else ""
    return Noted(
        at=found.at, kind=kind, subject=subject, text=f"{kind} {subject} changed{explained}.",
        severity=_line(found.severity, 10), explanation=plain(found.explanation, _MOST_SHOWN),
        before=plain(found.before, _MOST_SHOWN), after=plain(found.after, _MOST_SHOWN),
    )  # fmt: skip


def _line(text: str, most: int) -> str:
    return plain(text, most).replace("\n", " ")


def is_alarming(found: HostChange) -> bool:
    """Tell whether people have to know of a change: nothing explains it, and it is no trifle."""
    return not found.explanation and found.severity not in {"", "info"}
