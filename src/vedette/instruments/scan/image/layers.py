"""What a layer brings and takes away, of the files that name packages; laid over each other they are what a container sees.

https://github.com/opencontainers/image-spec/blob/main/layer.md
"""

import tarfile
from collections.abc import Iterable, Mapping
from typing import IO, cast

import msgspec

from vedette.instruments.scan.image.forward import Forward, Readable
from vedette.instruments.scan.inventory import databases, registry
from vedette.instruments.scan.inventory.types import LARGE, MOST_BYTES, Broken

_GONE, _OPAQUE = ".wh.", ".wh..wh..opq"
_MOST_ENTRIES, _MOST_KEPT = 2_000_000, 512 << 20
_KNOWN = frozenset({*databases.PLACES, *databases.RELEASES})
_OWNED = (
    "usr/lib/python3/dist-packages/",
    "usr/lib64/python",
)  # packages of Python that the distribution itself keeps safe
_SYSTEM = ("usr/share/", "usr/lib/", "usr/src/", "usr/libexec/", "proc/", "sys/", "dev/")
_TOO_LARGE = b"\0too large"


class Layer(msgspec.Struct):
    """Files by their paths, what is gone of the layers below (`gone` alone, `emptied` folders), and links by where they lead."""

    files: dict[str, bytes] = {}
    gone: list[str] = []
    emptied: list[str] = []
    links: dict[str, str] = {}


def read(source: Readable) -> Layer:
    """Return what a layer, an archive that is unpacked, brings and takes; raises `Broken`. Nothing is written anywhere."""
    found, kept, stream = Layer(), 0, Forward(source)
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:") as archive:
            for n, member in enumerate(_members(archive)):
                if n > _MOST_ENTRIES:
                    raise Broken(f"A layer holds more than {_MOST_ENTRIES:,} files.")
                kept += _take(found, archive, member)
                if kept > _MOST_KEPT:
                    raise Broken("The files of a layer that name packages are far too large.")
            stream.ended()
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise Broken(f"A layer is no archive, or is cut off: {error}.") from None
    return found


def _members(archive: tarfile.TarFile) -> Iterable[tarfile.TarInfo]:
    """Return the members one by one, and forget them: an archive of a million files is not kept in memory."""
    while (member := archive.next()) is not None:
        yield member
        archive.members = []  # type: ignore[attr-defined]


def _take(layer: Layer, archive: tarfile.TarFile, member: tarfile.TarInfo) -> int:
    path = plain(member.name)
    folder, _, name = path.rpartition("/")
    if name == _OPAQUE:
        layer.emptied.append(folder)
    elif name.startswith(_GONE):
        layer.gone.append(f"{folder}/{name.removeprefix(_GONE)}".lstrip("/"))
    elif member.issym() or member.islnk():
        if is_wanted(path):
            layer.links[path] = _leads(path, member)
    elif member.isreg() and is_wanted(path):
        layer.files[path] = body = _body(archive, member, name)
        return len(body)
    return 0


def _body(archive: tarfile.TarFile, member: tarfile.TarInfo, name: str) -> bytes:
    if member.size > LARGE.get(name, MOST_BYTES):
        return _TOO_LARGE
    file = archive.extractfile(member)
    body = file.read() if file is not None else b""
    if len(body) != member.size:
        raise Broken("A layer is cut off.")
    return body


def _leads(path: str, member: tarfile.TarInfo) -> str:
    """Return where a link leads, from the root; one that leads out of it leads nowhere."""
    if member.islnk() or member.linkname.startswith("/"):
        return plain(member.linkname)
    return plain(f"{path.rpartition('/')[0]}/{member.linkname}")


def laid(layers: Iterable[Layer]) -> tuple[Mapping[str, bytes], Mapping[str, str]]:
    """Return the files, and the links, that are seen once layers lie over each other, the lowest first."""
    files, links = dict[str, bytes](), dict[str, str]()
    for layer in layers:
        for seen in (files, links):
            for path in [each for each in seen if _covered(each, layer)]:
                del seen[path]
        for path in layer.files:
            links.pop(path, None)
        for path in layer.links:
            files.pop(path, None)
        files |= layer.files
        links |= layer.links
    return files, links


def body_of(files: Mapping[str, bytes], links: Mapping[str, str], path: str) -> bytes | None:
    """Return what a path holds, over its links; raises `Broken` for what was too large, or leads to what was not kept."""
    for _ in range(10):
        if path in files:
            if files[path] == _TOO_LARGE:
                raise Broken("It is too large to be read.")
            return files[path]
        if path not in links:
            return None
        path = links[path]
        if path not in files and path not in links:
            raise Broken("It is a link to a file that is not read, or is not there.")
    raise Broken("Its links lead in a circle.")


def is_wanted(path: str) -> bool:
    """Tell whether a file names packages: a distribution's list, a lock file of an application, or an installed package."""
    if path in _KNOWN or path.startswith("var/lib/dpkg/status.d/"):
        return True
    if path.startswith(_OWNED):
        return False
    kind = registry.format_of(path, installed=True)
    return (
        kind is not None
        and (kind.installed or not path.startswith(_SYSTEM))
        and "/node_modules/.cache/" not in path
    )


def plain(path: str) -> str:
    """Return a path from the root without `.` and `..`, which lead no further than to the root."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(parts)


def _covered(path: str, layer: Layer) -> bool:
    return any(path == each or path.startswith(f"{each}/") for each in layer.gone) or any(
        not each or path.startswith(f"{each}/") for each in layer.emptied
    )
