"""What a replay tells, cleaned and in words: a host may write what it wants. Pure."""

import math
from collections.abc import Mapping, Sequence

import msgspec

from vedette.intrusions.types import DAY, MINUTE, Replay, ReplayState
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.types import ReplayReport, WouldBan

MOST_BANNED, MOST_SPARED, MOST_RULES, MOST_OF_RULES = 100, 50, 50, 5
WAITS, ANSWERS = DAY, 30 * MINUTE  # so long an order stands; so long one that runs may be silent
_SHORT, _WORDS = 80, 200
_LATEST, _MOST = 253_402_300_799.0, 2**53
_SHOWN = 3


def cleaned(report: ReplayReport) -> ReplayReport:
    """Return what is kept of a report: bounded, printable, addresses that are some, figures that are finite."""
    banned = [made for one in report.banned[: 2 * MOST_BANNED] if (made := _would(one)) is not None][
        :MOST_BANNED
    ]
    spared = [text for text in map(_address, report.spared[: 2 * MOST_SPARED]) if text][:MOST_SPARED]
    done = report.state == ReplayState.DONE
    return ReplayReport(
        at=report.at, id=report.id[:32], state=report.state if report.state in set(ReplayState) else ReplayState.FAILED,
        why=_plain(report.why, _WORDS), files=_count(report.files), lines=_count(report.lines), bytes=_count(report.bytes),
        seconds=_figure(report.seconds), first_at=_figure(report.first_at), last_at=_figure(report.last_at),
        detected=_count(report.detected), by_rule=_by_rule(report.by_rule), banned=tuple(banned) if done else (),
        would=max(_count(report.would), len(banned)) if done else 0, spared=tuple(spared),
        innocents=max(_count(report.innocents), sum(bool(one.innocent) for one in banned)) if done else 0,
        cut=_plain(report.cut, _WORDS),
    )  # fmt: skip


def _would(one: WouldBan) -> WouldBan | None:
    address = _address(one.address)
    if not address:
        return None
    return WouldBan(
        address=address, first_at=_figure(one.first_at), last_at=_figure(one.last_at), seconds=_figure(one.seconds),
        rules=tuple(_plain(rule, _SHORT) for rule in one.rules[:MOST_OF_RULES]), times=_count(one.times), lines=_count(one.lines),
        innocent=_plain(one.innocent, _WORDS),
    )  # fmt: skip


def _by_rule(counts: Mapping[str, int]) -> dict[str, int]:
    found: dict[str, int] = {}
    for rule, n in counts.items():
        if len(found) == MOST_RULES:
            break
        found[_plain(rule, _SHORT)] = _count(n)
    return found


def _address(text: str) -> str:
    found = targets.of_address(text.partition("/")[0]) if len(text) <= _SHORT else None
    return found.value if found else ""


def _plain(text: str, most: int) -> str:
    return "".join(char if char.isprintable() else "\ufffd" for char in text[:most])


def _count(n: int) -> int:
    return max(0, min(n, _MOST))


def _figure(value: float) -> float:
    return max(0.0, min(value, _LATEST)) if math.isfinite(value) else 0.0


def sentence(one: Replay, would: int, innocent: Sequence[tuple[str, str]], n: int) -> tuple[str, str]:
    """Return what a replay that is done found, and its tone; `innocent` are addresses and why each may be no attacker, of `n`."""
    many = "nobody" if not would else "1 address" if would == 1 else f"{would:,} addresses"
    found = f"In {days(one.seconds)} on {one.host}, {one.set} would have banned {many}"
    if not innocent:
        return f"{found}{', no known innocent among them' if would else ''}.", "ok"
    looks = "1 of them looks" if n == 1 else f"{n:,} of them look"
    named = ", ".join(f"{address} ({why})" for address, why in innocent[:_SHOWN])
    more = f" and {n - _SHOWN:,} more" if n > _SHOWN else ""
    return f"{found}, {looks} innocent: {named}{more}.", "warn"


def fares(one: Replay, *, away: bool, now: float) -> tuple[str, str, str]:
    """Return a word, a sentence and a tone for a replay that is not done; `away` says that its host is not heard of."""
    if one.state is ReplayState.FAILED:
        why = (one.report.why if one.report else "") or "The agent did not say why."
        return "Failed", f"The replay of {one.set} on {one.host} failed. {why}", "warn"
    if now - one.asked_at > WAITS:
        return "Given up", f"{one.host} did not answer within a day; ask again when it is back.", "off"
    if away:
        return "Host away", f"{one.host} is not heard of. It makes the replay of {one.set} when it is back, for a day.", "warn"  # fmt: skip
    if one.state is ReplayState.RUNNING:
        late = now - one.changed_at > ANSWERS
        text = "runs longer than it should; its agent may have been stopped" if late else "reads its logs now"
        return "Running", f"{one.host} {text}, for {one.set}.", "warn" if late else "off"
    return "Asked", f"{one.host} was asked to replay {one.set}, and has not begun.", "off"


def days(seconds: float) -> str:
    """Return a span in whole days."""
    n = max(1, round(seconds / DAY))
    return "1 day" if n == 1 else f"{n} days"


def same(one: Replay, other: Replay) -> bool:
    """Tell whether two are of one set on one host."""
    return (one.host, one.set) == (other.host, other.set)


def named(found: ReplayReport, people: Mapping[str, str]) -> tuple[WouldBan, ...]:
    """Return who would have been banned, the innocents first, with those that only this server knows (by address)."""
    known = [
        msgspec.structs.replace(
            one, innocent="; ".join(filter(None, (one.innocent, people.get(one.address, ""))))
        )
        for one in found.banned
    ]
    return tuple(sorted(known, key=lambda one: (not one.innocent, -one.seconds, one.address)))
