"""Colours source lines: a class for keywords, strings, comments and names of functions; nothing else."""

import functools
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pygments.lexer import Lexer
    from pygments.token import _TokenType

_LONGEST = 2000
_LARGEST = 20_000
_NAMES = {
    "javascript": "javascript", "node": "javascript", "python": "python", "ruby": "ruby", "php": "php", "java": "java", "csharp": "csharp",
    "go": "go", "rust": "rust", "elixir": "elixir", "perl": "perl", "c": "c", "native": "cpp", "cocoa": "swift", "swift": "swift",
    "objc": "objective-c", "dart": "dart", "kotlin": "kotlin", "groovy": "groovy",
}  # fmt: skip
_ENDINGS = {
    "py": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "jsx", "ts": "typescript", "tsx": "tsx",
    "rb": "ruby", "php": "php", "java": "java", "kt": "kotlin", "go": "go", "rs": "rust", "cs": "csharp", "ex": "elixir", "exs": "elixir",
    "c": "c", "cc": "cpp", "cpp": "cpp", "h": "cpp", "m": "objective-c", "swift": "swift", "dart": "dart", "pl": "perl", "vue": "javascript",
    "html": "html", "sql": "sql",
}  # fmt: skip


def language(platform: str, filename: str = "") -> str:
    """Return the language of a frame by its file's ending, else by its platform; empty when unknown."""
    ending = filename.rpartition(".")[2].lower()
    return _ENDINGS.get(ending) or _NAMES.get(platform, "")


def line(text: str, name: str) -> str:
    """Return one line as escaped HTML with `<span class="k|s|c|f">` around what has a colour.

    Unknown languages and lines longer than 2,000 characters come back escaped and plain.
    """
    lexer = _lexer(name)
    if lexer is None or len(text) > _LONGEST or "\n" in text:
        return escape(text)
    return "".join(_span(_class_of(kind), word) for kind, word in lexer.get_tokens(text)).rstrip("\n")


@functools.lru_cache(maxsize=512)
def block(texts: tuple[str, ...], name: str) -> tuple[str, ...]:
    """Return lines that belong together as escaped HTML, coloured as one text; a name before `(` reads as a call.

    Unknown languages, and more than 20,000 characters, come back escaped and plain.
    """
    lexer = _lexer(name)
    if lexer is None or sum(map(len, texts)) > _LARGEST:
        return tuple(map(escape, texts))
    runs = list(lexer.get_tokens("\n".join(texts)))
    following = [word for _, word in runs[1:]] + [""]
    lines: list[list[str]] = [[]]
    for (kind, words), after in zip(runs, following, strict=True):
        css = _class_of(kind) or ("f" if after.startswith("(") and _is_name(kind) else "")
        for index, word in enumerate(words.split("\n")):
            if index:
                lines.append([])
            lines[-1].append(_span(css, word))
    return tuple(map("".join, lines)) if len(lines) == len(texts) else tuple(map(escape, texts))


def _is_name(kind: "_TokenType") -> bool:
    from pygments.token import Name

    return _within(kind, Name)


def _within(kind: "_TokenType", token: "_TokenType") -> bool:
    return kind[: len(token)] == token


def _span(css: str, word: str) -> str:
    return f'<span class="{css}">{escape(word)}</span>' if css and word.strip() else escape(word)


def _class_of(kind: "_TokenType") -> str:
    from pygments.token import Comment, Keyword, Name, Operator, String

    for token, css in (
        (Keyword, "k"),
        (Operator.Word, "k"),
        (String, "s"),
        (Comment, "c"),
        (Name.Function, "f"),
        (Name.Class, "f"),
    ):
        if _within(kind, token):
            return css
    return ""


@functools.lru_cache(maxsize=32)
def _lexer(name: str) -> "Lexer | None":
    if not name:
        return None
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(name, stripnl=False, ensurenl=False, startinline=True)
    except ClassNotFound:
        return None
