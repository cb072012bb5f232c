"""YAML as values and the lines of its places; bounded, for a few lines of YAML can say a billion things. Pure."""

from collections.abc import Mapping
from typing import Any

import yaml

from vedette.core.errors import Invalid
from vedette.monitors.importing.port import Path

LONGEST = 4_000_000
DEEPEST = 60
_MOST_VALUES = 200_000
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # Any: either of two classes of the same methods


def read(name: str, text: str) -> tuple[object, Mapping[Path, int]]:
    """Return what the first document says and the line of each place; raises `Invalid` that names file and line."""
    if len(text) > LONGEST:
        raise Invalid(f"{name} is longer than {LONGEST:,} characters; split it.")
    try:
        return _Tree(name, text).read()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        told = getattr(error, "problem", None) or "it cannot be read"
        raise Invalid(f"{name}:{mark.line + 1 if mark else 1}: This is no YAML: {told}.") from None
    except (ValueError, OverflowError, RecursionError) as error:
        raise Invalid(f"{name}: This YAML holds a value that cannot be read: {error}.") from None


class _Tree:
    def __init__(self, name: str, text: str) -> None:
        self._name, self._loader = name, _Loader(text)
        self._lines: dict[Path, int] = {}
        self._left = _MOST_VALUES

    def read(self) -> tuple[object, Mapping[Path, int]]:
        try:
            node = self._loader.get_node() if self._loader.check_node() else None
            return (None if node is None else self._value(node, ())), self._lines
        finally:
            self._loader.dispose()

    def _value(self, node: Any, path: Path) -> object:
        """Return what a node of PyYAML (untyped) says; anchors are followed, each time anew."""
        self._left -= 1
        if self._left < 0 or len(path) > DEEPEST:
            raise Invalid(f"{self._name}: It says too much by way of anchors, or is nested too deeply.")
        self._lines.setdefault(path, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            self._loader.flatten_mapping(node)
            return {key: self._at(key, inner, value, path) for key, inner, value in self._pairs(node)}
        if isinstance(node, yaml.SequenceNode):
            return [self._value(each, (*path, n)) for n, each in enumerate(node.value)]
        return self._loader.construct_object(node)

    def _pairs(self, node: Any) -> list[tuple[str, Any, Any]]:
        return [(str(key.value), key, value) for key, value in node.value]

    def _at(self, key: str, inner: Any, value: Any, path: Path) -> object:
        self._lines[(*path, key)] = inner.start_mark.line + 1
        return self._value(value, (*path, key))
