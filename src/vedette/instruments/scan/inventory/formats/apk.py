"""apk's list of what is installed (`/lib/apk/db/installed`, https://wiki.alpinelinux.org/wiki/Apk_spec)."""

from collections.abc import Iterator

from vedette.instruments.scan.inventory import distributions, telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes.stanzas import stanzas
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

_RELEASES = (
    "../../../etc/os-release",
    "../../../../etc/os-release",
    "../../../usr/lib/os-release",
    "../../../../usr/lib/os-release",
)


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    ecosystem = distributions.beside(file, *_RELEASES)
    if not ecosystem:
        yield telling.undistributed(file)
        return
    for stanza, line in stanzas(file.text()):
        name, version = stanza.get("P", ""), stanza.get("V", "")
        if name and version:
            needs = tuple(
                each for each in stanza.get("D", "").split() if ":" not in each and each[:1].isalnum()
            )
            yield component(
                ecosystem,
                name,
                version,
                file.at(line),
                source=stanza.get("o", name),
                requires=tuple(map(_bare, needs)),
            )
        else:
            yield telling.unread(file, line, "A package has no name or no version.", "Mend it: `apk fix`.")


def _bare(need: str) -> str:
    """Return a name without the bound of its version."""
    return next((need[:n] for n, letter in enumerate(need) if letter in "<>=~"), need)


def _sniff(head: bytes) -> bool:
    return head.startswith(b"C:Q1") and b"\nP:" in head


FORMAT = Format(name="apk", label="apk", names=("apk/db/installed",), read=_read, sniff=_sniff)
