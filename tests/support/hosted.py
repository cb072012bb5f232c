"""Hosts with a past: two days of measures, what happened, an audit; recorded as if their agents had reported it.

Runs within `tests.support.past`, beside a server on the same data.
"""

import random

from vedette.accounts.permissions import SYSTEM
from vedette.hosts import service
from vedette.hosts.types import NobodyJudges
from vedette.plumbing.seal.ed25519 import SigningKey
from vedette.wire.agent import enrolling
from vedette.wire.agent.batches import Batch
from vedette.wire.agent.enrolling import Enrolling
from vedette.wire.agent.types import (
    Audit,
    Happening,
    HostChange,
    Inventory,
    Package,
    Process,
    Processes,
    Report,
    Sample,
)
from vedette.wire.finding import Finding, FindingState

HOUR, MINUTE = 3_600.0, 60.0
NAMES = (
    "db-1.tidemark.example",
    "web-1.tidemark.example",
    "web-2-with-a-name-as-long-as-names-of-hosts-grow.example",
)
SIZE = 480e9


def fill(now: float) -> None:
    """Let three hosts in, and report what they would have."""
    chance, taker = random.Random(11), service.taker(NobodyJudges())
    for place, name in enumerate(NAMES):
        host = _enrol(name, place, now)
        reports = [*_story(place, now), *_measures(place, now, chance)]
        for first in range(0, len(reports), 1_000):
            part = tuple(reports[first : first + 1_000])
            batch = Batch(origin=f"{place:032x}", first=first + 1, sent_at=now, reports=part, version="1.0")
            taker.take([(host, batch)], now)
    while service.roll(now):
        pass


def _enrol(name: str, place: int, now: float) -> int:
    token, _ = service.invite(SYSTEM, now)
    secret, key = enrolling.take_apart(token).secret, SigningKey(bytes([place + 1]) * 32)
    asked = Enrolling(
        token=enrolling.id_of(secret), name=name, key=enrolling.text_of(key.public), version="1.0",
        proof=enrolling.proof(secret, name, key.public),
    )  # fmt: skip
    return service.enrol(asked, now).host


def _measures(place: int, now: float, chance: random.Random) -> list[Report]:
    found: list[Report] = []
    for n in range(6 * 60):
        at = now - (6 * 60 - n) * MINUTE
        share = 0.945 + n / 20_000 if place == 0 else 0.3
        values = {
            "cpu.used.percent": 20 + 10 * place + 15 * chance.random(), "memory.used.percent": 61.0 + chance.random(),
            "load.1": 0.4 + chance.random(), "disk.used.percent{/}": share * 100, "disk.used.bytes{/}": share * SIZE,
            "disk.size.bytes{/}": SIZE, "net.received.bytes_per_second{eth0}": 2e6 * chance.random(),
            "net.sent.bytes_per_second{eth0}": 4e6 * chance.random(),
        }  # fmt: skip
        found.append(Sample(at=at, values=values))
    top = (Process(411, "postgres", "postgres", 61.2, 2**31), Process(1, "systemd", "root", 0.1, 2**23))
    return [*found, Processes(at=now - MINUTE, top=top)]


def _story(place: int, now: float) -> list[Report]:
    inventory = Inventory(
        at=now - HOUR, hostname=NAMES[place], os="Debian GNU/Linux 12 (bookworm)", kernel="6.1.0-18-amd64", arch="x86_64", cpus=4,
        memory=2**34, booted_at=now - 40 * 24 * HOUR, version="1.0", addresses=("192.0.2.11", "2001:db8::11"),
        pending=(Package("openssl", "3.0.11-1", "3.0.13-1", True), Package("tzdata", "2024a-0", "2024b-0", False)),
        failed_units=("logrotate.service",) if place == 1 else (),
    )  # fmt: skip
    finding = Finding(
        check="ssh-root-login", title="Root may sign in over SSH", state=FindingState.FAILED, risk=8.0,
        why="Everybody knows the name root; only its password is left to guess.", fix="PermitRootLogin no",
    )  # fmt: skip
    change = HostChange(
        at=now - 3 * HOUR,
        kind="authorized-keys",
        subject="root",
        after="ssh-ed25519 … eve@laptop",
        severity="high",
    )
    oom = Happening(
        at=now - 2 * HOUR,
        kind="oom",
        text="The kernel killed postgres (411): out of memory.",
        severity="high",
    )
    return [inventory, Audit(now - HOUR, 71.0, (finding,)), *([change, oom] if place == 0 else [])]
