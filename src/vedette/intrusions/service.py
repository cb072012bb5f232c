"""The verbs of intrusions: take what is detected and decided, say what is in force, and do what people want."""

from collections.abc import Collection, Mapping, Sequence

from vedette.accounts.permissions import Actor
from vedette.core.clock import Clock
from vedette.intrusions import (
    banning,
    blocklists,
    feeding,
    measuring,
    recounting,
    replaying,
    taking,
    telling,
    watching,
    whereabouts,
)
from vedette.intrusions.feeding import FEED
from vedette.intrusions.sheltering import never, shelter
from vedette.intrusions.store import bans, detections, lists, replays
from vedette.intrusions.taking import Judgement
from vedette.intrusions.types import (
    DAY,
    Allowed,
    Attacker,
    Ban,
    Blocklist,
    Claim,
    Delta,
    Knows,
    KnowsNothing,
    Replay,
    Seen,
    Shown,
    Tally,
)
from vedette.plumbing.log.port import Message
from vedette.wire.agent.deciding import targets
from vedette.wire.agent.deciding.types import Target
from vedette.wire.agent.types import Orders, Scope, WouldBan

DETECTION_DAYS, CLAIM_DAYS, LIFTED_DAYS, PAST_DAYS, REPLAY_DAYS = 90, 400, 7, 100, 90
_REPLAYS = 500
_CHUNK, _LOOKED_AT = 2_000, 5_000


class Judges:
    """Implements `hosts.types.Intrusions`: takes what hosts report, and says what they are to enforce."""

    def __init__(self, clock: Clock, knows: Knows | None = None) -> None:
        self._clock, self._knows = clock, knows or KnowsNothing()

    def accept(self, host: str, reports: Sequence[Judgement], now: float) -> None:
        """Record what a host detected and decided, in the caller's transaction."""
        taking.accept(host, reports, now, self._knows)

    def orders(self, host: str, since: str) -> Orders | None:
        """Return what changed since a revision, everything for one that is unknown; None when nothing did."""
        return FEED.orders(host, since, self._clock.now())


def digest(messages: Sequence[Message], now: float, knows: Knows) -> int:
    """Take what guards told from the journal, exactly once; return how many reports counted. Raises `Unavailable`."""
    return taking.digest(messages, now, knows)


def refresh(now: float) -> bool:
    """Read what is in force anew into memory; tell whether anything changed."""
    return FEED.refresh(now)


def is_ready() -> bool:
    """Tell whether what is in force is in memory."""
    return FEED.ready


def page(cursor: str, n: int, now: float) -> tuple[str, Delta]:
    """Return from memory what changed since a cursor, and the next one."""
    return FEED.page(cursor, n, now)


def for_guards(one: Ban) -> bool:
    """Tell whether a ban is one that a guard enforces."""
    return feeding.for_guards(one)


def ban(actor: Actor, value: str, until: float, reason: str, now: float) -> Ban:
    """Ban an address or network until an instant; raises `Invalid` with the reason why not."""
    return banning.add(actor, value, until, reason, now)


def unban(actor: Actor, value: str, reason: str, now: float) -> tuple[str, ...]:
    """Unban an address, or a network and all in it, and return what stood; it stays unbanned."""
    return banning.remove(actor, value, reason, now)


def around(value: str, now: float) -> Ban | None:
    """Return the ban of a network that an address lies in."""
    return banning.around(value, now)


def allow(actor: Actor, value: str, note: str, now: float) -> tuple[str, tuple[str, ...]]:
    """Put an address or network on the allowlist; return it and whose bans that lifted."""
    return banning.allow(actor, value, note, now)


def disallow(actor: Actor, value: str, now: float) -> str:
    """Take an address or network off the allowlist; raises `NotFound`."""
    return banning.disallow(actor, value, now)


def allowed() -> tuple[Allowed, ...]:
    """Return the allowlist, newest first."""
    return lists.allowed()


def never_banned(now: float) -> Mapping[str, str]:
    """Return the addresses that are never banned besides private ones and the allowlist, each with a word why."""
    return never(now)


def why_sheltered(value: str, now: float) -> str:
    """Return why an address or network is not banned whatever happens, empty when it may be; raises `Invalid`."""
    net = targets.network(targets.of_text(value))
    return (shelter(now).why(net) or "") if net is not None else ""


def set_mode(actor: Actor, name: str, mode: str, now: float) -> None:
    """Say what is done with a set of rules on all hosts that are told nothing of their own."""
    banning.set_mode(actor, name, mode, now)


def modes() -> Mapping[str, str]:
    """Return what is done with sets of rules; those that are not named are simulated."""
    return lists.modes()


def replay(actor: Actor, host: str, name: str, seconds: float, now: float) -> Replay:
    """Order a host to try a set of rules on its own logs; raises `Invalid`, and `Conflict` while it is at it already."""
    return replaying.ask(actor, host, name, seconds, now)


def replays_of(name: str = "") -> tuple[Replay, ...]:
    """Return the replays that are kept (of a set), the newest first: the last few of each set on each host."""
    return replays.of(name, _REPLAYS)


