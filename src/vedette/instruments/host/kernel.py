"""Whom the kernel ended for want of memory: its own log, where that may be read. Source: the kernel's "dev-kmsg"."""

import os
import re

from vedette.instruments.host.reading import Files
from vedette.instruments.host.series import shown

_KILLED = re.compile(r"^[^;]*;(?P<where>Memory cgroup out of memory|Out of memory)[^:]*: Killed process (?P<pid>\d+) \((?P<name>.*?)\)(?: |,)", re.MULTILINE)  # fmt: skip
_MOST_RECORDS = 20_000
_LONGEST = 8192


def killed(files: Files, most: int) -> list[str]:
    """Return the processes that were ended last, as words (`php-fpm (4711)`), at most so many; none where the log is closed to us."""
    if most <= 0:
        return []
    found = list(_KILLED.finditer(_log(files)))
    return [f"{shown(one['name'], 64)} ({one['pid']})" for one in found[-most:]]


def _log(files: Files) -> str:
    """Return the kernel's log; each read of the device is one record, and there is nothing to wait for at its end."""
    try:
        handle = os.open(files.path("/dev/kmsg"), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return _records(handle)
    finally:
        os.close(handle)


def _records(handle: int) -> str:
    found: list[bytes] = []
    for _ in range(_MOST_RECORDS):
        try:
            record = os.read(handle, _LONGEST)
        except BrokenPipeError:  # what was to be read next was written over meanwhile
            continue
        except OSError:
            break
        if not record:
            break
        found.append(record)
    return b"".join(found).decode("utf-8", "replace")
