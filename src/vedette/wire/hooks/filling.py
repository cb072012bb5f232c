"""Texts with holes: `Check {monitor.name} failed` is filled from the JSON that was sent.

A hole is a path (see `picking`); one that may be empty ends with a question mark, `{monitor.note?}`. `{{` and `}}`
stand for braces.
"""

import re

import msgspec

from vedette.core.errors import Invalid
from vedette.wire.hooks import picking
from vedette.wire.hooks.picking import Path

LONGEST_TEXT = 1_000
LONGEST_VALUE = 8_192  # characters of what one hole takes in
_MOST_HOLES = 20
_PIECE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


class Hole(msgspec.Struct, frozen=True):
    """A place in a text that a path fills; `optional` says that it may stay empty."""

    path: Path
    optional: bool


class Template(msgspec.Struct, frozen=True):
    """A text with holes that can be filled."""

    parts: tuple[str | Hole, ...]

    def fill(self, alert: object, body: object) -> str:
        """Return the text filled in; raises `Invalid` naming the path that found nothing, or no text."""
        return "".join(part if isinstance(part, str) else _value(part, alert, body) for part in self.parts)


def template(text: str) -> Template:
    """Read a text with holes; raises `Invalid` with what is wrong."""
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"A text has at most {LONGEST_TEXT} characters, this one has {len(text)}.")
    parts = tuple(_part(found) for found in _PIECE.finditer(text))
    if sum(isinstance(part, Hole) for part in parts) > _MOST_HOLES:
        raise Invalid(f"A text has at most {_MOST_HOLES} holes.")
    return Template(parts)


def _part(found: "re.Match[str]") -> str | Hole:
    if found[0] in {"{{", "}}"}:
        return found[0][0]
    if found[0] in {"{", "}"}:
        raise Invalid(
            f"A brace at character {found.start() + 1} has no partner; write {{{{ or }}}} for one as it is."
        )
    inner = found[1]
    if inner is None:
        return found[0]
    optional = inner.rstrip().endswith("?")
    return Hole(picking.path(inner.rstrip().removesuffix("?") if optional else inner), optional)


def _value(hole: Hole, alert: object, body: object) -> str:
    found = hole.path.find(alert, body)
    if found is None:
        if hole.optional:
            return ""
        told = f"Nothing is at `{hole.path.text}`. {picking.hint(hole.path, alert, body)}".strip()
        raise Invalid(f"{told} Write {{{hole.path.text}?}} where it may be missing.")
    text = written(found)
    if text is None:
        kind = "a list" if isinstance(found, list) else "an object"
        raise Invalid(f"`{hole.path.text}` is {kind}, not a text; point at something in it.")
    return text[:LONGEST_VALUE]


def written(value: object) -> str | None:
    """Return a value of JSON as text; None for what is none (null, lists and objects)."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, str | int | float) else None
