"""The engine: from lines to detections, and which lines it wants at all."""

import itertools
from pathlib import Path

import pytest

from vedette.agent.detect.types import Mode
from vedette.agent.sigma.engine import SigmaDetector
from vedette.agent.sigma.fields import VIEWS
from vedette.agent.sigma.loading import Loaded, load, read
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.registry import parsers
from vedette.instruments.logs.types import EntryKind, LogEntry
from vedette.instruments.logs.wanting import EVERYTHING, Wanted, both

NOW = 4_000_000_000.0
RULE = """
title: {title}
id: 11111111-1111-4111-8111-11111111111{number}
name: rule_{number}
author: Jane Doe
status: test
level: {level}
tags: [attack.t1505.003]
references: [https://example.com/shells]
logsource: {source}
detection:
  selection: {selection}
  condition: selection
"""
WEB = "{category: webserver}"


def _rules(*each: tuple[str, str], more: str = "") -> Loaded:
    text = "---".join(
        RULE.format(title=f"Rule {n}", number=n, level="informational", source=source, selection=selection)
        for n, (source, selection) in enumerate(each)
    )
    found = read([("a.yml", text + more)])
    assert not found.refused
    return found


def _detector(loaded: Loaded, mode: Mode = Mode.SIMULATE) -> SigmaDetector:
    ids = itertools.count(1)
    return SigmaDetector(loaded.rules, loaded.correlations, mode, ids=lambda: f"d{next(ids)}")


def _request(
    target: str = "/shell.php", *, at: float = 100.0, address: str = "192.0.2.7", **fields: str
) -> LogEntry:
    path, _, query = target.partition("?")
    words = {"method": "GET", "path": path, "query": query, "status": "200", **fields}
    return LogEntry(
        parser="access", event="request", kind=EntryKind.REQUEST, service="http", at=at, address=address,
        fields={name: value for name, value in words.items() if value}, line=f'{address} "GET {target} HTTP/1.1" 200',
    )  # fmt: skip


def test_a_match_is_a_detection_that_names_its_author() -> None:
    detector = _detector(_rules((WEB, "{cs-uri-query|contains: Shell.php}")))
    (found,) = detector.pour(_request(), NOW)
    assert (found.id, found.rule, found.at, found.first_at) == (
        "d1",
        "sigma:11111111-1111-4111-8111-111111111110",
        100.0,
        100.0,
    )
    assert (found.severity, found.service, found.address, found.simulated) == (
        "info",
        "http",
        "192.0.2.7",
        True,
    )
    assert found.reason == "Rule 0 (Sigma by Jane Doe)"
    assert found.labels == {
        "set": "sigma", "measure": "note", "seconds": "0", "title": "Rule 0", "author": "Jane Doe", "tags": "attack.t1505.003",
        "references": "https://example.com/shells", "licence": "DRL 1.1",
    }  # fmt: skip
    assert found.lines == ('192.0.2.7 "GET /shell.php HTTP/1.1" 200',)
    assert not detector.pour(_request("/shop"), NOW)


def test_it_is_told_once_a_minute_of_an_address() -> None:
    detector = _detector(_rules((WEB, "{cs-uri-query|contains: shell.php}")))
    told = [[d.count for d in detector.pour(_request(at=100.0 + 20 * n), NOW)] for n in range(7)]
    assert told == [[1], [], [], [3], [], [], [3]]
    assert [d.count for d in detector.pour(_request(address="192.0.2.8"), NOW)] == [1]


@pytest.mark.parametrize(
    ("mode", "simulated"), [(Mode.SIMULATE, [True]), (Mode.ENFORCE, [False]), (Mode.OFF, [])]
)
def test_the_mode_says_what_is_done(mode: Mode, simulated: list[bool]) -> None:
    detector = _detector(_rules((WEB, "{cs-uri-query|contains: shell.php}")), mode)
    assert [each.simulated for each in detector.pour(_request(), NOW)] == simulated
    assert bool(detector.wanted.kinds) is (mode != Mode.OFF)


def test_a_correlation_is_told_instead_of_its_rules() -> None:
    more = """---
title: A row of shells
id: 22222222-2222-4222-8222-222222222222
level: high
status: test
correlation: {type: event_count, rules: [rule_0], group-by: [c-ip], timespan: 1m, condition: {gte: 3}}
"""
    detector = _detector(_rules((WEB, "{cs-uri-query|contains: shell.php}"), more=more))
    told = [detector.pour(_request(at=100.0 + n), NOW) for n in range(3)]
    assert [len(each) for each in told] == [0, 0, 1]
    (found,) = told[2]
    assert (found.rule, found.count, found.first_at, found.severity) == (
        "sigma:22222222-2222-4222-8222-222222222222",
        3,
        100.0,
        "high",
    )
    assert found.reason == "A row of shells: 3 within 60 s, c-ip 192.0.2.7 (Sigma)"


