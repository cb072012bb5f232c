"""`Gemfile.lock` (https://bundler.io/man/bundle-lock.1.html)."""

import re
from collections.abc import Iterator

import msgspec

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "RubyGems"
_SPEC = re.compile(r" {4}([^\s(]+)(?: \(([^)]*)\))?!?$")
_NEED = re.compile(r" {6}([^\s(]+)")
_ASKED = re.compile(r" {2}([^\s(!]+)")
_SECTIONS = frozenset({
    "GEM", "GIT", "PATH", "PLUGIN SOURCE", "PLATFORMS", "DEPENDENCIES", "CHECKSUMS", "RUBY VERSION", "BUNDLED WITH",
})  # fmt: skip


class _Spec(msgspec.Struct):
    name: str
    version: str
    line: int
    needs: list[str]


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    specs, asked = _parsed(file.text())
    for spec in specs:
        version = spec.version.partition("-")[0]  # behind it stands the platform
        if not version:
            yield telling.unpinned(file, spec.line, spec.name, "Run `bundle lock` again.")
            continue
        yield component(
            ECOSYSTEM,
            spec.name,
            version,
            file.at(spec.line),
            direct=spec.name in asked,
            requires=tuple(spec.needs),
        )


def _parsed(text: str) -> tuple[list[_Spec], set[str]]:
    section, specs, asked = "", list[_Spec](), set[str]()
    for n, line in enumerate(text.splitlines(), 1):
        if line and not line.startswith(" "):
            section = line.strip()
            if section not in _SECTIONS:
                raise Broken("A section is not known.", n)
        elif section in {"GEM", "GIT", "PLUGIN SOURCE"}:
            _spec(specs, line, n)
        elif section == "DEPENDENCIES" and (found := _ASKED.match(line)):
            asked.add(found[1])
    if not section:
        raise Broken("It has no section.", 1)
    return specs, asked


def _spec(specs: list[_Spec], line: str, n: int) -> None:
    if found := _SPEC.match(line):
        specs.append(_Spec(found[1], found[2] or "", n, []))
    elif specs and (need := _NEED.match(line)):
        specs[-1].needs.append(need[1])
    elif line.startswith("    "):
        raise Broken("A line is no gem.", n)


FORMAT = Format(
    name="bundler", label="Bundler", names=("gemfile.lock", "gems.locked"), ecosystem=ECOSYSTEM, read=_read
)
