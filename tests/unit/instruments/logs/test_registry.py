"""Every parser's own examples, by both engines; and what no pattern may do."""

import datetime
import re
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import re2

from vedette.instruments.logs import compiling, registry
from vedette.instruments.logs.compiling import Event, Example, Frame, Parser, ParserError
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.types import LONGEST, EntryKind
from vedette.instruments.logs.wanting import EVERYTHING

NOW = 1_795_713_567.0  # 26 November 2026, 17:19:27
PARSERS: Mapping[str, Parser] = registry.parsers()
EVENTS = [(parser, event) for parser in PARSERS.values() for event in parser.events]
EXAMPLES = [(parser, event, example) for parser, event in EVENTS for example in event.examples]
NAMES = [f"{parser.name}-{event.name}" for parser, event in EVENTS]


@pytest.fixture(scope="module", params=["hyperscan", "re2"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Reader:
    cache = tmp_path_factory.mktemp("cache")
    return Reader(PARSERS, EVERYTHING, zone=datetime.UTC, engine=request.param, cache=cache)


def test_all_kinds_of_logs_have_a_parser() -> None:
    """Those that the agent promises; a further one is one file more."""
    kinds = """access accounts apache-error auditd caddy django dovecot gitea guard haproxy kernel modsecurity
        modsecurity-json mysql nextcloud nginx-error nginx-json nginx-proxy-manager pam postfix postgresql redis sshd
        su sudo traefik traefik-clf vsftpd wordpress""".split()  # noqa: SIM905
    assert set(kinds) <= PARSERS.keys()


def test_every_event_has_three_examples_and_parts_that_go_together() -> None:
    assert [name for name, (_, event) in zip(NAMES, EVENTS, strict=True) if len(event.examples) < 3] == []
    assert len({*NAMES}) == len(NAMES)
    for parser in PARSERS.values():
        compiling.check(parser, parser.name)


def test_examples_become_what_they_say(reader: Reader) -> None:
    wrong = {}
    for parser, event, example in EXAMPLES:
        said = told(reader, example)
        if said != expected(parser, event, example):
            wrong[example.line] = (said, expected(parser, event, example))
    assert not wrong


def told(reader: Reader, example: Example) -> tuple[object, ...]:
    found = list(reader.entries(example.line.encode() + b"\n", "a.log", NOW))
    if not found:
        return ()
    one = found[0]
    at = round(one.at, 3) if example.at is not None else None
    return (
        one.parser,
        one.event,
        one.kind,
        one.service,
        one.address,
        one.user,
        dict(one.fields),
        at,
    )


def expected(parser: Parser, event: Event, example: Example) -> tuple[object, ...]:
    at = round(example.at, 3) if example.at is not None else None
    service = example.service or event.service or parser.service
    return (
        parser.name,
        event.name,
        event.kind,
        service,
        example.address,
        example.user,
        dict(example.fields),
        at,
    )


def test_examples_are_explained_as_they_are_read(reader: Reader) -> None:
    for parser, event, example in EXAMPLES:
        found = reader.explain(example.line.encode(), NOW).entry
        assert found is not None
        assert (found.parser, found.event) == (parser.name, event.name)


def patterns() -> Iterator[tuple[str, str]]:
    for name, (_, event) in zip(NAMES, EVENTS, strict=True):
        for pattern in (event.pattern, *event.match.values()):
            if pattern:
                yield name, pattern


def test_re2_takes_every_pattern_and_finds_the_same() -> None:
    options = re2.Options()
    options.max_mem = 256 * 1024 * 1024
    for name, pattern in patterns():
        linear, ours = re2.compile(pattern, options), re.compile(pattern, re.ASCII)
        event = EVENTS[NAMES.index(name)][1]
        for example in event.examples:
            for text in {example.line, example.line.split("]: ", 1)[-1], example.line.split("ModSec", 1)[0]}:
                theirs, mine = linear.match(text), ours.match(text)
                assert (theirs is None) == (mine is None), name
                assert theirs is None or mine is None or theirs.groupdict() == mine.groupdict(), name


FILLINGS = (
    "a",
    " ",
    "0",
    "1.",
    ":",
    "\\",
    "a ",
    ", ",
    '" "',
    "[",
    "] ",
    "=",
    "x=",
    "<",
    "\\x",
    "-",
    "/",
    " from 1 port 2 ",
)


@pytest.mark.parametrize("filling", FILLINGS)
def test_no_pattern_explodes(filling: str) -> None:
    """A line of the longest length, begun as an example and going on with anything, costs milliseconds: a second means a bomb."""
    slow = {}
    for name, pattern in patterns():
        compiled = re.compile(pattern, re.ASCII)
        for begun in begins(EVENTS[NAMES.index(name)][1]):
            text = (begun + filling * LONGEST)[:LONGEST] + "\x00"
            before = time.thread_time()
            compiled.match(text)
            spent = time.thread_time() - before
            if spent > 1.0:
                slow[name] = spent
    assert not slow


def begins(event: Event) -> set[str]:
    line = event.examples[0].line
    message = line.split("]: ", 1)[-1]
    return {message[: len(message) * share // 4] for share in (0, 1, 2, 3)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name = 1", "name"),
        ("name = ", "no TOML"),
        (
            'name="x"\nservice="s"\nframe="odd"\n[[event]]\nname="a"\nkind="other"\nwitness="abcd"\npattern="^a$"',
            "odd",
        ),
        (
            'name="x"\nservice="s"\nframe="plain"\n[[event]]\nname="a"\nkind="what"\nwitness="abcd"\npattern="^a$"',
            "what",
        ),
        (
            'name="x"\nservice="s"\nframe="plain"\nfoo=1\n[[event]]\nname="a"\nkind="other"\nwitness="abcd"',
            "foo",
        ),
    ],
)
def test_a_wrong_file_says_where(text: str, said: str) -> None:
    with pytest.raises(ParserError, match=said) as raised:
        compiling.parser(text, "x.toml")
    assert str(raised.value).startswith("x.toml: ")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pattern": "a$"}, "begin with"),
        ({"pattern": "^a"}, "end with"),
        ({"pattern": "^(?=a)a$"}, "RE2 does not know"),
        ({"pattern": r"^(a)\1$"}, "RE2 does not know"),
        ({"pattern": "^a++$"}, "RE2 does not know"),
        ({"pattern": "^(a$"}, "unterminated"),
        ({"pattern": "^a{0,1001}$"}, "more than 1000"),
        ({"witness": "abc"}, "four characters"),
        ({"witness": 'a"bcd'}, "no quote"),
        ({"name": "A b"}, "lower-case"),
        ({"keys": {"a": "b"}}, "use `pattern`"),
    ],
)
def test_a_wrong_event_says_what(change: dict[str, object], said: str) -> None:
    given: dict[str, object] = {"name": "e", "witness": "abcd", "pattern": "^a$"} | change
    event = Event(kind=EntryKind.OTHER, **given)  # type: ignore[arg-type]
    with pytest.raises(ParserError, match=said):
        compiling.check(Parser(name="x", service="s", frame=Frame.PLAIN, events=(event,)), "x.toml")


def test_a_parser_of_the_hosts_own_is_one_new_file(tmp_path: Path) -> None:
    text = """
name = "shop"
service = "shop"
frame = "plain"
[[event]]
name = "failed"
kind = "login-failed"
witness = "wrong password of "
pattern = '^wrong password of (?P<user>.*) at (?P<address>\\S+)$'
"""
    (tmp_path / "shop.toml").write_text(text)
    own = Reader(registry.parsers(tmp_path), EVERYTHING, cache=tmp_path)
    (found,) = own.entries(b"wrong password of bob at 192.0.2.1\n", "shop.log", NOW)
    assert (found.parser, found.user, found.address) == ("shop", "bob", "192.0.2.1")
    (tmp_path / "shop.toml").rename(tmp_path / "other.toml")
    with pytest.raises(ParserError, match="named as its file"):
        registry.parsers(tmp_path)
    (tmp_path / "other.toml").write_text(text.replace("^wrong", "wrong"))
    with pytest.raises(ParserError):
        registry.parsers(tmp_path)
