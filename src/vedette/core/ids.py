"""The one source of identifiers and chance."""

import hashlib
import random
import secrets
import uuid


def new_id() -> str:
    """Return a fresh random identifier: 32 lower-case hex digits (a version 4 UUID without dashes)."""
    return uuid.uuid4().hex


def new_uuid() -> str:
    """Return a fresh random identifier as a version 4 UUID with dashes."""
    return str(uuid.uuid4())


def new_key() -> str:
    """Return a fresh public DSN key: 32 hex digits."""
    return secrets.token_hex(16)


def new_secret(size: int = 32) -> str:
    """Return a fresh URL-safe secret made of `size` random bytes."""
    return secrets.token_urlsafe(size)


def hash_secret(secret: str) -> str:
    """Return the SHA-256 of a high-entropy secret, as hex: what is stored instead of the secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def jitter(seconds: float, share: float = 0.2) -> float:
    """Return `seconds` moved by a random part of at most `share` either way."""
    return seconds * random.uniform(1 - share, 1 + share)  # noqa: S311 - spreads load, guards nothing


def new_number(below: int) -> int:
    """Return a number that nobody can guess, from 0 up to and without `below`."""
    return secrets.randbelow(below)
