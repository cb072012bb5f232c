"""Rows in Redis or Valkey, for several machines. The client is the application's: any that has `register_script`."""

from __future__ import annotations

import math
from typing import Any, Protocol

from vedette_guard.stores.port import Stored

# Each script is one step for everybody else, so it compares and sets. A row is a hash; a set has the keys of an owner.
# Times are passed in as milliseconds; Redis forgets what ended by itself.
_READ = "return redis.call('HMGET', KEYS[1], 'body', 'owner', 'ends', 'revision')"
_INSERT = """
if redis.call('EXISTS', KEYS[1]) == 1 then
  local ends = tonumber(redis.call('HGET', KEYS[1], 'ends'))
  if ends == 0 or ends > tonumber(ARGV[5]) then return 0 end
end
"""
_REPLACE = """
local found = redis.call('HMGET', KEYS[1], 'revision', 'owner', 'ends')
if found[1] ~= ARGV[6] then return 0 end
local before = tonumber(found[3])
if before ~= 0 and before <= tonumber(ARGV[5]) then return 0 end
if found[2] ~= '' and found[2] ~= ARGV[2] then redis.call('SREM', ARGV[4] .. found[2], KEYS[1]) end
"""
_WRITE = """
redis.call('HSET', KEYS[1], 'body', ARGV[1], 'owner', ARGV[2], 'ends', ARGV[3], 'revision', ARGV[7])
if ARGV[3] == '0' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIREAT', KEYS[1], ARGV[3]) end
if ARGV[2] ~= '' then
  local set = ARGV[4] .. ARGV[2]
  local left = redis.call('PTTL', set)
  redis.call('SADD', set, KEYS[1])
  if ARGV[3] == '0' then redis.call('PERSIST', set)
  elseif left ~= -1 then
    if left == -2 or left < tonumber(ARGV[3]) - tonumber(ARGV[5]) then redis.call('PEXPIREAT', set, ARGV[3]) end
  end
end
return 1
"""
_DELETE = """
local owner = redis.call('HGET', KEYS[1], 'owner')
if not owner then return 0 end
if owner ~= '' then redis.call('SREM', ARGV[1] .. owner, KEYS[1]) end
return redis.call('DEL', KEYS[1])
"""


class Client(Protocol):
    """What is needed of a client, as `redis.Redis` has it."""

    def register_script(self, script: str, /) -> Any:
        """Return a script that can be called with `keys` and `args`."""

    def smembers(self, name: str, /) -> Any:
        """Return the members of a set."""

    def srem(self, name: str, /, *values: Any) -> Any:
        """Take members out of a set."""


class RedisStore:
    """Implements `Store` by a client of the application's (`redis.Redis`); all keys begin with `prefix`.

    Not for a cluster: a script touches a row and its owner's set.
    """

    waits = True

    def __init__(self, client: Client, prefix: str = "vedette-guard:") -> None:
        self._client, self._prefix = client, prefix
        self._sets = f"{prefix}owner:"
        self._reading = client.register_script(_READ)
        self._inserting = client.register_script(_INSERT + _WRITE)
        self._replacing = client.register_script(_REPLACE + _WRITE)
        self._deleting = client.register_script(_DELETE)

    def read(self, key: str, now: float) -> Stored | None:
        """Return a row; None when there is none."""
        body, owner, ends, revision = map(_text, self._reading(keys=[self._key(key)], args=[]))
        if revision is None:
            return None
        ends_at = int(ends or 0) / 1000 or math.inf
        return None if ends_at <= now else Stored(body or "", owner or "", ends_at, int(revision))

    def insert(self, key: str, row: Stored, now: float) -> bool:
        """Write a row that is new, as revision 1; False when there is one."""
        return bool(self._inserting(keys=[self._key(key)], args=[*self._values(row, now), "", "1"]))

    def replace(self, key: str, row: Stored, revision: int, now: float) -> bool:
        """Write over the row that still has this revision; False when it was written or deleted meanwhile."""
        values = [*self._values(row, now), str(revision), str(revision + 1)]
        return bool(self._replacing(keys=[self._key(key)], args=values))

    def delete(self, key: str) -> bool:
        """Delete a row; False when there was none."""
        return bool(self._deleting(keys=[self._key(key)], args=[self._sets]))

    def of_owner(self, owner: str, now: float) -> list[tuple[str, Stored]]:
        """Return all rows of an owner, with their keys."""
        if not owner:
            return []
        name, found = self._sets + owner, []
        for full in sorted(_text(one) or "" for one in self._client.smembers(name)):
            row = self.read(full[len(self._prefix) :], now)
            if row is None or row.owner != owner:
                self._client.srem(name, full)
            else:
                found.append((full[len(self._prefix) :], row))
        return found

    def _key(self, key: str) -> str:
        return self._prefix + key

    def _values(self, row: Stored, now: float) -> list[str]:
        ends = 0 if row.ends_at == math.inf else math.ceil(row.ends_at * 1000)
        return [row.body, row.owner, str(ends), self._sets, str(math.floor(now * 1000))]


def _text(value: Any) -> str | None:
    """Return what a client answers as text: bytes, unless it decodes by itself."""
    return value.decode() if isinstance(value, bytes) else value
