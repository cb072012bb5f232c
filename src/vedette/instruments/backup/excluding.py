"""Which paths a plan leaves out, said once for every engine. Pure.

`*.log` is a name at any depth, `cache/tmp` a part of a path, `/srv/shop/cache` a whole one. `*` and `?` stay within a name, `**`
crosses folders, `[a-z]` is one character. What lies below a folder that is left out is left out. Patterns are written names
(`core.names`): a per cent sign is `%25`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from vedette.core import names

_PIECE = re.compile(r"(?:\*\*+/)+|\*\*+|\*|\?|\[!?[^\]/]+\]|[^*?\[]+|\[")
_WORDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def expression(pattern: str) -> str:
    """Return a regular expression that is searched in a whole path (with its first slash): it fits the path and all below it."""
    text = names.read(pattern).rstrip("/")
    begin = r"\A" if text.startswith("/") else "/"
    return f"{begin}{''.join(map(_piece, _PIECE.findall(text)))}(?=/|\\Z)"


def within(patterns: Iterable[str], tops: Iterable[Path]) -> tuple[str, ...]:
    """Return patterns that fit below some paths alone: what one source leaves out is another's to save."""
    below = [exactly(top).rstrip("/") for top in tops]
    return tuple(dict.fromkeys(one for pattern in patterns for one in _anchored(pattern, below)))


def exactly(path: Path) -> str:
    """Return the pattern that fits one path alone, with what lies below it."""
    return "".join(f"[{char}]" if char in "*?[" else char for char in names.written(path))


def leaving_out(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return what tells whether a whole path is left out."""
    expressions = [expression(pattern) for pattern in patterns if pattern.strip("/")]
    if not expressions:
        return lambda path: False  # noqa: ARG005 - nothing is
    found = re.compile("|".join(f"(?:{one})" for one in expressions), re.DOTALL)
    return lambda path: found.search(path) is not None


def _anchored(pattern: str, below: Iterable[str]) -> Iterator[str]:
    if pattern.startswith("/"):
        yield pattern
    elif pattern.strip("/"):
        yield from (f"{top}/**/{pattern}" for top in below)


def _piece(piece: str) -> str:
    if piece.startswith("**"):  # several of them mean one, and would be tried one against the other
        return _WORDS["**/" if piece.endswith("/") else "**"]
    if piece in _WORDS:
        return _WORDS[piece]
    if piece.startswith("[") and len(piece) > 1:
        inner = piece[1:-1].replace("\\", r"\\").replace("[", r"\[")
        inner = f"^{inner[1:]}" if inner.startswith("!") else inner.replace("^", r"\^")
        return f"(?!/)[{inner}]"
    return re.escape(piece)
