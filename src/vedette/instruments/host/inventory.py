"""What a host is: told at the start, once a day, and when it changed."""

import ipaddress
import itertools
import os
import re
from pathlib import Path

import msgspec

from vedette.instruments.host import packages, units
from vedette.instruments.host.asking import Ask, answer
from vedette.instruments.host.measuring import UNMEASURED
from vedette.instruments.host.reading import Files
from vedette.instruments.host.series import shown
from vedette.wire.agent.types import Inventory

_MOST_ADDRESSES = 50
_NAME = re.compile(r'^PRETTY_NAME="?([^"\n]*)"?$', re.MULTILINE)
_MODEL = re.compile(r"^model name\s*:\s*(.+)$", re.MULTILINE)
_BOOTED = re.compile(r"^btime (\d+)$", re.MULTILINE)
_MEMORY = re.compile(r"^MemTotal:\s*(\d+) kB$", re.MULTILINE)
_CLOUD = {"Amazon EC2": "aws", "Google": "gcp", "Hetzner": "hetzner", "DigitalOcean": "digitalocean", "QEMU": "qemu", "Microsoft Corporation": "azure"}  # fmt: skip


class Stock:
    """Takes inventories of one host; cheap enough for every minute, for what is dear is asked again only when it changed."""

    def __init__(self, root: str | Path = "/", ask: Ask = answer) -> None:
        self._files, self._ask = Files(root), ask
        self._pending = packages.Pending(self._files, ask)

    def taken(self, now: float, version: str) -> Inventory:
        """Return what the host is; `version` is that of the agent. What cannot be told is empty or 0."""
        files = self._files
        cpuinfo = _text(files, "/proc/cpuinfo")
        return Inventory(
            at=now, hostname=_hostname(files), os=_found(_NAME, _text(files, "/etc/os-release")),
            kernel=shown(_text(files, "/proc/sys/kernel/osrelease")), arch=_arch(files),
            cpus=_text(files, "/proc/stat").count("\ncpu"), memory=int(_found(_MEMORY, _text(files, "/proc/meminfo")) or 0) * 1024,
            booted_at=float(_found(_BOOTED, _text(files, "/proc/stat")) or 0), version=version, addresses=addresses(files),
            pending=self._pending.packages(now), reboot_required=packages.reboot_required(files),
            failed_units=units.failed(self._ask) or (), labels=_labels(files, cpuinfo),
        )  # fmt: skip


def taken(now: float, version: str) -> Inventory:
    """Take the inventory of this host once. Whoever does so again and again keeps a `Stock`."""
    return Stock().taken(now, version)


def changed(before: Inventory | None, after: Inventory) -> bool:
    """Tell whether an inventory is another one than that before, but for when it was taken (and a clock that was set)."""
    if before is None:
        return True
    same = msgspec.structs.replace(
        after,
        at=before.at,
        booted_at=before.booted_at if abs(after.booted_at - before.booted_at) < 60 else 0.0,
    )
    return same != before


def _text(files: Files, path: str) -> str:
    try:
        return files.text(path).strip()
    except OSError:
        return ""


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return shown(found[1].strip()) if found else ""


def _hostname(files: Files) -> str:
    return shown(_text(files, "/proc/sys/kernel/hostname") or _text(files, "/etc/hostname"))


def _arch(files: Files) -> str:
    """Return what programs of the host are built for: the kernel's word, or in a made tree that of a file beside it."""
    return shown(_text(files, "/proc/sys/kernel/arch") or (os.uname().machine if files.real else ""))


def addresses(files: Files) -> tuple[str, ...]:
    """Return the host's own addresses without those that lead nowhere else (loopback, link-local)."""
    found: set[str] = set()
    for read in (_four, _six):
        try:
            found |= read(files)
        except UNMEASURED:
            continue
    kept = [
        one
        for one in map(ipaddress.ip_address, found)
        if not (one.is_loopback or one.is_link_local or one.is_unspecified)
    ]
    return tuple(str(one) for one in sorted(kept, key=lambda one: (one.version, int(one)))[:_MOST_ADDRESSES])


def _six(files: Files) -> set[str]:
    lines = files.text("/proc/net/if_inet6").splitlines()
    return {str(ipaddress.IPv6Address(int(line.split()[0], 16))) for line in lines}


def _four(files: Files) -> set[str]:
    """Return the leaves of the local routing table that are the host's own: `|-- 192.0.2.7` before `/32 host LOCAL`."""
    lines = [line.strip() for line in files.text("/proc/net/fib_trie").splitlines()]
    return {
        leaf.removeprefix("|-- ")
        for leaf, kind in itertools.pairwise(lines)
        if leaf.startswith("|-- ") and kind == "/32 host LOCAL"
    }


def _labels(files: Files, cpuinfo: str) -> dict[str, str]:
    """Return what else helps to tell hosts apart: processor, vendor, and where it runs."""
    vendor = shown(_text(files, "/sys/class/dmi/id/sys_vendor"))
    found = {
        "processor": _found(_MODEL, cpuinfo),
        "vendor": vendor,
        "product": shown(_text(files, "/sys/class/dmi/id/product_name")),
        "cloud": _CLOUD.get(vendor, ""),
    }
    return {name: text for name, text in found.items() if text}
