"""Small words that several sentences of on-call are made of. Pure."""

from collections.abc import Sequence


def joined(names: Sequence[str]) -> str:
    """Return names as one says them: "Ann, Jonas and Mira"."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def minutes(count: int) -> str:
    """Return a length in words: "5 min", "2 h", "1 h 30 min"."""
    hours, rest = divmod(count, 60)
    parts = [f"{hours} h"] if hours else []
    return " ".join([*parts, *([f"{rest} min"] if rest or not parts else [])])
