"""What is looked for again and again: hosts that are silent, disks that will be full; told once each, and when it is over."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial

from vedette.hosts import blocks, forecasting, gauges, judging, signal
from vedette.hosts.apart import apart
from vedette.hosts.store import facts as known
from vedette.hosts.store import hosts, shelf
from vedette.hosts.store.shelf import HOURLY
from vedette.hosts.types import DAY, LIVE, MINUTE, Facts, Forecast, Host, HostState
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.ports import ports
from vedette.signals import service as signals

DAYS = 7.0
FRESH = 300.0  # seconds for which the last sample says how full disks are
TURNS = 30  # each host has its turn in one of so many minutes
_DISK = "disk:"


def notice(now: float, since: float) -> int:
    """Tell, once, of each host that is not heard of any more, and that it is back; return how many were told of."""
    found = [(one, judging.silence(one, now, since)) for one in hosts.every()]
    told = [(one, why) for one, why in found if one.told is not bool(why)]
    if told:
        with transaction():
            for one, why in told:
                if hosts.tell(one.id, told=bool(why)):
                    text = why or f"{one.name} is heard of again."
                    signals.publish([signal.of_silence(one, text, over=not why, now=now)], now)
            on_commit(lambda: ports().bus.wake(LIVE))
    return len(told)


def foresee(now: float) -> int:
    """Look at the disks of the hosts whose turn it is, and tell of those that will be full soon; return how many hosts."""
    turn = int(now // MINUTE) % TURNS
    mine = [one for one in hosts.every() if one.id % TURNS == turn and one.state is HostState.ACTIVE]
    for host in mine:
        apart(host.id, "foreseeing the disks", partial(_foresee, host, now), None, now)
    return len(mine)


def _foresee(host: Host, now: float) -> None:
    last = shelf.last(host.id, now)
    names = () if last is None or now - last[0] > FRESH else last[1]
    if any(
        gauges.apart(name)[0] == gauges.SPACE_SIZE for name in names
    ):  # else its disks are as they were told to be
        _tell_disks(host, forecasts(host.id, now), now)


def forecasts(host: int, now: float) -> Sequence[Forecast]:
    """Return when each disk of a host is full, the earliest first, by its hours of the last days."""
    last = shelf.last(host, now)
    if last is None:
        return ()
    values = dict(zip(last[1], last[2], strict=True))
    sizes = gauges.labelled(values, gauges.SPACE_SIZE)
    used = gauges.labelled(values, gauges.SPACE_USED)
    points = _points(host, now)
    found = [
        forecasting.forecast(mount, [*points.get(mount, ()), (last[0], used[mount])], size, now)
        for mount, size in sizes.items()
        if mount in used
    ]
    return sorted(found, key=lambda one: (one.at or float("inf"), -one.used / max(1.0, one.size)))


def _points(host: int, now: float) -> Mapping[str, list[forecasting.Point]]:
    found: dict[str, list[forecasting.Point]] = {}
    for body in shelf.read(HOURLY, host, now - DAYS * DAY, now):
        block = blocks.unpack(body, lambda name: gauges.apart(name)[0] == gauges.SPACE_USED)
        for series, column in block.columns.items():
            rows = zip(block.times, column[blocks.MEAN], strict=True)
            kept = [(float(at), used) for at, used in rows if used == used and at >= now - DAYS * DAY]  # noqa: PLR0124
            found.setdefault(gauges.apart(series)[1], []).extend(kept)
    return found


def _tell_disks(host: Host, found: Sequence[Forecast], now: float) -> None:
    with transaction():
        before = known.of([host.id]).get(host.id, Facts()).troubles
        after = _disks(before, found, now)
        if after == before:
            return
        known.set_troubles(host.id, after)
        there = {one.subject for one in found}
        told = [(key, after[key], False) for key in set(after) - set(before)]
        told += [(key, _over(key.removeprefix(_DISK), there), True) for key in set(before) - set(after)]
        signals.publish(
            [
                signal.of_trouble(
                    host, signal.DISK, key.removeprefix(_DISK), f"{host.name}: {text}", over=done, now=now
                )
                for key, text, done in sorted(told)
            ],
            now,
        )


def _over(mount: str, there: Collection[str]) -> str:
    return f"{mount} has room again." if mount in there else f"{mount} is not mounted any more."


def _disks(before: Mapping[str, str], found: Sequence[Forecast], now: float) -> Mapping[str, str]:
    """Return what is wrong with a host, with what is foreseen of its disks."""
    after = {key: text for key, text in before.items() if not key.startswith(_DISK)}
    for one in found:
        key = f"{_DISK}{one.subject}"[:200]
        if forecasting.is_soon(one, now) or (key in before and not forecasting.is_over(one, now)):
            after[key] = one.sentence
    return after
