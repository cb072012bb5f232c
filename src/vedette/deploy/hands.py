"""Commands on servers: over OpenSSH, or on this machine for one that knows the way itself. Bounded in time and output."""

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence

from vedette.core.errors import Unavailable

_TAIL = 600  # characters of what a command said that are told
_MOST = 1_000_000  # bytes of an answer
_SSH_FAILED = 255
_HIDDEN = ("HCLOUD_TOKEN",)
_OPTIONS = ("BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=15", "ServerAliveCountMax=4")


class Local:
    """Implements `Hands` on this machine: the address is only told. The API's token is not handed on."""

    def run(self, address: str, script: str, told: Mapping[str, str], timeout: float) -> str:  # noqa: ARG002
        """Run it by /bin/sh."""
        return _run(("/bin/sh", "-s"), script, {**_environ(), **told}, timeout, "this machine")


class Ssh:
    """Implements `Hands` by OpenSSH, with the keys, known hosts and settings of whoever runs this. Host keys are never taken unseen."""

    def __init__(self, user: str = "", port: int = 0, options: Sequence[str] = ()) -> None:
        self._user, self._port, self._options = user, port, tuple(options)

    def run(self, address: str, script: str, told: Mapping[str, str], timeout: float) -> str:
        """Run it by sh on the other side; it goes over standard input, so no list of processes shows it."""
        head = "".join(f"export {key}={shlex.quote(value)}\n" for key, value in told.items())
        settings = [word for each in (*_OPTIONS, *self._options) for word in ("-o", each)]
        port = ["-p", str(self._port)] if self._port else []
        user = ["-l", self._user] if self._user else []
        words = ("ssh", "-T", *settings, *port, *user, "--", address, "sh -s")
        return _run(words, head + script, _environ(), timeout, address)


def _environ() -> dict[str, str]:
    """Return our environment without what no command needs to know."""
    return {key: value for key, value in os.environ.items() if key not in _HIDDEN}


def _run(words: Sequence[str], script: str, environ: Mapping[str, str], timeout: float, where: str) -> str:
    try:
        child = subprocess.Popen(
            words, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )  # fmt: skip
    except OSError as error:
        raise Unavailable(f"{words[0]} cannot be started: {error.strerror}.") from error
    try:
        said, _ = child.communicate(script.encode(), timeout=timeout)
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"The command on {where} did not end within {timeout:.0f} seconds.") from error
    finally:
        _end(child)
    return _judged(child.returncode, said[-_MOST:].decode("utf-8", errors="replace"), words[0], where)


def _judged(code: int, text: str, program: str, where: str) -> str:
    if code == 0:
        return text
    tail = " ".join(text[-_TAIL:].split())
    if program == "ssh" and code == _SSH_FAILED:
        raise Unavailable(f"{where} cannot be reached over SSH: {tail or 'it did not say why'}.")
    raise Unavailable(f"The command on {where} ended with {code}: {tail or 'it said nothing'}.")


def _end(child: "subprocess.Popen[bytes]") -> None:
    """End it and what it started, where it did not end by itself."""
    if child.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    if child.stdout is not None:
        child.stdout.close()
