"""How a host becomes known: a token that is used once, the proof that one holds it, and the two keys. Pure.

A token is `vde_<random>_<fingerprint>`: the random part proves that a person let this host in, and never travels; the
fingerprint is the server's, so that its answer can be told from anybody else's.
"""

import base64
import binascii
import hashlib
import hmac
import re

import msgspec

from vedette.core.errors import Invalid

TOKEN_PREFIX = "vde_"  # noqa: S105 - how tokens of enrolment begin
KEY_HEADER = "vedette-key"  # of answers to who enrols: the server's public key
MOST_NAME = 80
_TOKEN = re.compile(r"vde_([A-Za-z0-9_-]{20,60})_([0-9a-f]{32})")
_HEX = re.compile(r"[0-9a-fA-F]{32}")
_KEY = 32


class Token(msgspec.Struct, frozen=True):
    """A token taken apart: what only its maker and its holder know, and the fingerprint of the server's key."""

    secret: str
    server: str

    def __repr__(self) -> str:
        """Return the server's part alone."""
        return f"Token({self.server})"


class Enrolling(msgspec.Struct, frozen=True, kw_only=True):
    """What a host asks: which token it holds (never the token), its name, its public key (base64) and the proof."""

    token: str
    name: str
    key: str
    proof: str
    version: str = ""


class Enrolled(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: as which host it is known, and the server's public key (base64)."""

    host: int
    name: str
    key: str


class Rotating(msgspec.Struct, frozen=True, kw_only=True):
    """A new public key (base64) in a request that the old one signs, and the proof that one holds the new one, too."""

    key: str
    proof: str


class Rotated(msgspec.Struct, frozen=True):
    """The answer: the fingerprint of the key that is taken from its first use on."""

    key: str


def take_apart(text: str) -> Token:
    """Return the parts of a token; raises `Invalid` for what is none."""
    found = _TOKEN.fullmatch(text.strip())
    if found is None:
        raise Invalid("This is no token of enrolment: it begins with vde_ (`vedette hosts token` makes one).")
    return Token(found[1], found[2])


def put_together(secret: str, server: str) -> str:
    """Return the token of a secret and the server's fingerprint."""
    return f"{TOKEN_PREFIX}{secret}_{server}"


def id_of(secret: str) -> str:
    """Return by what a token is known, of which nobody can tell the token."""
    return hashlib.sha256(b"vedette enrolment\0" + secret.encode()).hexdigest()[:32]


def proof(secret: str, name: str, public: bytes) -> str:
    """Return the proof that whoever names a key and a host holds a token: HMAC-SHA-256 (RFC 2104), hex."""
    said = b"\0".join((b"vedette enrol v1", public, name.encode()))
    return hmac.new(secret.encode(), said, hashlib.sha256).hexdigest()


def proves(secret: str, asked: Enrolling) -> bool:
    """Tell whether a host that asks holds the token."""
    wanted = proof(secret, asked.name, key_of(asked.key))
    return hmac.compare_digest(wanted.encode(), asked.proof.encode(errors="replace"))


def rotation(old: str, public: bytes) -> bytes:
    """Return what the new key signs to prove that it is there; `old` is the fingerprint of the one before."""
    return b"\0".join((b"vedette rotate v1", old.encode(), public))


def text_of(key: bytes) -> str:
    """Return a public key, or a signature, as it travels."""
    return base64.b64encode(key).decode()


def key_of(text: str) -> bytes:
    """Return a public key that travelled; raises `Invalid`."""
    found = bytes_of(text)
    if len(found) != _KEY:
        raise Invalid("A public key is 32 bytes in base64.", {"key": "no Ed25519 key"})
    return found


def bytes_of(text: str) -> bytes:
    """Return the bytes of base64; raises `Invalid`."""
    try:
        return base64.b64decode(text[:200].encode(), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise Invalid("That is no base64.", {"key": "no base64"}) from None


def name_problem(name: str) -> str:
    """Return what is wrong with the name of a host; empty when nothing is."""
    if not 1 <= len(name) <= MOST_NAME or not name.isprintable() or name != name.strip() or "/" in name:
        return f"A host's name has 1 to {MOST_NAME} characters that can be printed, and no slash."
    if name.isdecimal() or _HEX.fullmatch(name):
        return f"{name} reads as the number or the key of a host; give it a name with other letters (`--name web-{name[:8]}`)."
    return ""
