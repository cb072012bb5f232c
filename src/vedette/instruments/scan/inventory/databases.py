"""Where the lists of what a distribution has installed are."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from vedette.instruments.scan.inventory import registry, telling
from vedette.instruments.scan.inventory.opening import Opener
from vedette.instruments.scan.inventory.types import Broken, Format
from vedette.wire.scan import Unknown

UNREAD: Mapping[str, str] = MappingProxyType({
    "var/lib/pacman/local": "pacman's", "var/db/pkg": "Portage's", "usr/lib/opkg": "opkg's", "nix/store": "Nix's",
    "var/lib/opkg": "opkg's", "opt/conda/conda-meta": "conda's",
})  # fmt: skip
_ARCHIVES = (".jar", ".war", ".ear")
_FIX = "Give an SBOM of it (CycloneDX or SPDX): vedette scan deps FILE."
PLACES = (
    "var/lib/dpkg/status", "lib/apk/db/installed", "usr/lib/apk/db/installed", "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "var/lib/rpm/Packages.db", "var/lib/rpm/Packages",
)  # fmt: skip
RELEASES = ("etc/os-release", "usr/lib/os-release")


def there(opener: Opener) -> list[tuple[str, Format]]:
    """Return those that are there, each once, whatever can be read of them."""
    seen: set[bytes] = set()
    found = []
    for place in PLACES:
        kind = registry.format_of(place)
        try:
            body = opener(place)
        except Broken:
            body = place.encode()  # it is there: its format will say that it cannot be read
        if body is not None and kind is not None and body not in seen:
            seen.add(body)
            found.append((place, kind))
    return found


def unread(paths: Iterable[str]) -> Iterator[Unknown]:
    """Yield the lists of packages among paths that are there and in a form that is not read, each once; Java's archives, too."""
    left = dict(UNREAD)
    archive = ""
    for path in paths:
        archive = archive or (path if path.lower().endswith(_ARCHIVES) else "")
        for place in [each for each in left if path == each or path.startswith(f"{each}/")]:
            yield unread_list(place)
            del left[place]
    if archive:
        yield Unknown(
            subject=telling.printable(archive), why="Archives of Java are there, and are not read.", fix=_FIX
        )


def unread_list(place: str) -> Unknown:
    """Return that a list of packages is there, and not read."""
    return Unknown(
        subject=place, why=f"{UNREAD[place]} list of packages is there, and is not read.", fix=_FIX
    )


def without_list(paths: Iterable[str], found: Iterable[Format]) -> Iterator[Unknown]:
    """Yield that a distribution names itself though no list of its packages is read."""
    kinds = {each.name for each in found}
    release = next((each for each in paths if each in RELEASES), "")
    if release and not any(kind.startswith(("dpkg", "apk", "rpm")) for kind in kinds):
        yield Unknown(
            subject=release,
            why="It is of a distribution, and no list of that one's packages is read.",
            fix=_FIX,
        )
