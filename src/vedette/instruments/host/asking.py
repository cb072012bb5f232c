"""Programs of the system that are asked something; what cannot be had is nothing, for a measure that is missing is left out."""

from collections.abc import Callable

from vedette.instruments.live import running
from vedette.instruments.live.types import Missing, Unreadable

Ask = Callable[..., str | None]
_MOST = 4 << 20


def answer(*argv: str, seconds: float = 5.0) -> str | None:
    """Return what a program says (`live/running`); None where there is none, or when it fails, takes too long or says too much."""
    try:
        return running.answer(argv, deadline=seconds, most=_MOST)
    except (Missing, Unreadable):
        return None
