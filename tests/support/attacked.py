"""Attackers of the last days: what hosts detected, whom they banned, and replays of rules, recorded as agents report them.

Runs within `tests.support.past`, beside a server on the same data.
"""

from tests.support.hosted import NAMES
from tests.support.intruders import decision, detection

from vedette.accounts.permissions import SYSTEM
from vedette.app.knowing import House
from vedette.core.clock import SystemClock
from vedette.intrusions import service
from vedette.intrusions.types import DAY
from vedette.plumbing.db.sql import transaction
from vedette.wire.agent.types import ReplayReport, WouldBan

HOUR, WEEK = 3_600.0, 7 * DAY
DB, WEB = NAMES[0], NAMES[1]


def fill(now: float) -> None:
    """Let hosts be attacked, and replay two sets."""
    judges = service.Judges(SystemClock(), House())
    real = detection(now - HOUR, "203.0.113.9", id="real", labels={"set": "ssh", "signed_in": "anna"})
    path = {"rule": "http-secret-files", "service": "http", "count": 41, "lines": ("GET /.env HTTP/1.1 404", "GET /.git/config HTTP/1.1 404")}  # fmt: skip
    quiet = detection(now - 900, "192.0.2.77", reason="41 requests for secret files in 12s from 192.0.2.77.", simulated=True, **path)  # fmt: skip
    drift = detection(now - 600, "", id="port", rule="port-opened", service="host", reason="A new listening port: tcp 0.0.0.0:4444.", count=1, lines=())  # fmt: skip
    with transaction():
        judges.accept(WEB, [detection(now - 300), decision(now - 300, lasts=4 * HOUR), quiet, drift], now)
        judges.accept(WEB, [real, decision(now - HOUR, "203.0.113.9", lasts=DAY, detection="real")], now)
        judges.accept(DB, [detection(now - 2 * HOUR, "2001:db8:77:1::6"), decision(now - 2 * HOUR, "2001:db8:77:1::/64", lasts=DAY, detection=f"d-2001:db8:77:1::6-{now - 2 * HOUR}")], now)  # fmt: skip
    _replay(judges, now)


def _replay(judges: service.Judges, now: float) -> None:
    for host, name in ((WEB, "ssh"), (DB, "ssh"), (WEB, "web-probes")):
        made = service.replay(SYSTEM, host, name, WEEK, now)
        if host == WEB:
            with transaction():
                judges.accept(host, [_report(made.id, now)], now)


def _report(number: str, now: float) -> ReplayReport:
    guilty = [_would(f"198.51.100.{n}", now, n) for n in range(20, 33)]
    innocent = WouldBan(
        address="203.0.113.9", first_at=now - 3 * DAY, last_at=now - DAY, seconds=5 * HOUR, times=2, lines=12,
        rules=("ssh-bruteforce", "ssh-invalid-users"), innocent="anna signed in from there",
    )  # fmt: skip
    return ReplayReport(
        at=now, id=number, state="done", files=9, lines=1_284_113, bytes=214_000_000, seconds=11.4, first_at=now - WEEK,
        last_at=now, detected=61, by_rule={"ssh-bruteforce": 52, "ssh-invalid-users": 9}, would=14, innocents=1,
        banned=(innocent, *guilty), spared=("10.0.0.4", "192.0.2.50"),
    )  # fmt: skip


def _would(address: str, now: float, n: int) -> WouldBan:
    return WouldBan(
        address=address, first_at=now - 6 * DAY + n * HOUR, last_at=now - n * HOUR, seconds=n * HOUR, times=1 + n % 4, lines=6 * n,
        rules=("ssh-bruteforce",),
    )  # fmt: skip
