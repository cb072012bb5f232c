"""Running a program of the host's own configuration: with a limit of time, a clean environment, and an end for all it started."""

import contextlib
import os
import pwd
import select
import signal
import subprocess
from collections.abc import Callable

from vedette.agent.actions import deciding
from vedette.agent.actions.ended import Ended
from vedette.agent.config import Action
from vedette.core.clock import monotonic

_LOOK = 0.1
_CHUNK = 65_536
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
STOPPED = "The agent ended while it ran, and ended it."


class _Tail:
    """The last bytes of a stream, and how many came before them."""

    def __init__(self) -> None:
        self._kept, self.dropped, self.over = bytearray(), 0, False

    def read(self, fd: int) -> None:
        """Take what is there, without waiting."""
        try:
            chunk = os.read(fd, _CHUNK)
        except BlockingIOError:
            return
        self.over = not chunk
        self._kept += chunk
        more = max(0, len(self._kept) - deciding.MOST_OUTPUT)
        del self._kept[:more]
        self.dropped += more

    def told(self) -> str:
        """Return it as text."""
        return deciding.told(bytes(self._kept), self.dropped)


def run(action: Action, stopping: Callable[[], bool]) -> Ended:
    """Run an action to its end, its limit, or until `stopping`; never raises for what the program or the system does."""
    try:
        child = _started(action)
    except KeyError:
        return Ended(None, why=f"There is no user {action.user} on this host.")
    except PermissionError:
        return Ended(
            None, why=f"{action.argv[0]} may not be started{_as(action)}: the agent may not do that."
        )
    except OSError as error:
        return Ended(None, why=f"{action.argv[0]} cannot be started{_as(action)}: {error.strerror}.")
    except subprocess.SubprocessError:
        return Ended(None, why=f"{action.argv[0]} cannot be started{_as(action)}.")
    assert child.stdout is not None  # noqa: S101 - it was asked for
    with child.stdout:  # not `with child`: that would wait for one that may not be ended
        return _followed(child, child.stdout.fileno(), action, stopping)


def _started(action: Action) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own; raises `KeyError` for no such user, `OSError`."""
    account = pwd.getpwnam(action.user) if action.user else pwd.getpwuid(os.geteuid())
    environ = {
        "PATH": _PATH, "LANG": "C.UTF-8", "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name,
    }  # fmt: skip
    other = account.pw_uid != os.geteuid()
    groups = os.getgrouplist(account.pw_name, account.pw_gid) if other else None
    return subprocess.Popen(
        action.argv, env=environ, cwd="/", start_new_session=True, umask=0o077,
        user=account.pw_uid if other else None, group=account.pw_gid if other else None, extra_groups=groups,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip


def _followed(
    child: "subprocess.Popen[bytes]", fd: int, action: Action, stopping: Callable[[], bool]
) -> Ended:
    tail, ends = _Tail(), monotonic() + action.seconds
    os.set_blocking(fd, False)
    why = ""
    while child.poll() is None and not why:
        _wait(child, fd, tail)
        if stopping():
            why = STOPPED
        elif monotonic() >= ends:
            why = f"It took longer than {action.seconds:g} s and was ended."
    if not _end(child):
        why = f"{why} It could not be ended: the agent may not stop what runs{_as(action)}.".strip()
    for _ in range(
        2 * deciding.MOST_OUTPUT // _CHUNK + 2
    ):  # what lies in the pipe; who escaped the end is not waited for
        tail.read(fd)
    return Ended(None if why else child.returncode, tail.told(), why)


def _wait(child: "subprocess.Popen[bytes]", fd: int, tail: _Tail) -> None:
    """Wait a moment for output, or for the end where no more of it comes."""
    if tail.over:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_LOOK)
    elif select.select([fd], [], [], _LOOK)[0]:
        tail.read(fd)


def _end(child: "subprocess.Popen[bytes]") -> bool:
    """End whatever of its session's group still runs; tell whether it ended."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(1.0)
    return child.poll() is not None


def _as(action: Action) -> str:
    return f" as {action.user}" if action.user else ""
