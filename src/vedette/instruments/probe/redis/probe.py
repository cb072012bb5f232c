"""Redis, Valkey and what else speaks their protocol: AUTH, PING, INFO."""

import re
from collections.abc import Mapping

import msgspec

from vedette.instruments.probe import conversing
from vedette.instruments.probe.conversing import Conversation, Opening, Trusting
from vedette.instruments.probe.optioning import decoded, wrong
from vedette.instruments.probe.redis.resp import Refusal, asked
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted, where
from vedette.instruments.probe.types import Cause, Failed, Phase, Request, Standpoint

SCHEMES = {"redis": 6379, "rediss": 6379}
_PATH = re.compile(r"/\d{0,5}")
_KEPT = frozenset({
    "redis_version", "valkey_version", "redis_mode", "role", "uptime_in_seconds", "connected_clients", "blocked_clients",
    "used_memory", "maxmemory", "evicted_keys", "loading", "connected_slaves", "master_link_status",
    "master_last_io_seconds_ago", "master_sync_in_progress", "rdb_last_bgsave_status", "aof_last_write_status",
})  # fmt: skip


class RedisOptions(Trusting, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who asks; without a user the default one."""

    user: str = ""
    password: str = ""


class RedisProbe:
    """Implements `probe.types.Probe`."""

    kind = "redis"
    label = "Redis and Valkey"
    schemes: Mapping[str, int] = SCHEMES
    options: type[msgspec.Struct] = RedisOptions
    secrets = ("password", "client_key")

    def check(self, request: Request) -> None:
        """Raise `Invalid` for a URL or options that can never work."""
        options = decoded(RedisOptions, request.options)
        if not _PATH.fullmatch(targeted(request.url, SCHEMES).path):
            raise wrong("url", "its path is the number of a database, as in redis://cache.example/0")
        if options.user and not options.password:
            raise wrong("password", "a user needs one")

    async def look(self, request: Request, standpoint: Standpoint, tape: Tape) -> str:
        """Sign in, ping, and read what the server says of itself: it is the body, the most of it that matters the headers."""
        options = decoded(RedisOptions, request.options)
        target = targeted(request.url, SCHEMES)
        trust = conversing.trust_of(options) if target.scheme == "rediss" else None
        async with conversing.opened(Opening(target, trust), request, standpoint, tape) as talk:
            with tape.timed(Phase.FIRST_BYTE):
                await _ready(talk, options, target.path.strip("/"))
            with tape.timed(Phase.TRANSFER):
                found = await asked(talk, "INFO")
        if isinstance(found, Refusal):
            tape.notes.append(f"INFO: {found.text}")
            return f"{where(target)} answers PING"
        tape.body = found
        return (
            f"{where(target)} answers PING and is {talk.quoted(_judged(where(target), _info(found), tape))}"
        )


async def _ready(talk: Conversation, options: RedisOptions, database: str) -> None:
    if options.password:
        named = (options.user, options.password) if options.user else (options.password,)
        await _accepted(talk, "AUTH", *named)
    if database:
        await _accepted(talk, "SELECT", database)
    if await _accepted(talk, "PING") != b"PONG":
        raise talk.failed(Cause.BAD_ANSWER, "it does not answer PING with PONG")


async def _accepted(talk: Conversation, *words: str) -> bytes:
    found = await asked(talk, *words)
    if isinstance(found, Refusal):
        raise Failed(found.cause, f"{talk.host} says to {words[0]}: {found.text}.")
    return found


def _info(text: bytes) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.decode("utf-8", "replace").splitlines())
    return {name: value for name, _, value in pairs if name in _KEPT}


def _judged(host: str, info: Mapping[str, str], tape: Tape) -> str:
    """Return what the server is in words; a replica that has lost its master is not ready."""
    tape.headers = list(info.items())
    if info.get("master_link_status") == "down":
        raise Failed(Cause.NOT_SERVING, f"{host} is a replica and has lost its master.")
    version = info.get("valkey_version") or info.get("redis_version", "of unknown version")
    return (
        f"{'Valkey' if 'valkey_version' in info else 'Redis'} {version} ({info.get('role', 'role unknown')})"
    )


PROBE = RedisProbe()
