"""Who changed a path, as auditd tells it. Pure: lines of /var/log/audit/audit.log (audit records of linux/audit.h).

The records of one event share its stamp and number: SYSCALL names the login that it goes back to (`auid`) and the program,
PATH the paths.
"""

import re
from collections.abc import Mapping

AROUND = 5.0  # seconds between a change and its event
_HEAD = re.compile(r"type=(\w+) msg=audit\((\d+\.\d+):(\d+)\): (.*)")
_FIELD = re.compile(r'(\w+)=("[^"]*"|\S+)')
_UNSET = {"4294967295", "-1"}
_PRINTED = 100


def who(tail: str, path: str, at: float, users: Mapping[int, str]) -> str:
    """Return who touched a path about then, the last one: a name and a program; empty where the log does not tell.

    Raises nothing: a line that is none of auditd's is passed over. Paths with bytes that need it are written in hex.
    """
    wanted = {f'"{path}"', path.encode().hex().upper()}
    touched, calls = set[str](), dict[str, dict[str, str]]()
    for line in tail.splitlines():
        head = _HEAD.match(line)
        if head is None or abs(float(head[2]) - at) > AROUND:
            continue
        fields = dict(_FIELD.findall(head[4].partition("\x1d")[0]))
        if head[1] == "PATH" and fields.get("name") in wanted:
            touched.add(head[3])
        elif head[1] == "SYSCALL":
            calls[head[3]] = fields
    found = [calls[number] for number in sorted(touched & set(calls), key=int)]
    return _told(found[-1], users) if found else ""


def _told(fields: Mapping[str, str], users: Mapping[int, str]) -> str:
    login, program = fields.get("auid", ""), fields.get("exe", "").strip('"') or "something"
    shown = "".join(c for c in program if c.isprintable())[:_PRINTED]
    if login in _UNSET or not login.isdecimal():
        return f"{shown}, which goes back to nobody who signed in (auditd)"
    return f"{users.get(int(login), f'user {login}')} by {shown} (auditd)"
