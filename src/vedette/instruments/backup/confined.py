"""Start a program that may write below some folders alone: `python confined.py FOLDER … -- PROGRAM …`.

Uses Landlock (Linux 5.13 and later; Documentation/userspace-api/landlock.rst): the kernel refuses every other place, whatever
a link or a name in a repository says, for the program and all it starts. Where the kernel has no Landlock the program is
started as it is: `listing.Wary` has looked at all names before. Standard library alone, for it is started by its path.
"""

import ctypes
import os
import sys
from pathlib import Path

_CREATE, _ADD, _RESTRICT = 444, 445, 446  # system calls, the same on every architecture
_VERSION, _BENEATH, _NO_NEW_PRIVILEGES = 1, 1, 38
_WRITE, _TRUNCATE, _REFER = 1 << 1, 1 << 14, 1 << 13
_MAKE_AND_REMOVE = sum(1 << bit for bit in range(4, 13))
_OF_FILES = _WRITE | _TRUNCATE
_ALWAYS = ("/dev/null", "/dev/shm", "/dev/tty")  # noqa: S108


class _Ruleset(ctypes.Structure):
    _fields_ = [("handled", ctypes.c_uint64)]


class _Path(ctypes.Structure):
    _pack_ = 1
    _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]


def confine(folders: list[str]) -> bool:
    """Let this process write below some folders alone; tell whether the kernel can do that. Raises `OSError`."""
    kernel = ctypes.CDLL(None, use_errno=True)
    version = kernel.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)
    if version < 1:
        return False
    handled = _handled(version)
    wanted = _Ruleset(handled)
    rules = kernel.syscall(_CREATE, ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted)), 0)
    _checked(rules)
    for folder in (*folders, *(place for place in _ALWAYS if Path(place).exists())):
        _allow(kernel, rules, folder, handled)
    _checked(kernel.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    _checked(kernel.syscall(_RESTRICT, rules, 0))
    os.close(rules)
    return True


def _handled(version: int) -> int:
    return _WRITE | _MAKE_AND_REMOVE | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)


def _allow(kernel: ctypes.CDLL, rules: int, place: str, handled: int) -> None:
    parent = os.open(place, os.O_PATH | os.O_CLOEXEC)
    rights = handled if Path(place).is_dir() else handled & _OF_FILES
    rule = _Path(rights, parent)
    _checked(kernel.syscall(_ADD, rules, _BENEATH, ctypes.byref(rule), 0))
    os.close(parent)


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def main(words: list[str]) -> None:
    """Become the program behind `--`."""
    at = words.index("--")
    confine(words[:at])
    program = words[at + 1 :]
    os.execv(program[0], program)  # noqa: S606 - no shell; the program was found before


if __name__ == "__main__":
    main(sys.argv[1:])
