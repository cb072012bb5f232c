"""Rules as files write them (docs/detection.md), and from there to rules; what is wrong is told with file, line, key and what was meant."""

import difflib
import ipaddress
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Annotated, TypeVar

import msgspec

from vedette.agent.detect import types as nouns
from vedette.core.errors import Invalid
from vedette.instruments.logs.types import EntryKind
from vedette.wire.agent.types import Measure
from vedette.wire.ascode import lengths
from vedette.wire.ascode.reading import Document, Fault, Path, Read, parse, said

T = TypeVar("T")
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
Told = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
Words = str | tuple[str, ...]
Lists = Mapping[str, tuple[str, ...]]
REQUEST_FIELDS = (
    "target", "path", "query", "method", "status", "agent", "host", "referer", "bytes", "ms", "protocol", "address", "user", "malformed",
)  # fmt: skip
BY = ("address", "user", "path", "target", "host", "service", "source", nouns.ALL)
MOST_TIMES = 1_000


class Test(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a field must look like."""

    equals: Words = ()
    contains: Words = ()
    startswith: Words = ()
    endswith: Words = ()
    matches: Words = ()
    needs: Words = ()
    line: Words = ()
    cidr: Words = ()
    range: Words = ()


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which entries."""

    kind: Words
    service: Words = ()
    parser: Words = ()
    event: Words = ()
    fields: Mapping[str, Words | Test] = {}


class Bucket(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How it is counted."""

    capacity: Annotated[int, msgspec.Meta(ge=0, le=1_000)]
    leak: lengths.Length = "1m"
    by: Words = "address"
    distinct: str = ""
    again: lengths.Length = "5m"


CROWDS = range(2, 251)


class Then(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What follows."""

    measure: Measure
    duration: lengths.Length = "0s"
    crowd: int = 0


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines that must make it fire, or must not."""

    fires: str = ""
    silent: str = ""
    times: Annotated[int, msgspec.Meta(ge=1, le=MOST_TIMES)] = 1


class RuleText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule."""

    id: Id
    title: Told
    severity: nouns.Severity
    why: Told
    false_positives: Told
    tells: Told
    when: When | tuple[When, ...]
    unless: When | tuple[When, ...] = ()
    before: When | tuple[When, ...] = ()
    reset: When | tuple[When, ...] = ()
    bucket: Bucket = Bucket(0)
    then: Then = Then(Measure.NOTE)
    example: tuple[Example, ...] = ()


class RulesText(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file: the set its rules belong to, and the rules."""

    set: Id
    rule: tuple[RuleText, ...] = ()


SECTIONS: Mapping[str, type[msgspec.Struct]] = {
    "rule": RuleText, "when": When, "unless": When, "before": When, "reset": When,
    "bucket": Bucket, "then": Then, "example": Example, "fields": Test,
}  # fmt: skip


class Wrong(Exception):
    """Something in a rule is not right; the place below the rule, and what was meant."""

    def __init__(self, path: Path, text: str) -> None:
        super().__init__(text)
        self.path = path


def rules_of(name: str, text: str, lists: Lists) -> tuple[tuple[nouns.Rule, ...], tuple[Fault, ...]]:
    """Return the rules of a file and what is wrong with it; `lists` are what `@name` stands for."""
    document = parse(name, text)
    if isinstance(document, Fault):
        return (), (document,)
    read = _said(document)
    if isinstance(read, Fault):
        return (), (read,)
    rules: list[nouns.Rule] = []
    faults: list[Fault] = []
    for number, rule in enumerate(read.said.rule):
        try:
            rules.append(_rule(read, number, rule, lists))
        except Wrong as wrong:
            path = _place(read.lines, ("rule", number, *wrong.path))
            faults.append(read.fault(path, f"Rule {rule.id}: {wrong}"))
    return tuple(rules), tuple(faults)


def _place(lines: Mapping[Path, int], path: Path) -> Path:
    """Return a place of which the line is known: `fields.path` is written `fields.path.contains`, on a line of its own."""
    below = [each for each in lines if each[: len(path)] == path]
    return min(below, key=lambda each: lines[each], default=path)


def _said(document: Document) -> Read[RulesText] | Fault:
    strange = [key for key in document.table if key not in ("set", "rule")]
    if strange:
        near = _near(strange[0], ("set", "rule"))
        return document.fault((strange[0],), f"A file of rules has no `{strange[0]}`; {near}")
    return said(document, RulesText, SECTIONS)


def _rule(read: Read[RulesText], number: int, rule: RuleText, lists: Lists) -> nouns.Rule:
    duration = _length(("then", "duration"), rule.then.duration)
    if rule.then.measure is not Measure.NOTE and not duration:
        raise Wrong(("then",), f"{rule.then.measure} needs a `duration`: 4h, 30m …")
    if rule.then.crowd and (rule.then.crowd not in CROWDS or rule.then.measure is Measure.NOTE):
        raise Wrong(("then", "crowd"), "`crowd` is how many addresses of a network, from 2 to 250, are met by `measure` before the whole is.")  # fmt: skip
    return nouns.Rule(
        id=rule.id, set=read.said.set, title=rule.title, severity=rule.severity, why=rule.why,
        false_positives=rule.false_positives, tells=rule.tells,
        when=_clauses("when", rule.when, lists), unless=_clauses("unless", rule.unless, lists),
        before=_clauses("before", rule.before, lists), reset=_clauses("reset", rule.reset, lists),
        bucket=_bucket(rule.bucket), measure=rule.then.measure, duration=duration, crowd=rule.then.crowd,
        examples=tuple(_example(n, each) for n, each in enumerate(rule.example)),
        file=read.name, line=read.fault(("rule", number), "").line,
    )  # fmt: skip


def _bucket(bucket: Bucket) -> nouns.Bucket:
    leak = _length(("bucket", "leak"), bucket.leak)
    if not leak:
        raise Wrong(("bucket", "leak"), "`leak` is how long until a drop is forgotten: 10s, 5m …")
    by = _words(bucket.by)
    for each in by:
        if each not in BY:
            raise Wrong(("bucket", "by"), f"there are no buckets by `{each}`; {_near(each, BY)}")
    again = _length(("bucket", "again"), bucket.again)
    return nouns.Bucket(capacity=bucket.capacity, leak=leak, by=by, distinct=bucket.distinct, again=again)


def _length(path: Path, text: str) -> float:
    try:
        return lengths.seconds(text)
    except Invalid as error:
        raise Wrong(path, str(error)) from error


def _example(number: int, example: Example) -> nouns.Example:
    if bool(example.fires) == bool(example.silent):
        raise Wrong(("example", number), "an example has `fires` or `silent`, one of them.")
    lines = (example.fires or example.silent).strip("\n").split("\n")
    return nouns.Example(tuple(lines), bool(example.fires), example.times)


def _clauses(part: str, when: When | tuple[When, ...], lists: Lists) -> tuple[nouns.Clause, ...]:
    if isinstance(when, When):
        return (_clause((part,), when, lists),)
    return tuple(_clause((part, n), each, lists) for n, each in enumerate(when))


def _clause(path: Path, when: When, lists: Lists) -> nouns.Clause:
    kinds = tuple(_kind((*path, "kind"), word) for word in _words(when.kind))
    if set(kinds) == {EntryKind.REQUEST}:
        for name in when.fields:
            if name not in REQUEST_FIELDS:
                text = f"a request has no field `{name}`; {_near(name, REQUEST_FIELDS)}"
                raise Wrong((*path, "fields", name), text)
    return nouns.Clause(
        kinds=kinds, services=_words(when.service), parsers=_words(when.parser), events=_words(when.event),
        fields={name: _likeness((*path, "fields", name), test, lists) for name, test in when.fields.items()},
    )  # fmt: skip


def _kind(path: Path, word: str) -> EntryKind:
    try:
        return EntryKind(word)
    except ValueError:
        raise Wrong(path, f"there are no entries of kind `{word}`; {_near(word, tuple(EntryKind))}") from None


def _likeness(path: Path, test: Words | Test, lists: Lists) -> nouns.Likeness:
    if not isinstance(test, Test):
        test = Test(equals=test)

    def texts(name: str) -> tuple[str, ...]:
        return tuple(_expanded((*path, name), _words(getattr(test, name)), lists))

    for pattern in (*texts("matches"), *texts("line")):
        _checked(path, pattern)
    found = nouns.Likeness(
        **{name: tuple(_low(texts(name))) for name in ("equals", "contains", "startswith", "endswith")},
        matches=texts("matches"), needs=tuple(_low(texts("needs"))), line=texts("line"),
        networks=_each((*path, "cidr"), texts("cidr"), _network), ranges=_each((*path, "range"), texts("range"), _range),
    )  # fmt: skip
    if found == nouns.Likeness(needs=found.needs, line=found.line):
        raise Wrong(
            path,
            "it must look like something: equals, contains, startswith, endswith, matches, cidr or range.",
        )
    return found


def _checked(path: Path, pattern: str) -> None:
    """Raise for what RE2 would not take: the rules' patterns run on it, so that none can be slow."""
    import re2

    try:
        re2.compile(pattern, options=_quiet())
    except re2.error as error:
        said = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise Wrong((*path, "matches"), f"{pattern!r} is no pattern of RE2: {said}.") from error


def _quiet() -> object:
    import re2

    options = re2.Options()
    options.log_errors = False
    return options


def _expanded(path: Path, words: Iterable[str], lists: Lists) -> Iterable[str]:
    for word in words:
        if not word.startswith("@"):
            yield word
        elif word.startswith("@@"):
            yield word[1:]
        elif word[1:] in lists:
            yield from lists[word[1:]]
        else:
            raise Wrong(path, f"there is no list `{word[1:]}`; {_near(word[1:], lists)}")


def _each(path: Path, words: Sequence[str], read: Callable[[str], T]) -> tuple[T, ...]:
    try:
        return tuple(read(word) for word in words)
    except ValueError as error:
        raise Wrong(path, f"{error}.") from error


def _network(word: str) -> str:
    return str(ipaddress.ip_network(word))


def _range(word: str) -> tuple[float, float]:
    found = re.fullmatch(r"(\d{1,15})(?:-(\d{1,15}))?", word)
    if found is None:
        raise ValueError(f"{word!r} is no range of numbers: write 404 or 500-599")
    return float(found[1]), float(found[2] or found[1])


def _low(words: Iterable[str]) -> Iterable[str]:
    return (word.lower() for word in words)


def _words(words: Words) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else words


def _near(word: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(word, [str(each) for each in known], 1)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}."
