"""Draw source lines: numbered, escaped, with the words of the language marked by class (no style, no script)."""

import functools
import html
from collections.abc import Mapping, Sequence

import msgspec

MOST_CHARS = 20_000
_BY_SUFFIX = {
    "py": "python", "js": "javascript", "mjs": "javascript", "cjs": "javascript", "jsx": "jsx",
    "ts": "typescript", "tsx": "tsx", "vue": "javascript", "php": "php", "rb": "ruby", "erb": "ruby",
    "go": "go", "java": "java", "kt": "kotlin", "cs": "csharp", "rs": "rust", "swift": "swift",
    "c": "c", "h": "c", "cc": "cpp", "cpp": "cpp", "hpp": "cpp", "m": "objective-c", "mm": "objective-c",
    "html": "html+django", "sql": "sql", "cr": "crystal", "sh": "bash",
}  # fmt: skip
_BY_PLATFORM = {
    "python": "python", "javascript": "javascript", "node": "javascript", "php": "php", "ruby": "ruby",
    "go": "go", "java": "java", "csharp": "csharp", "cocoa": "swift", "native": "cpp", "crystal": "crystal",
}  # fmt: skip


class Markup(str):
    """HTML made here: every part of it was escaped when it was put together."""

    __slots__ = ()

    def __html__(self) -> str:
        """Tell template engines not to escape again."""
        return str(self)


class Line(msgspec.Struct, frozen=True):
    """A numbered line of source; `hit` is the line the frame stands at."""

    number: str
    code: Markup
    hit: bool = False


def language_of(filename: str, platform: str) -> str:
    """Return the language a file is written in, told by its suffix, else by the event's platform."""
    path = filename.partition("?")[0].partition("#")[0]
    suffix = path.rpartition(".")[2].lower() if "." in path else ""
    return _BY_SUFFIX.get(suffix, _BY_PLATFORM.get(platform, ""))


def lines_of(frame: Mapping[str, object], language: str) -> tuple[Line, ...]:
    """Return the lines around a frame, marked as `language` (empty: only escaped); none when it has no source."""
    before, hit, after = (
        _texts(frame.get("pre_context")),
        frame.get("context_line"),
        _texts(frame.get("post_context")),
    )
    if hit is None and not before and not after:
        return ()
    texts = [*before, hit if isinstance(hit, str) else "", *after]
    number = frame.get("lineno")
    first = number - len(before) if isinstance(number, int) else None
    drawn = marked("\n".join(texts), language) if language else plain(texts)
    return tuple(
        Line("" if first is None else str(first + i), code, i == len(before)) for i, code in enumerate(drawn)
    )


def _texts(value: object) -> list[str]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return []
    return [("" if text is None else str(text)).replace("\r", "").replace("\n", "⏎") for text in value]


def plain(texts: Sequence[str]) -> tuple[Markup, ...]:
    """Return lines escaped and otherwise as they are."""
    return tuple(Markup(html.escape(text)) for text in texts)


@functools.lru_cache(maxsize=1024)
def marked(code: str, language: str) -> tuple[Markup, ...]:
    """Return the lines of `code` with keywords (k), texts (s), comments (c) and calls (f) in spans.

    An unknown language, or more than `MOST_CHARS`, is only escaped.
    """
    texts = code.split("\n")
    if len(code) > MOST_CHARS:
        return plain(texts)
    drawn = _draw(_tokens(code, language))
    return drawn if len(drawn) == len(texts) else plain(texts)


def _tokens(code: str, language: str) -> list[tuple[str, str]]:
    """Return (class, text) runs; pygments is loaded on first use because few pages need it."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    options = {"startinline": True} if language == "php" else {}
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False, **options)
    except ClassNotFound:
        return [("", code)]
    return _name_calls([(_class_of(str(kind)), text) for kind, text in lexer.get_tokens(code)])


def _class_of(kind: str) -> str:
    """Return the class of a token type's dotted name."""
    if kind.startswith("Token.Keyword") or kind == "Token.Operator.Word":
        return "k"
    if kind.startswith("Token.Literal.String"):
        return "s"
    if kind.startswith("Token.Comment"):
        return "c"
    return "n" if kind.startswith("Token.Name") else ""


def _name_calls(runs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give a name that an opening bracket follows the class of a call; other names lose theirs."""
    following = [text for _, text in runs[1:]] + [""]
    return [
        (("f" if after.startswith("(") else "") if kind == "n" else kind, text)
        for (kind, text), after in zip(runs, following, strict=True)
    ]


def _draw(runs: list[tuple[str, str]]) -> tuple[Markup, ...]:
    """Join runs into lines; a run that spans lines is closed and opened again at each break."""
    lines: list[list[str]] = [[]]
    for kind, text in runs:
        for index, piece in enumerate(text.split("\n")):
            if index:
                lines.append([])
            if piece:
                safe = html.escape(piece)
                lines[-1].append(f'<span class="{kind}">{safe}</span>' if kind else safe)
    return tuple(Markup("".join(parts)) for parts in lines)
