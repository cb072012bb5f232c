"""A folder that is used while it is saved: files that grow, come and go fail nothing, and what was there comes back."""

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import msgspec
import pytest
from tests.support.greens import Place, filled

from vedette.instruments.backup import running
from vedette.wire.backup import Progress, Stage

pytestmark = [pytest.mark.deep, pytest.mark.timeout(600)]


@contextlib.contextmanager
def used(folder: Path, every: float) -> Iterator[None]:
    """Let a log grow, and files and folders come and go, while the block runs."""
    over = threading.Event()

    def use() -> None:
        for number in count():
            with (folder / "log").open("a") as log:
                log.write("GET / 200\n" * 50)
            (folder / f"session{number}").write_bytes(os.urandom(3_000))
            (folder / f"upload{number}").mkdir()
            (folder / f"upload{number}" / "part").write_text("x")
            if number >= 4:
                (folder / f"session{number - 4}").unlink()
                shutil.rmtree(folder / f"upload{number - 4}")
            if over.wait(every):
                return

    using = threading.Thread(target=use)
    using.start()
    try:
        yield
    finally:
        over.set()
        using.join()


@pytest.mark.parametrize("kind", ["borg", "restic"])
def test_a_folder_that_is_used_is_saved_and_proven(kind: str, tmp_path: Path) -> None:
    place = Place(tmp_path, kind)
    filled(place.folder, files=1_500, size=2_000)
    with used(place.folder, every=0.05):
        for _ in range(3):
            place.good()
            drill = place.drill()
            assert drill.stage is Stage.DONE, (drill.sentence, drill.checks)


@pytest.mark.parametrize("kind", ["borg", "restic"])
def test_a_folder_that_is_taken_away_meanwhile_is_red(kind: str, tmp_path: Path) -> None:
    """It was on the list, and is gone when the engine is begun."""
    place = Place(tmp_path, kind)
    filled(place.folder, files=400, size=2_000)
    filled(place.folder / "more", files=400, size=2_000)
    place.good()

    def take_away(progress: Progress) -> None:
        if progress.step == "Opening the repository":
            shutil.rmtree(place.folder / "more", ignore_errors=True)

    work = place.work()
    tools = msgspec.structs.replace(work.tools, tell=take_away)
    ended = running.run(msgspec.structs.replace(work, tools=tools), last=place.runs[-1])
    drill = place.drill()
    assert ended.stage is Stage.FAILED or drill.stage is Stage.FAILED, (ended.sentence, drill.sentence)
