"""What an agent offers of the switch, as names of actions: on for so many minutes, off, and how it stands. Pure."""

from collections.abc import Sequence

OFF, STATUS = "attack-off", "attack-status"
_ON = "attack-on-"
_MINUTES = (15, 60, 240, 1_440)


def offered(longest: int) -> tuple[str, ...]:
    """Return the actions of a host that lets the switch be on for so many minutes at most."""
    return (OFF, STATUS, *(f"{_ON}{minutes}" for minutes in _MINUTES if minutes <= longest))


def on(minutes: int) -> str:
    """Return the action that turns it on."""
    return f"{_ON}{minutes}"


def minutes(action: str) -> int:
    """Return for how many minutes an action turns it on; 0 for any other."""
    word = action.removeprefix(_ON)
    return int(word) if action.startswith(_ON) and word.isascii() and word.isdigit() and len(word) < 6 else 0


def lengths(actions: Sequence[str]) -> tuple[int, ...]:
    """Return for how many minutes a host that offers these may be asked, the shortest first; nothing for one without the switch."""
    return tuple(sorted(filter(None, map(minutes, actions))))
