import asyncio
from concurrent.futures import Future

import pytest

from vedette.core.errors import Unavailable
from vedette.intake.landing import Landing


def test_many_futures_of_one_commit_wake_the_loop_once() -> None:
    async def scene() -> tuple[list[int], int]:
        loop = asyncio.get_running_loop()
        landing = Landing(loop)
        futures: list[Future[int]] = [Future() for _ in range(50)]
        waiting = [asyncio.create_task(landing.wait(future)) for future in futures]
        await asyncio.sleep(0)
        wakes = _count_wakes(loop)
        await loop.run_in_executor(None, _commit, futures)
        results = await asyncio.gather(*waiting)
        return results, len(wakes)

    results, wakes = asyncio.run(scene())
    assert results == list(range(50))
    assert wakes < 25


def _commit(futures: list[Future[int]]) -> None:
    for n, future in enumerate(futures):
        future.set_result(n)


def _count_wakes(loop: asyncio.AbstractEventLoop) -> list[object]:
    wakes: list[object] = []
    original = loop.call_soon_threadsafe

    def counting(callback: object, *args: object, **options: object) -> asyncio.Handle:
        wakes.append(callback)
        return original(callback, *args, **options)  # type: ignore[arg-type]

    loop.call_soon_threadsafe = counting  # type: ignore[method-assign,assignment]
    return wakes


def test_a_failure_reaches_whoever_waits_for_it_alone() -> None:
    async def scene() -> list[int | BaseException]:
        landing = Landing(asyncio.get_running_loop())
        futures: list[Future[int]] = [Future(), Future()]
        waiting = [asyncio.create_task(landing.wait(future)) for future in futures]
        await asyncio.sleep(0)
        futures[0].set_exception(Unavailable("full"))
        futures[1].set_result(2)
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, second = asyncio.run(scene())
    assert isinstance(first, Unavailable)
    assert second == 2


def test_who_gave_up_waiting_is_left_alone() -> None:
    async def scene() -> None:
        landing = Landing(asyncio.get_running_loop())
        future: Future[int] = Future()
        task = asyncio.create_task(landing.wait(future))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        future.set_result(1)
        await asyncio.sleep(0)

    asyncio.run(scene())
