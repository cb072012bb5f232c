"""What the pages of rules say of replays: how each fares, what it found, and the innocents that only this server knows."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from vedette.hosts import service as hosts
from vedette.hosts.types import SILENT, Host, HostState
from vedette.intrusions import service as intrusions
from vedette.intrusions import signal
from vedette.intrusions.types import DAY, Replay, ReplayState
from vedette.wire.agent.types import ReplayReport, WouldBan

_ASKED = 40
SPANS = ((DAY, "1 day"), (7 * DAY, "7 days"), (30 * DAY, "30 days"))


class Would(msgspec.Struct, frozen=True):
    """Somebody who would have been banned, as shown: with the page of the address."""

    one: WouldBan
    href: str


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A replay as shown: a word, a sentence and a tone; of one that is done who would have been banned, the innocents apart."""

    one: Replay
    word: str
    sentence: str
    tone: str
    innocent: tuple[Would, ...] = ()
    guilty: tuple[Would, ...] = ()
    left: int = 0

    @property
    def report(self) -> ReplayReport | None:
        """Return what was told, where it is done."""
        return self.one.report if self.one.state is ReplayState.DONE else None

    @property
    def waits(self) -> bool:
        """Tell whether its host is still to answer."""
        return self.one.state in {ReplayState.ASKED, ReplayState.RUNNING}


def shown(found: Iterable[Replay], people: Mapping[str, str], now: float) -> tuple[Shown, ...]:
    """Return replays as shown; `people` are addresses at which somebody is known, with the words who."""
    away = {one.name for one in hosts.every() if _is_away(one, now)}
    return tuple(_shown(one, people, now, away=one.host in away) for one in found)


def _shown(one: Replay, people: Mapping[str, str], now: float, *, away: bool) -> Shown:
    if one.state is not ReplayState.DONE or one.report is None:
        word, sentence, tone = intrusions.replay_fares(one, now, away=away)
        return Shown(one=one, word=word, sentence=sentence, tone=tone)
    sentence, tone, found = intrusions.replay_found(one, people)
    rows = [Would(each, signal.address_link(each.address)) for each in found]
    return Shown(
        one=one, word="Done", sentence=sentence, tone=tone, innocent=tuple(row for row in rows if row.one.innocent),
        guilty=tuple(row for row in rows if not row.one.innocent), left=max(0, one.report.would - len(rows)),
    )  # fmt: skip


def banned(found: Sequence[Replay]) -> tuple[str, ...]:
    """Return whom the newest replay that is done would have banned: of so many it is asked who they are."""
    done = next((one.report for one in found if one.state is ReplayState.DONE and one.report), None)
    return tuple(one.address for one in done.banned[:_ASKED]) if done else ()


def last(found: Sequence[Replay]) -> Mapping[str, Replay]:
    """Return the replay of each set that says most: the newest that is done, else the newest."""
    best: dict[str, Replay] = {}
    for one in sorted(found, key=lambda each: (each.state is ReplayState.DONE, each.asked_at)):
        best[one.set] = one
    return best


def able() -> tuple[str, ...]:
    """Return the names of hosts that may be asked."""
    return tuple(one.name for one in hosts.every() if one.state is HostState.ACTIVE)


def _is_away(one: Host, now: float) -> bool:
    return one.state is not HostState.ACTIVE or one.heard_at is None or now - one.heard_at > SILENT
