"""What the kernel tells of changes to nftables: netlink's group of them (linux/netfilter/nfnetlink.h, nf_tables.h).

The first attribute of each message is the name of its table, so that bans of our own, thousands an hour, are not drift.
"""

import contextlib
import errno
import socket
import struct

_NETFILTER, _GROUP = 12, 7  # NETLINK_NETFILTER, NFNLGRP_NFTABLES
_NEW_GENERATION, _SUBSYSTEM = 15, 10  # NFT_MSG_NEWGEN, NFNL_SUBSYS_NFTABLES
_INET = 1
_OURS = b"vedette"
_ROOM = 1 << 20


class Hearing:
    """Tells whether somebody else changed the ruleset. `able` is False where the kernel does not let us hear of it."""

    def __init__(self) -> None:
        self.able = True
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK, _NETFILTER)  # fmt: skip
        try:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
            self._socket.bind((0, 1 << (_GROUP - 1)))
        except OSError:
            self.able = False

    def fileno(self) -> int:
        """Return what may be waited for."""
        return self._socket.fileno()

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()

    def changed(self) -> bool:
        """Take what was told; return whether any of it is about a table that is not ours. What was lost counts as one."""
        found = False
        with contextlib.suppress(BlockingIOError):
            while True:
                try:
                    found = others(self._socket.recv(1 << 17)) or found
                except OSError as error:
                    if error.errno != errno.ENOBUFS:
                        raise
                    found = True
        return found


def others(packet: bytes) -> bool:
    """Tell whether a packet of messages is about a table of somebody else."""
    at = 0
    while at + 20 <= len(packet):
        length, kind = struct.unpack_from("<IH", packet, at)
        if length < 20 or at + length > len(packet):
            return True  # nothing that can be read: look for yourself
        if kind >> 8 == _SUBSYSTEM and kind & 0xFF != _NEW_GENERATION and not _ours(packet, at, length):
            return True
        at += (length + 3) & ~3
    return False


def _ours(packet: bytes, at: int, length: int) -> bool:
    """Read `struct nfgenmsg` (family first) and the first attribute: length, type 1, the name with a zero at its end."""
    if length < 24 or packet[at + 16] != _INET:
        return False
    size, kind = struct.unpack_from("<HH", packet, at + 20)
    return kind & 0x3FFF == 1 and packet[at + 24 : at + 20 + size] == _OURS + b"\0"
