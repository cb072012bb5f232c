"""The language of the search box: `is:open times:>100 release:2.1.* first-seen:<2d "exact words" !level:info`.

Every term narrows. `!` before a term turns it round. A word that is not understood raises `QueryProblem`, which
points at it and says what to write instead. `show` writes a search down again; `docs/search.md` is for people.
"""

import difflib
import re
from collections.abc import Callable, Collection

import msgspec

from vedette.core.errors import Invalid
from vedette.errors import amounts
from vedette.errors.types import Level, Query, State, Term

LONGEST = 500
MOST_TERMS = 20
IS = (*(str(state) for state in State), "open", "assigned", "unassigned", "unhandled", "handled")
KEYS = (
    "is", "level", "release", "environment", "user", "assigned", "type", "times", "users", "first-seen", "last-seen",
    "has", "any tag",
)  # fmt: skip
_ALIASES = {
    "env": "environment", "server": "tag.server_name", "server_name": "tag.server_name", "kind": "type", "error": "type",
    "browser": "tag.browser.name", "os": "tag.os.name", "url": "tag.url", "transaction": "tag.transaction",
    "logger": "tag.logger", "assigned": "assignee", "handled": "tag.handled", "mechanism": "tag.mechanism",
    "runtime": "tag.runtime", "events": "times", "count": "times", "age": "first-seen", "first_seen": "first-seen",
    "firstseen": "first-seen", "last_seen": "last-seen", "lastseen": "last-seen",
}  # fmt: skip
_PLAIN = frozenset(
    {
        "is", "level", "release", "environment", "user", "assignee", "type", "platform", "times", "users", "first-seen",
        "last-seen", "has",
    }
)  # fmt: skip
_WILD = frozenset({"release", "environment", "type", "platform", "tag"})
_NOBODY = frozenset({"none", "nobody"})
_WORD = re.compile(r'\s*(!?)(?:([A-Za-z_][\w.-]*):)?(?:"((?:[^"\\]|\\.)*)("?)|(\S*))')
_SAFE = re.compile(r"[\w.@:+<>=-]+")
_SAFE_WORD = re.compile(r"[\w.@-]*\w[\w.@-]*")


class QueryProblem(Invalid):
    """A search that was not understood; `text[start:end]` is the word that is wrong."""

    def __init__(self, message: str, text: str, start: int, end: int) -> None:
        super().__init__(message, {"q": message})
        self.text, self.start, self.end = text, start, end

    @property
    def before(self) -> str:
        """Return what stands before the wrong word."""
        return self.text[: self.start]

    @property
    def word(self) -> str:
        """Return the wrong word."""
        return self.text[self.start : self.end]

    @property
    def after(self) -> str:
        """Return what stands after the wrong word."""
        return self.text[self.end :]


class Known(msgspec.Struct, frozen=True):
    """What there is, asked only when a word needs it: names of tags, and what people are called (lower case).

    Without `people` any name passes. `me` says whether somebody asks whom `assigned:me` can mean.
    """

    tags: Callable[[], Collection[str]] = tuple
    people: Callable[[], Collection[str]] | None = None
    me: bool = True


