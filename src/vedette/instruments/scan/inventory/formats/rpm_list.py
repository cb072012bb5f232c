"""What `rpm -qa` writes with a query format of ours, for databases that are not read (`rpm-qa.txt`)."""

from collections.abc import Iterator

from vedette.instruments.scan.inventory import distributions, telling
from vedette.instruments.scan.inventory.formats.rpm import RELEASES, made, versioned
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

COMMAND = r"rpm -qa --qf '%{NAME}\t%{EPOCHNUM}\t%{VERSION}-%{RELEASE}\t%{SOURCERPM}\n' > rpm-qa.txt"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    ecosystem = distributions.beside(file, "os-release", "etc/os-release", *RELEASES)
    if not ecosystem:
        yield telling.undistributed(file)
        return
    for n, line in enumerate(file.text().splitlines(), 1):
        words = line.split("\t")
        if len(words) != 4 or not all(words[:3]):
            raise Broken(f"A line is not what this writes: {COMMAND}", n)
        if words[0] != "gpg-pubkey":
            name, epoch, version, source = words
            yield made(file.at(n), ecosystem, name, versioned(epoch, version), source)


FORMAT = Format(name="rpm-list", label="rpm -qa", names=("rpm-qa.txt",), read=_read)
