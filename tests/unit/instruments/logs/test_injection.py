"""Whatever a user's name, a path or an agent says, the address stays the client's."""

import datetime
import functools
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from vedette.instruments.logs import registry
from vedette.instruments.logs.compiling import Example, Frame
from vedette.instruments.logs.reading import Reader
from vedette.instruments.logs.wanting import EVERYTHING

NOW = 1_795_713_567.0
FORGED = "203.0.113.9"
PARSERS = registry.parsers()
# What comes from outside and may hold anything (a host in an access log cannot: servers refuse one with a space or quote).
FREE = (
    *("user", "path", "query", "agent", "referer", "said", "message", "offer", "file"),
    *("command", "what", "role", "database", "account", "member", "ruser"),
)
# In access logs servers escape quotes and control characters, in JSON the encoder does: so does the test.
QUOTED = {"access", "traefik-clf", "nginx-proxy-manager", "haproxy"}
# Written by root's own programs about names that the system has: nobody outside chooses them.
INSIDE = {"accounts", "auditd", "sudo", "su", "kernel"}


@functools.cache
def reader(engine: str) -> Reader:
    return Reader(PARSERS, EVERYTHING, zone=datetime.UTC, engine=engine, cache=Path(tempfile.gettempdir()))


def places() -> list[tuple[str, str, Example, str]]:
    """Return the parser, the event and an example, and the text in its line that a client chooses."""
    return [
        (parser.name, event.name, one, text)
        for parser in PARSERS.values()
        if parser.name not in INSIDE
        for event in parser.events
        for one in event.examples
        if one.address
        for name in (*FREE, *(("reason",) if event.name == "rejected" else ()))
        if (text := one.user if name == "user" else one.fields.get(name, ""))
        and len(text) > 1
        and one.line.count(text) >= 1
        and text not in one.address
    ]


PLACES = places()
FRAGMENTS = [
    *(
        f" from {FORGED} port 22 ssh2",
        f"Failed password for root from {FORGED} port 22 ssh2",
        f" rhost={FORGED}",
    ),
    *(
        f", rip={FORGED}, lip=10.0.0.1",
        f">, rip={FORGED}, lip=10.0.0.1, session=<x",
        f",{FORGED}): unknown user",
    ),
    *(
        f", client: {FORGED}, server: _",
        f'", client: {FORGED}, server: _, request: "GET / HTTP/1.1", host: "a',
    ),
    *(
        f"[{FORGED}]: SASL LOGIN authentication failed: x",
        f"[client {FORGED}:1] ",
        f"'@'{FORGED}' (using password: YES)",
    ),
    *(
        f'] FAIL LOGIN: Client "{FORGED}"',
        f'", ip_address: "{FORGED}", path_info: "x',
        f" (Remote IP: {FORGED})",
    ),
    *(f"{FORGED} root", f"{FORGED}(5432):x", f" from {FORGED}:1: user does not exist [uid: 0, name: y"),
    *(
        f" {FORGED} port 22 [preauth]",
        f'{FORGED} - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 1',
        "\\",
        '"',
    ),
    *(
        f"Invalid user x from {FORGED} port 1",
        f'x@y FATAL:  role "{FORGED}" does not exist',
        f"{FORGED},",
        f", {FORGED}",
    ),
    *("'", "[", "]", "(", ")", "<", ">", ", ", ": ", "@", " ", "\t", "\x1b[31m", "\u2028", "é", "\x00"),
]
TEXTS = st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=8)), min_size=1, max_size=5).map(
    "".join
)


def forged(parser: str, one: Example, text: str, said: str) -> str:
    """Return an example's line in which a client says something else, written as its program would."""
    said = said.replace("\n", " ").replace("\r", " ")
    if PARSERS[parser].frame is Frame.JSON or one.line.startswith('{"log"'):
        inside = said.replace("\\", "\\\\").replace('"', '\\"') if parser in QUOTED else said
        return one.line.replace(json.dumps(text)[1:-1], json.dumps(inside)[1:-1])
    if parser in QUOTED:
        said = said.replace("\\", "\\x5C").replace('"', "\\x22")
    return one.line.replace(text, said)


@pytest.mark.parametrize("engine", ["hyperscan", "re2"])
@settings(max_examples=60)
@given(place=st.sampled_from(PLACES), said=TEXTS)
def test_nothing_that_a_client_says_changes_the_address(
    engine: str, place: tuple[str, str, Example, str], said: str
) -> None:
    parser, _, one, text = place
    line = forged(parser, one, text, said)
    for entry in reader(engine).entries(line.encode("utf-8", "replace") + b"\n", "a.log", NOW):
        assert entry.address in (one.address, ""), line


@pytest.mark.deep
@pytest.mark.timeout(900)
@settings(max_examples=10_000)
@given(place=st.sampled_from(PLACES), said=TEXTS)
def test_nothing_that_a_client_says_changes_the_address_at_length(
    place: tuple[str, str, Example, str], said: str
) -> None:
    parser, _, one, text = place
    line = forged(parser, one, text, said)
    for entry in reader("hyperscan").entries(line.encode("utf-8", "replace") + b"\n", "a.log", NOW):
        assert entry.address in (one.address, ""), line


def test_every_fragment_in_every_place() -> None:
    wrong = set()
    for parser, event, one, text in PLACES:
        for fragment in FRAGMENTS:
            for said in (fragment, f"{text}{fragment} x"):
                line = forged(parser, one, text, said)
                for entry in reader("hyperscan").entries(line.encode() + b"\n", "a.log", NOW):
                    if entry.address not in (one.address, ""):
                        wrong.add((parser, event, line, entry.parser, entry.event))
    assert not wrong


def test_a_name_that_is_a_line_of_sshd_bans_only_who_sent_it() -> None:
    name = "Failed password for root from 203.0.113.9 port 22 ssh2"
    log = (
        f"Nov  2 15:40:14 web1 sshd[7]: Invalid user {name} from 198.51.100.5 port 40022\n"
        f"Nov  2 15:40:15 web1 sshd[7]: Failed password for invalid user {name} from 198.51.100.5 port 40022 ssh2\n"
        f"Nov  2 15:40:16 web1 sshd[7]: Disconnected from invalid user {name} 198.51.100.5 port 40022 [preauth]\n"
    )
    found = [*reader("hyperscan").entries(log.encode(), "auth.log", NOW)]
    assert [(one.address, one.user) for one in found] == [("198.51.100.5", name)] * 3


@example(b"\xff\xfe\x00Failed password for \xff from 198.51.100.5 port 1 ssh2")
@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read(noise: bytes) -> None:
    known = b"Nov  2 15:40:14 web1 sshd[7]: Failed password for \xff\xfe from 198.51.100.5 port 1 ssh2\n"
    found = [*reader("hyperscan").entries(known + noise + b"\n" + known, "auth.log", NOW)]
    assert [one.address for one in found if one.user == "\ufffd\ufffd"] == ["198.51.100.5"] * 2
