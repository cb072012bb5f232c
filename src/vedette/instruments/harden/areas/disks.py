"""Whether data is encrypted at rest, and the way there for volumes: a plan that a person carries out, never claimed as done."""

import re
from collections.abc import Iterator

from vedette.instruments.harden.types import Facts, Measure, Note, Wanted, Yielded

_LSBLK = "lsblk -Prno NAME,TYPE,FSTYPE,MOUNTPOINT,PKNAME"


def unencrypted(facts: Facts) -> list[tuple[str, str]]:
    """Return devices that are mounted below /mnt, /srv, /data or /var/lib and do not lie on LUKS, with where: volumes, not the boot disk."""
    rows = [dict(re.findall(r'(\w+)="([^"]*)"', line)) for line in facts.says.get(_LSBLK, "").splitlines()]
    return [
        (row["NAME"], row["MOUNTPOINT"]) for row in rows
        if row.get("TYPE") in {"disk", "part", "lvm"} and row.get("MOUNTPOINT", "").startswith(("/mnt", "/srv", "/data", "/var/lib"))
    ]  # fmt: skip


def luks_plan(device: str, point: str) -> list[str]:
    """Return the commands by which a person moves a volume onto LUKS; the data is copied, not converted."""
    name = re.sub(r"\W+", "-", point.strip("/")) or "data"
    return [
        f"stop what writes to {point}, and make a backup that was restored once",
        f"tar --one-file-system --numeric-owner --xattrs --acls -C {point} -cpf /root/{name}.tar .   # onto another disk with room",
        f"umount {point}",
        f"cryptsetup luksFormat --type luks2 /dev/{device}",
        f"cryptsetup open /dev/{device} {name}",
        f"mkfs.ext4 /dev/mapper/{name} && mount /dev/mapper/{name} {point}",
        f"tar --numeric-owner --xattrs --acls -C {point} -xpf /root/{name}.tar",
        f"put {name} into /etc/crypttab (noauto, or a key that is not on this host) and /dev/mapper/{name} into /etc/fstab (nofail)",
        f"cryptsetup luksHeaderBackup /dev/{device} --header-backup-file {name}.luks   # keep it elsewhere",
    ]


def _disks(facts: Facts, wanted: Wanted) -> Iterator[Yielded]:
    if _LSBLK not in facts.says:
        yield Note(text="Nobody could tell whether disks are encrypted: lsblk is not here.")
        return
    for device, point in unencrypted(facts):
        steps = "; ".join(f"{number}. {line}" for number, line in enumerate(luks_plan(device, point), 1))
        yield Note(text=f"{point} (/dev/{device}) is not encrypted at rest. The way there, by hand: {steps}")


MEASURES: tuple[Measure, ...] = (
    Measure(id="disks", title="Volumes that are not encrypted are told, with the way there", checks=(), steps=_disks),
)  # fmt: skip
