"""SQL as a database would cut it into tokens, one letter each, from within a string or from outside of one.

What is judged is a value that an application may have put into a statement, bare or between quotes. So the value is cut
as if it stood behind nothing, behind `'` and behind `"`: the letters of a cut are its fingerprint. The idea of judging the
shape of tokens from each quoting context is libinjection's (N. Galbreath, 2012); letters, tables and rules are our own.

Letters beside those of `sqlwords`: `s` a string, `q` a string that does not end, `w` a word, `W` a name that is no English
word, `f` a function of databases before its parenthesis, `m` one that others have too, `F` a telling one, `o` an operator,
`=` a comparison, `&` is `&&` or `||`, `t` a cast, `c` a comment up to the end, and punctuation as it stands; `?` is
anything else, such as tags, rulers below headings and marks of quoted lines.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vedette_guard.decisions.attacks.sqlwords import COMMON, FOLDED, FUNCTIONS, PREFIXES, TELLING, WORDS

MOST = 40  # tokens of one cut: an injection shows its shape early

_TOKEN = re.compile(
    r"""(?P<quotation>[\r\n]+[ \t]*[<>]=?[ ])
    |(?P<space>[\s\x00\xa0]+)
    |(?P<open>/\*!\d*|/\*\+)
    |(?P<inline>/\*.*?\*/|\*/)
    |(?P<rest_of_line>(?:--|\#)[^\r\n]*[\r\n])
    |(?P<ruler>[=*~_^]{4,}|-{6,}(?=\s|\Z)|<[a-z][\w.-]*>)
    |(?P<comment>/\*.*|--.*|\#(?![->]).*|;\x00.*)
    |(?P<number>0x[0-9a-f]*|0b[01]+|(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+|e(?=[^\w.]))?(?:[df](?=(?:union|or|and|from|having)\b))?)
    |(?P<variable>@@?(?:[\w.$]+|`[^`]*`?|'[^']*'|"[^"]*")?|:\w+\b(?!:)|\$\d+|\$\$.*?\$\$)
    |(?P<prefixed>(?:[nbxe]|u&|_[a-z0-9]+\s*)(?=['"]))
    |(?P<string>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*")
    |(?P<open_string>['"].*)
    |(?P<quoted>`[^`]*`|\[[\w .]+\])
    |(?P<word>[^\W\d][\w$]*(?:\.[^\W\d][\w$]*)*)
    |(?P<logic>&&|\|\|)
    |(?P<cast>::)
    |(?P<comparison><=>|<>|[<>!=:^]=+|=+|@>|<@|[<>](?![<>])|[\^%](?!\w*%))
    |(?P<operator><<|>>|~\*|!~\*?|->>?|\#>>?|[-+*/%&|^~])
    |(?P<mark>[(),;.{}!:])
    |(?P<other>.)""",
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_LETTER = {
    "number": "n", "variable": "v", "string": "s", "open_string": "q", "quoted": "W", "logic": "&", "operator": "o",
    "comparison": "=", "other": "?", "ruler": "?", "quotation": "?", "comment": "c", "cast": "t",
}  # fmt: skip
_LINE_BEFORE, _LINE_BEHIND = re.compile(r"\S[ \t]*\Z"), re.compile(r"[ \t]*\S")
_CALLED = re.compile(r"\s*(?:/\*[^*]*\*/\s*){0,3}\(")


SKIPPED = frozenset({"space", "prefixed", "open", "inline", "rest_of_line"})


@dataclass(frozen=True)
class Cut:
    """Tokens of a value in one context: their letters, and their texts in lower case. `hidden`: SQL stood in comments."""

    letters: str
    texts: tuple[str, ...]
    hidden: bool = False


def cut(text: str, quote: str = "") -> Cut:
    """Return the tokens of a value behind `quote` (`'`, `"` or nothing); none when it does not leave the quotes."""
    start = 0
    letters: list[str] = []
    texts: list[str] = []
    if quote:
        end = _closing(text, quote)
        if end < 0:
            return Cut("", ())
        start, letters, texts = end + 1, ["s"], [text[:end].lower()]
    hidden = _walk(text, start, letters, texts)
    return Cut("".join(letters), tuple(texts), hidden)


def _closing(text: str, quote: str) -> int:
    """Return where a string that began before the text ends; behind a backslash it goes on."""
    at = text.find(quote)
    while at > 1 and text[at - 1] == "\\" and text[at - 2] != "\\":
        at = text.find(quote, at + 1)
    return at


def _walk(text: str, start: int, letters: list[str], texts: list[str]) -> bool:
    hidden = False
    for match in _TOKEN.finditer(text, start):
        kind = match.lastgroup or ""
        if kind in SKIPPED:
            hidden = hidden or kind == "open" or (kind == "inline" and _is_between(text, match))
            continue
        _add(kind, match, letters, texts)
        if len(letters) >= MOST:
            break
    return hidden


def _is_between(text: str, comment: re.Match[str]) -> bool:
    """Tell whether a comment touches a word or stands within a line: it may stand for a space, and in code hardly does."""
    before, after = (
        text[max(0, comment.start() - 9) : comment.start()],
        text[comment.end() : comment.end() + 9],
    )
    touches = before[-1:].strip() or after[:1].strip()
    return bool(touches or (_LINE_BEFORE.search(before) and _LINE_BEHIND.match(after)))


def _add(kind: str, match: re.Match[str], letters: list[str], texts: list[str]) -> None:
    found = match[0].lower()
    before = texts[-1] if texts else ""
    if kind == "word" and found in FOLDED.get(before, ()):
        texts[-1] = before + found
        letters[-1] = WORDS[texts[-1]]
        return
    letters.append(_letter(kind, found, match))
    texts.append(found)


def _letter(kind: str, found: str, match: re.Match[str]) -> str:
    if kind == "word":
        return _word(found, match)
    return found if kind == "mark" else _LETTER[kind]


def _word(found: str, match: re.Match[str]) -> str:
    """Return the letter of a word; one before a parenthesis is a function."""
    if (found in FUNCTIONS or found in COMMON) and _CALLED.match(match.string, match.end()):
        return "F" if found in TELLING else "f" if found in FUNCTIONS else "m"
    letter = WORDS.get(found)
    if letter is None:
        letter = "G" if found.startswith(PREFIXES) else "W" if "_" in found or "." in found else "w"
    return letter
