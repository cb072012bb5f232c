"""`vedette deploy drift|adopt`: what moved at Hetzner, and files that say it.

`drift` exits 0 when nothing moved and 2 when something did; `adopt` 0 when all of it is said, 2 when some cannot be.
"""

import difflib
import sys
import threading
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from vedette.cli.deploy_ground import NOWHERE, At, cloud_of, desired_of, state_of
from vedette.cli.out import emit
from vedette.core.clock import SystemClock
from vedette.core.errors import Invalid
from vedette.deploy import offline
from vedette.deploy.types import Adopted
from vedette.instruments.hetzner import pacing
from vedette.instruments.hetzner.types import CloudError

_HERE = Path()
_CLOCK = SystemClock()
_MOVED = 2
Targets = Annotated[
    tuple[str, ...], Parameter(name="--target", help="Only this: web-1, firewall/*; may be repeated.")
]


def drift(folder: Path = _HERE, *, every: float = 0.0, times: int = 0, at: At = NOWHERE) -> None:
    """Tell what moved at Hetzner since all was as the files say. Nothing is changed.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    every
        Go on looking, every so many seconds (or as often as a quarter of the project's budget allows), and tell what is new.
    times
        With --every: end after so many looks; 0 goes on without end.
    """
    cloud, number, last = cloud_of(at), 0, None
    while True:
        try:
            found = offline.drift(desired_of(folder, cloud), cloud, state_of(at), _CLOCK.now())
        except CloudError as error:
            if last is None:
                raise
            print(f"This look failed, the next comes: {error}", file=sys.stderr)
            found = last
        if last is None or (found.drifts, found.pending) != (last.drifts, last.pending):
            emit(found, offline.drift_text(found), json=at.json)
            sys.stdout.flush()
        number, last = number + 1, found
        if not every or number == times:
            sys.exit(_MOVED if found.drifts else 0)
        threading.Event().wait(pacing.every(found.requests, every) * at.poll)


def adopt(folder: Path = _HERE, *, target: Targets = (), yes: bool = False, at: At = NOWHERE) -> None:
    """Write what drifted into the files. Nothing at Hetzner is changed.

    Parameters
    ----------
    folder
        Where vedette.toml or infra/*.toml is, or one file; else the folder we are in.
    yes
        Do not ask.
    """
    cloud = cloud_of(at)
    desired = desired_of(folder, cloud)
    found = offline.drift(desired, cloud, state_of(at), _CLOCK.now())
    adopted = offline.adopt(folder, desired, found, cloud, wanted=target, now=_CLOCK.now())
    if adopted.texts and not at.json:
        print(_difference(folder, adopted))
    if adopted.texts and (yes or _is_wanted()):
        offline.written(folder, adopted)
        emit(adopted, offline.adopted_text(adopted), json=at.json)
    elif adopted.texts:
        print("Nothing was written.")
    else:
        emit(adopted, offline.adopted_text(adopted), json=at.json)
    sys.exit(_MOVED if adopted.left else 0)


def _difference(folder: Path, adopted: Adopted) -> str:
    """Return what is edited as a patch."""
    before = offline.texts(folder)
    lines = [
        line.rstrip("\n")
        for name, text in adopted.texts.items()
        for line in difflib.unified_diff(
            before[name].splitlines(), text.splitlines(), name, name, n=1, lineterm=""
        )
    ]
    return "\n".join(lines)


def _is_wanted() -> bool:
    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to ask; add --yes.")
    return input("Write it? Type yes: ").strip() == "yes"
