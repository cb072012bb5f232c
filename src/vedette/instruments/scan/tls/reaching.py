"""Where a server is: its addresses, the first of each family, and whether anybody answers there at all."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from vedette.core.errors import Invalid
from vedette.instruments.probe.connecting import connected
from vedette.instruments.probe.tape import Tape
from vedette.instruments.probe.targeting import targeted
from vedette.instruments.probe.types import Failed, Target
from vedette.instruments.scan.addressing import addresses
from vedette.instruments.scan.types import Asked, CannotKnow

_CONNECTING = 5.0
_FIX = "See that the name, the port and the firewall are right, and that the server runs."


class Reached(NamedTuple):
    """The target, the addresses that answered, and why another one did not."""

    target: Target
    addresses: tuple[str, ...]
    silent: tuple[str, ...]


def target_of(text: str) -> Target:
    """Return `host:port` taken apart (443 without one); raises `Invalid`."""
    if "/" in text.removeprefix("https://").rstrip("/"):
        raise Invalid(
            f"{text[:80]!r} is no host and port; write shop.example:443.", {"target": "not host:port"}
        )
    return targeted(f"tls://{text.removeprefix('https://').rstrip('/')}", {"tls": 443})


def reached(asked: Asked) -> Reached:
    """Return which addresses of a server answer; raises `CannotKnow` when none does, `Invalid` for what is no target."""
    target = target_of(asked.target)
    return asyncio.run(_tried(target, addresses(asked)))


async def _tried(target: Target, places: Sequence[str]) -> Reached:
    tries = [_why_not(target, address) for address in places]
    problems = dict(zip(places, await asyncio.gather(*tries), strict=True))
    answering = tuple(address for address, why in problems.items() if not why)
    silent = tuple(f"{why} ({address})" for address, why in problems.items() if why)
    if not answering:
        raise CannotKnow(" ".join(dict.fromkeys(why for why in problems.values() if why)), _FIX)
    return Reached(target, answering, silent)


async def _why_not(target: Target, address: str) -> str:
    try:
        async with asyncio.timeout(_CONNECTING):
            (await connected(target, [address], Tape())).close()
    except Failed as error:
        return str(error)
    except TimeoutError:
        return f"{target.host}:{target.port} did not answer within {_CONNECTING:g} s."
    return ""
