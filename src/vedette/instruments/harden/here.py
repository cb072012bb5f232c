"""This very host, told what to do: scripts of hardening without a connection. With systemd as a service of their own, which the
confinement of whoever asks does not hold."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from vedette.instruments.harden.shell import Said
from vedette.instruments.harden.types import Unreached

SYSTEMD = Path("/run/systemd/system")
_SERVICE = (
    "systemd-run",
    "--quiet",
    "--collect",
    "--wait",
    "--pipe",
    "--service-type=exec",
    "--property=TimeoutStopSec=5",
)
_NAME = "hardening.sh"


class Here:
    """Implements `Shell` by this host. `folder` is ours, root's alone: scripts lie in it while they run. `more` is environment."""

    def __init__(
        self, folder: Path, *, systemd: bool | None = None, more: Mapping[str, str] | None = None
    ) -> None:
        self._path = folder / _NAME
        self._words = (*(_SERVICE if (SYSTEMD.is_dir() if systemd is None else systemd) else ()), "/bin/sh", str(self._path))  # fmt: skip
        self._environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", **(more or {})}

    def run(self, script: str, deadline: float) -> Said:
        """Run a script for so many seconds at most; raises `Unreached` where it cannot be."""
        try:
            self._write(script)
            done = subprocess.run(
                self._words, env=self._environment, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=deadline,
                check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise Unreached(f"This host did not do it within {deadline:.0f} seconds.") from None
        except OSError as error:
            raise Unreached(f"Nothing can be run on this host: {error.strerror}.") from None
        finally:
            self._path.unlink(missing_ok=True)
        return Said(status=done.returncode, out=done.stdout)

    def _write(self, script: str) -> None:
        descriptor = os.open(
            self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(script)
