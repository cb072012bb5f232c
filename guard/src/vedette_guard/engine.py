"""The guard without a door: a request comes in as `Asked`, a passage goes out."""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from vedette_guard import judging
from vedette_guard.buckets import Buckets, SharedBuckets
from vedette_guard.decisions.asked import Asked, Refusal
from vedette_guard.decisions.csrf import normal_origin
from vedette_guard.decisions.detections import Listener
from vedette_guard.decisions.forwarding import bucket
from vedette_guard.decisions.paths import read_as
from vedette_guard.decisions.rates import Metre, Step, any_refused, rate_fields, refusal
from vedette_guard.passage import Passage
from vedette_guard.plan import ALLOW_ORIGIN, Plan, compile_policy
from vedette_guard.policy import Policy
from vedette_guard.presets import named

if TYPE_CHECKING:
    from vedette_guard.bans.puller import Bans
    from vedette_guard.counting import Store


class BodyLook(Protocol):
    """Looks into a body before the application sees it: `most` bytes are to be kept for it."""

    most: int

    def __call__(self, kept: bytes) -> Refusal | None:
        """Return the refusal of a request by what its body brings."""


class Examiner(Protocol):
    """Looks for attempts to attack."""

    def head(self, passage: Passage, asked: Asked) -> Refusal | None:
        """Return the refusal of a request by its path, query and headers."""

    def body(self, passage: Passage, asked: Asked, length: int | None) -> BodyLook | None:
        """Return what looks into its body."""


User = Callable[[Any], "str | None"]
SECURE = frozenset({"https", "wss"})
EXPOSED = ("access-control-expose-headers", "RateLimit, RateLimit-Policy, Retry-After")


