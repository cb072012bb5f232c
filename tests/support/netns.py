"""Network namespaces for tests: hosts joined by veth, with real packets. Only root may make them."""

import contextlib
import ctypes
import os
import re
import secrets
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CLONE_NEWNET = 0x4000_0000
NETNS = Path("/run/netns")
_LIBC = ctypes.CDLL(None, use_errno=True)


def possible() -> bool:
    """Tell whether namespaces can be made here."""
    return os.geteuid() == 0 and shutil.which("ip", path="/usr/sbin:/sbin:/usr/bin") is not None


def ip(*words: str) -> None:
    subprocess.run(["/usr/sbin/ip", *words], check=True, capture_output=True, text=True)


@contextlib.contextmanager
def inside(name: str) -> Iterator[None]:
    """Move this thread into a namespace: what opens a socket here opens it there, and keeps it afterwards."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(NETNS / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _set(there)
        yield
    finally:
        _set(home)
        os.close(home)
        os.close(there)


def _set(descriptor: int) -> None:
    if _LIBC.setns(descriptor, CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")


@dataclass(frozen=True)
class Pair:
    """Two hosts and a wire: `server` is guarded, `client` attacks from several addresses."""

    server: str
    client: str

    server4, server6 = "198.51.100.1", "2001:db8:0:1::1"
    clients4 = ("198.51.100.7", "198.51.100.8", "203.0.113.5", "203.0.113.6")
    clients6 = ("2001:db8:0:7::1", "2001:db8:0:7::2", "2001:db8:0:8::1")

    def nft(self, *words: str, text: str | None = None) -> str:
        """Run the program nft on the server."""
        command = ["/usr/sbin/ip", "netns", "exec", self.server, "/usr/sbin/nft", *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, input=text).stdout


@contextlib.contextmanager
def pair() -> Iterator[Pair]:
    """Make two hosts joined by veth, and remove them."""
    _sweep()
    token = f"{os.getpid():x}-{secrets.token_hex(2)}"
    made = Pair(f"vd{token}s", f"vd{token}c")
    try:
        ip("netns", "add", made.server)
        ip("netns", "add", made.client)
        ip(
            "link",
            "add",
            f"v{token}s",
            "netns",
            made.server,
            "type",
            "veth",
            "peer",
            f"v{token}c",
            "netns",
            made.client,
        )
        _address(made.server, f"v{token}s", (made.server4,), (made.server6,))
        _address(made.client, f"v{token}c", made.clients4, made.clients6)
        ip("-n", made.server, "route", "add", "203.0.113.0/24", "dev", f"v{token}s")
        ip("-n", made.server, "-6", "route", "add", "2001:db8::/48", "dev", f"v{token}s")
        ip("-n", made.client, "-6", "route", "add", "2001:db8:0:1::/64", "dev", f"v{token}c")
        yield made
    finally:
        for name in (made.server, made.client):
            subprocess.run(["/usr/sbin/ip", "netns", "delete", name], check=False, capture_output=True)


@contextlib.contextmanager
def behind(pair: Pair) -> Iterator[str]:
    """Put a host behind the server, which forwards to it: 192.0.2.2, as a container is. Return its namespace."""
    name, device = f"{pair.server[:-1]}i", f"v{pair.server[2:-1]}"
    try:
        ip("netns", "add", name)
        ip(
            "link",
            "add",
            f"{device}o",
            "netns",
            pair.server,
            "type",
            "veth",
            "peer",
            f"{device}i",
            "netns",
            name,
        )
        ip("-n", pair.server, "addr", "add", "192.0.2.1/24", "dev", f"{device}o")
        ip("-n", pair.server, "link", "set", f"{device}o", "up")
        ip("-n", name, "addr", "add", "192.0.2.2/24", "dev", f"{device}i")
        ip("-n", name, "link", "set", f"{device}i", "up")
        ip("-n", name, "route", "add", "default", "via", "192.0.2.1")
        ip("-n", pair.client, "route", "add", "192.0.2.0/24", "via", pair.server4)
        with inside(pair.server):
            Path("/proc/sys/net/ipv4/ip_forward").write_text("1")
        yield name
    finally:
        subprocess.run(["/usr/sbin/ip", "netns", "delete", name], check=False, capture_output=True)


def _sweep() -> None:
    """Remove what was left by a run that was killed: names begin with the number of the process that made them."""
    names = (path.name for path in NETNS.iterdir()) if NETNS.is_dir() else ()
    for name in list(names):
        found = re.fullmatch(r"vd([0-9a-f]+)-[0-9a-f]{4}[sci]", name)
        if found is not None and not Path(f"/proc/{int(found[1], 16)}").exists():
            subprocess.run(["/usr/sbin/ip", "netns", "delete", name], check=False, capture_output=True)


def _address(name: str, device: str, fours: tuple[str, ...], sixes: tuple[str, ...]) -> None:
    for number in fours:
        ip("-n", name, "addr", "add", f"{number}/{24 if number.startswith('198') else 32}", "dev", device)
    for number in sixes:
        ip("-n", name, "addr", "add", f"{number}/64", "dev", device, "nodad")
    ip("-n", name, "link", "set", "lo", "up")
    ip("-n", name, "link", "set", device, "up")


class Echo:
    """A UDP port of the server that answers: whether an address gets through is one packet there and back."""

    def __init__(self, pair: Pair, name: str = "") -> None:
        self._pair = pair
        with inside(name or pair.server):
            self._socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self._socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            self._socket.bind(("::", 7))
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()
        # Who has not met yet asks for each other's address first.
        for client in () if name else (*pair.clients4, *pair.clients6):
            assert until(lambda client=client: self.passes(client)), f"{client} does not get through"

    def _answer(self) -> None:
        with contextlib.suppress(OSError):
            while (heard := self._socket.recvfrom(100))[0]:
                self._socket.sendto(*heard)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)

    def passes(self, client: str, wait: float = 0.15, to: str = "") -> bool:
        """Send a packet from an address of the client to the server or another host, and tell whether it is answered."""
        family = socket.AF_INET6 if ":" in client else socket.AF_INET
        with inside(self._pair.client), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.bind((client, 0))
            asking.settimeout(wait)
            asking.sendto(b"?", (to or (self._pair.server6 if ":" in client else self._pair.server4), 7))
            try:
                return asking.recv(100) == b"?"
            except TimeoutError:
                return False


def until(holds: Callable[[], bool], seconds: float = 20) -> bool:
    """Ask until something holds; tell whether it did in time."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
