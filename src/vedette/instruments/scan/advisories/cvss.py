"""Risk from CVSS vectors, by FIRST's specifications: 2.0 (section 3.2) and 3.0/3.1 (section 7.1 and appendix A), base scores.

CVSS 4.0 has no formula but a table of 270 expert rankings; its vectors are read as the nearest one of 3.1 and said to be so.
https://www.first.org/cvss/
"""

import math
from collections.abc import Mapping

from vedette.instruments.scan.advisories.types import ScoredBy

_IMPACT = {"N": 0.0, "L": 0.22, "H": 0.56}
_VECTOR = {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2}
_COMPLEXITY = {"L": 0.77, "H": 0.44}
_RIGHTS = {"N": 0.85, "L": 0.62, "H": 0.27}
_RIGHTS_CHANGED = {"N": 0.85, "L": 0.68, "H": 0.5}
_PERSON = {"N": 0.85, "R": 0.62}

_V2_IMPACT = {"N": 0.0, "P": 0.275, "C": 0.66}
_V2_VECTOR = {"L": 0.395, "A": 0.646, "N": 1.0}
_V2_COMPLEXITY = {"H": 0.35, "M": 0.61, "L": 0.71}
_V2_LOGIN = {"M": 0.45, "S": 0.56, "N": 0.704}

_WORDS = {
    "critical": 9.5, "high": 8.0, "important": 8.0, "moderate": 5.5, "medium": 5.5, "low": 3.0, "minor": 3.0,
    "negligible": 1.0, "unimportant": 1.0,
}  # fmt: skip


def risk_of(vector: str) -> tuple[float, ScoredBy] | None:
    """Return the base score of a vector and how it was come by; None when it cannot be read."""
    metrics = _metrics(vector)
    try:
        if vector.startswith(("CVSS:3.0/", "CVSS:3.1/")):
            return _v3(metrics), ScoredBy.V3
        if vector.startswith("CVSS:4.0/"):
            return _v3(_nearest(metrics)), ScoredBy.V4_AS_V3
        return _v2(metrics), ScoredBy.V2
    except KeyError:
        return None


def risk_of_word(word: str) -> float | None:
    """Return the risk that a word stands for, the middle of its band; None for one that is no severity."""
    return _WORDS.get(word.strip().lower())


def _metrics(vector: str) -> Mapping[str, str]:
    pairs = (part.partition(":") for part in vector.strip("()").split("/") if ":" in part)
    return {name: value for name, _, value in pairs}


def _v3(m: Mapping[str, str]) -> float:
    changed = {"C": True, "U": False}[m["S"]]
    base = 1 - math.prod(1 - _IMPACT[m[each]] for each in "CIA")
    impact = 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 if changed else 6.42 * base
    rights = (_RIGHTS_CHANGED if changed else _RIGHTS)[m["PR"]]
    ease = 8.22 * _VECTOR[m["AV"]] * _COMPLEXITY[m["AC"]] * rights * _PERSON[m["UI"]]
    if impact <= 0:
        return 0.0
    return _up(min((1.08 if changed else 1.0) * (impact + ease), 10.0))


def _up(score: float) -> float:
    """Return a score rounded up to one decimal, as appendix A of 3.1 says, so that floats do not lift it."""
    exact = round(score * 100_000)
    return exact / 100_000 if exact % 10_000 == 0 else (exact // 10_000 + 1) / 10


def _nearest(m: Mapping[str, str]) -> Mapping[str, str]:
    """Return metrics of 3.1 for those of 4.0: what must be there besides is complexity, impact elsewhere a changed scope."""
    elsewhere = {"C": m["SC"], "I": m["SI"], "A": m["SA"]}
    changed = any(value != "N" for value in elsewhere.values())
    hard = m["AC"] == "H" or m["AT"] == "P"
    return {
        "AV": m["AV"],
        "AC": "H" if hard else "L",
        "PR": m["PR"],
        "UI": "N" if m["UI"] == "N" else "R",
        "S": "C" if changed else "U",
        **{each: max(m[f"V{each}"], _known(value), key="NLH".index) for each, value in elsewhere.items()},
    }


def _known(value: str) -> str:
    return "H" if value == "S" else value


def _v2(m: Mapping[str, str]) -> float:
    impact = 10.41 * (1 - math.prod(1 - _V2_IMPACT[m[each]] for each in "CIA"))
    ease = 20 * _V2_VECTOR[m["AV"]] * _V2_COMPLEXITY[m["AC"]] * _V2_LOGIN[m["Au"]]
    score = (0.6 * impact + 0.4 * ease - 1.5) * (1.176 if impact else 0.0)
    return math.floor(score * 10 + 0.5) / 10
