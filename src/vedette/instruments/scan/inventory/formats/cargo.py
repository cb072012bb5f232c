"""`Cargo.lock` (https://doc.rust-lang.org/cargo/guide/cargo-toml-vs-cargo-lock.html)."""

from collections.abc import Iterable, Iterator, Mapping

from vedette.instruments.scan.inventory import telling
from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.shapes.jsons import word, words
from vedette.instruments.scan.inventory.shapes.packages import packages
from vedette.instruments.scan.inventory.types import Format, Lockfile
from vedette.wire.scan import Component, Unknown

ECOSYSTEM = "crates.io"


def _read(file: Lockfile) -> Iterator[Component | Unknown]:
    found = list(packages(file.text()))
    asked = {name for each, _ in found if not each.get("source") for name in _needs(each)}
    for package, line in found:
        if package.get("source"):
            yield _component(file, package, line, asked)


def _component(
    file: Lockfile, package: Mapping[str, object], line: int, asked: Iterable[str]
) -> Component | Unknown:
    name, version = word(package.get("name")), word(package.get("version"))
    if not version:
        return telling.unpinned(file, line, name, "Run `cargo generate-lockfile` again.")
    sums = word(package.get("checksum"))
    return component(
        ECOSYSTEM, name, version, file.at(line), direct=name in asked, requires=_needs(package),
        hashes=(f"sha256:{sums}",) if sums else (),
    )  # fmt: skip


def _needs(package: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(each.partition(" ")[0] for each in words(package.get("dependencies")))


FORMAT = Format(name="cargo", label="Cargo", names=("cargo.lock",), ecosystem=ECOSYSTEM, read=_read)
