"""A Debian 12 that debootstrap made, with its own sshd in a network namespace: a host that hardening may break."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.support.netns import Pair, inside, until

from vedette.instruments.harden.shell import Ssh

# Made once and kept: two to three minutes from Debian's mirror.
KEPT = Path(os.environ.get("VEDETTE_TEST_DEBIAN", "/var/tmp/vedette-test-debian-12"))
PACKAGES = ("openssh-server", "nftables", "sudo", "iproute2", "procps", "kmod", "cron", "lynis", "chrony", "unattended-upgrades",
            "libpam-pwquality", "apparmor", "apparmor-utils", "systemd", "util-linux")  # fmt: skip
DEBOOTSTRAP = "/usr/sbin/debootstrap"
_APART = ("/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private")


def possible() -> bool:
    """Tell whether one can be made here."""
    return KEPT.is_dir() or Path(DEBOOTSTRAP).exists()


def kept() -> Path:
    """Return the folder of a Debian that nobody changes."""
    if not KEPT.is_dir():
        making = KEPT.with_name(f"{KEPT.name}.{os.getpid()}")
        words = [DEBOOTSTRAP, "--variant=minbase", f"--include={','.join(PACKAGES)}", "bookworm", str(making)]
        subprocess.run(words, check=True, capture_output=True)
        making.rename(KEPT)
    return KEPT


def kept_with(*packages: str) -> Path:
    """Return the folder of one that has some packages more, kept as well."""
    folder = KEPT.with_name("-".join((KEPT.name, *packages)))
    if not folder.is_dir():
        making = folder.with_name(f"{folder.name}.{os.getpid()}")
        subprocess.run(["cp", "-a", "--reflink=auto", str(kept()), str(making)], check=True)
        (making / "etc/resolv.conf").write_text(Path("/etc/resolv.conf").read_text())
        installing = (
            f"apt-get -qq update && apt-get -qq -y --no-install-recommends install {' '.join(packages)}"
        )
        script = f"mount -t proc proc {making}/proc && exec chroot {making} sh -c '{installing}'"
        words = [*_APART, "sh", "-c", script]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(words, check=True, capture_output=True, env=env)
        making.rename(folder)
    return folder


class BareDebian:
    """Started when its sshd answers. `folder` holds keys and the root; `ssh` reaches it from the client's namespace."""

    def __init__(self, folder: Path, pair: Pair, base: Path | None = None) -> None:
        self.folder, self.pair, self.root = folder, pair, folder / "root"
        subprocess.run(["cp", "-a", "--reflink=auto", str(base or kept()), str(self.root)], check=True)
        subprocess.run(
            ["/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "key")], check=True
        )
        keys = self.root / "root/.ssh"
        keys.mkdir(mode=0o700, exist_ok=True)
        (keys / "authorized_keys").write_text((folder / "key.pub").read_text())
        (self.root / "etc/ssh/sshd_config.d/50-cloud-init.conf").write_text(
            "PasswordAuthentication yes\nPermitRootLogin yes\n"
        )
        self._process = self._start()
        assert until(self.answers, 20), "its sshd does not answer"

    def _start(self) -> "subprocess.Popen[bytes]":
        """With mounts and processes of its own; nothing of this machine but the kernel's other values is in its reach."""
        script = (
            f"mount --bind {self.root} {self.root} && mount -t proc proc {self.root}/proc && mount -t tmpfs none {self.root}/run && "
            f"mount -t tmpfs -o rw,nosuid,nodev none {self.root}/dev/shm && mkdir -p {self.root}/run/sshd && "
            f"exec chroot {self.root} /usr/sbin/sshd -D -e"
        )
        return self._started([*_APART, "sh", "-c", script])

    def _started(self, words: Sequence[str]) -> "subprocess.Popen[bytes]":
        with inside(self.pair.server):
            return subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stderr=(self.folder / "sshd.log").open("wb"),
                start_new_session=True,
            )

    @property
    def ssh(self) -> Ssh:
        return self.ssh_as("root")

    def ssh_as(self, user: str) -> Ssh:
        program = ("/usr/sbin/ip", "netns", "exec", self.pair.client, "/usr/bin/ssh")
        options = ["-F", "none", "-i", str(self.folder / "key"), "-b", self.pair.clients4[0]]
        options += [
            w
            for o in ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "ConnectTimeout=2")
            for w in ("-o", o)
        ]
        return Ssh(f"{user}@{self.pair.server4}", options, program)

    def answers(self) -> bool:
        return self.ssh_says("true") == (0, "")

    def ssh_says(self, command: str) -> tuple[int, str]:
        words = [*self.ssh._words[:-3], "--", self.pair.server4, command]
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=300)
        return done.returncode, done.stdout.strip()

    def admit(self, user: str) -> None:
        """Make a user who signs in with the same key, and becomes root by sudo."""
        self.ssh_says(
            f"useradd -m -s /bin/bash {user} && cp -a /root/.ssh /home/{user}/ && chown -R {user}: /home/{user}/.ssh"
        )
        (self.root / f"etc/sudoers.d/{user}").write_text(f"{user} ALL=(ALL) NOPASSWD: ALL\n")

    def text(self, path: str) -> str:
        return (self.root / path.lstrip("/")).read_text()

    def tree(self) -> dict[str, tuple[int, int, int, bytes]]:
        """Return every file below /etc: mode, owners and content."""
        found = {}
        for path in sorted((self.root / "etc").rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found[str(path.relative_to(self.root))] = (status.st_mode, status.st_uid, status.st_gid, content)
        return found

    def stop(self) -> None:
        """Take its power away."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(10)

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.root, ignore_errors=True)
