"""blackbox_exporter looks at the same targets as we do; where its verdict differs, the difference is a row here."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.support import blackbox
from tests.support.targets import Targets

from vedette.instruments.probe.running import run
from vedette.instruments.probe.types import Result

pytestmark = pytest.mark.deep

# Name of the case → why the verdicts differ, and that it is meant.
DIFFERENCES = {
    "keyword, latin-1": "it searches bytes, we search text in the charset the answer names",
    "dns, no such type": "it takes an empty answer for one; who asks for records wants some",
}


def test_verdicts_are_those_of_blackbox_exporter_but_for_the_listed(tmp_path: Path) -> None:
    targets = Targets(tmp_path)
    asked = {name: found for name in targets.cases if (found := blackbox.question(name, targets))}

    async def ours() -> list[Result]:
        return await asyncio.gather(*(run(targets.request(name), targets.standpoint()) for name in asked))

    modules = {f"m{number}": module for number, (_, module) in enumerate(asked.values())}
    with blackbox.running(tmp_path, modules) as port, ThreadPoolExecutor(8) as pool:
        theirs = list(
            pool.map(
                lambda each: blackbox.success(port, each[1][0], f"m{each[0]}"), enumerate(asked.values())
            )
        )
    mine = [result.ok for result in asyncio.run(ours())]
    targets.close()
    differ = {name: (a, b) for name, a, b in zip(asked, mine, theirs, strict=True) if a != b}
    assert len(asked) >= 90
    assert set(differ) == set(DIFFERENCES), differ
    assert len(DIFFERENCES) <= 0.05 * len(asked)
