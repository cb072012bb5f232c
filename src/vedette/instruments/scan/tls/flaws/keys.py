"""How keys are agreed on: groups of Diffie-Hellman and curves. Sources: RFC 7919, the Logjam paper, RFC 8422 section 5.1.1."""

import re
from collections.abc import Iterator

from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

_LEAST_CURVE = 224
_BITS = re.compile(r"(\d{3})")


def flaws(seen: Seen) -> Iterator[Flaw]:
    """Yield what is wrong with how keys are agreed on."""
    yield from _groups(seen)
    used = (one.curve for suites in seen.answer.protocols.values() for one in suites if one.curve)
    weak = sorted({name for name in (*seen.answer.curves, *used) if 0 < _bits(name) < _LEAST_CURVE})
    if weak:
        yield Flaw(
            check="tls-curve-weak", title="Curves of less than 224 bits are taken", risk=4.0, cap="B", evidence=", ".join(weak),
            why="Their keys are within the reach of states.", fix="nginx: ssl_ecdh_curve X25519:prime256v1:secp384r1",
            references=("RFC 8422",),
        )  # fmt: skip


def _groups(seen: Seen) -> Iterator[Flaw]:
    sizes = {
        one.exchange_bits
        for suites in seen.answer.protocols.values()
        for one in suites
        if one.exchange == "DH" and one.exchange_bits
    }
    least = min(sizes, default=2048)
    if least >= 2048 or (seen.profile == "old" and least >= 1024):
        return
    yield Flaw(
        check="tls-dh-small", title=f"The Diffie-Hellman group has {least} bits", risk=5.9 if least >= 1024 else 7.4,
        cap="B" if least >= 1024 else "F", why="Groups this small were broken beforehand for everybody who uses them (Logjam).",
        fix="Use a group of RFC 7919 (ffdhe2048), or suites with ECDHE alone.", references=("https://weakdh.org/", "RFC 7919"),
    )  # fmt: skip


def _bits(curve: str) -> int:
    """Return how many bits a curve has by its name (`secp192r1`, `X25519`, `X448`); 0 when the name does not tell."""
    found = _BITS.search(curve)
    return int(found[1]) if found else 0
