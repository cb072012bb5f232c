"""Connections that are tried, politely: one at a time to each address, few addresses at once, and nothing is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from vedette.core.address import AddressPolicy
from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Cause, Request, Result, Standpoint
from vedette.wire.witness import Came, Look, Sight

Pause = Callable[[float], Awaitable[object]]
_CAME = {Cause.REFUSED: Came.REFUSED, Cause.RESET: Came.REFUSED, Cause.TIMEOUT_IN_CONNECT: Came.SILENT}


class Manners(msgspec.Struct, frozen=True, kw_only=True):
    """How politely: seconds for a connection, seconds between two to one address, and how many addresses at once."""

    deadline: float = 3.0
    rest: float = 0.2
    at_once: int = 8


MANNERS = Manners()


async def looked(
    looks: Sequence[Look], *, manners: Manners = MANNERS, pause: Pause = asyncio.sleep
) -> tuple[Sight, ...]:
    """Return what came of each look, in order. Private addresses are tried too: they are those of the project itself."""
    standpoint = Standpoint(policy=AddressPolicy(allow_private=True))
    gate = asyncio.Semaphore(manners.at_once)
    by_address: dict[str, list[Look]] = {}
    for each in looks:
        by_address.setdefault(each.address, []).append(each)
    rows = await asyncio.gather(*(_row(row, standpoint, manners, gate, pause) for row in by_address.values()))
    found = {sight.look: sight for row in rows for sight in row}
    return tuple(found[each] for each in looks)


async def _row(
    looks: Sequence[Look], standpoint: Standpoint, manners: Manners, gate: asyncio.Semaphore, pause: Pause
) -> list[Sight]:
    """Try the ports of one address, one after the other."""
    found = list[Sight]()
    async with gate:
        for each in looks:
            if found:
                await pause(manners.rest)
            found.append(
                _sight(each, await run(Request(url=each.url, deadline=manners.deadline), standpoint))
            )
    return found


def _sight(look: Look, result: Result) -> Sight:
    came = Came.ANSWERED if result.cause is None else _CAME.get(result.cause, Came.UNTRIED)
    return Sight(look=look, came=came, sentence=result.sentence)
