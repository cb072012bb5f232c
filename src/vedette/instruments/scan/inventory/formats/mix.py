"""`mix.lock` (https://hexdocs.pm/mix/Mix.Tasks.Deps.html), a map of Elixir that is read, never run."""

import re
from collections.abc import Iterator

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "Hex"
_HEX = re.compile(
    r'\s*"([^"]{1,200})":\s*\{:hex,\s*:"?([a-zA-Z0-9_]{1,200})"?,\s*"([^"]{1,100})"(?:,\s*"([0-9a-f]{64})")?'
)
_OTHER = re.compile(r'\s*"([^"]{1,200})":\s*\{:(git|path)\b')
_NEED = re.compile(r"\{:([a-z0-9_]{1,200}), ")


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    text = file.text()
    if not text.lstrip().startswith("%{"):
        raise Broken("It is no map of Elixir.", 1)
    for n, line in enumerate(text.splitlines(), 1):
        if found := _HEX.match(line):
            needs = tuple(_NEED.findall(line[found.end() :]))
            sums = (f"sha256:{found[4]}",) if found[4] else ()
            yield component(ECOSYSTEM, found[2], found[3], file.at(n), requires=needs, hashes=sums)
        elif other := _OTHER.match(line):
            if other[2] == "git":
                yield telling.unpinned(file, n, other[1], "Take it from hex.pm in a version.")
        elif line.strip() not in {"", "%{", "}", "%{}"}:
            raise Broken("A line is no dependency.", n)


FORMAT = Format(name="mix", label="Mix", names=("mix.lock",), ecosystem=ECOSYSTEM, read=_read)
