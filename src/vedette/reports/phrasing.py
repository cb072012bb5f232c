"""How figures of a digest read: beside those of the period before, and with their nouns."""

from vedette.ui import words


def compared(now: float, before: float) -> str:
    """Return how a figure stands to that of the period before, in words."""
    if before == now:
        return "as before"
    if not before:
        return "none before"
    if now > before:
        return (
            f"×{words.number(round(now / before, 1))} of before"
            if now >= 2 * before
            else f"{words.number(before)} before"
        )
    return f"{words.number(before)} before"


def counted(n: float, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 issue`, `12 issues`."""
    return f"{words.number(n)} {one if n == 1 else many or f'{one}s'}"
