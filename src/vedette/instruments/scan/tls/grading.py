"""A grade from A+ to F with its reasons.

Source: Qualys SSL Labs, SSL Server Rating Guide, version 2009r (https://github.com/ssllabs/research/wiki/SSL-Server-Rating-Guide):
a score of protocols, key exchange and ciphers, which single faults then bound. Otherwise than there, what no client trusts is an F.
"""

from collections.abc import Sequence
from typing import NamedTuple

from vedette.instruments.scan.tls.flaws.types import Flaw
from vedette.instruments.scan.tls.seeing import Seen

GRADES = ("A+", "A", "A-", "B", "C", "D", "E", "F")
_LETTERS = ((80, "A"), (65, "B"), (50, "C"), (35, "D"), (20, "E"), (0, "F"))
_PROTOCOLS = {"SSL 2.0": 0, "SSL 3.0": 80, "TLS 1.0": 90, "TLS 1.1": 95, "TLS 1.2": 100, "TLS 1.3": 100}
_KEYS = ((4096, 100), (2048, 90), (1024, 80), (512, 40), (0, 20))
_CIPHERS = ((256, 100), (128, 80), (1, 20), (0, 0))
_HALF_YEAR = 15_768_000
# What an elliptic curve is worth in bits of RSA (NIST SP 800-57 part 1, table 2).
_CURVES = ((512, 15_360), (384, 7_680), (256, 3_072), (224, 2_048), (160, 1_024), (0, 512))


class Grade(NamedTuple):
    """A letter and why it is no better, a sentence each."""

    letter: str
    reasons: tuple[str, ...]


def graded(seen: Seen, flaws: Sequence[Flaw]) -> Grade:
    """Return the grade of a server with these flaws."""
    points = score(seen)
    letter = next(letter for least, letter in _LETTERS if points >= least)
    start = "A+" if letter == "A" and _strict(seen) else letter
    caps = [(flaw.cap, f"{flaw.title}: no better than {flaw.cap}.") for flaw in flaws if flaw.cap]
    worst = max([start, *(cap for cap, _ in caps)], key=GRADES.index)
    reasons = [text for cap, text in caps if GRADES.index(cap) > GRADES.index("A+")]
    if letter not in {"A"}:
        reasons.insert(0, f"Protocols, keys and ciphers come to {points} of 100 points: {letter}.")
    return Grade(worst, tuple(reasons))


def score(seen: Seen) -> int:
    """Return points from 0 to 100: 30 % protocols, 30 % key exchange, 40 % ciphers."""
    spoken = [_PROTOCOLS[name] for name in seen.answer.spoken]
    strengths = [_of(_CIPHERS, one.bits) for suites in seen.answer.protocols.values() for one in suites]
    if not spoken or not strengths:
        return 0
    parts = (_middle(spoken), _keys(seen), _middle(strengths))
    return 0 if min(parts) == 0 else round(parts[0] * 0.3 + parts[1] * 0.3 + parts[2] * 0.4)


def _keys(seen: Seen) -> float:
    """Return the points of the weakest key: the certificate's, or that of an exchange."""
    groups = [
        one.exchange_bits
        for suites in seen.answer.protocols.values()
        for one in suites
        if one.exchange == "DH" and one.exchange_bits
    ]
    leaf = seen.leaf
    own = (
        []
        if leaf is None or not leaf.bits
        else [leaf.bits if leaf.kind in {"RSA", "DSA"} else _of(_CURVES, leaf.bits)]
    )
    return _of(_KEYS, min([*groups, *own], default=0))


def _strict(seen: Seen) -> bool:
    header = seen.answer.header
    return header is not None and header.seconds >= _HALF_YEAR


def _middle(points: Sequence[float]) -> float:
    return (max(points) + min(points)) / 2


def _of(table: Sequence[tuple[int, int]], value: int) -> int:
    return next(points for least, points in table if value >= least)
