"""Repositories made by somebody who means harm and has the password: what their snapshots hold would leave its folder.

borg's are made by borg itself, from a tar archive, with its care for names taken away. restic's are written here, by its own
description (restic's doc/design.rst): a tree, a pack, an index and a snapshot, sealed with the repository's key.
"""

import base64
import hashlib
import io
import json
import os
import subprocess
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.hazmat.primitives.poly1305 import Poly1305

BORG = Path(".venv-borg/bin/python").absolute()
ARCHIVE = "shop@20261127T000000.f0f0f0f0"
EVIL = b"evil"
_UP = "UPUP"  # stands for .. until borg has looked at a path
_CARELESS = f"""
import sys, borg.archive, borg.archiver
borg.archive.make_path_safe = lambda path: path.replace({_UP!r}, "..")
sys.exit(borg.archiver.main())
"""


@dataclass(frozen=True)
class Trap:
    """Something in a snapshot: its path, its kind (file, folder, link, hardlink, pipe, device), where it leads."""

    path: str
    kind: str = "file"
    to: str = ""


_TYPES = {
    "file": tarfile.REGTYPE, "folder": tarfile.DIRTYPE, "link": tarfile.SYMTYPE, "hardlink": tarfile.LNKTYPE,
    "pipe": tarfile.FIFOTYPE, "device": tarfile.CHRTYPE,
}  # fmt: skip


def borg(repository: Path, password: str, traps: Sequence[Trap], folder: Path) -> str:
    """Put a snapshot with these traps into a repository of borg's; return its name."""
    env = {
        "PATH": "/usr/bin:/bin", "BORG_PASSPHRASE": password, "BORG_BASE_DIR": str(folder / "forger"), "LANG": "C.UTF-8",
        "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
    }  # fmt: skip
    words = [BORG, "-c", _CARELESS, "import-tar", f"{repository}::{ARCHIVE}", "-"]
    done = subprocess.run(words, env=env, input=_tar(traps), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return ARCHIVE


def _tar(traps: Sequence[Trap]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for trap in traps:
            info = tarfile.TarInfo(trap.path.replace("..", _UP))
            info.type, info.linkname = _TYPES[trap.kind], trap.to
            info.mode, info.devmajor, info.devminor = 0o777, 1, 3
            info.size = len(EVIL) if trap.kind == "file" else 0
            archive.addfile(info, io.BytesIO(EVIL) if trap.kind == "file" else None)
    return out.getvalue()


class Restic:
    """A repository of restic's, opened to write what restic never would."""

    def __init__(self, repository: Path, password: str) -> None:
        self._at = repository
        (key,) = (repository / "keys").iterdir()
        told = json.loads(key.read_text())
        salt = base64.b64decode(told["salt"])
        derived = Scrypt(salt, 64, told["N"], told["r"], told["p"]).derive(password.encode())
        self._key = _Key(derived[:32], derived[32:48], derived[48:])
        own = json.loads(self._key.opened(base64.b64decode(told["data"])))
        self._key = _Key(
            base64.b64decode(own["encrypt"]),
            base64.b64decode(own["mac"]["k"]),
            base64.b64decode(own["mac"]["r"]),
        )

    def snapshot(
        self, nodes: Sequence[Mapping[str, object]], below: Sequence[Mapping[str, object]] = ()
    ) -> str:
        """Write a snapshot of these nodes; those of type dir hold the nodes of `below`. Return its name."""
        blobs = [(0, EVIL), (1, _json({"nodes": [_whole(node) for node in below]}))]
        inner = hashlib.sha256(blobs[1][1]).hexdigest()
        blobs.append((1, _json({"nodes": [_whole(node, inner) for node in nodes]})))
        tree = hashlib.sha256(blobs[-1][1]).hexdigest()
        self._pack(blobs)
        body = {
            "time": "2026-11-27T00:00:00Z", "tree": tree, "paths": ["/shop"], "hostname": "web1", "username": "root",
            "tags": ["plan=shop"],
        }  # fmt: skip
        return self._kept("snapshots", _json(body))

    def _pack(self, blobs: Sequence[tuple[int, bytes]]) -> None:
        body, header, listed = b"", b"", []
        for kind, plain in blobs:
            sealed, name = self._key.sealed(plain), hashlib.sha256(plain)
            listed.append({
                "id": name.hexdigest(), "type": ("data", "tree")[kind], "offset": len(body), "length": len(sealed),
            })  # fmt: skip
            header += bytes([kind]) + len(sealed).to_bytes(4, "little") + name.digest()
            body += sealed
        head = self._key.sealed(header)
        whole = body + head + len(head).to_bytes(4, "little")
        name = hashlib.sha256(whole).hexdigest()
        place = self._at / "data" / name[:2]
        place.mkdir(exist_ok=True)
        (place / name).write_bytes(whole)
        self._kept("index", _json({"packs": [{"id": name, "blobs": listed}]}))

    def _kept(self, kind: str, plain: bytes) -> str:
        sealed = self._key.sealed(plain)
        name = hashlib.sha256(sealed).hexdigest()
        (self._at / kind / name).write_bytes(sealed)
        return name


class _Key:
    """AES-256 in counter mode, signed with Poly1305-AES."""

    def __init__(self, encrypt: bytes, k: bytes, r: bytes) -> None:
        self._encrypt, self._k, self._r = encrypt, k, r

    def sealed(self, plain: bytes) -> bytes:
        nonce = os.urandom(16)
        body = self._stream(nonce, plain)
        return nonce + body + self._signature(nonce, body)

    def opened(self, sealed: bytes) -> bytes:
        nonce, body, signature = sealed[:16], sealed[16:-16], sealed[-16:]
        assert self._signature(nonce, body) == signature
        return self._stream(nonce, body)

    def _stream(self, nonce: bytes, text: bytes) -> bytes:
        return Cipher(algorithms.AES(self._encrypt), modes.CTR(nonce)).encryptor().update(text)

    def _signature(self, nonce: bytes, body: bytes) -> bytes:
        masked = Cipher(algorithms.AES(self._k), modes.ECB()).encryptor().update(nonce)  # noqa: S305 - one block, as Poly1305-AES is made
        return Poly1305.generate_tag(self._r + masked, body)


def _whole(node: Mapping[str, object], inner: str = "") -> Mapping[str, object]:
    """Return a node with what restic wants of each."""
    made: dict[str, object] = {
        "type": "file", "mode": 0o644, "mtime": "2026-11-27T00:00:00Z", "atime": "2026-11-27T00:00:00Z",
        "ctime": "2026-11-27T00:00:00Z", "uid": 0, "gid": 0, "content": None,
    }  # fmt: skip
    made |= node
    if made["type"] == "file":
        made |= {"content": [hashlib.sha256(EVIL).hexdigest()], "size": len(EVIL)}
    if made["type"] == "dir":
        made |= {"subtree": inner, "mode": 0o755 | 1 << 31}
    return made


def _json(value: object) -> bytes:
    return json.dumps(value).encode() + b"\n"
