"""The sentence the notification settings open with. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from vedette.notify.types import ChannelRef, DeliveryState, Lag, Preferences, Proof

SLOW_AFTER = 300.0
FAILURES_TO_SHOW = 3


class Verdict(msgspec.Struct, frozen=True):
    """Tone (ok, warn, crit, off), the sentence, and what is known beside it."""

    tone: str
    icon: str
    title: str
    text: str = ""


def failing(channel: ChannelRef) -> bool:
    """Tell whether an enabled channel refused its last notice for good, or failed three times in a row."""
    return channel.enabled and (channel.refused or channel.failures >= FAILURES_TO_SHOW)


def verdict(
    channels: Sequence[ChannelRef], counts: Mapping[DeliveryState, int], lag: Lag, now: float
) -> Verdict:
    """Return whether people are told, worst first; `counts` are those of the last 24 hours."""
    working = [channel for channel in channels if channel.enabled]
    broken = [channel for channel in working if failing(channel)]
    if not working:
        return Verdict("off", "bell-off", "Nobody is told of anything.", _NO_CHANNEL)
    if broken:
        names = " and ".join(channel.name for channel in broken)
        title = f"{names} {'does' if len(broken) == 1 else 'do'} not get through."
        return Verdict("crit", "octagon-alert", title, broken[0].last_error)
    if lag.oldest is not None and now - lag.oldest > SLOW_AFTER:
        return Verdict("warn", "hourglass", f"{_notices(lag.waiting)} wait to go out.", _sent(counts))
    return Verdict("ok", "bell", f"{_channels(working)} told when something happens.", _sent(counts))


def of_own(channels: Sequence[ChannelRef], wants: Preferences, last: Proof | None, now: float) -> Verdict:
    """Return whether one person is told by channels of their own, worst first; `last` is their last test page."""
    working = [channel for channel in channels if channel.enabled]
    broken = [channel for channel in working if failing(channel)]
    if not working:
        return Verdict("off", "bell-off", "You hear nothing by a channel of your own.", _NO_OWN)
    if broken:
        return Verdict(
            "crit", "octagon-alert", f"{broken[0].name} does not get through.", broken[0].last_error
        )
    if wants.quiet_until is not None and wants.quiet_until > now:
        return Verdict("warn", "bell-off", "You want quiet.", "Everybody's channels go on as they are.")
    what = "only of what is yours" if wants.severity is None else f"of everything from {wants.severity} on"
    by = f"By {' and '.join(one.name for one in working)}."
    return Verdict("ok", "bell", f"You hear {what}.", f"{by} {_proven(last, now)}".strip())


def _proven(last: Proof | None, now: float) -> str:
    if last is None:
        return "It was never proven: page yourself for real."
    unheard = last.acknowledged_at is None and last.ends_at <= now
    return "Nobody acknowledged your last test page." if unheard else ""


_NO_OWN = "Add one below. Everybody's channels go on as they are."
_NO_CHANNEL = "Add e-mail, ntfy, Slack or another channel; the rules tell it from then on."


def _sent(counts: Mapping[DeliveryState, int]) -> str:
    sent, failed = counts.get(DeliveryState.SENT, 0), counts.get(DeliveryState.FAILED, 0)
    told = (
        f"{_notices(sent)} arrived in the last 24 hours" if sent else "Nothing was sent in the last 24 hours"
    )
    return f"{told}, {failed} did not." if failed else f"{told}."


def _channels(channels: Sequence[ChannelRef]) -> str:
    names = [channel.name for channel in channels]
    if len(names) > 3:
        return f"{len(names)} channels are"
    return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'}"


def _notices(n: int) -> str:
    return "1 notice" if n == 1 else f"{n} notices"
