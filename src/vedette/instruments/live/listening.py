"""What listens, asked of the kernel by sock_diag(7): only listening sockets are walked, however many connections there are.

The message is `struct inet_diag_req_v2` of linux/inet_diag.h. Who holds a socket is looked up in /proc/<pid>/fd.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from vedette.instruments.live.types import Listener, Unreadable

_NETLINK_SOCK_DIAG, _BY_FAMILY, _ERROR, _DONE = 4, 20, 2, 3
_DUMP = 0x301  # NLM_F_REQUEST | NLM_F_DUMP
_REQUEST = struct.Struct("<IHHII BBBBI HH16s16sIII")
_TCP, _UDP, _LISTEN, _UNCONNECTED = 6, 17, 10, 7
_SOCKET = "socket:["


class Waiting(msgspec.Struct, frozen=True, order=True):
    """A socket that waits, by its number in the kernel."""

    port: int
    protocol: str
    address: str
    inode: int
    uid: int


def waiting() -> frozenset[Waiting]:
    """Return every socket of this network namespace that waits for others; raises `Unreadable`.

    Sockets of udp with a port that the kernel gave (a question to a resolver) are left out.
    """
    given = _given_ports()
    found = frozenset(one for protocol in (_TCP, _UDP) for family in (socket.AF_INET, socket.AF_INET6) for one in _dump(protocol, family))  # fmt: skip
    return frozenset(one for one in found if one.protocol == "tcp" or not given[0] <= one.port <= given[1])


def listeners(root: Path, found: frozenset[Waiting]) -> tuple[Listener, ...]:
    """Return the sockets with the program and user of each, by port."""
    programs = holders(root, frozenset(one.inode for one in found))
    users = _users(root)
    named = {
        (one.port, one.protocol, one.address): Listener(
            protocol=one.protocol, address=one.address, port=one.port,
            program=programs.get(one.inode, ""), user=users.get(one.uid, str(one.uid)),
        )
        for one in sorted(found)
    }  # fmt: skip
    return tuple(named.values())


def holders(root: Path, inodes: frozenset[int]) -> Mapping[int, str]:
    """Return the program that holds each socket, as far as /proc shows it."""
    return {inode: _name(process) for inode, process in _processes(root, inodes).items()}


def program_files(root: Path, found: frozenset[Waiting]) -> Mapping[str, str]:
    """Return by place (`tcp 0.0.0.0:443`) the file of the program that holds each socket, as far as /proc shows it.

    Programs in a container are left out: their paths are those of its own file system.
    """
    processes = _processes(root, frozenset(one.inode for one in found))
    files = {inode: file for inode, process in processes.items() if (file := _file(root, process))}
    named = {
        Listener(protocol=one.protocol, address=one.address, port=one.port).place: files.get(one.inode, "")
        for one in found
    }
    return {place: file for place, file in named.items() if file}


def _processes(root: Path, inodes: frozenset[int]) -> Mapping[int, Path]:
    held: dict[int, Path] = {}
    for process in _numbers(root / "proc"):
        for inode in _sockets(process) & inodes:
            held.setdefault(inode, process)
    return held


def _file(root: Path, process: Path) -> str:
    with contextlib.suppress(OSError):
        spaces = {(each / "ns/mnt").readlink() for each in (process, root / "proc/1")}
        return str((process / "exe").readlink()).removesuffix(" (deleted)") if len(spaces) == 1 else ""
    return ""


def _numbers(proc: Path) -> Iterator[Path]:
    with contextlib.suppress(OSError), os.scandir(proc) as entries:
        yield from (Path(entry.path) for entry in entries if entry.name.isdigit())


def _sockets(process: Path) -> set[int]:
    found = set()
    with contextlib.suppress(OSError), os.scandir(process / "fd") as entries:
        for entry in entries:
            with contextlib.suppress(OSError, ValueError):
                target = os.readlink(entry.path)  # noqa: PTH115 - thousands of them
                if target.startswith(_SOCKET):
                    found.add(int(target[len(_SOCKET) : -1]))
    return found


def _name(process: Path) -> str:
    with contextlib.suppress(OSError):
        return process.joinpath("comm").read_text("utf-8", "replace").strip()
    return ""


def _users(root: Path) -> Mapping[int, str]:
    with contextlib.suppress(OSError):
        rows = [line.split(":") for line in (root / "etc/passwd").read_text("utf-8", "replace").splitlines()]
        return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdigit()}
    return {}


def _given_ports() -> tuple[int, int]:
    try:
        low, high = Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()
        return int(low), int(high)
    except (OSError, ValueError):
        return 32_768, 60_999


def _dump(protocol: int, family: int) -> list[Waiting]:
    states = 1 << (_LISTEN if protocol == _TCP else _UNCONNECTED)
    request = _REQUEST.pack(_REQUEST.size, _BY_FAMILY, _DUMP, 1, 0, family, protocol, 0, 0, states, 0, 0, b"", b"", 0, 0, 0)  # fmt: skip
    try:
        with socket.socket(
            socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG
        ) as asked:
            asked.settimeout(2.0)
            asked.send(request)
            return list(_answers(asked, "tcp" if protocol == _TCP else "udp"))
    except OSError as error:
        raise Unreadable(f"The kernel does not tell what listens: {error.strerror or error}.") from error


def _answers(asked: socket.socket, protocol: str) -> Iterator[Waiting]:
    while True:
        packet = asked.recv(1 << 18)
        at = 0
        while at + 16 <= len(packet):
            length, kind = struct.unpack_from("<IH", packet, at)
            if kind == _DONE or length < 16:
                return
            if kind == _ERROR:
                code = -struct.unpack_from("<i", packet, at + 16)[0]
                if code == 2:  # ENOENT: this kernel was built without the protocol
                    return
                raise OSError(code, os.strerror(code))
            yield _read(packet, at + 16, protocol)
            at += (length + 3) & ~3


def _read(packet: bytes, at: int, protocol: str) -> Waiting:
    """Read `struct inet_diag_msg`: family, state, timer, retransmits, then ports, addresses, interface, cookie."""
    family = packet[at]
    port = struct.unpack_from(">H", packet, at + 4)[0]
    size = 4 if family == socket.AF_INET else 16
    address = socket.inet_ntop(family, packet[at + 8 : at + 8 + size])
    uid, inode = struct.unpack_from("<II", packet, at + 4 + 48 + 12)
    return Waiting(port=port, protocol=protocol, address=address, inode=inode, uid=uid)
