"""Who owns a new issue: a project's rules, one a line, the last that fits wins. Pure.

    path:src/billing/*  anna@example.org
    module:app.billing.*  anna@example.org
    url:*/checkout/*  jonas@example.org
    tag.area:checkout  jonas@example.org

`*` stands for anything, `#` begins a comment. A line of a CODEOWNERS file (`/src/billing/ anna@example.org`) is read as a
rule for paths; its owners must be e-mails, for names of other systems mean nobody here.
Format of CODEOWNERS: https://docs.github.com/articles/about-code-owners (patterns of gitignore, the last wins).
"""

import re
from collections.abc import Collection, Iterator, Mapping

import msgspec

from vedette.errors.facts import frames_of, members, text
from vedette.errors.types import Event

MOST_RULES = 500
LONGEST = 40_000
_FRAMES = 50
_RULE = re.compile(r"(path|module|url|tag\.[\w.-]+):(\S+)")


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whom rules give an issue to, by e-mail, and by which rule."""

    email: str
    reason: str


class OwnerRule(msgspec.Struct, frozen=True):
    """A rule: `kind` is path, module, url or tag.<name>; `pattern` may hold `*`; `line` counts from 1."""

    kind: str
    pattern: str
    email: str
    line: int

    @property
    def said(self) -> str:
        """Return the rule as it is written, without its owner."""
        return f"{self.kind}:{self.pattern}"


class Traits(msgspec.Struct, frozen=True):
    """What rules look at in an event: its frames' paths and modules (yours, else all), its addresses, its tags."""

    paths: tuple[str, ...]
    modules: tuple[str, ...]
    urls: tuple[str, ...]
    tags: Mapping[str, str]


def parse(source: str, people: Collection[str]) -> tuple[tuple[OwnerRule, ...], tuple[str, ...]]:
    """Return the rules of a text, and what is wrong with it, one sentence a line; `people` are e-mails in lower case."""
    rules: list[OwnerRule] = []
    problems: list[str] = []
    for number, line in enumerate(source.splitlines(), 1):
        said = re.sub(r"(^|\s)#.*", "", line).split()
        if not said:
            continue
        try:
            rules.append(_rule(said, number, people))
        except ValueError as error:
            problems.append(f"Line {number}: {error}")
    if len(rules) > MOST_RULES:
        problems.append(f"At most {MOST_RULES} rules; there are {len(rules)}.")
    return tuple(rules), tuple(problems)


def _rule(said: list[str], number: int, people: Collection[str]) -> OwnerRule:
    found = _RULE.fullmatch(said[0])
    if found is None and ":" in said[0]:
        raise ValueError(f"{said[0]} is no rule; begin with path:, module:, url: or tag.<name>:.")
    emails = [name.lower() for name in said[1:]]
    known = next((email for email in emails if email in people), None)
    if known is None:
        named = f"{' '.join(said[1:])} is nobody here" if emails else "it names no owner"
        raise ValueError(f"{named}; write the e-mail of somebody who signs in here.")
    kind, pattern = (found[1], found[2]) if found else ("path", _of_codeowners(said[0]))
    return OwnerRule(kind, pattern, known, number)


def _of_codeowners(pattern: str) -> str:
    """Return a CODEOWNERS pattern as ours; where a repository begins is not known here, so none is anchored."""
    bare = pattern.strip("/").replace("**/", "*").replace("**", "*")
    return f"{bare}/*" if pattern.endswith("/") else bare


def owner(rules: tuple[OwnerRule, ...], traits: Traits) -> Owner | None:
    """Return who owns what has these traits, and by which rule; None when no rule fits."""
    for rule in reversed(rules):
        if any(_fits(rule.pattern, value) for value in _values(rule.kind, traits)):
            return Owner(email=rule.email, reason=f"owner by {rule.said}")
    return None


def _values(kind: str, traits: Traits) -> tuple[str, ...]:
    if kind.startswith("tag."):
        value = traits.tags.get(kind[4:])
        return () if value is None else (value,)
    return {"path": traits.paths, "module": traits.modules, "url": traits.urls}[kind]


def _fits(pattern: str, value: str) -> bool:
    """Tell whether a value fits a pattern: its pieces stand in it in order, at the ends where no `*` is.

    Without regular expressions, so that no pattern can take long: each piece is looked for once.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return value == pattern
    if not value.startswith(first):
        return False
    place, last = len(first), rest.pop()
    for piece in rest:
        place = value.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    return len(value) - place >= len(last) and value.endswith(last)


def traits_of(event: Event) -> Traits:
    """Return what rules look at in an event with its data."""
    frames = [frame for member in members(event.data.get("exception")) for frame in frames_of(member)]
    frames = frames or frames_of(event.data)
    own = ([frame for frame in frames if frame.get("in_app") is True] or frames)[-_FRAMES:]
    paths = (
        path for frame in own for path in _paths(text(frame.get("filename")), text(frame.get("abs_path")))
    )
    tags = dict(event.tags)
    return Traits(
        paths=tuple(dict.fromkeys(paths)), tags=tags,
        modules=tuple(dict.fromkeys(filter(None, (text(frame.get("module")) for frame in own)))),
        urls=tuple(filter(None, (tags.get("url", ""), event.transaction))),
    )  # fmt: skip


def _paths(*names: str) -> Iterator[str]:
    """Yield the ways a file may be named by a rule: as sent, and from each of its folders on."""
    for name in filter(None, names):
        clean = name.replace("\\", "/").removeprefix("./").lstrip("/")
        parts = clean.split("/")
        yield from ("/".join(parts[start:]) for start in range(min(len(parts), 12)))
