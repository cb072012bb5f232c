"""Variables of a suite: where `${name}` stands, what goes there, and what of an answer becomes one. Decisions only."""

import functools
import re
from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import quote

from vedette.core.errors import Invalid
from vedette.instruments.probe.assertions import judging
from vedette.instruments.probe.assertions.facts import MISSING, Facts
from vedette.instruments.probe.assertions.reading import read_placeholder
from vedette.instruments.probe.assertions.tree import Name
from vedette.instruments.probe.masking import KEPT_IN_URL
from vedette.instruments.probe.optioning import wrong

PATTERN = "re:"
MOST_VALUE = 8192
_PATTERN_MEMORY = 1 << 20
_USE = re.compile(r"\$\{([^}]{0,60})\}")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def check_name(name: str) -> None:
    """Raise `Invalid` for what is no name of a variable."""
    if not _NAME.fullmatch(name):
        raise wrong(
            "steps", f"{name[:40]!r} is no name of a variable; write lower-case letters, digits and _"
        )


def used(value: object) -> Iterator[str]:
    """Yield the names of the variables that a value uses, wherever in it they stand."""
    if isinstance(value, str):
        yield from _USE.findall(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from used(key)
            yield from used(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from used(inner)


def filled(value: object, variables: Mapping[str, str]) -> object:
    """Return a value with each variable in its place; raises `KeyError` for one that is not there."""
    if isinstance(value, str):
        return text_of(value, variables)
    if isinstance(value, Mapping):
        return {key: filled(inner, variables) for key, inner in value.items()}
    return [filled(inner, variables) for inner in value] if isinstance(value, list | tuple) else value


def text_of(text: str, variables: Mapping[str, str]) -> str:
    """Return a text with each variable in its place."""
    return _USE.sub(lambda match: variables[match[1]], text)


def url_of(url: str, variables: Mapping[str, str]) -> str:
    """Return a URL with each variable in its place: spaces and what else no URL holds are escaped."""
    return text_of(url, {name: quote(value, safe=KEPT_IN_URL) for name, value in variables.items()})


def assertion_of(text: str, variables: Mapping[str, str]) -> str:
    """Return an assertion with each variable in its place: in quotes, a quote or a backslash of its value does not end them."""
    return text_of(text, {name: re.sub(r"([\"'\\])", r"\\\1", value) for name, value in variables.items()})


def check_source(source: str) -> None:
    """Raise `Invalid` for what nothing can be captured by."""
    if source.startswith(PATTERN):
        _compiled(source.removeprefix(PATTERN))
    elif read_placeholder(source).name is Name.DOMAIN_EXPIRATION:
        raise wrong("steps", "[DOMAIN_EXPIRATION] can be asserted, and is not captured")


def captured(source: str, facts: Facts) -> str | None:
    """Return what a source finds in an answer as text; None when it is not there or too long."""
    if source.startswith(PATTERN):
        pattern = _compiled(source.removeprefix(PATTERN))
        match = pattern.search(facts.text)
        found: object = MISSING if match is None else match.group(1 if pattern.groups else 0)
    else:
        found = judging.value(read_placeholder(source), facts)
    if found is MISSING or found is None:
        return None
    text = judging.as_text(found)
    return text if len(text) <= MOST_VALUE else None


class _Match(Protocol):
    """What a pattern found."""

    def group(self, number: int) -> str | None:
        """Return a group, the whole for 0."""
        ...


class _Pattern(Protocol):
    """A compiled pattern."""

    groups: int

    def search(self, text: str) -> _Match | None:
        """Return what matches first, None when nothing does."""
        ...


@functools.lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Pattern:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        made: _Pattern = re2.compile(pattern, options)
    except re2.error as error:
        raise Invalid(f"The pattern {pattern[:80]} cannot be used: {error}.", {"steps": "pattern"}) from error
    return made
