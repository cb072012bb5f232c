"""Mozilla's profiles of TLS, and why a server does not hold to one. The profiles are data with their source (`profiles.json`)."""

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.core.errors import Invalid
from vedette.instruments.scan.tls.seeing import Seen

_FILE = Path(__file__).with_name("profiles.json")
DEFAULT = "intermediate"


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What a profile allows: protocols, suites (names at OpenSSL), kinds of keys and digests of certificates; 0 is no bound."""

    protocols: tuple[str, ...]
    ciphers: frozenset[str]
    kinds: tuple[str, ...]
    digests: tuple[str, ...]
    rsa_bits: int
    dh_bits: int
    days: int
    header_seconds: int


class _File(msgspec.Struct, frozen=True):
    source: str
    profiles: Mapping[str, Profile]


@functools.cache
def _file() -> _File:
    return msgspec.json.decode(_FILE.read_bytes(), type=_File)


def profile_of(name: str) -> Profile:
    """Return a profile by name; raises `Invalid` with those there are."""
    found = _file().profiles.get(name)
    if found is None:
        raise Invalid(
            f"{name[:40]!r} is no profile; there are {', '.join(_file().profiles)}.", {"profile": "unknown"}
        )
    return found


def reasons(seen: Seen, profile: Profile) -> tuple[str, ...]:
    """Return why a server does not hold to a profile, a sentence each; none when it does."""
    return (
        *_protocols(seen, profile),
        *_ciphers(seen, profile),
        *_certificate(seen, profile),
        *_header(seen, profile),
    )


def _protocols(seen: Seen, profile: Profile) -> Iterator[str]:
    spoken = seen.answer.spoken
    for name in spoken:
        if name not in profile.protocols:
            yield f"It speaks {name}."
    for name in profile.protocols:
        if name not in spoken and name in {"TLS 1.2", "TLS 1.3"}:
            yield f"It does not speak {name}."


def _ciphers(seen: Seen, profile: Profile) -> Iterator[str]:
    suites = {suite.openssl: suite for name in seen.answer.spoken for suite in seen.answer.protocols[name]}
    other = sorted(set(suites) - profile.ciphers)
    if other:
        yield f"It takes suites that are not in the profile: {', '.join(other[:12])}{' …' if len(other) > 12 else ''}."
    small = [
        one.exchange_bits
        for one in suites.values()
        if one.exchange == "DH" and one.exchange_bits < profile.dh_bits
    ]
    if small:
        yield f"Its Diffie-Hellman group has {min(small)} bits, not {profile.dh_bits}."


def _certificate(seen: Seen, profile: Profile) -> Iterator[str]:
    leaf = seen.leaf
    if leaf is None:
        return
    if leaf.kind not in profile.kinds:
        yield f"The certificate's key is {leaf.kind}, not {' or '.join(profile.kinds)}."
    if leaf.kind == "RSA" and leaf.bits < profile.rsa_bits:
        yield f"The certificate's key has {leaf.bits} bits, not {profile.rsa_bits}."
    if leaf.digest and leaf.digest not in profile.digests:
        yield f"The certificate is signed with {leaf.digest}."
    if leaf.days > profile.days + 1:
        yield f"The certificate is valid for {leaf.days:.0f} days, not {profile.days} at most."


def _header(seen: Seen, profile: Profile) -> Iterator[str]:
    header = seen.answer.header
    if header is not None and header.seconds < profile.header_seconds:
        yield f"Strict-Transport-Security holds for {header.seconds} s, not {profile.header_seconds}."
