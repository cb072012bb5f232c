"""Take secrets out of an event before it rests: one look at its bytes, and a walk only when something is suspect.

What is hidden leaves `[Filtered: rule]` behind, so that a page can say which rule took it. The same walk cuts
texts that are too long.
"""

import functools
from collections import Counter
from collections.abc import Iterator

from vedette.errors.secrets import FILTERED, Names, Rule, Texts, is_card, mark, suspicion
from vedette.errors.shape import Data, Draft
from vedette.projects.types import ScrubRules
from vedette.wire.tolerant import Json

LONGEST = 65_536
CUT = "… [cut]"
_SOURCE = frozenset(("context_line", "pre_context", "post_context"))
_NOT_NAMES = frozenset(("modules", "_meta"))
_CARD = 10**12
_SHORT = 6


class Scrubber:
    """The scrubbing of a project's events; made once for its rules and used for every event. One thread at a time."""

    def __init__(self, rules: ScrubRules) -> None:
        self._suspicion = suspicion(rules)
        self._names = Names(rules)
        self._texts = Texts(rules, self._names)
        self._cards = rules.defaults

    def suspects(self, payload: bytes) -> bool:
        """Tell from the raw JSON whether the walk may find something: a secret, or a text that is too long."""
        return len(payload) > LONGEST or (self._suspicion is not None and self._suspicion(payload))

    def scrub(self, draft: Draft) -> None:
        """Hide the event's secrets and cut its texts, in place; a note sums up what was done."""
        walk = _Walk(self._names, cards=self._cards)
        walk.run(draft.data)
        cut = _cut(walk)
        for place in self._texts.suspects(walk.texts):
            self._scrub_text(walk, place)
        if walk.hidden:
            told = ", ".join(sorted(walk.hidden))
            draft.note("", f"Hidden by scrubbing rules: {walk.hidden.total()} values ({told}).")
        if cut:
            draft.note("", f"{cut} texts were cut at {LONGEST:,} characters.")

    def _scrub_text(self, walk: "_Walk", place: int) -> None:
        holder, key, source = walk.places[place]
        before = walk.texts[place]
        after = self._texts.scrubbed(before, source=source)
        if after != before and holder[key] == before:  # type: ignore[index]  # the walk took `key` from `holder`
            holder[key] = after  # type: ignore[index]
            walk.hidden.update(_rules_in(after, before))


def _cut(walk: "_Walk") -> int:
    """Cut the gathered texts that are too long, where they stand; return how many."""
    long = [place for place, text in enumerate(walk.texts) if len(text) > LONGEST]
    for place in long:
        holder, key, _ = walk.places[place]
        walk.texts[place] = holder[key] = walk.texts[place][:LONGEST] + CUT  # type: ignore[index]
    return len(long)


@functools.lru_cache(maxsize=256)
def scrubber(rules: ScrubRules) -> Scrubber:
    """Return the scrubber of these rules."""
    return Scrubber(rules)


