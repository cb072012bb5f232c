"""The archive of an image, as `docker save` or an OCI layout writes it: read once, forwards, its blobs held to their hashes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

import json
import re
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, cast

import msgspec

from vedette.instruments.scan.image import layers
from vedette.instruments.scan.image.forward import Forward, Hashed, Tick, idle, unpacked
from vedette.instruments.scan.image.layers import Layer
from vedette.instruments.scan.inventory.shapes.jsons import rows, table, word, words
from vedette.instruments.scan.inventory.types import Broken
from vedette.instruments.scan.types import Progress

_MOST_TEXT, _MOST_MEMBERS, _DEEPEST = 4 << 20, 20_000, 5
_BLOB = re.compile(r"blobs/sha256/([0-9a-f]{64})\Z")
_HEAD = 512
_PREFERRED = ("linux", "amd64")


class Held(msgspec.Struct):
    """What an archive holds: texts of JSON and layers by their paths, links between paths, and why a blob could not be read."""

    texts: dict[str, object] = {}
    layers: dict[str, Layer] = {}
    links: dict[str, str] = {}
    broken: dict[str, str] = {}


def read(path: Path, progress: Progress, tick: Tick = idle) -> tuple[list[Layer], str]:
    """Return the layers of an image, the lowest first, and its platform where that is told; raises `Broken`.

    `tick` is called at each piece that is read.
    """
    size = max(path.stat().st_size, 1)
    with path.open("rb") as file:
        head = file.read(_HEAD)
        told = lambda: progress("layers", min(file.tell() / size, 1.0))  # noqa: E731 - it is handed over once
        held = _held(Forward(unpacked(head, file), tick=tick), told, tick)
    names, platform = _named(held)
    return [_layer(held, name) for name in names], platform


def _held(source: Forward, told: Callable[[], None], tick: Tick) -> Held:
    held = Held()
    try:
        with tarfile.open(fileobj=cast("IO[bytes]", source), mode="r:") as archive:
            for n, member in enumerate(archive):
                if n > _MOST_MEMBERS:
                    raise Broken(f"The archive holds more than {_MOST_MEMBERS:,} files.")
                _take(held, archive, member, tick)
                told()
            source.ended()
    except (tarfile.TarError, ValueError, OverflowError) as error:
        raise Broken(f"It is no archive, or is cut off: {error}.") from None
    return held


def _take(held: Held, archive: tarfile.TarFile, member: tarfile.TarInfo, tick: Tick) -> None:
    path = layers.plain(member.name)
    if member.issym() or member.islnk():
        folder = "" if member.islnk() else path.rpartition("/")[0]
        held.links[path] = layers.plain(f"{folder}/{member.linkname}")
    file = archive.extractfile(member) if member.isreg() else None
    if file is not None:
        _content(held, path, file, member.size, tick)


def _content(held: Held, path: str, file: IO[bytes], size: int, tick: Tick) -> None:
    """Keep a text or a layer; a blob that is neither is passed over, one that is not what its name says is told."""
    hashed = Hashed(file)
    head = hashed.read(_HEAD)
    try:
        if head.lstrip()[:1] in {b"{", b"["}:
            if size <= _MOST_TEXT:
                held.texts[path] = json.loads(head + hashed.read(size))
        elif _packed(head):
            stream = Forward(unpacked(head, hashed), tick=tick)
            held.layers[path] = layers.read(stream)
            stream.drain()
    except (Broken, ValueError, RecursionError) as error:
        held.broken[path] = str(error)
        return
    _verify(held, path, hashed)


def _packed(head: bytes) -> bool:
    return (
        head.startswith((b"\x1f\x8b", b"\x28\xb5\x2f\xfd"))
        or head[257:262] == b"ustar"
        or not head.strip(b"\0")
    )


def _verify(held: Held, path: str, hashed: Hashed) -> None:
    named = _BLOB.search(path)
    if named is None:
        return
    while hashed.read(1 << 20):
        pass
    if hashed.hexdigest() != named[1]:
        held.broken[path] = "It is not what its hash says: the archive is damaged, or somebody changed it."


def _named(held: Held) -> tuple[list[str], str]:
    """Return the paths of the layers, by `manifest.json` of docker save or `index.json` of an OCI layout."""
    saved = rows(held.texts.get("manifest.json"))
    if saved:
        if len(saved) > 1:
            raise Broken("The archive holds several images; save one by itself.")
        return list(words(table(saved[0]).get("Layers"))), _platform(
            held.texts.get(word(table(saved[0]).get("Config")))
        )
    if "index.json" not in held.texts:
        raise Broken(
            "It is neither an OCI layout nor what docker save writes: it has no manifest.json and no index.json."
        )
    return _of_index(held, table(held.texts["index.json"]), 0)


def _of_index(held: Held, index: Mapping[str, object], depth: int) -> tuple[list[str], str]:
    choices = [
        table(each)
        for each in rows(index.get("manifests"))
        if "attestation" not in str(table(each).get("annotations"))
    ]
    if not choices or depth > _DEEPEST:
        raise Broken("Its index names no image.")
    chosen = next((each for each in choices if _of_platform(each.get("platform")) == _PREFERRED), choices[0])
    told = table(_text(held, _path(chosen.get("digest"))))
    if "manifests" in told:
        return _of_index(held, told, depth + 1)
    config = _path(table(told.get("config")).get("digest"))
    return [_path(table(each).get("digest")) for each in rows(told.get("layers"))], _platform(
        held.texts.get(config)
    )


def _text(held: Held, path: str) -> object:
    if path in held.broken or path not in held.texts:
        raise Broken(held.broken.get(path, "A part that its index names is not there."))
    return held.texts[path]


def _layer(held: Held, name: str) -> Layer:
    """Return a layer; the older archives of docker save have one as a link to another."""
    path = held.links.get(layers.plain(name), layers.plain(name))
    if path in held.broken:
        raise Broken(f"A layer cannot be read: {held.broken[path]}")
    if path not in held.layers:
        raise Broken("A layer that its manifest names is not there, or packed in a way that is not known.")
    return held.layers[path]


def _path(digest: object) -> str:
    return f"blobs/{word(digest).replace(':', '/', 1)}"


def _platform(config: object) -> str:
    return "/".join(filter(None, _of_platform(config)))


def _of_platform(told: object) -> tuple[str, str]:
    return word(table(told).get("os")), word(table(told).get("architecture"))
