"""An object of a foreign file, taken apart key by key: what nobody took is reported at the end, so that nothing is lost unseen."""

import contextlib
import math
from collections.abc import Callable, Mapping
from typing import TypeVar

from vedette.monitors.importing import phrasing
from vedette.monitors.importing.port import Given, Left, Path

T = TypeVar("T")
NOTHING = "Vedette has nothing like it."
RULES = "Who is told is decided by rules, routes and channels: make them in Vedette (docs/channels.md, docs/alerts.md)."
_MOST = 1e15
_EMPTY: tuple[object, ...] = (None, "", False, [], {}, ())


class Fields:
    """The keys of one object, its place, and the list to which what cannot be carried is added."""

    def __init__(self, said: object, place: Callable[[Path], str], left: list[Left], path: Path = ()) -> None:
        self._place, self._left, self._path = place, left, path
        self._said: dict[str, object] = {}
        if isinstance(said, Mapping):
            self._said = {str(key): value for key, value in said.items()}
        elif said is not None:
            self._leave((), f"This is {_kind(said)}, where keys and values belong.")

    @classmethod
    def of(cls, given: Given, said: object, left: list[Left], *path: str | int) -> "Fields":
        """Return the object at a place of a file."""
        return cls(said, given.place, left, path)

    def __contains__(self, key: str) -> bool:
        """Tell whether a key that nobody took is there and says something."""
        return self._said.get(key) not in _EMPTY

    def id(self, key: str) -> str:
        """Return what a key says by which something else is found, without taking it; empty for what is no id."""
        return id_of(self._said.get(key))

    def names(self) -> list[str]:
        """Return the keys that nobody took yet."""
        return list(self._said)

    def peek(self, key: str) -> object:
        """Return what a key says, without taking it."""
        return self._said.get(key)

    def place(self, *keys: str | int) -> str:
        """Return the place of this object, or of a key of it."""
        return self._place((*self._path, *keys))

    def text(self, key: str, default: str = "") -> str:
        """Take a text; a number is one too."""
        found = self._said.pop(key, None)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return str(found)
        return self._typed(key, found, str, "a text") or default

    def number(self, key: str, default: float = 0.0) -> float:
        """Take a number; digits in a text are one too."""
        found = self._said.pop(key, None)
        if isinstance(found, str):
            with contextlib.suppress(ValueError):
                found = float(found) if found.strip() else None
        if isinstance(found, int) and not isinstance(found, bool):
            found = float(found) if abs(found) <= _MOST else math.inf
        kept = self._typed(key, found, float, "a number")
        return default if kept is None or not math.isfinite(kept) or abs(kept) > _MOST else kept

    def truth(self, key: str, default: bool = False) -> bool:
        """Take true or false; SQLite's 1 and 0 are these too."""
        found = self._said.pop(key, None)
        return default if found is None else bool(found) and found not in ("0", "false")

    def texts(self, key: str) -> list[str]:
        """Take a list of texts or numbers; what else stands in it is reported."""
        found = self._typed(key, self._said.pop(key, None), list, "a list") or []
        fits = [isinstance(each, str | int | float) and not isinstance(each, bool) for each in found]
        for n, fit in enumerate(fits):
            if not fit:
                self._leave((key, n), f"This is {_kind(found[n])}, not a text.")
        return [str(each) for each, fit in zip(found, fits, strict=True) if fit]

    def words(self, key: str) -> dict[str, str]:
        """Take texts by name."""
        table = self.table(key)
        return {name: table.text(name) for name in table.names()}

    def table(self, key: str) -> "Fields":
        """Take an object within this one; empty when there is none."""
        return Fields(self._said.pop(key, None), self._place, self._left, (*self._path, key))

    def listed(self, key: str) -> list[object]:
        """Take a list of anything."""
        return self._typed(key, self._said.pop(key, None), list, "a list") or []

    def rows(self, key: str) -> list["Fields"]:
        """Take a list of objects."""
        found = self.listed(key)
        return [
            Fields(each or {}, self._place, self._left, (*self._path, key, n)) for n, each in enumerate(found)
        ]

    def entries(self) -> list[tuple[str, "Fields"]]:
        """Take every key as an object."""
        return [(key, self.table(key)) for key in list(self._said)]

    def lose(self, why: str, *keys: str) -> bool:
        """Take keys that cannot be carried and report those that say something; return whether one did."""
        lost = [key for key in keys if self._said.pop(key, None) not in _EMPTY]
        for key in lost:
            self._leave((key,), why)
        return bool(lost)

    def skip(self, *keys: str) -> None:
        """Take keys that have nothing to be carried: what was measured, what only shows, ids."""
        for key in keys:
            self._said.pop(key, None)

    def within(self, key: str, found: float, least: float, most: float) -> float:
        """Return seconds as far as they lie within bounds, and report what had to be changed."""
        kept = min(max(found, least), most)
        if kept != found:
            self._leave((key,), f"{found:g} s is outside of what Vedette takes; it is {kept:g} s now.")
        return kept

    def span(self, key: str, default: float) -> float:
        """Take a length of time such as `1m30s`, in seconds."""
        said = self.text(key)
        found = phrasing.seconds(said) if said else default
        if found is None:
            self._leave((key,), f"{said[:40]!r} is no length of time; it is {default:g} s now.")
        return default if found is None else found

    def leave(self, why: str, *keys: str | int) -> None:
        """Report that this object, or a place in it, is not carried."""
        self._leave(keys, why)

    def drop(self, why: str) -> None:
        """Report that this whole object is not carried."""
        self._said.clear()
        self._leave((), why)

    def done(self, why: str = NOTHING) -> None:
        """Report each key that says something and that nobody took."""
        self.lose(why, *list(self._said))

    def _typed(self, key: str, found: object, kinds: type[T], told: str) -> T | None:
        if found is None or isinstance(found, kinds):
            return found
        self._leave((key,), f"This is {_kind(found)}, not {told}.")
        return None

    def _leave(self, keys: Path, why: str) -> None:
        self._left.append(Left(self.place(*keys), why))


def id_of(found: object) -> str:
    """Return a value by which something is found, as text; empty for what is no id."""
    return str(found) if isinstance(found, str | int) and not isinstance(found, bool) else ""


def _kind(found: object) -> str:
    kinds = (
        (str, "a text"),
        (bool, "true or false"),
        (int | float, "a number"),
        (list, "a list"),
        (Mapping, "an object"),
    )
    return next((told for kind, told in kinds if isinstance(found, kind)), "something else")