class _Walk:
    """Visits every part once: hides what stands under a secret's name, gathers the texts that may hold secrets."""

    def __init__(self, names: Names, *, cards: bool) -> None:
        self._names = names
        self._cards = cards
        self._stack: list[tuple[Data | list[Json], bool, bool]] = []
        self.texts: list[str] = []
        self.places: list[tuple[Data | list[Json], str | int, bool]] = []
        self.hidden: Counter[str] = Counter()
        self.cut = 0

    def run(self, root: Data) -> None:
        self._stack.append((root, True, False))
        while self._stack:
            node, named, source = self._stack.pop()
            if type(node) is dict:
                self._object(node, named=named)
            elif type(node) is list:
                self._list(node, named=named, source=source)

    def _object(self, node: Data, *, named: bool) -> None:
        names, stack, texts, places = self._names, self._stack, self.texts, self.places
        for key, value in node.items():
            kind = type(value)
            if named and names[key] is not None and value:
                self._hide(node, key, value, names[key])
            elif kind is str:
                if len(value) > _SHORT:  # type: ignore[arg-type]
                    texts.append(value)  # type: ignore[arg-type]
                    places.append((node, key, key in _SOURCE))
            elif kind is dict or kind is list:
                if value:
                    stack.append((value, named and key not in _NOT_NAMES, key in _SOURCE))  # type: ignore[arg-type]
            elif kind is int and value > _CARD:  # type: ignore[operator]
                self._number(node, key, value)  # type: ignore[arg-type]
        if named and "value" in node:
            self._named_value(node)

    def _list(self, node: list[Json], *, named: bool, source: bool) -> None:
        stack, texts, places = self._stack, self.texts, self.places
        if named and len(node) == 2 and type(node[0]) is str and node[1]:
            self._hide(node, 1, node[1], self._names[node[0]])
        for place, value in enumerate(node):
            kind = type(value)
            if kind is str:
                if len(value) > _SHORT:  # type: ignore[arg-type]
                    texts.append(value)  # type: ignore[arg-type]
                    places.append((node, place, source))
                    if value[0] == "-" and not source and place + 1 < len(node):  # type: ignore[index]
                        self._option(node, place, value)  # type: ignore[arg-type]
            elif kind is dict or kind is list:
                if value:
                    stack.append((value, named, source))  # type: ignore[arg-type]
            elif kind is int and value > _CARD:  # type: ignore[operator]
                self._number(node, place, value)  # type: ignore[arg-type]

    def _named_value(self, node: Data) -> None:
        """Hide the value of `{"name": "password", "value": "…"}`."""
        name = node.get("key") or node.get("name")
        rule = self._names[name] if isinstance(name, str) else None
        self._hide(node, "value", node["value"], rule)

    def _option(self, node: list[Json], place: int, option: str) -> None:
        """Hide the argument of a command line's `--password`."""
        rule = self._names[option.lstrip("-")] if "=" not in option else None
        if isinstance(node[place + 1], str):
            self._hide(node, place + 1, node[place + 1], rule)

    def _hide(self, holder: Data | list[Json], key: str | int, value: Json, rule: Rule | None) -> None:
        hidden = value if rule is None else self._hidden(value, rule)
        if hidden is not value:
            holder[key] = hidden  # type: ignore[index]  # `key` belongs to `holder`

    def _hidden(self, value: Json, rule: Rule) -> Json:
        """Return what is shown instead: names within stay readable, one level deep; truth values say nothing."""
        if value is None or isinstance(value, bool) or (isinstance(value, int | float) and not rule.numbers):
            return value
        if isinstance(value, dict) and value:
            return {key: self._flat(inner, rule) for key, inner in value.items()}
        if isinstance(value, list) and value and all(map(_is_pair, value)):
            return [[pair[0], self._flat(pair[1], rule)] for pair in value if isinstance(pair, list)]
        if isinstance(value, list):
            return [self._flat(inner, rule) for inner in value]
        return self._flat(value, rule)

    def _flat(self, value: Json, rule: Rule) -> Json:
        if value in (None, "", True, False) or (isinstance(value, str) and _is_filtered(value)):
            return value
        self.hidden[rule.name] += 1
        return mark(rule.name)

    def _number(self, holder: Data | list[Json], key: str | int, value: int) -> None:
        if self._cards and value < 10**19 and is_card(str(value)):
            holder[key] = mark("card")  # type: ignore[index]
            self.hidden["card"] += 1


def _is_pair(value: Json) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str)


def _is_filtered(value: str) -> bool:
    return value.startswith(FILTERED) and value.endswith("]") and len(value) < 64


def _rules_in(after: str, before: str) -> Iterator[str]:
    """Yield the rules whose marks stand in a text and did not before."""
    marks = FILTERED + ": "
    for piece in after.split(marks)[1 + before.count(marks) :]:
        yield piece.partition("]")[0]
