"""What an entry of our logs is called in Sigma: from which sources it is, and its fields by their names.

The names are those of Sigma's taxonomy and of how the rules of SigmaHQ use them: their `cs-uri-query` is the whole target of
a request, with its path. What no parser of ours reads (a forward proxy, Kubernetes' audit log, the JVM) feeds no rule.
"""

from collections.abc import Callable, Iterator, Mapping

import msgspec

from vedette.agent.sigma.event import Event
from vedette.agent.sigma.tree import Value
from vedette.agent.sigma.types import LogSource
from vedette.instruments.logs.types import EntryKind, LogEntry

Fields = Callable[[LogEntry], Mapping[str, Value]]
MOST_PAIRS = 100  # of a line of the audit log


class View(msgspec.Struct, frozen=True):
    """An entry as one of Sigma's sources sees it: which entries (by parser and kind), from where, and by which fields."""

    parsers: frozenset[str]  # empty: any parser
    kinds: frozenset[EntryKind]
    services: tuple[str, ...]  # any of these is meant; an empty one: no service is named
    fields: Fields
    product: str = ""
    category: str = ""

    def sees(self, entry: LogEntry) -> bool:
        """Tell whether an entry is of this source."""
        return entry.kind in self.kinds and (not self.parsers or entry.parser in self.parsers)

    def is_meant(self, source: LogSource) -> bool:
        """Tell whether a rule's source is this one: its category, and what else it names."""
        return (
            source.product in ("", self.product)
            and source.category == self.category
            and (source.service == "" or source.service in self.services)
        )


def _request(entry: LogEntry) -> Mapping[str, Value]:
    fields = entry.fields
    path, query = fields.get("path", ""), fields.get("query", "")
    target = f"{path}?{query}" if query else path
    found: dict[str, Value] = {
        "c-uri": target, "cs-uri": target, "cs-uri-query": target, "c-uri-query": query, "cs-uri-stem": path, "c-uri-stem": path,
        "cs-username": entry.user or None, "c-ip": entry.address, "src_ip": entry.address,
    }  # fmt: skip
    for name, sigma in _OF_REQUESTS.items():
        if name in fields:
            found.update(dict.fromkeys(sigma, fields[name]))
    last = path.rpartition("/")[2]
    if "." in last:
        found["c-uri-extension"] = last.rpartition(".")[2]
    return found


_OF_REQUESTS: Mapping[str, tuple[str, ...]] = {
    "method": ("cs-method",),
    "status": ("sc-status",),
    "agent": ("cs-user-agent", "c-useragent"),
    "referer": ("cs-referer", "cs-referrer"),
    "host": ("cs-host", "cs-Host"),
    "bytes": ("sc-bytes",),
    "ms": ("time-taken",),
    "protocol": ("cs-version",),
    "cookie": ("cs-cookie",),
}


def _process(entry: LogEntry) -> Mapping[str, Value]:
    """Return a program that was started, as sudo, su or the audit log tell it."""
    fields = entry.fields
    command = fields.get("command", "")
    found: dict[str, Value] = {"Image": command.partition(" ")[0], "CommandLine": command}
    if entry.parser == "auditd":
        found |= {
            "Image": command,
            "CommandLine": None,
            "LogonId": fields.get("auid"),
            "User": fields.get("uid"),
        }
        found["ProcessId"], found["ParentProcessId"] = fields.get("pid"), fields.get("ppid")
        return found
    found |= {
        "User": fields.get("as"),
        "ParentUser": entry.user or None,
        "CurrentDirectory": fields.get("cwd"),
    }
    found["ParentImage"] = f"/usr/bin/{entry.parser}"
    return found


