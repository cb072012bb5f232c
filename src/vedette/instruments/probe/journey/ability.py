"""Can journeys be run here, and as whom? What is missing is said with what to install or to set."""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from vedette.core.clock import monotonic
from vedette.core.settings import Settings
from vedette.instruments.probe.types import Cause, Failed, JourneyRules

NAMES = ("chromium", "chromium-browser", "google-chrome")
_CHANGES_USER = (0, 5, 6, 7)  # CAP_CHOWN, CAP_KILL, CAP_SETGID, CAP_SETUID
_WAITS, _LOOKS_EVERY = 60.0, 0.1
_EXTRA = "Browser journeys need Playwright: run `tools/setup journeys`."
_BROWSER = "Browser journeys need Chromium: install the Debian package chromium, or name another one (chromium_path)."
_NO_USER = "No script of a journey is run here: an administrator names the system user that they run as (journey_user)."


class Able(NamedTuple):
    """Who runs journeys, by which browser; `needs` are the files that are read for it."""

    uid: int
    gid: int
    chromium: str
    needs: tuple[str, ...]


def rules_of(settings: Settings) -> JourneyRules:
    """Return how journeys are run by the settings of this installation."""
    return JourneyRules(
        user=settings.journey_user, most=settings.journeys_at_once, megabytes=settings.journey_max_megabytes,
        seconds=settings.journey_max_cpu_seconds, chromium=settings.chromium_path,
        folder=str((settings.data / "journeys").absolute()),
    )  # fmt: skip


def able(rules: JourneyRules) -> Able:
    """Return who runs journeys; raises `Failed` that says what is missing."""
    if not rules.user:
        raise Failed(Cause.NO_PERMISSION, _NO_USER)
    uid, gid = _user(rules.user)
    found = importlib.util.find_spec("playwright")
    if found is None or found.origin is None:
        raise Failed(Cause.NO_PERMISSION, _EXTRA)
    chromium = rules.chromium or next(filter(None, map(shutil.which, NAMES)), "")
    if not chromium or not os.access(chromium, os.X_OK):
        raise Failed(Cause.NO_PERMISSION, _BROWSER)
    needs = (
        sys.prefix,
        sys.base_prefix,
        str(Path(found.origin).parent),
        str(Path(__file__).parent),
        chromium,
    )
    return Able(uid, gid, chromium, tuple(str(Path(path).resolve()) for path in needs))


def _user(name: str) -> tuple[int, int]:
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise Failed(
            Cause.NO_PERMISSION,
            f"There is no system user {name[:40]} to run journeys as (journey_user): `useradd --system --no-create-home {name[:40]}` makes one.",
        ) from None
    if found.pw_uid == 0:
        raise Failed(
            Cause.NO_PERMISSION, "Scripts of journeys never run as root: name another user (journey_user)."
        )
    if found.pw_uid != os.getuid() and not _may_change_user():
        raise Failed(
            Cause.NO_PERMISSION,
            f"Vedette may not become the user {name[:40]} to run journeys: it runs neither as root nor with CAP_SETUID, CAP_SETGID, CAP_CHOWN and CAP_KILL.",
        )
    return found.pw_uid, found.pw_gid


def _may_change_user() -> bool:
    """Tell whether this process may become any user (capabilities(7))."""
    for line in Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
            return all(held >> number & 1 for number in _CHANGES_USER)
    return False


@contextlib.asynccontextmanager
async def turn(rules: JourneyRules) -> AsyncIterator[None]:
    """Wait until fewer journeys run than may; other processes of this installation count. Raises `Failed` after a minute."""
    if not rules.folder:
        yield
        return
    number = await _taken(Path(rules.folder), rules.most)
    try:
        yield
    finally:
        os.close(number)  # the lock goes with it


async def _taken(folder: Path, most: int) -> int:
    """Return the open file of a place that was free."""
    import asyncio

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    end = monotonic() + _WAITS
    while monotonic() < end:
        for n in range(most):
            number = os.open(folder / f"place-{n}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(number)
            else:
                return number
        await asyncio.sleep(_LOOKS_EVERY)
    told = f"{most} journeys may run at once (journeys_at_once), and others ran for {_WAITS:g} s."
    raise Failed(Cause.NO_ROOM, told)
