"""Rates counted in Redis or Valkey, for all processes together: one script, by the clock of the store.

The script does what `decisions.rates.step` does, in microseconds, for all rates of a request at once: it counts against
all, or, when one of them refuses, against none. Needs the extra `redis`; one server (or what Sentinel or a proxy shows as
one), no cluster, as the keys of one request may lie apart.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import weakref
from collections.abc import Callable, Sequence
from typing import Any

from vedette_guard.decisions.asked import Refusal
from vedette_guard.decisions.rates import Metre, Step, step
from vedette_guard.policy import Counting, PolicyError

log = logging.getLogger("vedette_guard")
UNCOUNTED = Refusal(503, "store", "requests cannot be counted at the moment", (("retry-after", "1"),))
REST = 1.0  # seconds in which a store that failed is not asked: else each request would wait for it

# KEYS are the states, ARGV pairs of interval and span. Answers what was used of each before (texts: numbers would be
# cut), and whether the request was counted.
SCRIPT = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
local used, counted = {}, 1
for n, key in ipairs(KEYS) do
  local state = tonumber(redis.call('GET', key) or '0') or 0
  used[n] = math.max(state - now, 0)
  if used[n] + tonumber(ARGV[2 * n - 1]) > tonumber(ARGV[2 * n]) + 1 then counted = 0 end
end
if counted == 1 then
  for n, key in ipairs(KEYS) do
    local after = used[n] + tonumber(ARGV[2 * n - 1])
    redis.call('SET', key, string.format('%.0f', now + after), 'PX', math.ceil(after / 1000) + 1)
  end
end
local answer = {tostring(counted)}
for n, one in ipairs(used) do answer[n + 1] = string.format('%.0f', one) end
return answer
"""
Wanted = Sequence["tuple[Metre, object]"]


class Store:
    """Rates in Redis. `take` waits in the thread, `take_later` on the event loop; both give None when it fails.

    `clock` gives seconds that only go forward. Raise PolicyError when the library is not there.
    """

    def __init__(self, counting: Counting, clock: Callable[[], float]) -> None:
        self._redis, self._aredis, self._errors = _library()
        self._counting, self._clock = counting, clock
        self._not_before = float("-inf")
        self.failures = 0
        seconds = counting.timeout_ms / 1000
        self._seconds = seconds
        self._options: dict[str, Any] = {
            "socket_timeout": seconds, "socket_connect_timeout": seconds, "retry": None, "protocol": 2,
        }  # fmt: skip
        client = self._redis.from_url(counting.url, **self._options)
        self._script = client.register_script(SCRIPT)
        self._later: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Any] = weakref.WeakKeyDictionary()

    @property
    def refusal(self) -> Refusal | None:
        """Return what becomes of a request that cannot be counted."""
        return UNCOUNTED if self._counting.failing == "closed" else None

    def take(self, wanted: Wanted) -> list[Step] | None:
        """Count a request against all its metres, or against none; None when the store does not answer in time."""
        if self._rests():
            return None
        keys, args = self._asked(wanted)
        try:
            return _steps(wanted, self._script(keys=keys, args=args))
        except self._errors as error:
            self._failed(error)
            return None

    async def take_later(self, wanted: Wanted) -> list[Step] | None:
        """Count a request as `take` does, without holding the event loop."""
        if self._rests():
            return None
        keys, args = self._asked(wanted)
        script = self._script_of(asyncio.get_running_loop())
        try:
            answer = await asyncio.wait_for(script(keys=keys, args=args), 2 * self._seconds)
            return _steps(wanted, answer)
        except self._errors as error:
            self._failed(error)
            return None

    def _script_of(self, loop: asyncio.AbstractEventLoop) -> Any:
        """Return the script on the connections of a loop, which no other loop can use."""
        script = self._later.get(loop)
        if script is None:
            client = self._aredis.from_url(self._counting.url, **self._options)
            script = self._later[loop] = client.register_script(SCRIPT)
        return script

    def _rests(self) -> bool:
        if self._clock() >= self._not_before:
            return False
        self.failures += 1
        return True

    def _failed(self, error: BaseException) -> None:
        self.failures += 1
        self._not_before = self._clock() + REST
        log.warning("rates cannot be counted: %s: %s", type(error).__name__, error)

    def _asked(self, wanted: Wanted) -> tuple[list[str], list[int]]:
        keys = [self._key(metre, key) for metre, key in wanted]
        args = [round(part * 1_000_000) for metre, _ in wanted for part in (metre.interval, metre.span)]
        return keys, args

    def _key(self, metre: Metre, key: object) -> str:
        # Whatever a client sends, a key is short, and shows nobody's address or session.
        digest = hashlib.blake2b(repr(key).encode("utf-8", "replace"), digest_size=16).hexdigest()
        return f"{self._counting.prefix}:rate:{metre.name}:{digest}"


def _steps(wanted: Wanted, answer: Sequence[Any]) -> list[Step]:
    """Return the steps that the store took, from what was used of each metre before."""
    counted, *used = (int(part) for part in answer)
    steps = [
        step(before / 1e6, 0.0, metre.interval, metre.span)
        for before, (metre, _) in zip(used, wanted, strict=True)
    ]
    if not counted and all(one[0] for one in steps):  # a millionth apart: the store has the last word
        before = used[0] / 1e6
        steps[0] = (False, before, 0, 1e-6, before)
    return steps


def _library() -> tuple[Any, Any, tuple[type[BaseException], ...]]:
    try:
        import redis
        import redis.asyncio
        import redis.exceptions
    except ImportError as error:
        raise PolicyError(
            "guard.counting.url: counting in Redis needs a library: pip install 'vedette-guard[redis]'"
        ) from error
    errors = (redis.exceptions.RedisError, OSError, asyncio.TimeoutError, ValueError)
    return redis.Redis, redis.asyncio.Redis, errors
