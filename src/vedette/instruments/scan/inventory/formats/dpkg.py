"""dpkg's list of what is installed (`/var/lib/dpkg/status`, deb-control(5)). Advisories name source packages and their versions."""

import re
from collections.abc import Iterator

import msgspec

from vedette.instruments.scan.inventory import distributions, telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes.stanzas import Stanza, stanzas
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

_SOURCE = re.compile(r"(\S+)(?: \(([^)]+)\))?")
_RELEASES = ("../../../etc/os-release", "../../../usr/lib/os-release", "../../../../etc/os-release")


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    ecosystem = distributions.beside(file, *_RELEASES)
    if not ecosystem:
        yield telling.undistributed(file)
        return
    for stanza, line in stanzas(file.text()):
        if "Package" not in stanza:
            yield telling.unread(file, line, "A stanza names no package.", "Mend it: `dpkg --audit`.")
        elif _is_in(stanza):
            yield _component(file, ecosystem, stanza, line)


def _is_in(stanza: Stanza) -> bool:
    """Tell whether it is there; of what was removed only its configuration may be. Distroless images tell no status."""
    return stanza.get("Status", "installed").rpartition(" ")[2] == "installed"


def _component(file: Lockfile, ecosystem: str, stanza: Stanza, line: int) -> Component | Unknown:
    name, version = stanza["Package"], stanza.get("Version", "")
    if not version:
        return telling.unread(
            file, line, f"{telling.shown(name)} has no version.", "Mend it: `dpkg --audit`."
        )
    found = _SOURCE.match(stanza.get("Source", ""))
    source, built = (found[1], found[2] or version) if found else (name, version)
    made = component(ecosystem, name, version, file.at(line), source=source)
    return msgspec.structs.replace(made, labels={"source_version": built} if built != version else {})


def _sniff(head: bytes) -> bool:
    return head.startswith(b"Package: ") and b"\nStatus: " in head


FORMAT = Format(name="dpkg", label="dpkg", names=("dpkg/status", "dpkg/status.d/*"), read=_read, sniff=_sniff)
