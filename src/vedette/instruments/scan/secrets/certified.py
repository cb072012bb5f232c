"""Until when the certificates of a private key hold that lie beside it: in its own file, or in its folder."""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

KEY = b"PRIVATE KEY-----"
_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]{64,20000}-----END CERTIFICATE-----")
_ENDINGS = frozenset({".pem", ".crt", ".cer", ".cert"})
_LARGEST_KEY, _LARGEST_FILE = 16 * 1024, 256 * 1024
_MOST_FILES, _MOST_CERTIFICATES = 50, 100


class Certified:
    """The certificates beside keys. `root` is the folder that is scanned, None where there is the key's own text alone."""

    def __init__(self, root: Path | None = None) -> None:
        self._root = root
        self._folder: tuple[str, Mapping[bytes, float]] = ("", {})

    def ends(self, secret: bytes, text: bytes, path: str) -> float:
        """Return when (Unix time) the last certificate of a private key ends, 0 where none is there or it is no such key."""
        if KEY not in secret:
            return 0.0
        own, beside = _ends(text), self._beside(path)
        public = _public(secret) if own or beside else b""
        return max(own.get(public, 0.0), beside.get(public, 0.0))

    def _beside(self, path: str) -> Mapping[bytes, float]:
        """Return until when each public key is certified in a folder; the last one is kept, for keys come together."""
        if self._root is None:
            return {}
        folder = str(PurePosixPath(path).parent)
        if folder != self._folder[0]:
            texts = (_read(each) for each in _candidates(self._root / folder))
            self._folder = (folder, _ends(b"\n".join(texts)))
        return self._folder[1]


def _candidates(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _ENDINGS)
    except OSError:
        return  # the walk through the tree tells of it
    yield from found[:_MOST_FILES]


def _read(path: Path) -> bytes:
    """Return a small file; nothing of a link, of what is no file, or of what cannot be read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            return file.read(_LARGEST_FILE) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
    except OSError:
        return b""


def _ends(text: bytes) -> dict[bytes, float]:
    """Return the latest end of the certificates of each public key (DER) in a text."""
    if b"-----BEGIN CERTIFICATE-----" not in text:
        return {}
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_pem_x509_certificate

    ends: dict[bytes, float] = {}
    for found, _ in zip(_CERTIFICATE.finditer(_plain(text)), range(_MOST_CERTIFICATES), strict=False):
        try:
            made = load_pem_x509_certificate(found[0])
            public = made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        ends[public] = max(ends.get(public, 0.0), made.not_valid_after_utc.timestamp())
    return ends


def _public(secret: bytes) -> bytes:
    """Return the public key (DER) of a private one, nothing where it is under a passphrase or cannot be read."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        made = load_pem_private_key(_plain(secret[:_LARGEST_KEY]), None, unsafe_skip_rsa_key_validation=True)
        return made.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return b""


def _plain(text: bytes) -> bytes:
    """Return a text whose lines end as lines do: in JSON and in variables they are often written `\\n`."""
    return text.replace(b"\\n", b"\n").replace(b"\\r", b"")
