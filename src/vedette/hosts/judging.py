"""How does a host fare, in a sentence? Pure; the worst comes first."""

from collections.abc import Mapping

from vedette.core.clock import iso
from vedette.hosts import gauges
from vedette.hosts.types import SILENT, Facts, Host, HostState, Standing, Tone

FRESH = 120.0  # seconds for which the last sample says how a host is
_FULL, _BUSY = 95.0, 95.0
_RANK = {Tone.CRITICAL: 0, Tone.WARNING: 1, Tone.FINE: 2, Tone.OFF: 3}
Last = tuple[float, Mapping[str, float]]


def silence(host: Host, now: float, since: float) -> str:
    """Return in a sentence that a host is not heard of any more; empty while it is, before it first was, and once it is revoked.

    `since` is when this installation began to listen.
    """
    if host.heard_at is None or host.state is HostState.REVOKED:
        return ""
    if now - max(host.heard_at, since) <= SILENT:
        return ""
    return f"{host.name} has not been heard of since {iso(host.heard_at)[:16].replace('T', ' ')} UTC."


def standing(host: Host, facts: Facts, last: Last | None, now: float) -> Standing:
    """Return how a host fares: its tone and sentence, from what was last heard of it."""
    values = last[1] if last is not None and now - last[0] <= FRESH else {}
    tone, sentence = _verdict(host, facts, values, now)
    return Standing(
        host=host, tone=tone, sentence=sentence, facts=facts, values=values, measured_at=None if last is None else last[0]
    )  # fmt: skip


def rank(one: Standing) -> tuple[int, float, str]:
    """Return what orders hosts, worst first: the tone, then how busy, then the name."""
    busy = max(gauges.value(one.values, name) or 0.0 for name in ("hosts.cpu", "hosts.memory", "hosts.disk"))
    return _RANK[one.tone], -busy, one.host.name


def _verdict(host: Host, facts: Facts, values: Mapping[str, float], now: float) -> tuple[Tone, str]:
    if host.state is HostState.REVOKED:
        return Tone.OFF, "Revoked: it may say nothing any more."
    if host.heard_at is None:
        return Tone.OFF, "Not heard of yet."
    silent = silence(host, now, 0.0)
    if silent:
        return Tone.CRITICAL, silent.replace(f"{host.name} has not", "Not", 1)  # its name stands before it
    full = _full(values)
    if full:
        return Tone.CRITICAL, full
    for text in facts.troubles.values():
        return Tone.WARNING, text
    busy = _busy(values)
    return (Tone.WARNING, busy) if busy else (Tone.FINE, _fine(facts, values))


def _full(values: Mapping[str, float]) -> str:
    for gauge, what in (("hosts.disk", "full"), ("hosts.inodes", "out of inodes")):
        for mount, share in gauges.labelled(values, gauges.BY_NAME[gauge].series).items():
            if share >= _FULL:
                return f"{mount} is nearly {what}: {share:.0f} % used."
    return ""


def _busy(values: Mapping[str, float]) -> str:
    for gauge, what in (("hosts.memory", "memory"), ("hosts.cpu", "processors")):
        share = gauges.value(values, gauge)
        if share is not None and share >= _BUSY:
            return f"Its {what} {'is' if what == 'memory' else 'are'} {share:.0f} % used."
    return ""


def _fine(facts: Facts, values: Mapping[str, float]) -> str:
    if facts.security:
        return f"{facts.security} security {'update waits' if facts.security == 1 else 'updates wait'}."
    if facts.reboot_required:
        return "An update waits for a restart."
    parts = [
        f"{word} {share:.0f} %"
        for word, gauge in (("CPU", "hosts.cpu"), ("memory", "hosts.memory"), ("fullest disk", "hosts.disk"))
        if (share := gauges.value(values, gauge)) is not None
    ]
    return f"Fine: {', '.join(parts)}." if parts else "It is heard of."