REQUEST = 'host.example:443 192.0.2.134 - alice [14/Oct/2022:09:55:53 +0200] "PUT /a/b.aspx?x=~1 HTTP/1.1" 404 134 "https://e.example/" "Nikto"'  # fmt: skip
SUDO = "Oct 14 09:55:53 web sudo:    alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/crontab -l"
EXEC = 'type=SYSCALL msg=audit(1684329817.579:2995): arch=c000003e syscall=59 success=yes exit=0 a0=237f568 a1=237f368 a2=2384008 a3=59a items=2 ppid=26843 pid=27032 auid=1000 uid=1000 gid=1000 euid=0 suid=1000 fsuid=1000 egid=1000 sgid=1000 fsgid=1000 tty=pts2 ses=106985 comm="perl" exe="/usr/bin/perl" key="a b"'
SSHD = "Oct 14 09:55:53 web sshd[8]: Failed password for root from 192.0.2.9 port 4000 ssh2"


@pytest.mark.parametrize(
    ("line", "source", "selection"),
    [
        (REQUEST, WEB, "{cs-method: put, cs-uri-query|endswith: '.aspx?x=~1', cs-uri-stem: /a/b.aspx, sc-status: 404}"),
        (REQUEST, WEB, "{cs-user-agent: nikto, cs-referer|contains: e.example, c-ip|cidr: 192.0.2.0/24, cs-username: alice}"),
        (REQUEST, WEB, "{c-uri-extension: aspx, c-uri-query: x=~1, cs-host|startswith: host}"),
        (REQUEST, "{service: nginx}", "[b.aspx]"),
        (SUDO, "{product: linux, category: process_creation}", "{Image|endswith: /crontab, CommandLine|contains: ' -l', User: root, CurrentDirectory: /home/alice}"),
        (SUDO, "{product: linux, service: sudo}", "['COMMAND=*crontab']"),
        (SUDO, "{product: linux, service: auth}", "[crontab]"),
        (EXEC, "{product: linux, service: auditd}", "{type: SYSCALL, exe: /usr/bin/perl, comm: perl, euid: 0, key: a b}"),
        (EXEC, "{product: linux, category: process_creation}", "{Image|endswith: /perl, LogonId: 1000}"),
        (SSHD, "{product: linux, service: sshd}", "[failed password]"),
        (SSHD, "{product: linux}", "[failed password]"),
    ],
)  # fmt: skip
def test_fields_have_the_names_that_sigma_gives_them(line: str, source: str, selection: str) -> None:
    detector = _detector(_rules((source, selection), (source, "{nothing: here}")))
    assert not detector.unfed
    entries = list(Reader(parsers(), detector.wanted, engine="re2").entries(line.encode() + b"\n", "t", NOW))
    assert len(entries) == 1
    assert [rule.title for entry in entries for rule, _ in detector.met(entry)] == ["Rule 0"]


def test_a_source_that_nothing_reads_feeds_no_rule() -> None:
    detector = _detector(
        _rules(("{category: proxy}", "{c-uri: x}"), ("{product: windows}", "{a: b}"), (WEB, "{c-uri: x}"))
    )
    assert [rule.title for rule in detector.unfed] == ["Rule 0", "Rule 1"]


def test_every_view_names_parsers_that_there_are() -> None:
    assert {name for view in VIEWS for name in view.parsers} <= set(parsers())


def test_requests_are_wanted_by_what_rules_need() -> None:
    by_literal = _detector(_rules((WEB, "{cs-method: GET, cs-uri-query|contains: [shell.php, evil?x]}")))
    assert by_literal.wanted.requests == ("evil", "shell\\x2ephp")
    without = _detector(_rules((WEB, "{cs-uri-query|re: 'a|b'}")))
    assert without.wanted.requests is None
    assert both(by_literal.wanted, Wanted(frozenset({EntryKind.REQUEST}), ("x",))).requests == (
        "evil",
        "shell\\x2ephp",
        "x",
    )
    assert both(by_literal.wanted, without.wanted).requests is None


@pytest.mark.corpus
def test_what_is_wanted_is_enough_and_little(corpora: Path) -> None:
    loaded = load([corpora / "detect/sigma/web", corpora / "detect/sigma/linux/builtin"])
    detector = _detector(loaded)
    assert detector.wanted.requests
    needs = sorted({text for group in detector._groups for need in group.needs for text in need or ()})
    targets = [text.replace(" ", "+").replace('"', "%22") for text in needs] + [
        f"/shop/{n}" for n in range(200)
    ]
    lines = "".join(
        f'192.0.2.4 - - [14/Oct/2022:09:55:53 +0200] "GET /{target} HTTP/1.1" 200 1 "-" "{target}"\n'
        for target in targets
    ).encode()
    known = parsers()
    some = [entry.line for entry in Reader(known, detector.wanted, engine="re2").entries(lines, "t", NOW)]
    met = [
        entry.line
        for entry in Reader(known, EVERYTHING, engine="re2").entries(lines, "t", NOW)
        if [*detector.met(entry)]
    ]
    assert len(met) > 50
    assert set(met) <= set(some)
    assert not [line for line in some if "/shop/" in line]
