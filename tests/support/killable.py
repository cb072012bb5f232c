"""A run or drill in a process of its own, which tells its steps, to be killed: `python -m tests.support.killable ACT ROOT`."""

import sys
from pathlib import Path

import msgspec
from tests.support.greens import Place

from vedette.instruments.backup import drilling, running
from vedette.instruments.backup.working import Work
from vedette.wire.backup import Progress


def told(work: Work) -> Work:
    """Return an act whose steps are printed."""
    steps: list[str] = []

    def tell(progress: Progress) -> None:
        if progress.step not in steps:
            steps.append(progress.step)
            print(progress.step, flush=True)

    return msgspec.structs.replace(work, tools=msgspec.structs.replace(work.tools, tell=tell))


def main(act: str, root: str) -> None:
    work = told(Place.noted(Path(root)).work())
    ended = running.run(work) if act == "run" else drilling.drill(work)
    print(ended.stage, ended.sentence, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
