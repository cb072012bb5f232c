"""`gradle.lockfile` (https://docs.gradle.org/current/userguide/dependency_locking.html)."""

from collections.abc import Iterator

from vedette.instruments.scan.inventory.naming import component
from vedette.instruments.scan.inventory.types import Broken, Format, Lockfile
from vedette.wire.scan import Component

ECOSYSTEM = "Maven"


def _read(file: Lockfile) -> Iterator[Component]:
    for n, line in enumerate(file.text().splitlines(), 1):
        plain = line.strip()
        if not plain or plain.startswith(("#", "empty=")):
            continue
        module, equals, used = plain.partition("=")
        parts = module.split(":")
        if len(parts) != 3 or not all(parts) or not equals:
            raise Broken("A line is not group:artifact:version=configurations.", n)
        yield component(ECOSYSTEM, ":".join(parts[:2]), parts[2], file.at(n), groups=_groups(used))


def _groups(used: str) -> tuple[str, ...]:
    """Return `test` of what only tests want."""
    configurations = [each for each in used.split(",") if each]
    return ("test",) if configurations and all("test" in each.lower() for each in configurations) else ()


FORMAT = Format(
    name="gradle",
    label="Gradle",
    names=("gradle.lockfile", "buildscript-gradle.lockfile"),
    ecosystem=ECOSYSTEM,
    read=_read,
)
