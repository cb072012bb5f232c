"""Which of a body's packed forms a client takes."""

from collections.abc import Container


def pick(bodies: Container[str], accepted: str) -> str:
    """Return the smallest encoding a client takes, `""` for none; `q=0` refuses one (RFC 9110, 12.5.3)."""
    taken = {}
    for part in accepted.lower().split(","):
        name, _, quality = part.strip().partition(";")
        taken[name.strip()] = quality.replace(" ", "").rstrip("0").rstrip(".") != "q="
    return next((name for name in ("br", "gzip") if name in bodies and taken.get(name)), "")
