"""What is read from logs: lines as they stand there, and what a parser makes of one."""

import enum
from collections.abc import Mapping

import msgspec

LONGEST = 10_000  # characters: a longer line is counted and skipped, never cut and matched


class EntryKind(enum.StrEnum):
    """What a line of a log tells; rules name these, whatever program wrote the line."""

    __hash__ = str.__hash__  # Enum's own is a call into Python, for every look into a table of kinds

    LOGIN_FAILED = "login-failed"
    LOGIN_OK = "login-ok"
    USER_UNKNOWN = "user-unknown"  # an attempt with a name that is no user's
    PROBE = "probe"  # somebody spoke to a service, and not to use it: a banner grab, no common key exchange
    REQUEST = "request"  # a web request: `method`, `path`, `query`, `status`, `agent`, `host`, `referer`, `bytes`, `ms`
    REFUSED = "refused"  # a service would not: relaying denied, a rate limit, access denied
    BLOCKED = "blocked"  # a filter stopped it: a firewall's drop (`port`, `protocol`), a rule of ModSecurity (`rule`)
    SESSION = "session"  # a session was opened or closed (`state`)
    COMMAND = "command"  # somebody ran something as somebody else (`command`, `as`)
    ACCOUNT = "account"  # a user, group, key or password was changed (`change`)
    OTHER = "other"


class LogLine(msgspec.Struct, frozen=True):
    """One line: where it stood, its bytes without the line end, and when it was read (seconds since 1970)."""

    source: str
    raw: bytes
    read_at: float


class LogEntry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a parser made of a line.

    `parser` is the name of its file (`sshd`), `event` the pattern in it that fitted, `service` what was asked (`ssh`, `http`,
    `smtp`, `imap`, `ftp`, `mysql`, `postgresql`, `wordpress` …). `at` is the line's own instant, seconds since 1970.
    `address` is the client's, normalised (`::ffff:a.b.c.d` is the IPv4 address), empty where none is told.
    `line` is what was read, decoded with replacement, for evidence only: never match it again, never print it raw.
    """

    parser: str
    event: str
    kind: EntryKind
    service: str
    at: float
    address: str = ""
    user: str = ""
    fields: Mapping[str, str] = {}
    source: str = ""
    line: str = ""
