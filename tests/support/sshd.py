"""Debian's sshd in a network namespace, and clients that guess passwords or sign in with a key."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.netns import Pair, inside, until

RUN = Path("/run/sshd")  # sshd does not start without it
CONF = """\
Port 22
HostKey {folder}/host
AuthorizedKeysFile {folder}/operator.pub
PermitRootLogin yes
PasswordAuthentication yes
UsePAM no
StrictModes no
PidFile none
LogLevel VERBOSE
MaxStartups 100
Subsystem sftp internal-sftp
"""


class Sshd:
    """Started when it answers; `log` is what it writes."""

    def __init__(self, folder: Path, pair: Pair) -> None:
        self.folder, self.pair, self.log = folder, pair, folder / "sshd.log"
        self.log.touch()
        for name in ("host", "operator"):
            key = ["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
            subprocess.run(key, check=True, capture_output=True)
        (folder / "sshd_config").write_text(CONF.format(folder=folder))
        askpass = folder / "askpass"
        askpass.write_text("#!/bin/sh\necho wrong\n")
        askpass.chmod(0o755)
        self._made = not RUN.exists()
        RUN.mkdir(exist_ok=True, mode=0o755)
        words = ["/usr/sbin/sshd", "-D", "-f", str(folder / "sshd_config"), "-E", str(self.log)]
        with inside(pair.server):
            self._process = subprocess.Popen(words)
        assert until(lambda: "Server listening" in self.log.read_text()), self.log.read_text()

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(10)
        if self._made:
            RUN.rmdir()

    def guess(self, client: str, connections: int, user: str = "root") -> list[bool]:
        """Try three wrong passwords on each of some connections; tell of each whether the server was reached."""
        return [self._guess(client, user) for _ in range(connections)]

    def _guess(self, client: str, user: str) -> bool:
        options = [
            "PubkeyAuthentication=no",
            "PreferredAuthentications=password",
            "NumberOfPasswordPrompts=3",
        ]
        askpass = {"SSH_ASKPASS": str(self.folder / "askpass"), "SSH_ASKPASS_REQUIRE": "force"}
        with inside(self.pair.client):
            done = subprocess.run(
                self._words(client, options, user), env={**os.environ, **askpass}, capture_output=True, text=True, check=False
            )  # fmt: skip
        return "Permission denied" in done.stderr

    def session(self, client: str) -> subprocess.Popen[bytes]:
        """Sign in with the operator's key and stay."""
        options = [f"IdentityFile={self.folder}/operator", "BatchMode=yes"]
        words = [*self._words(client, options, "root"), "cat"]
        with inside(self.pair.client):
            return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _words(self, client: str, options: Sequence[str], user: str) -> list[str]:
        common = ["ConnectTimeout=1", "StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes",
                  "ServerAliveInterval=1", "ServerAliveCountMax=2"]  # fmt: skip
        words = [word for option in (*common, *options) for word in ("-o", option)]
        return ["/usr/bin/ssh", "-F", "none", "-b", client, *words, f"{user}@{self.pair.server4}"]
