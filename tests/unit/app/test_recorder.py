"""Batches of many agents: one commit for all that wait, and one that cannot be recorded fails for itself."""

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, cast

import msgspec
import pytest

from vedette.app.recorder import MOST_AT_ONCE, Recorder, Sent
from vedette.core.errors import Invalid, Unavailable
from vedette.hosts.taking import Taker
from vedette.wire.agent import batches
from vedette.wire.agent.batches import PACKED, Batch, Receipt, Sheaf
from vedette.wire.agent.types import Happening, Report, Sample

NOW = 1_764_000_000.0


class Takes:
    """Takes batches, but of host 13, and remembers which came together."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []

    def take(self, found: Sequence[tuple[int, Batch]], now: float) -> list[Receipt]:
        if any(host == 13 for host, _ in found):
            raise ValueError("a fault of ours")
        self.groups.append([host for host, _ in found])
        return [Receipt(taken=batches.last(batch)) for _, batch in found]


def sent(host: int, *reports: Report) -> Sent:
    made = reports or (Sample(at=NOW, values={"a": 1.0}),)
    raws = tuple(msgspec.Raw(batches.pack(one)) for one in made)
    return Sent(
        host, batches.bundle(Sheaf(origin="a" * 32, first=1, sent_at=NOW, reports=raws)), PACKED, "zstd"
    )


def recorded(*parts: Sent) -> tuple[list[Receipt | BaseException], Takes]:
    takes = Takes()

    async def run() -> list[Receipt | BaseException]:
        recorder = Recorder(cast("Taker", takes), lambda: NOW)
        going: list[Coroutine[Any, Any, Receipt]] = [recorder.put(one) for one in parts]
        found = await asyncio.gather(*going, return_exceptions=True)
        await asyncio.to_thread(recorder.close)
        return list(found)

    return asyncio.run(run()), takes


def test_what_comes_together_is_recorded_together_and_no_more_than_fits() -> None:
    found, takes = recorded(*(sent(host) for host in range(20, 20 + MOST_AT_ONCE + 5)))
    assert found == [Receipt(taken=1)] * (MOST_AT_ONCE + 5)
    assert [len(group) for group in takes.groups] == [MOST_AT_ONCE, 5]


def test_one_that_cannot_be_recorded_keeps_no_other_from_it() -> None:
    found, takes = recorded(sent(1), sent(13), sent(2))
    assert (found[0], found[2]) == (Receipt(taken=1), Receipt(taken=1))
    assert isinstance(found[1], Unavailable)
    assert takes.groups == [[1], [2]]


def test_large_bodies_are_read_beside_and_bad_ones_said() -> None:
    text = Happening(at=NOW, kind="note", text="".join(map(chr, range(32, 9_000))) * 4)
    large = sent(3, text, *(Happening(at=NOW, kind="note", text=str(n) * 50) for n in range(500)))
    assert len(large.body) > 16_384
    found, _ = recorded(large, Sent(4, bytes(20_000), PACKED, "zstd"))
    assert found[0] == Receipt(taken=501)
    assert isinstance(found[1], Invalid)


@pytest.mark.parametrize("encoding", ["gzip", "br"])
def test_other_packings_are_refused(encoding: str) -> None:
    (found,), _ = recorded(Sent(1, b"{}", PACKED, encoding))
    assert isinstance(found, Invalid)


def test_a_large_batch_that_cannot_be_read_undoes_no_others() -> None:
    found, takes = recorded(sent(1), Sent(13, bytes(70_000), PACKED, ""), sent(2))
    assert (found[0], found[2]) == (Receipt(taken=1), Receipt(taken=1))
    assert isinstance(found[1], Invalid)
    assert takes.groups == [[1, 2]], "one commit"


def test_what_is_large_once_unpacked_is_read_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    where: list[bool] = []
    read = batches.read

    def watched(*parts: Any) -> Batch:
        where.append(threading.current_thread() is threading.main_thread())
        return read(*parts)

    monkeypatch.setattr(batches, "read", watched)
    large = sent(1, Happening(at=NOW, kind="note", text="x" * 90_000))
    assert len(large.body) < 1_000
    found, _ = recorded(large, sent(2))
    assert (found, where) == ([Receipt(taken=1)] * 2, [True, False])


def test_what_waits_is_bounded() -> None:
    large = [sent(n, Happening(at=NOW, kind="note", text="x" * 7_000_000)) for n in range(20, 32)]
    found, takes = recorded(*large)
    assert [isinstance(one, Unavailable) for one in found] == [False] * 9 + [True] * 3
    assert [len(group) for group in takes.groups] == [2, 2, 2, 2, 1]
