"""How hosts are told what to do: OpenSSH's own client, with the keys, jump hosts and known hosts of who calls it.

Each script goes through a connection of its own, never through one that is open already: only so it proves that people get in.
"""

import subprocess
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from vedette.instruments.harden.asking import address
from vedette.instruments.harden.types import Unreached

_OPTIONS: Mapping[str, str] = {
    "BatchMode": "yes", "ConnectTimeout": "10", "ServerAliveInterval": "5", "ServerAliveCountMax": "3", "ControlMaster": "no",
    "ControlPath": "none", "ForwardAgent": "no", "ClearAllForwardings": "yes", "LogLevel": "ERROR",
}  # fmt: skip
# As root, by sudo where it must be; from a file, so that what the script starts cannot read the rest of it.
_START = """\
login=$(id -un); peer=${SSH_CONNECTION%% *}; as=; [ "$(id -u)" = 0 ] || as="sudo -n"
exec $as sh -c '
umask 077; file=$(mktemp -p /run) || exit 1
cat >"$file"; VEDETTE_LOGIN=$1 VEDETTE_PEER=$2 sh "$file" </dev/null; status=$?
rm -f "$file"; exit $status
' vedette "$login" "$peer"
"""
_REFUSED = 255  # ssh's own exit status: it did not get in


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What a script said, and with which status it ended."""

    status: int
    out: bytes


class Shell(Protocol):
    """A host that carries out scripts as root."""

    def run(self, script: str, deadline: float) -> Said:
        """Run a script through a new connection, for so many seconds at most; raises `Unreached` where nobody gets in."""
        ...


class Ssh:
    """A host by OpenSSH. `options` are words of ssh (`-i key`), `program` how it is started."""

    def __init__(self, host: str, options: Sequence[str] = (), program: Sequence[str] = ("ssh",)) -> None:
        usual = [word for name, value in _OPTIONS.items() for word in ("-o", f"{name}={value}")]
        *told, name = address(host)
        self._host = host
        self._words = [*program, *options, *usual, *told, "--", name, f"sh -c {_quoted(_START)}"]

    def run(self, script: str, deadline: float) -> Said:
        """Run a script through a new connection; raises `Unreached` with what ssh says of it."""
        try:
            done = subprocess.run(
                self._words, input=script.encode(), capture_output=True, timeout=deadline, check=False
            )
        except subprocess.TimeoutExpired:
            raise Unreached(f"{self._host} did not answer within {deadline:.0f} seconds.") from None
        except OSError as error:
            raise Unreached(f"ssh cannot be started: {error.strerror}.") from None
        if done.returncode == _REFUSED:
            raise Unreached(f"{self._host} cannot be signed in to: {_last(done.stderr)}")
        if done.returncode and not done.stdout:
            raise Unreached(f"{self._host} refuses to do it as root: {_last(done.stderr)}")
        return Said(status=done.returncode, out=done.stdout)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _last(text: bytes) -> str:
    """Return the last line of what a program complained of, fit to be shown."""
    lines = [line.strip() for line in text.decode("utf-8", "replace").splitlines() if line.strip()]
    shown = lines[-1] if lines else "it says nothing"
    return "".join(c if c.isprintable() else "�" for c in shown)[:300]
