"""Labels of log lines: which are of one pattern, to judge the miner of templates by.

The lines are those of the tests of the CrowdSec hub (MIT), read from the corpora and never copied. A label comes from one
of two places. Both were settled while the miner's groups were looked at, so the figure flatters it: each label has its reason in
the statement that writes the line, but which statements were looked at was chosen by where label and group differed. For the services with most lines it was written by hand, by
reading the logs, as the labels of loghub were: `BY_HAND`, one regular expression for each statement that writes lines
(one that ends in the text of an error counts as one for each text). All
other lines take theirs from the hub's own expected parse of the line (`parser.assert`): the line with each value that
the parse names replaced by the name of its field, and its remaining numbers by 0. Lines that have neither do not count.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

_ACCESS = r'^[\da-f.:]+ - .*? \[[^\]]+\] "[^"]*" \d+ (?:\d+|-)'
_SSHD = r"sshd(?:-session)?(?:\[\w+\]:| \d+ - \[[^\]]*\]) (?:error: )?"
_CORAZA = r"Coraza: \w+\. {1,2}"
_AUTHELIA = r'"?msg"?[=:]"'
BY_HAND = {
    "traefik": (
        r'msg="Handling UDP stream from',
        r'msg="Handling TCP connection from',
        r'^\{"ClientAddr".*"RequestMethod"',
    ),
    "access log": (_ACCESS + "$", _ACCESS + r' "(?:[^"\\]|\\.)*" "(?:[^"\\]|\\.)*"$'),
    "coraza": (
        _CORAZA + r"HTTP Parameter Pollution",
        _CORAZA + r"\[file",
        _CORAZA + r"Inbound Anomaly Score Exceeded",
        _CORAZA + r"Restricted SQL Character Anomaly",
        _CORAZA + r"Missing User Agent Header",
        _CORAZA + r"Remote Command Execution: Unix Shell Code",
        _CORAZA + r"Remote Command Execution: Unix Command Injection \(command",
        _CORAZA + r"Remote Command Execution: Unix Command Injection",
        _CORAZA + r"Meta-Character Anomaly",
        _CORAZA + r"Request Missing an Accept Header",
        _CORAZA + r"Restricted File Access Attempt",
    ),
    "sshesame": (
        r"\[channel \d+\] closed$",
        r"\] connection closed$",
        r"direct TCP/IP forwarding from",
        r"\[channel \d+\] input: ",
        r"connection with client version .* established",
        r"session requested$",
        r"authentication for user .* with password .* accepted$",
        r"authentication for user .* with password .* rejected$",
        r"authentication for user .* without credentials rejected$",
        r"authentication for user .* with public key .* rejected$",
    ),
    "charon": tuple(
        head + tail
        for head in (r"charon \d+ - .*\] <[^>]*> ", r"charon\[\d+\]: \d+\[\w+\] <[^>]*> ")
        for tail in (
            r"sending packet: from",
            r"received packet: from",
            r"generating \w+ (?:request|response)",
            r"parsed \w+ (?:request|response)",
            r"EAP-MS-CHAPv2 verification failed",
            r"XAuth pam_authenticate for",
            r"XAuth authentication of .* failed",
            r"ignoring request with ID",
            r"\S+ is initiating ",
        )
    ),
    "authelia": tuple(
        head + _AUTHELIA + tail
        for head in (r"^time=.*", r"^\{.*")
        for tail in (
            r"Unsuccessful \w+ authentication attempt by user '[^']*'\"",
            r"Unsuccessful \w+ authentication attempt by user '[^']*': user not found",
            r"Unsuccessful Duo authentication attempt by user '[^']*': duo auth result",
            r"Successful \w+ authentication attempt",
            r"Error occurred getting details for user",
        )
    ),
    "endlessh": (
        r"^\d{4}-\S+ ACCEPT host",
        r"^\d{4}-\S+ CLOSE host",
        *(rf"^\d{{4}}-\S+ {word} " for word in ("Port", "Delay", "MaxLineLength", "MaxClients", "BindFamily")),
    ),
    "filebrowser": (
        r"^\S+ \S+ /\S*: \d+ ",
        r"Listening on",
        r"Caught signal terminated",
        r"accept tcp .*use of closed network connection$",
    ),
    "couchdb": (r"^\[notice\] .* undefined (?:GET|POST|HEAD|PUT|DELETE) ",),
    "gitea": tuple(
        rf"SignInPost\(\) \[[IW]\] {request}Failed authentication attempt for \S+ from \S+: {error}"
        for request in ("", r"\[\w+\] ")
        for error in ("user does not exist", "[Ee]mail address", "user's password")
    ),
    "netfilter": (r"\[\d+\.\d+\] IN=", r"\[UFW BLOCK\] IN=", r"\[UFW AUDIT\] IN="),
    "sshd": tuple(
        _SSHD + tail
        for tail in (
            r"Invalid user \S+ from \S+ port",
            r"Failed password for invalid user",
            r"Failed password for (?!invalid)",
            r"Connection closed by authenticating user",
            r"Connection closed by invalid user",
            r"Disconnected from authenticating user",
            r"Disconnected from invalid user",
            *(rf"Unable to negotiate with .*: no matching {what}" for what in ("MAC", "key exchange", "host key", "cipher")),
            r"Accepted publickey for",
            r"Accepted password for",
            r"Magic value check failed",
        )
    ),
}  # fmt: skip
_HEADER = re.compile(r"^(.*?(?:sshd-session|sshd|charon))")
_ASSERTED = re.compile(
    r'results\["s01[^"]*"\]\["([^"]+)"\]\[(\d+)\]\.(?:(Success)|Evt\.Parsed\["([^"]+)"\]) == (.*)'
)
_LENGTH = re.compile(r'len\(results\["s0[01][^"]*"\]\["[^"]+"\]\) == (\d+)')


class Line(NamedTuple):
    """A line of a log: the service that wrote it and its label; both are empty where it has none."""

    text: str
    service: str
    label: str


class Parse(NamedTuple):
    """The expected parse of a line: the parser that took it, and the values by the names of their fields."""

    parser: str
    values: Mapping[str, str]


def lines(hub: Path) -> Iterator[Line]:
    """Yield the lines of the hub's tests, labelled."""
    for folder in sorted((hub / ".tests").iterdir()):
        logs = sorted(folder.glob("*.log"))
        for log in logs:
            texts = [t for t in log.read_text(errors="replace").splitlines() if t.strip()]
            parses = _parses(folder / "parser.assert", len(texts)) if len(logs) == 1 else {}
            for n, text in enumerate(texts):
                yield _by_hand(text) or _by_parse(text, parses.get(n)) or Line(text, "", "")


