"""One-time passwords: HOTP (RFC 4226) over time (RFC 6238), each of them good for once."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlencode

ALGORITHMS = ("SHA1", "SHA256", "SHA512")


@dataclass(frozen=True)
class Totp:
    """How codes are made. `drift`: so many steps a clock may be ahead or behind. Authenticators all know the defaults."""

    algorithm: str = "SHA1"
    digits: int = 6
    period: int = 30
    drift: int = 1

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"Totp.algorithm: {self.algorithm!r} is none of {', '.join(ALGORITHMS)}")
        if not 6 <= self.digits <= 8 or self.period < 15 or not 0 <= self.drift <= 2:
            raise ValueError("Totp: 6 to 8 digits, a period of at least 15 s, a drift of at most 2 steps")


@dataclass(frozen=True)
class CodeVerdict:
    """Whether a code is taken, the step it was for (which then is the last one used), and why."""

    ok: bool
    step: int
    reason: str


def code_at(secret: bytes, step: int, totp: Totp) -> str:
    """Return the code of a step, a step being `period` seconds since 1970."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), totp.algorithm.lower())
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**totp.digits).zfill(totp.digits)


def judge(secret: bytes, code: str, now: float, last_step: int, totp: Totp) -> CodeVerdict:
    """Decide about a code; `last_step` is that of the last code that was taken, -1 for none.

    A code that was taken, and every older one, is worth nothing: who overheard it comes too late (RFC 6238, 5.2).
    All steps of the window are compared, in constant time.
    """
    given, here = clean(code[:64]).encode("utf-8", "replace"), int(now // totp.period)
    steps = [step for step in range(here - totp.drift, here + totp.drift + 1) if step >= 0]
    right = [s for s in steps if hmac.compare_digest(code_at(secret, s, totp).encode(), given)]
    fresh = [step for step in right if step > last_step]
    if fresh:
        return CodeVerdict(True, fresh[0], "The code is right.")
    reason = "This code was used; wait for the next one." if right else "The code is wrong."
    return CodeVerdict(False, last_step, reason)


def clean(code: str) -> str:
    """Return a code as it is compared: without the spaces and dashes that people read it with."""
    return code.replace(" ", "").replace("-", "").strip()


def text_of(secret: bytes) -> str:
    """Return a secret as people type it: base32 without its padding."""
    return base64.b32encode(secret).decode().rstrip("=")


def secret_of(text: str) -> bytes:
    """Return the secret of its text, however it is spaced. Raise ValueError when it is none."""
    bare = clean(text).upper().rstrip("=")
    try:
        return base64.b32decode(bare + "=" * (-len(bare) % 8))
    except binascii.Error as error:
        raise ValueError("a secret is base32: letters, and digits from 2 to 7") from error


def uri(secret: bytes, account: str, issuer: str, totp: Totp) -> str:
    """Return the address that authenticators read from a QR code (Google's Key URI Format)."""
    said = {"secret": text_of(secret), "issuer": issuer, "algorithm": totp.algorithm}
    query = urlencode({**said, "digits": totp.digits, "period": totp.period}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer, safe='')}:{quote(account, safe='@')}?{query}"
