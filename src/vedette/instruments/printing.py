"""Prints a page of HTML as PDF by Chromium: without network and scripts, as a user that may do nothing.

Chromium prints by a script of its own, so scripts cannot be switched off as a whole: a policy is put into the page itself,
before all else, and the network is cut off besides.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

from vedette.core.errors import Unavailable

NAMES = ("chromium", "chromium-browser", "google-chrome")
MOST_BYTES = 20 * 1024 * 1024
_SECONDS, _WAITS = 30.0, 5.0
_NOBODY = "nobody"
_NONE = "There is no Chromium here to print with: install the Debian package chromium, or name another one (chromium_path). HTML and Markdown can be had without."
_BUSY = "Another post-mortem is being printed just now; try again in half a minute."
_FAILED = "Chromium could not print it. HTML and Markdown can be had without; `vedette doctor` says more of Chromium."
_ARGUMENTS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-breakpad", "--disable-extensions", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9",
    "--no-pdf-header-footer",
)  # fmt: skip
_POLICY = '<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'
_ONE = threading.Lock()  # one at a time: each takes some 200 MB


def chromium(path: str) -> str:
    """Return the browser that prints (`path`, or the system's), empty when there is none."""
    found = path or next(filter(None, map(shutil.which, NAMES)), "")
    return found if found and os.access(found, os.X_OK) else ""


def pdf(page: str, path: str, user: str = "") -> bytes:
    """Return a page of HTML, which has a `<head>`, as PDF; raises `Unavailable` when there is no Chromium, it is busy, or fails.

    `path` names the browser, empty for the system's. Run as root it becomes `user`, or nobody.
    """
    if "<head>" not in page:
        raise ValueError("A page to be printed has a <head>, for the policy that keeps scripts out.")
    browser = chromium(path)
    if not browser:
        raise Unavailable(_NONE, 3_600.0)
    if not _ONE.acquire(timeout=_WAITS):
        raise Unavailable(_BUSY, _SECONDS)
    try:
        with tempfile.TemporaryDirectory(prefix="vedette-print-") as folder:
            return _printed(Path(folder), page, browser, user)
    finally:
        _ONE.release()


def _printed(folder: Path, page: str, browser: str, user: str) -> bytes:
    """Print in a folder; where the system lets nobody make namespaces, without Chromium's own sandbox, as journeys do."""
    source, made = folder / "page.html", folder / "page.pdf"
    source.write_text(page.replace("<head>", f"<head>{_POLICY}", 1), encoding="utf-8")
    uid = _uid(user)
    if uid is not None:
        os.chown(folder, uid, -1)
    for more in ((), ("--no-sandbox",)):
        command = [browser, *_ARGUMENTS, *more, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", source.as_uri()]  # fmt: skip
        if _run(command, folder, uid) and made.is_file() and 0 < made.stat().st_size <= MOST_BYTES:
            return made.read_bytes()
    raise Unavailable(_FAILED, 60.0)


def _uid(user: str) -> int | None:
    """Return who prints, None for whoever runs this process."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(user or _NOBODY).pw_uid
    except KeyError:
        return pwd.getpwnam(_NOBODY).pw_uid


def _run(command: Sequence[str], folder: Path, uid: int | None) -> bool:
    """Run a command with nothing of our environment, and end it with all it started when it takes too long."""
    environ = {
        "HOME": str(folder),
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TMPDIR": str(folder),
    }
    process = subprocess.Popen(
        command, env=environ, cwd=folder, user=uid, extra_groups=None if uid is None else [], start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        return process.wait(_SECONDS) == 0
    except subprocess.TimeoutExpired:
        return False
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
