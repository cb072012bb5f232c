"""Prints a page of HTML as PDF by Chromium: without network and scripts, as a user that may do nothing.

Chromium prints by a script of its own, so scripts cannot be switched off as a whole: a policy is put into the page itself,
before all else, and the network is cut off besides. Whether the system lets it have its own sandbox is tried once with an
empty page of ours: what fails later, by a text that came from anywhere, is never printed without it.
"""

import contextlib
import functools
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from vedette.core.errors import Unavailable

NAMES = ("chromium", "chromium-browser", "google-chrome")
MOST_BYTES = 20 * 1024 * 1024
_SECONDS, _WAITS = 30.0, 2.0  # whoever waits holds a thread of the server
_NOBODY = "nobody"
_NONE = "There is no Chromium here to print with: install the Debian package chromium, or name another one (chromium_path). The file of HTML can be had without."
_BUSY = "Another page is being printed just now; try again in half a minute."
_FAILED = "Chromium could not print it. The file of HTML can be had without; `vedette doctor` says more of Chromium."
_ARGUMENTS = (
    "--headless", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-breakpad", "--disable-extensions", "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9",
    "--no-pdf-header-footer",
)  # fmt: skip
_NO_SANDBOX = ("--no-sandbox",)
_BLANK = "<!doctype html><html><head><title>Blank</title></head><body></body></html>"
_MADE = "page.pdf"
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
        uid = _uid(user)
        return _printed(page, browser, uid, _unsandboxed(browser, uid))
    finally:
        _ONE.release()


@functools.lru_cache(maxsize=4)
def _unsandboxed(browser: str, uid: int | None) -> tuple[str, ...]:
    """Return what Chromium is told where the system lets its user make no namespaces, nothing where it does.

    Raises `Unavailable` where it prints in neither way; that is not remembered.
    """
    for way in ((), _NO_SANDBOX):
        with contextlib.suppress(Unavailable):
            _printed(_BLANK, browser, uid, way)
            return way
    raise Unavailable(_FAILED, 60.0)


def _printed(page: str, browser: str, uid: int | None, way: Sequence[str]) -> bytes:
    with _folder() as (folder, opened):
        source = folder / "page.html"
        source.write_text(page.replace("<head>", f"<head>{_POLICY}", 1), encoding="utf-8")
        if uid is not None:
            source.chmod(0o444)  # a server's umask would keep it from who prints
            os.chown(folder, uid, -1)
        command = [browser, *_ARGUMENTS, *way, f"--user-data-dir={folder}/profile", f"--print-to-pdf={folder / _MADE}", source.as_uri()]  # fmt: skip
        made = _read(opened) if _run(command, folder, uid) else b""
    if not made:
        raise Unavailable(_FAILED, 60.0)
    return made


@contextlib.contextmanager
def _folder() -> Iterator[tuple[Path, int]]:
    """Make a folder to print in, and open it: by its name it may be another's once the printing user has it."""
    with tempfile.TemporaryDirectory(prefix="vedette-print-", ignore_cleanup_errors=True) as name:
        opened = os.open(name, os.O_RDONLY | os.O_DIRECTORY)
        try:
            yield Path(name), opened
        finally:
            os.close(opened)


def _read(folder: int) -> bytes:
    """Return what was printed into an open folder, empty when it is nothing, too much, or no file.

    The folder is the printing user's, who may put a link or a pipe there: neither is followed or waited for.
    """
    try:
        made = os.open(_MADE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
    except OSError:
        return b""
    try:
        told = os.fstat(made)
        if not stat.S_ISREG(told.st_mode) or told.st_nlink != 1 or told.st_size > MOST_BYTES:
            return b""
        with os.fdopen(made, "rb", closefd=False) as file:
            return file.read(MOST_BYTES)
    finally:
        os.close(made)


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
