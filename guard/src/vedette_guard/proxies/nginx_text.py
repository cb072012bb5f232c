"""Values as nginx reads them. In quotes a backslash escapes; a `$` begins a variable wherever variables may stand."""

from __future__ import annotations

from collections.abc import Iterable

from vedette_guard.proxies.site import ProxyError

LONGEST = 3500  # bytes of one word; nginx reads 4096
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text: str) -> str:
    """Return a word in quotes, as it is. Raise ProxyError for one that nginx cannot read."""
    if "\0" in text or len(text.encode("utf-8", "surrogateescape")) > LONGEST:
        raise ProxyError(f"{text[:40]!r}…: too long for a configuration of nginx, or with a NUL")
    return f'"{"".join(_ESCAPES.get(char, char) for char in text)}"'


class Text:
    """Gathers the lines outside of servers: texts that need a variable of their own, and maps."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._texts: dict[str, str] = {}

    def literal(self, value: str) -> str:
        """Return a word that means exactly a value, also where variables may stand."""
        if "$" not in value and len(value) <= LONGEST // 2:
            return quote(value)
        size = LONGEST // 2
        names = [self._named(value[start : start + size]) for start in range(0, len(value), size)]
        return f'"{"".join(f"${{{name}}}" for name in names)}"'

    def _named(self, piece: str) -> str:
        """Return the variable of a text; `geo` takes its values as they are."""
        if piece not in self._texts:
            name = self._texts[piece] = f"guard_text{len(self._texts)}"
            self.lines += [f"geo ${name} {{ default {quote(piece)}; }}"]
        return self._texts[piece]

    def map(self, key: str, name: str, rows: Iterable[tuple[str, str]], otherwise: str) -> str:
        """Add a map; keys and values are words as nginx reads them. Return the variable."""
        rest = "" if otherwise == '""' else f"    default {otherwise};"
        inner = [f"    {word} {value};" for word, value in rows]
        self.lines += [f"map {key} ${name} {{", *inner, *([rest] if rest else []), "}"]
        return f"${name}"
