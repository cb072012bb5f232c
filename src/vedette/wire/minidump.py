"""What a minidump says in its head: why the process ended, and on which system.

Format: https://learn.microsoft.com/windows/win32/api/minidumpapiset/ (header, stream directory, exception stream,
system information stream); the platform numbers beyond Windows are those Breakpad and Crashpad write.
"""

import struct
from typing import BinaryIO

import msgspec

MAGIC = b"MDMP"
_MOST_STREAMS = 256
_EXCEPTION, _SYSTEM = 6, 7
_PLATFORMS = {
    2: "Windows",
    0x8101: "macOS",
    0x8102: "iOS",
    0x8201: "Linux",
    0x8203: "Android",
    0x8205: "Fuchsia",
}
_CPUS = {0: "x86", 5: "arm", 9: "x86_64", 12: "arm64", 0x8003: "arm64"}
_SIGNALS = {4: "SIGILL", 5: "SIGTRAP", 6: "SIGABRT", 7: "SIGBUS", 8: "SIGFPE", 11: "SIGSEGV", 31: "SIGSYS"}
_MACH = {1: "EXC_BAD_ACCESS", 2: "EXC_BAD_INSTRUCTION", 3: "EXC_ARITHMETIC", 5: "EXC_SOFTWARE",
         6: "EXC_BREAKPOINT", 10: "EXC_CRASH", 11: "EXC_RESOURCE", 12: "EXC_GUARD"}  # fmt: skip
_WINDOWS = {
    0x80000003: "EXCEPTION_BREAKPOINT", 0xC0000005: "EXCEPTION_ACCESS_VIOLATION", 0xC000001D: "EXCEPTION_ILLEGAL_INSTRUCTION",
    0xC0000094: "EXCEPTION_INT_DIVIDE_BY_ZERO", 0xC00000FD: "EXCEPTION_STACK_OVERFLOW", 0xC0000409: "STATUS_STACK_BUFFER_OVERRUN",
    0xC0000374: "STATUS_HEAP_CORRUPTION", 0xE06D7363: "an uncaught C++ exception", 0xC0000602: "STATUS_FAIL_FAST_EXCEPTION",
}  # fmt: skip


class Crash(msgspec.Struct, frozen=True):
    """What ended the process (`SIGSEGV`, empty when unknown), the address it names, the system and its CPU."""

    reason: str = ""
    address: int = 0
    system: str = ""
    version: str = ""
    cpu: str = ""


def read(dump: BinaryIO) -> Crash | None:
    """Return what a minidump says; None when it is none. What is damaged stays empty."""
    head = dump.read(16)
    if len(head) < 16 or not head.startswith(MAGIC):
        return None
    _, streams, directory = struct.unpack("<III", head[4:])
    found = _streams(dump, min(streams, _MOST_STREAMS), directory)
    system, version, cpu = _system(_at(dump, found.get(_SYSTEM), 24))
    code, address = _exception(_at(dump, found.get(_EXCEPTION), 32))
    return Crash("" if code is None else _reason(system, code), address, system, version, cpu)


def _streams(dump: BinaryIO, n: int, at: int) -> dict[int, int]:
    """Return where each kind of stream begins."""
    dump.seek(at)
    raw = dump.read(12 * n)
    entries = struct.iter_unpack("<III", raw[: len(raw) // 12 * 12])
    return {kind: place for kind, _, place in entries}


def _at(dump: BinaryIO, place: int | None, size: int) -> bytes:
    if place is None:
        return b""
    dump.seek(place)
    found = dump.read(size)
    return found if len(found) == size else b""


def _system(raw: bytes) -> tuple[str, str, str]:
    if not raw:
        return "", "", ""
    cpu, major, minor, build, platform = struct.unpack("<H6xIIII", raw)
    return _PLATFORMS.get(platform, ""), f"{major}.{minor}.{build}", _CPUS.get(cpu, "")


def _exception(raw: bytes) -> tuple[int | None, int]:
    if not raw:
        return None, 0
    code, address = struct.unpack("<8xI12xQ", raw)
    return code, address


def _reason(system: str, code: int) -> str:
    names = {"Windows": _WINDOWS, "macOS": _MACH, "iOS": _MACH}.get(system, _SIGNALS)
    return names.get(code, f"exception 0x{code:08x}")