class _Word(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a search and where it stands: `text[start:end]`."""

    text: str
    start: int
    end: int
    negated: bool
    key: str
    value: str
    quoted: bool

    def wrong(self, message: str) -> QueryProblem:
        """Return the problem with the whole word."""
        return QueryProblem(message, self.text, self.start, self.end)

    def wrong_key(self, message: str) -> QueryProblem:
        """Return the problem with the key, its `!` and its colon."""
        return QueryProblem(message, self.text, self.start, self.start + self.negated + len(self.key) + 1)

    def wrong_value(self, message: str) -> QueryProblem:
        """Return the problem with what stands after the colon."""
        return QueryProblem(message, self.text, self.start + self.negated + len(self.key) + 1, self.end)


def parse(text: str, known: Known | None = None) -> Query:
    """Return the search a text means; raises `QueryProblem` and nothing else."""
    if len(text) > LONGEST:
        raise QueryProblem(f"A search has at most {LONGEST} characters.", text, LONGEST, len(text))
    terms: list[Term] = []
    place = 0
    while place < len(text) and text[place:].strip():
        found = _WORD.match(text, place)
        if found is None or found.end() == place:
            break
        word = _word(found, text, place)
        terms.append(_keyed(word, known or Known()) if word.key else _free(word))
        place = found.end()
        if len(terms) > MOST_TERMS:
            raise QueryProblem(f"A search has at most {MOST_TERMS} words.", text, word.start, place)
    return Query(tuple(terms))


def show(query: Query) -> str:
    """Return the text of a search: `parse(show(query)) == query`, unless the quoting makes it too long."""
    return " ".join(map(_shown, query.terms))


def _shown(term: Term) -> str:
    name = f"tag.{term.tag}" if term.key == "tag" else term.key
    before = "!" if term.negated else ""
    if term.key == "text":
        return before + (term.value if _SAFE_WORD.fullmatch(term.value) else _quoted(term.value))
    plain = term.wild or _SAFE.fullmatch(term.value)
    return f"{before}{name}:{term.value if plain else _quoted(term.value)}"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _word(found: re.Match[str], text: str, place: int) -> _Word:
    quoted, closed = found[3], found[4]
    start = place + len(found[0]) - len(found[0].lstrip())
    if quoted is not None and not closed:
        raise QueryProblem("This quotation has no end.", text, start, found.end())
    value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else found[5] or ""
    key = found[2] or ""
    if key and quoted is None and value.startswith("//"):
        key, value = "", f"{key}:{value}"  # an address stands for itself
    return _Word(
        text=text, start=start, end=found.end(), negated=bool(found[1]), key=key, value=value,
        quoted=quoted is not None,
    )  # fmt: skip


def _free(word: _Word) -> Term:
    if not any(letter.isalnum() for letter in word.value):
        raise word.wrong("There is nothing to look for in this.")
    return Term("text", word.value, word.negated)


def _keyed(word: _Word, known: Known) -> Term:
    name = _name_of(word, known)
    key, tag = ("tag", name[4:]) if name.startswith("tag.") else (name, "")
    if not word.value:
        called = f"the tag {tag}" if tag else word.key
        raise word.wrong(f"What should {called} be? Write it right after the colon.")
    wild = not word.quoted and "*" in word.value and key in _WILD
    check = _CHECKS.get(key)
    return Term(key, check(word, known) if check else word.value, word.negated, tag, wild)


def _name_of(word: _Word, known: Known) -> str:
    """Return what a key means: one of `_PLAIN`, or `tag.` and the name of a tag."""
    low = word.key.lower()
    if low.startswith("tag.") and len(low) > 4:
        return f"tag.{word.key[4:]}"
    name = _ALIASES.get(low, low)
    if name in _PLAIN or name.startswith("tag."):
        return name
    if word.key in known.tags():
        return f"tag.{word.key}"
    raise word.wrong_key(_unknown_key(word.key, known))


def _unknown_key(key: str, known: Known) -> str:
    named = (*_PLAIN, *_ALIASES, *known.tags())
    near = difflib.get_close_matches(key.lower(), named, 1)
    hint = f"Did you mean {near[0]}:?" if near else f"Search by {', '.join(KEYS)}."
    return f"Nothing is called {key}:. {hint} To look for the text itself, put it in quotation marks."


def _one_of(named: Collection[str]) -> Callable[[_Word, Known], str]:
    def check(word: _Word, _known: Known) -> str:
        value = word.value.lower()
        if value in named:
            return value
        near = difflib.get_close_matches(value, named, 1)
        key = word.key.lower()
        hint = f"Did you mean {key}:{near[0]}?" if near else f"It is one of {', '.join(named)}."
        raise word.wrong_value(f"There is no {key}:{value}. {hint}")

    return check


def _amount(word: _Word, _known: Known) -> str:
    try:
        amounts.numbers(word.value)
    except ValueError as error:
        raise word.wrong_value(f"{word.key} is a number. {error}") from None
    return word.value


def _instant(word: _Word, _known: Known) -> str:
    try:
        amounts.instants(word.value, 0.0)
    except ValueError as error:
        raise word.wrong_value(f"{word.key} is a time. {error}") from None
    return word.value


def _person(word: _Word, known: Known) -> str:
    """Return whom an issue is given to: `me`, `none`, an id, or a name that somebody has."""
    value = word.value.lower()
    if value in _NOBODY:
        return "none"
    if value == "me" and not known.me:
        raise word.wrong_value("Nobody is signed in whom me could mean. Write a name or an e-mail.")
    if value == "me" or value.isdecimal() or known.people is None:
        return value
    named = known.people()
    if value in named:
        return value
    near = difflib.get_close_matches(value, named, 1)
    hint = f"Did you mean {near[0]}?" if near else "Write me, none, a first name, a whole name or an e-mail."
    raise word.wrong_value(f"Nobody here is called {word.value}. {hint}")


def _no_star(word: _Word, _known: Known) -> str:
    if "*" in word.value and not word.quoted:
        raise word.wrong_value(
            "Users are kept as hashes, so * finds none: write the whole id, name or e-mail."
        )
    return word.value


_CHECKS: dict[str, Callable[[_Word, Known], str]] = {
    "is": _one_of(IS), "level": _one_of(tuple(map(str, Level))), "times": _amount, "users": _amount,
    "first-seen": _instant, "last-seen": _instant, "assignee": _person, "user": _no_star,
}  # fmt: skip
