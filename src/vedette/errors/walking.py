"""Visit every part of an event once: hide what stands under a secret's name, gather the texts that may hold secrets.

Written for speed: whole dicts and lists are looked at with set operations and comprehensions, and where a gathered
text stood is found out only for the few that turn out to matter.
"""

import bisect
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from gc import is_tracked
from typing import NamedTuple

from vedette.errors.secrets import FILTERED, Names, Rule, is_card, mark
from vedette.errors.shape import Data
from vedette.wire.tolerant import Json

Holder = Data | list[Json]
_CONTAINERS = frozenset((dict, list))
_TEXTS = {str}
_SOURCE = frozenset(("context_line", "pre_context", "post_context"))
_NOT_NAMES = frozenset(("modules", "_meta"))
_CARD = 10**12
_SHORT = 6


class Place(NamedTuple):
    """Where a gathered text stands: in `holder` under `key`; `source` says that it is source code."""

    holder: Holder
    key: str | int
    text: str
    source: bool


class Walk:
    """One walk. After it `texts` holds what was gathered and `hidden` counts what was hidden, by rule."""

    def __init__(self, names: Names, *, texts: bool, cards: bool) -> None:
        self._names = names
        self._gather = texts
        self._cards = cards
        self._ends: list[int] = []
        self._owners: list[Holder] = []
        self._source: set[int] = set()
        self._numbers: dict[int, Holder] = {}
        self.texts: list[str] = []
        self.hidden: Counter[str] = Counter()

    def run(self, root: Data) -> None:
        """Walk an event. The names in `modules` and `_meta` are those of packages and parts: only their texts count."""
        apart = [root[key] for key in _NOT_NAMES if key in root]
        self._visit_all([root], skip=apart)
        if self._gather:
            self._visit_all([part for part in apart if isinstance(part, dict | list)], named=False)
        if self._cards:
            self._hide_cards()

    def where(self, places: Iterable[int]) -> Iterator[Place]:
        """Yield where gathered texts (by their numbers) stand; each holder is looked through once, however many it has."""
        wanted: dict[int, set[int]] = {}
        for place in places:
            wanted.setdefault(bisect.bisect_right(self._ends, place), set()).add(id(self.texts[place]))
        for number, texts in wanted.items():
            owner = self._owners[number]
            source = id(owner) in self._source
            for key, value in _pairs(owner):
                if id(value) in texts:
                    yield Place(owner, key, value, source or key in _SOURCE)  # type: ignore[arg-type]  # a text

    def _visit_all(self, stack: list[Holder], *, named: bool = True, skip: Sequence[Json] = ()) -> None:
        skipped = set(map(id, skip))
        look = self._gather_from if self._gather else _push
        while stack:
            node = stack.pop()
            if skipped and id(node) in skipped:
                continue
            if type(node) is dict:
                if named and not node.keys() <= self._names.safe:
                    self._hide_in_object(node)
                if named and "value" in node:
                    self._hide_named_value(node)
            elif named:
                self._hide_in_list(node)  # type: ignore[arg-type]
            look(node, stack)

    def _gather_from(self, node: Holder, stack: list[Holder]) -> None:
        """Gather a holder's texts and put what it holds on the stack."""
        before = len(self.texts)
        values = node.values() if type(node) is dict else node
        if type(node) is list and set(map(type, node)) == _TEXTS:
            self.texts += node  # type: ignore[arg-type]  # all are texts
        else:
            self._gather_each(values, node, stack)
        if len(self.texts) > before:
            self._ends.append(len(self.texts))
            self._owners.append(node)
            if type(node) is dict and not _SOURCE.isdisjoint(node):
                self._source.update(id(node[key]) for key in _SOURCE if key in node)

    def _gather_each(self, values: Iterable[Json], node: Holder, stack: list[Holder]) -> None:
        add, push = self.texts.append, stack.append
        for value in values:
            kind = type(value)
            if kind is str:
                if len(value) > _SHORT:  # type: ignore[arg-type]
                    add(value)  # type: ignore[arg-type]
            elif kind is dict or kind is list:
                if value:
                    push(value)  # type: ignore[arg-type]
            elif kind is int and value > _CARD:  # type: ignore[operator]
                self._numbers[id(node)] = node

    def _hide_in_object(self, node: Data) -> None:
        for key in node:
            self._hide(node, key, self._names[key])

    def _hide_named_value(self, node: Data) -> None:
        """Hide the value of `{"name": "password", "value": "…"}`."""
        name = node.get("key") or node.get("name")
        if isinstance(name, str):
            self._hide(node, "value", self._names[name])

    def _hide_in_list(self, node: list[Json]) -> None:
        """Hide the second of a pair, and the arguments of options such as `--password`."""
        if type(node[0]) is not str:
            return
        if len(node) == 2:
            self._hide(node, 1, self._names[node[0]])
        if not any(type(value) is str and value[:1] == "-" for value in node):
            return
        for place, value in enumerate(node[:-1]):
            if type(value) is str and value[:1] == "-" and "=" not in value and type(node[place + 1]) is str:
                self._hide(node, place + 1, self._names[value.lstrip("-")])

    def _hide_cards(self) -> None:
        """Hide the numbers of cards that came as numbers."""
        for node in self._numbers.values():
            for key, value in _pairs(node):
                if type(value) is int and _CARD < value < 10**19 and is_card(str(value)):
                    node[key] = mark("card")  # type: ignore[index]  # `key` is a key of `node`
                    self.hidden["card"] += 1

    def _hide(self, holder: Holder, key: str | int, rule: Rule | None) -> None:
        if rule is None:
            return
        value: Json = holder[key]  # type: ignore[index]  # `key` is a key of `holder`
        hidden = self._hidden(value, rule) if value else value
        if hidden is not value:
            holder[key] = hidden  # type: ignore[index]

    def _hidden(self, value: Json, rule: Rule) -> Json:
        """Return what is shown instead: names within stay readable, one level deep; truth values say nothing."""
        if isinstance(value, bool) or (isinstance(value, int | float) and not rule.numbers):
            return value
        if isinstance(value, dict):
            return {key: self._flat(inner, rule) for key, inner in value.items()}
        if isinstance(value, list) and all(map(_is_pair, value)):
            return [[pair[0], self._flat(pair[1], rule)] for pair in value if isinstance(pair, list)]
        if isinstance(value, list):
            return [self._flat(inner, rule) for inner in value]
        return self._flat(value, rule)

    def _flat(self, value: Json, rule: Rule) -> Json:
        if value in (None, "", True, False) or (isinstance(value, str) and _is_filtered(value)):
            return value
        self.hidden[rule.name] += 1
        return mark(rule.name)


def _pairs(node: Holder) -> list[tuple[str | int, Json]]:
    return [*(node.items() if isinstance(node, dict) else enumerate(node))]


def _push(node: Holder, stack: list[Holder]) -> None:
    """Put what a holder holds on the stack; of an object of nothing but texts and numbers the collector knows nothing."""
    if type(node) is dict:
        if is_tracked(node):
            stack += [value for value in node.values() if type(value) in _CONTAINERS and value]  # type: ignore[misc]
    elif not _CONTAINERS.isdisjoint(map(type, node)):
        stack += [value for value in node if type(value) in _CONTAINERS and value]  # type: ignore[misc]


def _is_pair(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _is_filtered(value: str) -> bool:
    return value.startswith(FILTERED) and value.endswith("]") and len(value) < 64
