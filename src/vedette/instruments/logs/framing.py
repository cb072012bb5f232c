"""How lines of logs begin: syslog's headers, and what container runtimes wrap around a line. Pure."""

import re

import msgspec

# RFC 3164, or the ISO stamps of rsyslog and of journalctl's short-iso; then host, program and process.
BSD = re.compile(
    r"(?:<\d{1,3}>)?([A-Z][a-z]{2} [ \d]?\d (?:\d{4} )?\d\d:\d\d:\d\d(?:\.\d{1,9})?|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[\d.,:Z+-]{0,20})"
    r" \S+ ([^\s\[\]:]+)(?:\[[^\s\]]*\])?: {0,8}",
    re.ASCII,
)
# RFC 5424: priority and version, stamp, host, program, process, message id, structured data.
IETF = re.compile(
    r"(?:<\d{1,3}>)?1 (\d{4}-\d\d-\d\dT\S+) \S+ (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+)(?: \ufeff?|$)",
    re.ASCII,
)
IETF_BEGINS = ("<", "1 ")
REPEATED = re.compile(r"message repeated (\d{1,6}) times: \[ (.*)\]$", re.ASCII)
REPEATS = "message repeated "
CRI = re.compile(r"(\d{4}-\d\d-\d\dT\S+) (?:stdout|stderr) [FP] ", re.ASCII)
RUNTIME = '{"log":"'
STREAMS = ("stdout", "stderr")
MOST_REPEATS = 100


class _Wrapped(msgspec.Struct):
    """A line in the file of Docker's json-file driver."""

    log: str
    stream: str
    time: str


_decoder = msgspec.json.Decoder(_Wrapped)


def header(text: str) -> re.Match[str] | None:
    """Return a syslog header: group 1 is its stamp, group 2 the program, its end where the message begins."""
    found = BSD.match(text)
    return IETF.match(text) if found is None and text.startswith(IETF_BEGINS) else found


def program(name: str) -> str:
    """Return the program as parsers name it: `postfix/submission/smtpd` is postfix, `/usr/sbin/cron` cron, `wordpress(a.b)` wordpress."""
    first, _, rest = name.partition("(")[0].partition("/")
    return first.lower() if first else rest.rpartition("/")[2].lower()


def unwrapped(text: str) -> tuple[str, str]:
    """Return a line as the program wrote it, and the stamp of the container runtime, empty where none wrapped it."""
    if text.startswith(RUNTIME):
        return _of_docker(text)
    if text[10:11] == "T" and " std" in text[:60]:
        found = CRI.match(text)
        if found:
            return text[found.end() :], found[1]
    return text, ""


def _of_docker(text: str) -> tuple[str, str]:
    try:
        found = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return text, ""
    return (found.log.rstrip("\r\n"), found.time) if found.stream in STREAMS else (text, "")


def repeated(text: str) -> tuple[str, int]:
    """Return a syslog line without rsyslog's `message repeated 3 times: […]`, and how often more it is told: 99 times at most."""
    head = BSD.match(text)
    found = REPEATED.match(text, head.end()) if head else None
    if head is None or found is None:
        return text, 0
    return text[: head.end()] + found[2], min(max(int(found[1]), 1), MOST_REPEATS) - 1
