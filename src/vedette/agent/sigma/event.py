"""An event as rules see it: values by field, and the whole text."""

import math
import re
from collections.abc import Mapping

from vedette.agent.sigma.folding import fold
from vedette.agent.sigma.tree import TEXT, Value

_NUMBER = re.compile(r"[+-]?[0-9]{1,18}(?:\.[0-9]{1,18})?")
_LONGEST = 16  # characters: so many digits are told apart


class Event:
    """Values by field name; texts are folded once, when a rule asks for the first time."""

    __slots__ = ("_everything", "_folded", "text", "values")

    def __init__(self, values: Mapping[str, Value], text: str = "") -> None:
        self.values = values
        self.text = text
        self._folded: dict[str, str | None] = {}
        self._everything: str | None = None

    def raw(self, field: str) -> str | None:
        """Return a field's value as text, None where it is missing or null."""
        if field == TEXT:
            return self.text
        value = self.values.get(field)
        return value if value is None or isinstance(value, str) else written(value)

    def folded(self, field: str) -> str | None:
        """Return a field's value as text, whatever the case of its letters; None where it is missing or null."""
        try:
            return self._folded[field]
        except KeyError:
            text = self.raw(field)
            found = self._folded[field] = None if text is None else fold(text)
            return found

    def number(self, field: str) -> float | None:
        """Return a field's value as a number, None where it is none."""
        value = self.values.get(field)
        if value is None or isinstance(value, bool):
            return None
        if isinstance(value, str):
            return float(value) if len(value) <= _LONGEST and _NUMBER.fullmatch(value) else None
        return float(value) if math.isfinite(value) else None

    def everything(self) -> str:
        """Return the text and what values are not in it, folded, one to a line: what a literal is looked for in."""
        if self._everything is not None:
            return self._everything
        text = self.text
        found = [text]
        for value in self.values.values():
            if value is not None:
                one = value if isinstance(value, str) else written(value)
                if one not in text:
                    found.append(one)
        self._everything = whole = fold("\n".join(found) if len(found) > 1 else text)
        return whole


def written(value: float | bool) -> str:
    """Return a number or a truth as it is written in a log."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)
