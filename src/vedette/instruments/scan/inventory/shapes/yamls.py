"""YAML of somebody else as mappings, lists and texts: no types, no tags, no objects; bounded. Pure.

It is built from events, one after the other, so that depth costs no stack; an alias is the same value once more, never a copy,
so that a few lines cannot say a billion things. https://yaml.org/spec/1.1/
"""

from collections.abc import Mapping
from typing import Any

import yaml

from vedette.instruments.scan.inventory.types import Broken

MOST_VALUES, MOST_ALIASES, DEEPEST = 2_000_000, 100, 60
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: either of two classes of the same methods


class Tree(dict[str, object]):
    """A mapping that knows the line of each of its keys."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


def read(text: str) -> Tree:
    """Return the mapping that the one document holds; raises `Broken` with the line, of a second document as well."""
    try:
        found = _Builder().build(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        told = getattr(error, "problem", None) or "it cannot be read"
        raise Broken(f"It is no YAML: {told}.", mark.line + 1 if mark else 0) from None
    except ValueError as error:
        raise Broken(f"It is no YAML: {error}.") from None
    if not isinstance(found, Tree):
        raise Broken("It holds no mapping.", 1)
    return found


class _Builder:
    def __init__(self) -> None:
        self._stack: list[tuple[Tree | list[object], str]] = []  # what is being filled, and its anchor
        self._keys: list[str | None] = []
        self._anchors: dict[str, object] = {}
        self._values = self._aliases = 0
        self._first: object = None
        self._done = False

    def build(self, text: str) -> object:
        for event in yaml.parse(text, Loader=_Loader):
            if self._done and isinstance(event, yaml.DocumentStartEvent):
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise Broken("A second YAML document begins, which lock files have not.", line)
            self._take(event)
        return self._first

    def _take(self, event: Any) -> None:
        """Take an event of PyYAML (untyped)."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.ScalarEvent):
            self._scalar(event.value, event.anchor, line)
        elif isinstance(event, yaml.MappingStartEvent):
            self._open(Tree(), event.anchor, line)
        elif isinstance(event, yaml.SequenceStartEvent):
            self._open([], event.anchor, line)
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event.anchor, line)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._close(line)

    def _scalar(self, value: str, anchor: str | None, line: int) -> None:
        if self._stack and isinstance(self._stack[-1][0], Tree) and self._keys[-1] is None:
            self._keys[-1] = value
            self._stack[-1][0].lines.setdefault(value, line)
            return
        self._put(value, anchor, line)

    def _open(self, made: Tree | list[object], anchor: str | None, line: int) -> None:
        if len(self._stack) >= DEEPEST:
            raise Broken("Its YAML is nested too deeply.", line)
        if self._stack and isinstance(self._stack[-1][0], Tree) and self._keys[-1] is None:
            raise Broken("A key of this YAML is no text.", line)
        self._stack.append((made, anchor or ""))
        self._keys.append(None)

    def _close(self, line: int) -> None:
        made, anchor = self._stack.pop()
        self._keys.pop()
        self._put(made, anchor, line)

    def _alias(self, anchor: str | None, line: int) -> None:
        self._aliases += 1
        if self._aliases > MOST_ALIASES:
            raise Broken(f"Its YAML has more than {MOST_ALIASES} aliases, which lock files have not.", line)
        if anchor is None or anchor not in self._anchors:
            raise Broken("An alias of this YAML leads nowhere, or to itself.", line)
        self._put(self._anchors[anchor], None, line)

    def _put(self, value: object, anchor: str | None, line: int) -> None:
        self._values += 1
        if self._values > MOST_VALUES:
            raise Broken(f"Its YAML holds more than {MOST_VALUES:,} values.", line)
        if anchor:
            self._anchors[anchor] = value
        if not self._stack:
            self._first, self._done = value, True
            return
        self._hang(value, line)

    def _hang(self, value: object, line: int) -> None:
        into, key = self._stack[-1][0], self._keys[-1]
        if isinstance(into, list):
            into.append(value)
        elif key is None:
            raise Broken("A key of this YAML is no text.", line)
        else:
            into[key] = value
            self._keys[-1] = None


def lines(tree: Mapping[str, object]) -> Mapping[str, int]:
    """Return the line of each key of a mapping that was read here."""
    return tree.lines if isinstance(tree, Tree) else {}
