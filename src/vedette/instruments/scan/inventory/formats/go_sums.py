"""`go.sum`, read only where `go.mod` does not list everything: it names more than is built in, so that findings may be too many."""

from collections.abc import Iterator

import msgspec

from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes import golang
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component

_NOTE = {"note": "go.sum names more than is built in"}


def _read(file: Lockfile) -> Iterator[Component]:
    module = file.beside("go.mod")
    if module is not None and golang.lists_all(module.text()):
        return
    for n, line in enumerate(file.text().splitlines(), 1):
        words = line.split()
        if words and (len(words) != 3 or not words[1].startswith("v")):
            raise Broken("A line is no module with a version and a hash.", n)
        if words and not words[1].endswith("/go.mod"):
            made = component(
                golang.ECOSYSTEM, words[0], words[1].removeprefix("v"), file.at(n), hashes=(words[2],)
            )
            yield msgspec.structs.replace(made, labels=_NOTE)


FORMAT = Format(name="go-sums", label="Go sums", names=("go.sum",), ecosystem=golang.ECOSYSTEM, read=_read)