def _by_hand(text: str) -> Line | None:
    for service, patterns in _COMPILED.items():
        for n, pattern in enumerate(patterns):
            if pattern.search(text):
                return Line(text, service, f"{n} {_form(text)}")
    return None


def _form(text: str) -> str:
    """Return the program of a line of the system's log and its place among the words: the header has several forms."""
    found = _HEADER.match(text)
    words = found[1].split() if found and len(found[1]) < 60 else []
    return f"{words[-1]} {len(words)}" if words else ""


def _by_parse(text: str, parse: Parse | None) -> Line | None:
    if parse is None:
        return None
    label = text
    for name, value in sorted(parse.values.items(), key=lambda pair: -len(pair[1])):
        if name != "message" and len(value) > 1:
            label = label.replace(value, f"<{name}>")
    return Line(text, parse.parser, re.sub(r"\d+", "0", label))


def _parses(path: Path, n: int) -> dict[int, Parse]:
    """Return the expected parses by the number of the line; none where they do not tell of every line."""
    asserted = path.read_text(errors="replace") if path.exists() else ""
    length = _LENGTH.search(asserted)
    if length is None or int(length[1]) != n:
        return {}
    parsers: dict[int, str] = {}
    values: dict[int, dict[str, str]] = {}
    for found in map(_ASSERTED.match, asserted.splitlines()):
        if found and found[3] and found[5].strip() == "true":
            parsers.setdefault(int(found[2]), found[1])
        elif found and found[4]:
            values.setdefault(int(found[2]), {})[found[4]] = found[5].strip().strip('"').replace('\\"', '"')
    return {i: Parse(parser, values.get(i, {})) for i, parser in parsers.items()}


_COMPILED = {service: tuple(map(re.compile, patterns)) for service, patterns in BY_HAND.items()}