def replay_found(one: Replay, people: Mapping[str, str]) -> tuple[str, str, tuple[WouldBan, ...]]:
    """Return what a replay that is done found, its tone, and who would have been banned, the innocents first.

    `people` are addresses at which somebody is known, with the words who.
    """
    if one.report is None:
        return "", "off", ()
    found = recounting.named(one.report, people)
    fresh = sum(bool(one.innocent) for one in found) - sum(bool(one.innocent) for one in one.report.banned)
    innocent = [(each.address, each.innocent) for each in found if each.innocent]
    text, tone = recounting.sentence(one, one.report.would, innocent, one.report.innocents + fresh)
    return text, tone, found


def replay_fares(one: Replay, now: float, *, away: bool) -> tuple[str, str, str]:
    """Return a word, a sentence and a tone for a replay that is not done."""
    return recounting.fares(one, away=away, now=now)


def add_list(actor: Actor, name: str, source: str, every: float, lasts: float, now: float) -> None:  # noqa: PLR0917
    """Add a list of others; it is read at once by who reads lists."""
    blocklists.add(actor, name, source, every, lasts, now)


def remove_list(actor: Actor, name: str, now: float) -> None:
    """Remove a list of others; what only it named is banned no longer."""
    blocklists.remove(actor, name, now)


def blocklists_of() -> tuple[Blocklist, ...]:
    """Return the lists of others, by name."""
    return lists.lists()


def read_lists(now: float) -> int:
    """Read the lists whose time has come; return how many were read."""
    return blocklists.read_due(now)


def attackers(now: float, seconds: float = DAY, *, rule: str = "", place: str = "") -> list[Attacker]:
    """Return who attacked lately, worst first; of very many detections the last ones."""
    seen = [
        one
        for one in detections.since(now - seconds, _LOOKED_AT)
        if (not rule or one.detection.rule == rule) and (not place or one.place == place)
    ]
    about = {target for one in seen if (target := targets.of_address(one.value.partition("/")[0]))}
    standing = {t.value: one for t, one in bans.bans(about).items() if one.until > now}
    return telling.attackers(seen, standing)


def detected(before: int | None, n: int, value: str = "") -> tuple[Seen, ...]:
    """Return what was detected (about a value) before a number, newest first."""
    return detections.page(before, n, value)


def tallies(now: float, seconds: float) -> tuple[Tally, ...]:
    """Return what each rule found lately."""
    return detections.tallies(now - seconds)


def simulated(now: float, seconds: float, n: int = 5_000) -> tuple[Claim, ...]:
    """Return what would have been done lately if it were enforced, newest first."""
    return bans.simulated(now - seconds, n)


def standing(now: float, after: tuple[float, str] | None = None, n: int = 50) -> tuple[Ban, ...]:
    """Return the bans that stand, those that began last first, after an instant and value."""
    return bans.page(now, after, n)


def count(now: float) -> int:
    """Return how many bans stand."""
    return bans.count(now)


def people_banned() -> Mapping[str, str]:
    """Return the banned values at which real users were seen, and who they are."""
    return bans.told()


def of(value: str, now: float) -> tuple[Ban | None, tuple[Claim, ...], tuple[Seen, ...]]:
    """Return what is in force about an address, all that was decided about it and detected, newest first; raises `Invalid`."""
    target = targets.of_text(value)
    found = bans.bans([target]).get(target)
    live = found if found is not None and found.until > now else None
    return live, bans.of_value([target.value], 100), detections.of([target.value], 100)


def target_of(value: str) -> Target:
    """Return whom an address or network of people means; raises `Invalid`."""
    return targets.of_text(value)


def is_wide(value: str) -> bool:
    """Tell whether a network is so wide that its ban is asked about: wider than /24 or /48."""
    target = targets.of_text(value)
    net = targets.network(target)
    return target.scope is Scope.NETWORK and net is not None and net.prefixlen < targets.AROUND[net.version]


def whereabouts_of(value: str) -> Shown:
    """Return where an address is and whose network that is, as far as files of the user's tell."""
    return whereabouts.of(value)


def look(now: float, knows: Knows) -> int:
    """Tell what deserves a human, and lift bans of those who are sheltered now; return how much there was."""
    return watching.look(now, knows)


def find_ours(now: float) -> tuple[str, ...]:
    """Find the addresses of this server and remember them."""
    return watching.find_ours(now)


def several(names: Sequence[str]) -> str:
    """Return names in a row: `web1, web2 and 3 more`."""
    return telling.several(names)


def drop_old(now: float) -> int:
    """Delete what is kept long enough; return how much went."""
    gone = replays.drop(now - REPLAY_DAYS * DAY)
    gone += bans.forget_over(now - LIFTED_DAYS * DAY, now - PAST_DAYS * DAY) + blocklists.drop_over(now)
    while dropped := detections.drop(now - DETECTION_DAYS * DAY, _CHUNK) + bans.drop_claims(
        now - CLAIM_DAYS * DAY, _CHUNK
    ):
        gone += dropped
    return gone


def sentence(found: Collection[Attacker], now: float, when: str) -> tuple[str, str, str]:
    """Return what the page says first, what it says beside it, and its tone; `when` names the time that was looked at."""
    return telling.sentence(list(found), bans.count(now), len(bans.told()), when)


measuring.register()
