"""Which entries rules want, derived from their conditions: what no rule could meet is never taken apart.

Of a request's line the pattern of one field is enough: that of the target (or path, query), the agent, the status …, in any
spelling in which a log may have it. Letters, digits and `-._~` need no encoding in a URL (RFC 3986, 2.3), so who encodes them
hides something: one pattern lets all such lines through, and the literals are looked for in clear. Other characters are
looked for as they are, as percents (also twice encoded), and as nginx, Apache and JSON escape them.
"""

from collections.abc import Iterable, Sequence

from vedette.agent.detect.types import Clause, Likeness, Rule
from vedette.instruments.logs.types import EntryKind
from vedette.instruments.logs.wanting import Wanted

HIDDEN = r"%(?:25)*(?:2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)"
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._~")
_BEST = ("target", "query", "path", "agent", "referer", "host", "user", "protocol", "status", "method")
_OF_URLS = frozenset(("target", "path", "query"))
_MOST_STATUSES = 100


def wanted_by(rules: Sequence[Rule]) -> Wanted:
    """Return what rules want of the logs; `requests` is None when a rule cannot do without every request."""
    clauses = [clause for rule in rules for clause in (*rule.when, *rule.before, *rule.reset)]
    kinds = frozenset(kind for clause in clauses for kind in clause.kinds)
    patterns: dict[str, None] = {}
    for clause in clauses:
        if EntryKind.REQUEST in clause.kinds:
            found = _patterns(clause)
            if found is None:
                return Wanted(kinds, None)
            patterns.update(dict.fromkeys(found))
    return Wanted(kinds, tuple(patterns))


def _patterns(clause: Clause) -> Sequence[str] | None:
    """Return patterns of which a line that meets a clause holds one; None when nothing in it can be told from the line."""
    for name in _BEST:
        likeness = clause.fields.get(name)
        found = _of(name, likeness) if likeness else None
        if found:
            return [*found, HIDDEN] if name in _OF_URLS else found
    return None


def _of(name: str, likeness: Likeness) -> list[str] | None:
    if name in ("status", "method"):
        words = [*likeness.equals, *_statuses(likeness)]
        return (
            [_word(words)]
            if words and not (likeness.matches or likeness.contains or likeness.startswith)
            else None
        )
    if (likeness.matches and not likeness.needs) or likeness.networks or likeness.ranges:
        return None
    literals = (
        *likeness.equals,
        *likeness.contains,
        *likeness.startswith,
        *likeness.endswith,
        *likeness.needs,
    )
    return [spelled(each) for each in literals] if all(literals) else None


def _statuses(likeness: Likeness) -> Iterable[str]:
    if sum(high - low for low, high in likeness.ranges) <= _MOST_STATUSES:
        for low, high in likeness.ranges:
            yield from (str(status) for status in range(int(low), int(high) + 1))


def _word(words: Iterable[str]) -> str:
    """Return a pattern for words that stand alone: `" 404 153`, `"status":404,`."""
    return rf'[\s":=](?:{"|".join(sorted(set(words)))})[\s",}}]'


def spelled(literal: str) -> str:
    """Return a pattern for a literal in any spelling that logs know."""
    return "".join(c if c in _ALONE else f"(?:{'|'.join(_spellings(c))})" for c in literal)


_ALONE = _UNRESERVED - frozenset(".")


def _spellings(character: str) -> Iterable[str]:
    if character == ".":
        yield r"\."
        return
    yield f"\\x{ord(character):02x}" if ord(character) < 0x80 else _bytes(character)
    if ord(character) < 0x100:
        code = f"{ord(character):02x}"
        yield from (f"%(?:25)*{code}", rf"\\x{code}", rf"\\u00{code}", f"%u00{code}")
    if character == " ":
        yield r"\+"
    if character in '"\\/':
        yield rf"\\\x{ord(character):02x}"


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())
