"""How much a channel may be told a minute; the rest is bundled into one notice. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.notify.types import SEVERITIES, Notice, Told

WINDOW = 60.0
MOST_IN_WINDOW = 10
LINES_SHOWN = 20


class Pace(msgspec.Struct, frozen=True):
    """Whether a notice may go now (`until` is None), or the instant its bundle goes; and why."""

    until: float | None
    reason: str


def pace(sent_at: Sequence[float], now: float) -> Pace:
    """Decide, from the instants of the latest sends of a channel, whether one more may go on its own.

    Ten a minute go on their own; beyond that, what comes waits in a bundle until the first of those ten is
    a minute old.
    """
    recent = sorted(at for at in sent_at if at > now - WINDOW)
    if len(recent) < MOST_IN_WINDOW:
        return Pace(None, f"{len(recent)} sent in the last minute, {MOST_IN_WINDOW} are allowed.")
    return Pace(
        recent[-MOST_IN_WINDOW] + WINDOW, f"{len(recent)} sent in the last minute; the rest is bundled."
    )


def bundle(notices: Sequence[Notice], base_url: str, now: float) -> Notice:
    """Return the one notice that stands for several: worst severity, the first twenty by name, the rest by number."""
    if len(notices) == 1:
        return notices[0]
    shown = notices[:LINES_SHOWN]
    more = len(notices) - len(shown)
    lines = [f"{n.title}\n{n.link}" for n in shown] + ([f"and {more} more"] if more else [])
    return Notice(
        title=f"{notices[0].title}, and {len(notices) - 1} more",
        text="\n\n".join(lines),
        severity=max((n.severity for n in notices), key=SEVERITIES.index),
        link=f"{base_url}/alerts/",
        at=now,
        project=_common([n.project for n in notices]),
        state=_common([n.state for n in notices]) or "firing",
        labels=_shared([n.labels for n in notices]),
        reason=f"More than {MOST_IN_WINDOW} notices in a minute: {len(notices)} are told together.",
        group="bundle",
        alerts=_alerts(shown),
        truncated=sum(n.truncated for n in notices) + sum(len(n.alerts) or 1 for n in notices[LINES_SHOWN:]),
    )


def _alerts(notices: Sequence[Notice]) -> tuple[Told, ...]:
    return tuple(told for notice in notices for told in notice.alerts)


def _common(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 else ""


def _shared(labels: Sequence[Mapping[str, str]]) -> dict[str, str]:
    return dict(set.intersection(*(set(each.items()) for each in labels)))
