"""Which entries rules want, derived from their conditions: what no rule could meet is never taken apart.

Of a request's line the pattern of one field is enough: that of the target (or path, query), the agent, the status …, in any
spelling in which a log may have it. Letters, digits and `-._~` need no encoding in a URL (RFC 3986, 2.3), so who encodes them
hides something, in whatever notation: one pattern lets all such lines through, and the literals are looked for in clear. Other characters are
looked for as they are, as percents (also twice encoded), and as nginx, Apache and JSON escape them.
"""

from collections.abc import Iterable, Sequence

from vedette.agent.detect.types import Clause, Likeness, Rule
from vedette.instruments.logs.types import EntryKind
from vedette.instruments.logs.wanting import Wanted

HIDDEN = r"(?:%(?:25)*|%u00|\\x|\\u00)(?:2[de]|3[0-9]|[46][1-9a-f]|[57][0-9a]|5f|7e)"
_UNRESERVED = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._~")
_BEST = (
    "target",
    "query",
    "path",
    "agent",
    "referer",
    "host",
    "user",
    "protocol",
    "status",
    "method",
    "malformed",
)
_OF_URLS = frozenset(("target", "path", "query"))
_MOST_STATUSES = 100
_BEFORE = r'(?:[a-z] |(?:uri|url|path|target|request)":\s?")'  # what stands before a target: its method, or a key of JSON
_AFTER = r'(?:[?\s]|"[,}])'


def wanted_by(rules: Sequence[Rule]) -> Wanted:
    """Return what rules want of the logs; `requests` is None when a rule cannot do without every request."""
    clauses = [clause for rule in rules for clause in (*rule.when, *rule.before, *rule.reset)]
    kinds = frozenset(kind for clause in clauses for kind in clause.kinds)
    lines = {
        kind: tuple(dict.fromkeys(found))
        for kind in sorted(kinds - {EntryKind.REQUEST})
        if (found := _of_kind([clause for clause in clauses if kind in clause.kinds]))
    }
    return Wanted(kinds, _requests(clauses), lines, _fields(rules))


def _requests(clauses: Sequence[Clause]) -> tuple[str, ...] | None:
    patterns: dict[str, None] = {}
    errors: set[str] = set()
    for clause in clauses:
        if EntryKind.REQUEST in clause.kinds:
            found = _errors(clause)
            errors.update(found)
            told = [] if found else _patterns(clause)
            if told is None:
                return None
            patterns.update(dict.fromkeys(told))
    return (*([_word(errors)] if errors else ()), *patterns)


def _of_kind(clauses: Sequence[Clause]) -> list[str]:
    """Return patterns of which a line of a kind that is no request holds one; none where a clause wants every such line.

    Only where commands alone tell: other fields come from many programs, which write them in ways of their own.
    """
    found: list[str] = []
    for clause in clauses:
        likeness = clause.fields.get("command")
        told = _of("command", likeness, clause) if likeness else None
        if not told:
            return []
        found += told
    return found


def _fields(rules: Sequence[Rule]) -> frozenset[str]:
    """Return the fields that entries must have: what clauses compare, what buckets count by, what a sentence names."""
    named = {"status", "path", "query", "command", "change"}
    for rule in rules:
        clauses = (*rule.when, *rule.unless, *rule.before, *rule.reset)
        named.update(*(clause.fields for clause in clauses), rule.bucket.by, (rule.bucket.distinct,))
    return frozenset(named)


def _errors(clause: Clause) -> Sequence[str]:
    """Return the statuses of a clause that is about errors alone: those are few, so all their lines are wanted by one pattern."""
    if "malformed" in clause.fields:
        return ("400", "405", "408", "414", "501", "505")
    status = clause.fields.get("status")
    words = _statuses(status) if status else []
    return words if all(word[:1] in ("4", "5") for word in words) else ()


def _patterns(clause: Clause) -> Sequence[str] | None:
    """Return patterns of which a line that meets a clause holds one; None when nothing in it can be told from the line."""
    for name in _BEST:
        likeness = clause.fields.get(name)
        found = _of(name, likeness, clause) if likeness else None
        if found:
            return [*found, HIDDEN] if name in _OF_URLS else found
    return None


