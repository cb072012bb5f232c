"""Recovery codes: random, of 120 bits, each good for once, kept as SHA-256.

So many bits need no slow hash (OWASP ASVS 5.0, 6.5.2: 112 are enough for a plain one).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

BYTES = 15
_GROUP = 4


def text_of(chance: bytes) -> str:
    """Return a code of 15 random bytes as people copy it: `abcd-efgh-…`, six groups of base32."""
    bare = base64.b32encode(chance).decode().lower()
    return "-".join(bare[at : at + _GROUP] for at in range(0, len(bare), _GROUP))


def digest(code: str) -> str:
    """Return what is kept of a code, however it is spaced and whatever its case; 0, 1 and 8 are read as o, l and b."""
    bare = "".join(code[:64].lower().split()).replace("-", "").translate(str.maketrans("018", "olb"))
    return hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()


def find(code: str, kept: Iterable[str]) -> str | None:
    """Return the digest among those kept that a code has; None when there is none. All are compared."""
    wanted = digest(code)
    found = [one for one in kept if hmac.compare_digest(one, wanted)]
    return found[0] if found else None
