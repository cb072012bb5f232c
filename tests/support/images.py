"""Archives of images, made for tests: layers of files, as docker save and OCI layouts write them."""

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import zstandard

Files = Mapping[str, bytes | str]
"""Content by path; a text is where a link leads."""


def layer(files: Files) -> bytes:
    """Return a layer; a path ending in a slash is a folder, one with `.wh.` takes away."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for path, content in files.items():
            member = tarfile.TarInfo(path)
            if isinstance(content, str):
                member.type, member.linkname = tarfile.SYMTYPE, content
                archive.addfile(member)
            else:
                member.size = len(content)
                archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


def archive(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of files."""
    return layer(files)


def saved(path: Path, *layers: bytes) -> Path:
    """Write an image as docker save does."""
    names = [f"{n}/layer.tar" for n in range(len(layers))]
    manifest = [{"Config": "config.json", "Layers": names}]
    config = {"os": "linux", "architecture": "arm64"}
    files = {"manifest.json": json.dumps(manifest).encode(), "config.json": json.dumps(config).encode()}
    path.write_bytes(archive({**files, **dict(zip(names, layers, strict=True))}))
    return path


PACKED: Mapping[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


def laid_out(
    path: Path, layers: Sequence[bytes], *, damage: Callable[[bytes], bytes] = bytes, nested: bool = False
) -> Path:
    """Write an image as an OCI layout; `damage` changes the last layer after its hash was taken."""
    blobs: dict[str, bytes] = {}

    def blob(body: bytes, kept: bytes | None = None) -> str:
        name = hashlib.sha256(body).hexdigest()
        blobs[f"blobs/sha256/{name}"] = body if kept is None else kept
        return f"sha256:{name}"

    config = blob(json.dumps({"os": "linux", "architecture": "amd64"}).encode())
    rows = [{"digest": blob(each, damage(each) if each is layers[-1] else None)} for each in layers]
    manifest = blob(json.dumps({"config": {"digest": config}, "layers": rows}).encode())
    chosen = {"digest": manifest, "platform": {"os": "linux", "architecture": "amd64"}}
    other = {"digest": "sha256:" + "0" * 64, "platform": {"os": "linux", "architecture": "s390x"}}
    index: dict[str, object] = {"manifests": [other, chosen]}
    if nested:
        index = {"manifests": [{"digest": blob(json.dumps(index).encode())}]}
    path.write_bytes(
        archive(
            {
                **blobs,
                "index.json": json.dumps(index).encode(),
                "oci-layout": b'{"imageLayoutVersion": "1.0.0"}',
            }
        )
    )
    return path
