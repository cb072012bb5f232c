"""The examples of rules are their tests: each is run through the reader and a detector that knows this rule alone."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence

import msgspec

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.types import Example, Rule
from vedette.instruments.logs.types import LogEntry
from vedette.instruments.logs.wanting import Wanted

LATER = math.inf  # lines of examples are of any year
ReaderOf = Callable[[Wanted], Callable[[bytes], Iterable[LogEntry]]]


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What came of an example: the rule, which example it is (from 1), what should have been, and why it was not."""

    rule: str
    file: str
    line: int
    example: int
    fires: bool
    right: bool
    reason: str = ""


def try_rules(rules: Sequence[Rule], reader_of: ReaderOf) -> Iterator[Tried]:
    """Yield what comes of each example; `reader_of` makes what reads whole lines for what is wanted of them."""
    for rule in rules:
        if rule.examples:
            read = reader_of(Detector([rule]).wanted)
            for number, example in enumerate(rule.examples, 1):
                yield _tried(rule, number, example, read)


def _tried(rule: Rule, number: int, example: Example, read: Callable[[bytes], Iterable[LogEntry]]) -> Tried:
    detector = Detector([rule])
    entries = list(read(b"".join(line.encode() + b"\n" for line in lines_of(example))))
    fired = sum(len(detector.pour(entry, LATER)) for entry in entries)
    right = bool(fired) is example.fires
    reason = "" if right else _why(rule, example, entries)
    return Tried(
        rule=rule.id, file=rule.file, line=rule.line, example=number, fires=example.fires, right=right, reason=reason
    )  # fmt: skip


def lines_of(example: Example) -> Iterator[str]:
    """Yield the lines of an example as often as they come; `{n}` is which time it is, from 1."""
    for time in range(1, example.times + 1):
        for line in example.lines:
            yield line.replace("{n}", str(time))


def _why(rule: Rule, example: Example, entries: Sequence[LogEntry]) -> str:
    if not example.fires:
        return "it fires and should be silent"
    if not entries:
        return "no line of it becomes an entry that the rule wants: `vedette agent explain` tells what is read from it"
    detector = Detector([rule])
    if not any(detector.explain(entry, LATER) for entry in entries):
        return "no entry meets the conditions: `vedette agent explain` tells its fields"
    return f"{len(entries)} lines do not fill its bucket of {rule.bucket.capacity}"
