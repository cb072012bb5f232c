"""A tiny language for the words of notices: placeholders, conditions, one loop. Pure; see decision 15.

    {{ title }}  {{ labels.subject }}                            a value; nothing where there is none
    {% if resolved %} … {% elif severity == "high" %} … {% else %} … {% endif %}      also `not x`, `x != "y"`
    {% for alert in alerts %} {{ alert.link }} {% endfor %}      the first twenty; loops do not nest

`rendering` fills it in. What is wrong is told with its line and column.
"""

import re
from typing import NoReturn

import msgspec

from vedette.core.errors import Invalid

NAMES = ("title", "text", "severity", "state", "resolved", "project", "link", "reason", "receiver", "time", "truncated", "labels", "annotations", "alerts")  # fmt: skip
MOST_SOURCE, MOST_DEPTH = 10_000, 10
_TAG = re.compile(r"\{\{(.*?)\}\}|\{%(.*?)%\}\n?", re.DOTALL)
_PATH = r"[A-Za-z_][\w-]*(?:\.[\w-]+)*"
_CONDITION = re.compile(rf'(not\s+)?({_PATH})(?:\s*(==|!=)\s*"([^"]*)")?')
_LOOP = re.compile(r"for\s+([A-Za-z_]\w*)\s+in\s+alerts")


class Put(msgspec.Struct, frozen=True):
    """A text as it stands, or the value at a path."""

    text: str = ""
    path: tuple[str, ...] = ()


class Check(msgspec.Struct, frozen=True):
    """A condition on a path: true when the value is there, or equals `wanted`."""

    path: tuple[str, ...]
    wanted: str | None
    negated: bool


class If(msgspec.Struct, frozen=True):
    """Branches in order; the first whose test holds is taken. None always holds."""

    branches: "tuple[tuple[Check | None, tuple[Node, ...]], ...]"


class For(msgspec.Struct, frozen=True):
    """A body for each alert."""

    name: str
    body: "tuple[Node, ...]"


Node = Put | If | For


def parsed(source: str) -> tuple[Node, ...]:
    """Return a template ready to be rendered; raises `Invalid` that names line and column."""
    if len(source) > MOST_SOURCE:
        raise Invalid(f"A template has at most {MOST_SOURCE} characters.")
    return _Parser(source).whole()


class _Parser:
    """Walks the tags once, from left to right; `at` is the next tag."""

    def __init__(self, source: str) -> None:
        self.source, self.tags, self.at, self.end = source, list(_TAG.finditer(source)), 0, 0
        self.loop = ""

    def whole(self) -> tuple[Node, ...]:
        return self.block((), 0)[0]

    def block(self, ends: tuple[str, ...], depth: int) -> tuple[tuple[Node, ...], str]:
        """Return the nodes up to a tag that begins with one of `ends`, and that tag ("" at the end of the source)."""
        nodes: list[Node] = []
        if depth > MOST_DEPTH:
            self.wrong(f"blocks nest at most {MOST_DEPTH} deep")
        while self.at < len(self.tags):
            tag, start = self.tags[self.at], self.end
            self.at, self.end = self.at + 1, self.tags[self.at].end()
            nodes.append(Put(self.plain(start, tag.start())))
            if tag[1] is not None:
                nodes.append(Put(path=self.path(tag[1].strip())))
                continue
            word = tag[2].strip()
            if word.split(" ")[0] in {"elif", "else", "endif", "endfor"}:
                if word.split(" ")[0] not in ends:
                    self.wrong(f"“{word}” is out of place")
                return tuple(nodes), word
            nodes.append(self.inner(word, depth))
        nodes.append(Put(self.plain(self.end, len(self.source))))
        if ends:
            self.wrong(f"“{ends[-1]}” is missing")
        return tuple(nodes), ""

    def inner(self, word: str, depth: int) -> Node:
        if word.startswith("if "):
            return self.conditional(word[3:], depth)
        found = _LOOP.fullmatch(word)
        if not found or self.loop:
            self.wrong("loops do not nest" if found else f"“{word}” is none of if, for … in alerts")
        self.loop = found[1]
        body, _ = self.block(("endfor",), depth + 1)
        name, self.loop = self.loop, ""
        return For(name, body)

    def conditional(self, words: str, depth: int) -> If:
        branches: list[tuple[Check | None, tuple[Node, ...]]] = []
        test: Check | None = self.test(words)
        ends: tuple[str, ...] = ("elif", "else", "endif")
        while True:
            body, ended = self.block(ends, depth + 1)
            branches.append((test, body))
            if ended == "endif":
                return If(tuple(branches))
            test = None if ended == "else" else self.test(ended.removeprefix("elif "))
            ends = ("endif",) if ended == "else" else ends

    def test(self, words: str) -> Check:
        found = _CONDITION.fullmatch(words.strip())
        if not found:
            self.wrong(f'“{words.strip()}” is no condition: write name, not name, or name == "text"')
        denied, path, sign, wanted = found.groups()
        return Check(self.path(path), wanted if sign else None, bool(denied) != (sign == "!="))

    def path(self, text: str) -> tuple[str, ...]:
        steps = tuple(text.split("."))
        if not re.fullmatch(_PATH, text) or steps[0] not in {*NAMES, self.loop}:
            self.wrong(f"there is no “{text}”; known: {', '.join(NAMES)}")
        return steps

    def plain(self, start: int, end: int) -> str:
        text = self.source[start:end]
        if found := re.search(r"\{\{|\{%", text):
            self.wrong(f"“{found[0]}” is not closed", start + found.start())
        return text

    def wrong(self, what: str, at: int | None = None) -> NoReturn:
        place = (self.tags[self.at - 1].start() if self.at else 0) if at is None else at
        before = self.source[:place]
        line, column = before.count("\n") + 1, place - (before.rfind("\n") + 1) + 1
        raise Invalid(f"Line {line}, column {column}: {what}.")