def _audit(entry: LogEntry) -> Mapping[str, Value]:
    """Return the pairs of a line of the audit log, arguments in hex made readable."""
    found: dict[str, Value] = dict(_pairs(entry.line))
    found.setdefault("type", entry.fields.get("type"))
    return found


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    is_execve = "type=EXECVE " in line
    for number, word in enumerate(_words(line)):
        name, sign, value = word.partition("=")
        if number >= MOST_PAIRS:
            return
        if sign and name:
            quoted = value[:1] in "\"'"
            text = value.strip("\"'")
            yield name, text if quoted or not (is_execve and name[:1] == "a") else _from_hex(text)


def _words(line: str) -> Iterator[str]:
    """Yield the words of a line; quotes hold blanks together, and what stands in `msg='…'` is words, too."""
    text = line.replace("msg='", "").replace("\x1d", " ")
    parts = text.split('"')
    if not any(" " in part for part in parts[1::2]):
        yield from filter(None, (word.rstrip("'") for word in text.split(" ")))
        return
    word: list[str] = []
    for number, part in enumerate(parts):
        if number % 2:
            word.append(f'"{part}"')
            continue
        *whole, last = part.split(" ")
        for one in whole:
            word.append(one)
            if joined := "".join(word).rstrip("'"):
                yield joined
            word.clear()
        word.append(last)
    if joined := "".join(word).rstrip("'"):
        yield joined


def _from_hex(text: str) -> str:
    try:
        return bytes.fromhex(text).decode() if len(text) > 1 and text.isupper() else text
    except ValueError:
        return text


def _plain(entry: LogEntry) -> Mapping[str, Value]:
    """Return what programs of Linux tell in messages: their words are what rules look for."""
    return {**entry.fields, "user": entry.user or None, "src_ip": entry.address or None}


_EVERY = frozenset(EntryKind)
_STARTED = frozenset({EntryKind.COMMAND, EntryKind.REFUSED})
_REQUEST = frozenset({EntryKind.REQUEST})
_SYSLOG = ("syslog",)


def _of(*parsers: str) -> frozenset[str]:
    return frozenset(parsers)


VIEWS: tuple[View, ...] = (
    View(frozenset(), _REQUEST, ("", "apache", "nginx"), _request, category="webserver"),
    View(frozenset(), _REQUEST, ("apache", "nginx"), _request),
    View(_of("nginx-error"), _EVERY, ("nginx",), _plain),
    View(_of("apache-error"), _EVERY, ("apache",), _plain),
    View(_of("modsecurity", "modsecurity-json"), _EVERY, ("modsecurity",), _plain),
    View(_of("auditd"), _EVERY, ("auditd",), _audit, product="linux"),
    View(_of("auditd"), frozenset({EntryKind.OTHER}), ("",), _process, product="linux", category="process_creation"),
    View(_of("sudo", "su"), _STARTED, ("",), _process, product="linux", category="process_creation"),
    View(_of("sshd"), _EVERY, ("sshd", "auth", *_SYSLOG), _plain, product="linux"),
    View(_of("sudo"), _EVERY, ("sudo", "auth", *_SYSLOG), _plain, product="linux"),
    View(_of("su", "pam", "accounts"), _EVERY, ("auth", *_SYSLOG), _plain, product="linux"),
    View(_of("vsftpd"), _EVERY, ("vsftpd", *_SYSLOG), _plain, product="linux"),
    View(_of("kernel", "postfix", "dovecot"), _EVERY, _SYSLOG, _plain, product="linux"),
    View(_of("django"), _EVERY, ("",), _plain, product="django", category="application"),
    View(_of("django"), _EVERY, ("",), _plain, product="python", category="application"),
    View(_of("mysql", "postgresql"), _EVERY, ("",), _plain, product="sql", category="application"),
    View(_of("wordpress", "nextcloud"), _EVERY, ("",), _plain, product="php", category="application"),
)  # fmt: skip


def event_of(view: View, entry: LogEntry) -> Event:
    """Return an entry as a source of Sigma sees it."""
    return Event(view.fields(entry), entry.line)


def feeding(source: LogSource) -> list[View]:
    """Return the views that feed rules of a source; none when nothing of ours is such a log."""
    return [view for view in VIEWS if view.is_meant(source)]