def _of(name: str, likeness: Likeness, clause: Clause) -> list[str] | None:
    if name in ("status", "method"):
        words = _statuses(likeness)
        return (
            [_word(words)]
            if words and not (likeness.matches or likeness.contains or likeness.startswith)
            else None
        )
    if (likeness.matches and not (likeness.needs or likeness.line)) or likeness.networks or likeness.ranges:
        return None
    inside = (*likeness.equals, *likeness.contains, *likeness.needs)
    if not all((*inside, *likeness.startswith, *likeness.endswith)):
        return None
    if name not in _OF_URLS:
        return [*likeness.line, *map(escaped, (*inside, *likeness.startswith, *likeness.endswith))]
    before = "" if name == "query" else _BEFORE
    return [
        *likeness.line,
        *(spelled(each) for each in inside),
        *(before + spelled(each) for each in likeness.startswith),
        *(_ending(each, name, clause) for each in likeness.endswith),
    ]


def _ending(literal: str, name: str, clause: Clause) -> str:
    """Return a pattern for how a path ends: after its method in a line, or as a value of JSON."""
    if name != "path":
        return spelled(literal)
    method = clause.fields.get("method")
    if method is None or not method.equals:
        return spelled(literal) + _AFTER
    methods = "|".join(method.equals)
    inside, spoken = rf'{spelled(literal)}(?:\?[^"\s]*)?"[,}}]', f'"(?:{methods})"'
    return rf'(?:(?:{methods}) [^\s"]*{spelled(literal)}[?\s]|{spoken}.*{inside}|{inside}.*{spoken})'


def _statuses(likeness: Likeness) -> list[str]:
    """Return the words that a status (or method) may be; none where they are too many to be named."""
    if sum(high - low for low, high in likeness.ranges) > _MOST_STATUSES:
        return []
    ranged = [str(word) for low, high in likeness.ranges for word in range(int(low), int(high) + 1)]
    return [*likeness.equals, *ranged]


def _word(words: Iterable[str]) -> str:
    """Return a pattern for words that stand alone: `" 404 153`, `"status":404,`."""
    return rf'[\s":=](?:{"|".join(sorted(set(words)))})[\s",}}]'


def escaped(literal: str) -> str:
    """Return a pattern for a literal that no URL encodes: as it is, or as nginx, Apache and JSON escape it."""
    return "".join(
        c if c in _PLAIN else f"(?:{'|'.join(_escapes(c))})" if c in _QUOTED else f"\\x{ord(c):02x}"
        for c in literal
    )


def _escapes(character: str) -> Iterable[str]:
    code = f"{ord(character):02x}"
    yield from (f"\\x{code}", rf"\\x{code}", rf"\\u00{code}", rf"\\\x{code}")


def spelled(literal: str) -> str:
    """Return a pattern for a literal in any spelling that logs know."""
    return "".join(c if c in _ALONE else f"(?:{'|'.join(_spellings(c))})" for c in literal)


_ALONE = _UNRESERVED - frozenset(".")
_PLAIN = _ALONE | frozenset(" ")
_QUOTED = frozenset("\"\\<>&'/")  # what a log may escape


def _spellings(character: str) -> Iterable[str]:
    if character == ".":
        yield r"\."
        return
    if character != '"':  # a bare quote ends a field
        yield f"\\x{ord(character):02x}" if ord(character) < 0x80 else _bytes(character)
    for code in _codes(character):
        yield from (f"%(?:25)*{code}", rf"\\x{code}", rf"\\u00{code}", f"%u00{code}")
    if character == " ":
        yield r"\+"
    if character in '"\\/':
        yield rf"\\\x{ord(character):02x}"


def _codes(character: str) -> Iterable[str]:
    """Return the bytes that decode to a character in lower case, as hex: of Latin-1 those of both cases."""
    both = (character, character.upper())
    return sorted({f"{ord(each):02x}" for each in both if len(each) == 1 and ord(each) < 0x100})


def _bytes(character: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in character.encode())
