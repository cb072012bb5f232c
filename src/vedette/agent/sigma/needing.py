"""Literals of which an event that meets a rule holds at least one: what holds none is not looked at."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from vedette.agent.sigma.compiling import normal, quoted
from vedette.agent.sigma.event import written
from vedette.agent.sigma.folding import fold
from vedette.agent.sigma.tree import All, Any, Number, Test, Text

MOST = 2_000  # literals of a rule
_WHOLE = 1e15
_EVERYWHERE = frozenset(
    ("get", "post", "head", "http", "https", "200", "true", "yes", "syscall", "/bin/", "/usr/bin/")
)
_MEMORY = 64 << 20


class _Set(Protocol):
    def Match(self, text: str, /) -> Sequence[int]: ...  # noqa: N802 - as re2 calls it


def needed(test: Test) -> frozenset[str] | None:
    """Return folded literals of which every event that meets a test holds one, None where there are none such."""
    match test:
        case All(parts=parts):
            return max((found for part in parts if (found := needed(part))), key=_worth, default=None)
        case Any(parts=parts):
            return _union(needed(part) for part in parts)
        case Text():
            words = [fold(piece) for piece in normal(test) if isinstance(piece, str)]
            return frozenset([max(words, key=len)]) if words else None
        case Number(value=value) if value.is_integer() and abs(value) < _WHOLE:
            return frozenset([written(abs(value))])
        case _:
            return None


def _union(found: Iterable[frozenset[str] | None]) -> frozenset[str] | None:
    literals: set[str] = set()
    for one in found:
        if one is None or len(literals) > MOST:
            return None
        literals |= one
    return frozenset(literals) or None


def _worth(literals: frozenset[str]) -> tuple[int, int]:
    """Return how much literals tell: the shortest tells the least, and what is in every line nothing."""
    return 0 if literals & _EVERYWHERE else min(map(len, literals)), -len(literals)


class Gate:
    """Tells by one look at an event's texts which rules it may meet: their literals in one automaton of RE2."""

    def __init__(self, needs: Sequence[frozenset[str] | None]) -> None:
        """Take what each rule needs; those that need nothing are always looked at."""
        self._always = [number for number, need in enumerate(needs) if need is None]
        rules: dict[str, list[int]] = {}
        for number, need in enumerate(needs):
            for literal in sorted(need or ()):
                rules.setdefault(literal, []).append(number)
        self._rules = list(rules.values())
        self._set = _compiled(rules)

    def open_to(self, text: str) -> Sequence[int]:
        """Return the numbers of the rules that a folded text may meet, each once and in order."""
        if self._set is None:
            return self._always
        try:
            hits = self._set.Match(text)
        except UnicodeEncodeError:  # a lone surrogate, from JSON
            hits = self._set.Match(text.encode("utf-8", "replace").decode())
        if not hits:
            return self._always
        found = set(self._always)
        for hit in hits:
            found.update(self._rules[hit])
        return sorted(found)


def _compiled(literals: Iterable[str]) -> _Set | None:
    import re2

    options = re2.Options()
    options.max_mem = _MEMORY
    found = re2.Set.SearchSet(options)
    empty = True
    for literal in literals:
        found.Add(quoted(literal))
        empty = False
    if empty:
        return None
    found.Compile()
    made: _Set = found
    return made
