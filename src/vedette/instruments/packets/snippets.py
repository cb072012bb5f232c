"""Bans as a file that nginx or Caddy includes, for hosts whose packets come from a proxy or a CDN in front.

A file is written whole beside the old one and takes its place; then the web server is told by a configured command (words, never a
shell), at most once in `every` seconds: what comes sooner waits and goes together. Where a command to check is configured and
refuses, the file from before comes back and the server is left alone.
"""

import contextlib
import ipaddress
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from vedette.instruments.packets.port import EnforceError, Mended, stops
from vedette.wire.agent.types import Decision, Measure

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
HEAD = "# Written by Vedette's agent; what is changed here is overwritten.\n"
COMMAND_TIMEOUT = 30  # seconds


def nginx_deny(networks: Iterable[Network]) -> str:
    """Return lines for `http`, `server` or `location`: include them there. nginx reads through them for each request."""
    return HEAD + "".join(f"deny {net};\n" for net in networks)


def nginx_geo(networks: Iterable[Network]) -> str:
    """Return lines for a `geo` block, in which nginx finds an address at once however many there are."""
    return HEAD + "".join(f"{net} 1;\n" for net in networks)


def caddy(networks: Iterable[Network]) -> str:
    """Return lines to import in a site: a matcher and what it is answered."""
    texts = [str(net) for net in networks]
    if not texts:  # a matcher without ranges is none
        return HEAD
    return f"{HEAD}@vedette_banned remote_ip {' '.join(texts)}\nrespond @vedette_banned 403\n"


@dataclass(frozen=True)
class Told:
    """How a web server is told: words that make it read its files anew, and words that check them first, which may be none."""

    reload: tuple[str, ...]
    check: tuple[str, ...] = ()
    every: float = 10.0


class Snippet:
    """The enforcer of one file. It has no timeouts of its own: the agent drops what is over."""

    measures = frozenset({Measure.BAN})

    def __init__(self, kind: str, path: Path, text: Callable[[Iterable[Network]], str], told: Told) -> None:
        self.kind = kind
        self._path, self._text, self._told = path, text, told
        self._lock = threading.Lock()
        self._live: dict[Network, float] = {}
        self._touched: dict[Network, float | None] | None = (
            None  # while comparing: the ends put, None dropped
        )
        self._begun = self._due = False
        self._trouble = ""
        self._last: float | None = None

    def put(self, decisions: Sequence[Decision], now: float) -> None:
        """Ban until decisions end; the file is written with the next tick that is not too early."""
        put = _networks(decisions, now)
        with self._lock:
            self._touch(put)
            self._change({**self._live, **put})

    def drop(self, decisions: Sequence[Decision], now: float) -> None:  # noqa: ARG002 - the port's
        """Ban no longer, from the next tick on that is not too early."""
        gone = {net for one in decisions if (net := _network(one)) is not None}
        with self._lock:
            self._touch(dict.fromkeys(gone))
            self._change({net: until for net, until in self._live.items() if net not in gone})

    def sync(self, live: Callable[[], Sequence[Decision]], now: float) -> Mended:
        """Compare the file with what it should be; where it is otherwise it is written with the next tick.

        Raises `EnforceError` as long as what was written last did not get through.
        """
        if self._trouble:
            raise EnforceError(self._trouble)
        with self._lock:
            self._touched, before, due = {}, self._live, self._due
        try:
            wanted, there = _networks(live(), now), self._read()
            was = self._text(_ordered(before if self._begun else wanted))
            with self._lock:
                return self._compared(wanted, otherwise=there != was, due=due)
        finally:
            with self._lock:
                self._touched = None

    def _compared(self, wanted: dict[Network, float], *, otherwise: bool, due: bool) -> Mended:
        """Take over what is wanted, with what was put and without what was dropped while the file was compared."""
        after: dict[Network, float | None] = {**wanted, **(self._touched or {})}
        wanted = {net: until for net, until in after.items() if until is not None}
        if not self._begun:  # what stands there is of the agent before
            self._begun, self._due, self._live = True, otherwise or bool(self._touched), wanted
            return Mended()
        rebuilt = otherwise and not due
        missing, unknown = len(wanted.keys() - self._live.keys()), len(self._live.keys() - wanted.keys())
        self._due = self._due or rebuilt
        self._change(wanted)
        return Mended(missing=missing, unknown=unknown, rebuilt=rebuilt)

    def tick(self, now: float) -> None:
        """Write and reload what waits, unless it is too early. Whoever bans meanwhile does not wait for the web server."""
        with self._lock:
            early = self._last is not None and self._last <= now < self._last + self._told.every
            if not self._due or early:
                return
            self._last, self._due, live = now, False, self._live
        try:
            self._write(self._text(_ordered(live)))
            self._trouble = ""
        except EnforceError as error:
            self._due, self._trouble = True, str(error)
            raise

    def close(self) -> None:
        """Nothing is held open; the file stays as it is."""

    def _touch(self, nets: Mapping[Network, float | None] | Mapping[Network, float]) -> None:
        if self._touched is not None:
            self._touched.update(nets)

    def _change(self, live: Mapping[Network, float]) -> None:
        self._due = self._due or live.keys() != self._live.keys()
        self._live = dict(live)

    def _read(self) -> str | None:
        try:
            return self._path.read_text("ascii")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            return ""

    def _write(self, text: str) -> None:
        before = self._read()
        try:
            _replace(self._path, text)
            if self._told.check:
                _run(self._told.check, "refuses the file of bans, so the one from before is back")
        except OSError as error:
            raise EnforceError(f"{self._path} cannot be written: {error.strerror}.") from None
        except EnforceError as refused:
            self._back(before or HEAD, refused)
            raise
        if self._told.reload:
            _run(self._told.reload, "did not read its files anew")

    def _back(self, before: str, refused: EnforceError) -> None:
        try:
            _replace(self._path, before)
        except OSError as error:
            raise EnforceError(
                f"{refused}; but it is not: {self._path} cannot be written: {error.strerror}."
            ) from None


def _networks(decisions: Iterable[Decision], now: float) -> dict[Network, float]:
    found = ((_network(one), one.until) for one in decisions if one.until > now)
    return {net: until for net, until in found if net is not None}


def _network(decision: Decision) -> Network | None:
    if not stops(decision) or "%" in decision.value:
        return None
    try:
        return ipaddress.ip_network(decision.value)
    except ValueError:
        return None


def _ordered(live: Mapping[Network, float]) -> list[Network]:
    return sorted(live, key=lambda net: (net.version, int(net.network_address), net.prefixlen))


def _replace(path: Path, text: str) -> None:
    """Write a file whole beside the old one, readable for the web server, and let it take its place."""
    new = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        new.unlink()
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        os.fchmod(out.fileno(), 0o644)
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    new.replace(path)


def _run(command: tuple[str, ...], what: str) -> None:
    try:
        done = subprocess.run(
            command, capture_output=True, stdin=subprocess.DEVNULL, timeout=COMMAND_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise EnforceError(f"{command[0]} {what}: {error}") from None
    if done.returncode:
        said = (done.stderr or done.stdout).decode("utf-8", "replace").strip().splitlines()[-1:] or [
            "no reason given"
        ]
        text = "".join(char if char.isprintable() else "?" for char in said[0])[:300]
        raise EnforceError(f"{command[0]} {what}: {text}")
