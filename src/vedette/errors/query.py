"""The language of the search box: `is:open level:error release:2.1 user:anna "exact words" words !level:info`.

Every term narrows. `!` before a term turns it round. A term that is not understood raises `QueryProblem`, which
points at the word.
"""

import difflib
import re

from vedette.errors.types import Level, Query, QueryProblem, State, Term

LONGEST = 500
MOST_TERMS = 20
IS = (*(str(state) for state in State), "open", "assigned", "unassigned", "unhandled", "handled")
KEYS = ("is", "level", "release", "environment", "user", "assignee", "type", "tag.<name>")
_ALIASES = {
    "env": "environment", "server": "tag.server_name", "server_name": "tag.server_name", "platform": "platform",
    "kind": "type", "error": "type", "browser": "tag.browser.name", "os": "tag.os.name", "url": "tag.url",
    "transaction": "tag.transaction", "logger": "tag.logger", "assigned": "assignee", "handled": "tag.handled",
    "mechanism": "tag.mechanism", "runtime": "tag.runtime",
}  # fmt: skip
_PLAIN = frozenset({"is", "level", "release", "environment", "user", "assignee", "type", "platform"})
_WORD = re.compile(r'\s*(!?)(?:([A-Za-z_][\w.-]*):)?(?:"((?:[^"\\]|\\.)*)("?)|(\S*))')


def parse(text: str) -> Query:
    """Return the search a text means; raises `QueryProblem`."""
    if len(text) > LONGEST:
        raise QueryProblem(f"A search has at most {LONGEST} characters.", text, LONGEST, len(text))
    terms: list[Term] = []
    place = 0
    while place < len(text) and text[place:].strip():
        found = _WORD.match(text, place)
        if found is None or found.end() == place:
            break
        start = place + len(found[0]) - len(found[0].lstrip())
        terms.append(_term(found, text, start))
        place = found.end()
        if len(terms) > MOST_TERMS:
            raise QueryProblem(f"A search has at most {MOST_TERMS} words.", text, start, place)
    return Query(tuple(terms))


def _term(found: re.Match[str], text: str, start: int) -> Term:
    negated, key, quoted, closed, bare = bool(found[1]), found[2] or "", found[3], found[4], found[5]
    end = found.end()
    if quoted is not None and not closed:
        raise QueryProblem("This quotation has no end.", text, start, end)
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else bare or ""
    if key and quoted is None and value.startswith("//"):
        return Term("text", f"{key}:{value}", negated)
    if not key:
        return _free(value, negated=negated, text=text, start=start, end=end)
    return _keyed(key, value, negated=negated, text=text, start=start, end=end)


def _free(value: str, *, negated: bool, text: str, start: int, end: int) -> Term:
    if not any(letter.isalnum() for letter in value):
        raise QueryProblem("There is nothing to look for in this.", text, start, end)
    return Term("text", value, negated)


def _keyed(key: str, value: str, *, negated: bool, text: str, start: int, end: int) -> Term:
    name = _ALIASES.get(key.lower(), key if key.lower().startswith("tag.") else key.lower())
    if name.lower().startswith("tag.") and len(name) > 4:
        return _tag(name[4:], value, negated=negated, text=text, start=start, end=end)
    if name not in _PLAIN:
        raise QueryProblem(_unknown_key(key), text, start, start + len(key) + 1 + negated)
    if not value:
        raise QueryProblem(f"What should {key} be? Write it right after the colon.", text, start, end)
    if name == "is":
        _one_of(value.lower(), IS, "is", text, end)
        return Term("is", value.lower(), negated)
    if name == "level":
        _one_of(value.lower(), tuple(map(str, Level)), "level", text, end)
        return Term("level", value.lower(), negated)
    return Term(name, value, negated)


def _tag(name: str, value: str, *, negated: bool, text: str, start: int, end: int) -> Term:
    if not value:
        raise QueryProblem(
            f"What should the tag {name} be? Write it right after the colon.", text, start, end
        )
    return Term("tag", value, negated, name)


def _one_of(value: str, known: tuple[str, ...], key: str, text: str, end: int) -> None:
    if value in known:
        return
    near = difflib.get_close_matches(value, known, 1)
    hint = f"Did you mean {key}:{near[0]}?" if near else f"It is one of {', '.join(known)}."
    raise QueryProblem(f"There is no {key}:{value}. {hint}", text, end - len(value), end)


def _unknown_key(key: str) -> str:
    known = (*_PLAIN, *_ALIASES)
    near = difflib.get_close_matches(key.lower(), known, 1)
    hint = f"Did you mean {near[0]}:?" if near else f"Search by {', '.join(KEYS)}."
    return f"Nothing is called {key}:. {hint} To look for the text itself, put it in quotation marks."
