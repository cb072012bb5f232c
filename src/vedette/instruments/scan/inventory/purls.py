"""Package URLs of SBOMs, taken apart (purl-spec, ECMA-427). Pure.

A distribution's advisories are for one release of it: without `distro` among its qualifiers a package of one is not known.
"""

from collections.abc import Mapping
from types import MappingProxyType

from vedette.instruments.scan.inventory import distributions
from vedette.instruments.scan.inventory.naming import component, normal, of_kind
from vedette.wire.scan import Component

_DISTRIBUTIONS = frozenset({"deb", "apk", "rpm"})
_ROLLING = frozenset({"Wolfi", "Chainguard"})  # of which there is one release
_CODENAMES: Mapping[str, str] = MappingProxyType({
    "buster": "10", "bullseye": "11", "bookworm": "12", "trixie": "13", "focal": "20.04", "jammy": "22.04", "noble": "24.04",
})  # fmt: skip
_IDS: Mapping[str, str] = MappingProxyType({
    "Debian": "debian", "Ubuntu": "ubuntu", "Alpine": "alpine", "Red Hat": "rhel", "Rocky Linux": "rocky",
    "AlmaLinux": "almalinux", "Fedora": "fedora", "openSUSE": "opensuse-leap",
})  # fmt: skip


def read(
    purl: str, place: str, requires: tuple[str, ...] = (), *, direct: bool | None = None
) -> Component | None:
    """Return the component of a package URL, None where no advisory could be compared with it: no version, or not known."""
    scheme, _, rest = purl.partition(":")
    rest, _, qualifiers = rest.partition("#")[0].partition("?")
    path, _, version = rest.strip("/").rpartition("@") if "@" in rest.rpartition("/")[2] else (rest, "", "")
    told = _named(path.strip("/"), _pairs(qualifiers))
    if scheme.lower() != "pkg" or not version or told is None:
        return None
    ecosystem, name, source = told
    version = version.removeprefix("v") if ecosystem == "Go" else version
    return component(
        ecosystem, name, decoded(version), place, requires=requires, direct=direct, source=source
    )


def name_of(purl: str) -> str:
    """Return the normal name of a package URL, empty where it has none that is known."""
    found = read(purl, "")
    return found.name if found is not None else ""


def _named(path: str, qualifiers: Mapping[str, str]) -> tuple[str, str, str] | None:
    """Return ecosystem, name and source package."""
    kind, _, name = path.partition("/")
    if kind.lower() not in _DISTRIBUTIONS:
        ecosystem, name = of_kind(kind), decoded(name)
        name = ":".join(name.rsplit("/", 1)) if ecosystem == "Maven" else name
        return (ecosystem, normal(ecosystem, name), "") if ecosystem and name else None
    family, _, name = name.partition("/")
    ecosystem = _released(of_kind(f"{kind}/{family}"), qualifiers.get("distro", ""))
    source = qualifiers.get("upstream", "").partition("@")[0] or decoded(name)
    return (ecosystem, decoded(name), source) if ecosystem and name else None


def _released(family: str, distro: str) -> str:
    """Return the ecosystem of a release (`debian-12`, `bookworm`, `alpine-3.19.1`), empty where none is told."""
    if family in _ROLLING:
        return family
    last = distro.rpartition("-")[2]
    version = _CODENAMES.get(last, last)
    if family not in _IDS or not version[:1].isdigit():
        return ""
    return distributions.ecosystem(f"ID={_IDS[family]}\nVERSION_ID={version}\n")


def _pairs(text: str) -> Mapping[str, str]:
    rows = (each.partition("=") for each in text.split("&")[:50])
    return {key.lower(): decoded(value) for key, _, value in rows}


def decoded(text: str) -> str:
    """Return a text without percent-encoding; what is no UTF-8 is replaced."""
    if "%" not in text:
        return text
    head, *rest = text.encode().split(b"%")
    return (head + b"".join(map(_byte, rest))).decode("utf-8", "replace")


def _byte(part: bytes) -> bytes:
    try:
        return bytes.fromhex(part[:2].decode()) + part[2:] if len(part) > 1 else b"%" + part
    except ValueError:
        return b"%" + part
