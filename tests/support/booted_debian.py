"""The bare Debian with systemd as PID 1: in namespaces of its own, with its own cgroups (version 2).

Values of the kernel beside `net.*` are this machine's, so they cannot be written there.
"""

import subprocess
from pathlib import Path

from tests.support.bare_debian import BareDebian, kept_with
from tests.support.netns import Pair, until

_APART = ("/usr/bin/unshare", "--mount", "--pid", "--uts", "--ipc", "--cgroup", "--fork", "--kill-child", "--propagation", "private")  # fmt: skip
_BOOT = """\
set -e
mount --bind {root} {root}
mount -t proc proc {root}/proc
mount --bind {root}/proc/sys {root}/proc/sys && mount -o remount,bind,ro {root}/proc/sys
mount --bind {root}/proc/sys/net {root}/proc/sys/net && mount -o remount,bind,rw {root}/proc/sys/net
mount -t sysfs -o ro sysfs {root}/sys
mount -t cgroup2 cgroup2 {root}/sys/fs/cgroup
mount -t tmpfs -o mode=755 none {root}/run
mount -t tmpfs -o rw,nosuid,nodev none {root}/dev/shm
container=vedette-test exec chroot {root} /lib/systemd/systemd --system --log-target=journal
"""


def possible() -> bool:
    """Tell whether cgroups of version 2 can be mounted here."""
    words = [*_APART, "sh", "-c", "mount -t cgroup2 cgroup2 /mnt"]
    return subprocess.run(words, check=False, capture_output=True).returncode == 0


class BootedDebian(BareDebian):
    """Started when its sshd answers, which systemd started."""

    def __init__(self, folder: Path, pair: Pair) -> None:
        super().__init__(folder, pair, kept_with("systemd-sysv", "auditd"))

    def _start(self) -> "subprocess.Popen[bytes]":
        return self._started([*_APART, "sh", "-c", _BOOT.format(root=self.root)])

    def boot(self) -> None:
        """Take its power away and start it again."""
        self.stop()
        self._process = self._start()
        assert until(self.answers, 30), "its sshd does not answer"
