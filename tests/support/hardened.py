"""A folder that stands for a hardened host: files, a manifest of what hardening set, and a watch upon it."""

import os
import time
from pathlib import Path

from vedette.instruments.hardened.types import (
    AccessStandard,
    FileStandard,
    HardeningManifest,
    KernelStandard,
    PackageStandard,
    Standard,
    TableStandard,
    UnitStandard,
    packed,
)
from vedette.instruments.hardened.watching import Watch
from vedette.wire.hardened import HardeningTold

SSHD = "/etc/ssh/sshd_config.d/00-vedette.conf"
STATUS = "/var/lib/dpkg/status"
LINK = "/etc/systemd/system/sysinit.target.wants/nftables.service"
TEXT = "PasswordAuthentication no\nPermitRootLogin no\n"


class HardenedFolder:
    """Made below `root`; what `touched` is changed as an editor changes it, `later` is when the next look is."""

    def __init__(self, root: Path, *more: Standard) -> None:
        self.root = root
        owner = os.geteuid(), os.getegid()
        self.standards: tuple[Standard, ...] = (
            FileStandard(measure="ssh", path=SSHD, text=TEXT, mode=0o600, uid=owner[0], gid=owner[1]),
            AccessStandard(measure="permissions", path="/etc/crontab", most=0o600),
            KernelStandard(measure="kernel", name="net.ipv4.tcp_syncookies", value="1"),
            UnitStandard(measure="firewall", unit="nftables.service", link=LINK),
            PackageStandard(measure="packages", name="telnet", there=False),
            *more,
        )
        for path, text, mode in ((SSHD, TEXT, 0o600), ("/etc/crontab", "", 0o600), (LINK, "", 0o644),
                                 ("/proc/sys/net/ipv4/tcp_syncookies", "1\n", 0o644), (STATUS, "", 0o644)):  # fmt: skip
            self.write(path, text, mode)
        self.leave()
        self.at = time.time()
        self.asked: list[str] = []

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def write(self, name: str, text: str, mode: int | None = None) -> None:
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if mode is not None:
            path.chmod(mode)

    def leave(self, at: float = 1_000.0) -> None:
        """Leave a manifest as hardening does."""
        made = HardeningManifest(at=at, profile="cis-l1", before=61.0, after=93.0, standards=self.standards)
        self.write("/var/lib/vedette-harden/manifest.json", packed(made).decode())

    def watch(self) -> Watch:
        def who(one: object, _: float) -> str:
            self.asked.append(getattr(one, "key", ""))
            return "ann"

        return Watch(self.root / "kept.json", who, root=self.root)

    def looks(self, watch: Watch, n: int = 2) -> HardeningTold | None:
        """Look so often, a second apart; return what was told last."""
        told = None
        for _ in range(n):
            self.at += 1.0
            told = watch.look(self.at) or told
        return told


__all__ = ["LINK", "SSHD", "STATUS", "TEXT", "HardenedFolder", "TableStandard"]