class Engine:
    """Judges requests by one policy; shared by all threads of a door.

    `user` tells who asks, from what the door has (scope, environ, request), for rates by user; None is nobody.
    `clock` gives seconds that only go forward; `listener` hears what is stopped, else Vedette does, where the policy has
    a DSN; `bans` are Vedette's, where it says where they come from; `store` counts rates instead of `buckets`. Raise PolicyError for a policy that cannot be meant.
    """

    def __init__(
        self,
        policy: Policy | str | None = None,
        user: User | None = None,
        clock: Callable[[], float] = time.monotonic,
        buckets: Buckets | None = None,
        *,
        listener: Listener | None = None,
        bans: Bans | None = None,
        store: Store | None = None,
    ) -> None:
        said = named(policy)
        self.plans = compile_policy(said, datetime.datetime.now(datetime.timezone.utc).date())  # noqa: TID251
        self.clock = clock
        self.listener = listener or (_events(said) if said.telemetry.dsn else None)
        self.bans = bans or (_bans(said) if said.decisions.url else None)
        self._examiner = _examiner(said)
        self._user = user
        self._buckets = SharedBuckets() if buckets is None else buckets
        self.store = store or (_store(said, clock) if said.counting.url else None)
        # One metre for all requests, counted here: nothing has to be chosen for a request then.
        alone = len(self.plans.metres) == 1 and self.plans.metres_everywhere and self.store is None
        self._alone = self.plans.metres[0] if alone else None

    def judge(self, asked: Asked, source: Any) -> Passage:
        """Return the passage of a request, refused or not; `source` is what the door has of it."""
        passage, host = self._enter(asked)
        alone = (
            None if asked.method == "OPTIONS" else self._alone
        )  # it may be a preflight, which is not counted
        refusal = (
            self._place(passage, asked, host)
            or (
                self._count(passage, asked, source)
                if alone is None
                else self._count_one(alone, passage, asked, source)
            )
            or judging.content(passage.plan, asked, host)
            or (None if self._examiner is None else self._examiner.head(passage, asked))
        )
        if refusal is not None:
            passage.refuse(refusal)
        return passage

    async def judge_later(self, asked: Asked, source: Any) -> Passage:
        """Return what `judge` does, without holding the event loop while another machine counts."""
        passage, host = self._enter(asked)
        refusal = (
            self._place(passage, asked, host)
            or await self._count_later(passage, asked, source)
            or judging.content(passage.plan, asked, host)
            or (None if self._examiner is None else self._examiner.head(passage, asked))
        )
        if refusal is not None:
            passage.refuse(refusal)
        return passage

    def _enter(self, asked: Asked) -> tuple[Passage, str | None]:
        """Return the passage of a request that nothing is said about yet, and its Host."""
        plans = self.plans
        plan = plans.of(asked.path) if plans.below else plans.root
        address, scheme = self._client(asked) if plans.behind_proxies else (asked.peer, asked.scheme)
        passage = Passage(plan, address, scheme in SECURE, asked, self.listener)
        origin = asked.header("origin") if plan.origins else None
        if origin is not None:
            self._allow_reading(passage, plan, origin)
        return passage, asked.header("host")

    def _place(self, passage: Passage, asked: Asked, host: str | None) -> Refusal | None:
        """Return the refusal of whoever is banned, or asks at the wrong place."""
        banned = self.bans.refusal(passage.client) if self.bans is not None else None
        return banned or judging.place(self.plans, passage, asked, host)

    def look_into(self, passage: Passage, asked: Asked, length: int | None = None) -> BodyLook | None:
        """Return what looks into the body of a request, `length` bytes long where that is known; None when nobody does."""
        return None if self._examiner is None else self._examiner.body(passage, asked, length)

    def _client(self, asked: Asked) -> tuple[str, str]:
        plans = self.plans
        forwarded = asked.header(plans.forwarded_by) or ""
        found = plans.find_client(asked.peer, forwarded, asked.header("x-forwarded-proto") or "")
        return found.address, found.scheme or asked.scheme

    def _allow_reading(self, passage: Passage, plan: Plan, origin: str) -> None:
        """Let the pages of allowed origins read the answer, whatever becomes of it."""
        if not ("*" in plan.origins or normal_origin(origin) in plan.origins):
            return
        passage.extra.append((ALLOW_ORIGIN, "*" if "*" in plan.origins else origin))
        if plan.policy.cors.credentials:
            passage.extra.append(("access-control-allow-credentials", "true"))
        if self.plans.metres:
            passage.extra.append(EXPOSED)

    def _count(self, passage: Passage, asked: Asked, source: Any) -> Refusal | None:
        metres = self._metres(asked) if self.plans.metres else ()
        if not metres:
            return None
        if len(metres) == 1 and self.store is None:
            return self._count_one(metres[0], passage, asked, source)
        wanted = [(metre, self._key(metre, passage, asked, source)) for metre in metres]
        if self.store is not None:
            return self._counted(passage, metres, self.store.take(wanted))
        return self._counted(passage, metres, self._buckets.take(wanted, self.clock()))

    async def _count_later(self, passage: Passage, asked: Asked, source: Any) -> Refusal | None:
        metres = self._metres(asked)
        if not metres or self.store is None:
            return None
        wanted = [(metre, self._key(metre, passage, asked, source)) for metre in metres]
        return self._counted(passage, metres, await self.store.take_later(wanted))

    def _metres(self, asked: Asked) -> Sequence[Metre]:
        """Return the metres that count a request."""
        metres: Sequence[Metre] = self.plans.metres
        if not self.plans.metres_everywhere:
            method, path, read = asked.method, asked.path, read_as(asked.path)
            metres = [metre for metre in metres if metre.concerns(method, path, read)]
        return () if judging.is_preflight(asked) else metres

    def _counted(
        self, passage: Passage, metres: Sequence[Metre], steps: Sequence[Step] | None
    ) -> Refusal | None:
        if steps is None:
            return self._uncounted()
        passage.extra += rate_fields(metres, steps)
        return refusal(metres, steps) if any_refused(steps) else None

    def _uncounted(self) -> Refusal | None:
        if self.listener is not None:
            self.listener.tell("uncounted", "the store of rates does not answer in time")
        return self.store.refusal if self.store is not None else None

    def _count_one(self, metre: Metre, passage: Passage, asked: Asked, source: Any) -> Refusal | None:
        if (
            metre.address_only and ":" not in passage.client
        ):  # the usual key, which nothing has to be asked for
            key: object = (metre.name, passage.client)
        else:
            key = self._key(metre, passage, asked, source)
        done = self._buckets.take_one(metre, key, self.clock())
        passage.counted = metre, done
        return None if done[0] else refusal((metre,), (done,))

    def _key(self, metre: Metre, passage: Passage, asked: Asked, source: Any) -> object:
        if metre.address_only:
            return metre.name, bucket(passage.client) if ":" in passage.client else passage.client
        return metre.name, *(self._part(by, metre, passage, asked, source) for by in metre.by)

    def _part(self, by: str, metre: Metre, passage: Passage, asked: Asked, source: Any) -> object:
        """Return what one `by` counts; what a request does not have is counted by its address."""
        if by == "route":
            return metre.route(asked.path)
        value = self._user(source) if by == "user" and self._user else _sent(by, asked)
        return (
            bucket(passage.client)
            if value is None
            else (by, hashlib.blake2b(value.encode(), digest_size=16).digest())
        )


# What speaks with other machines is imported where a policy asks for it: TLS alone takes megabytes.


def _events(policy: Policy) -> Listener:
    from vedette_guard.telemetry.events import Events

    return Events(policy.telemetry)


def _store(policy: Policy, clock: Callable[[], float]) -> Store:
    from vedette_guard.counting import Store

    return Store(policy.counting, clock)


def _bans(policy: Policy) -> Bans:
    """Return the ban list of a policy; its own proxies are never banned."""
    from vedette_guard.bans.puller import Bans

    proxies = tuple(network for network in policy.proxies.trusted if network != "unix")
    return Bans(policy.decisions, proxies)


def _sent(by: str, asked: Asked) -> str | None:
    """Return what a request sent of itself: a key, a header, a cookie."""
    kind, _, name = by.partition(":")
    if kind == "key":
        return asked.header("x-api-key") or asked.header("authorization")
    if kind == "header":
        return asked.header(name.lower())
    return _cookie(asked.header("cookie") or "", name) if kind == "cookie" else None


def _cookie(header: str, name: str) -> str | None:
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for key, _, value in pairs if key == name), None)


def _examiner(policy: Policy) -> Examiner | None:
    """Return what looks for attempts to attack, where a policy wants that. Raise PolicyError when its library is missing."""
    wanted = [
        part
        for part in (policy.inspect, *(below.inspect for below in policy.paths.values()))
        if part is not None
    ]
    if all(part.mode == "off" for part in wanted):
        return None
    from vedette_guard.inspect import examiner

    return examiner(wanted[0].engine)
