"""Minidumps made by hand: a header, a directory of two streams, the exception and the system."""

import struct


def dump(platform: int = 0x8201, code: int = 11, address: int = 0xDEAD) -> bytes:
    """Return a minidump that says why a process ended on which platform."""
    directory = struct.pack("<IIIIII", 7, 56, 56, 6, 168, 112)
    system = struct.pack("<HHHBBIIII", 9, 6, 0, 4, 1, 10, 0, 7, platform).ljust(56, b"\0")
    exception = struct.pack("<IIIIQQ", 1, 0, code, 0, 0, address).ljust(168, b"\0")
    return b"MDMP" + struct.pack("<III", 0xA793, 2, 32) + bytes(16) + directory + system + exception
