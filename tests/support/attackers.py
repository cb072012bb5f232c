"""A day of attackers, as hosts and guards told it: some banned, some simulated, one who got in, one who is a member.

VEDETTE_DATA=… python -m tests.support.attackers
"""

import msgspec
from tests.support.intruders import decision, detection

from vedette.app import tools
from vedette.wire.agent.types import Decision, Detection

ATTACKER, SCANNER, CRAWLER, GUESSER = "198.51.100.7", "203.0.113.88", "2001:db8:77:1::/64", "192.0.2.44"


def told(now: float) -> list[tuple[str, list[Detection | Decision]]]:
    """Return what each host told."""
    probe = {
        "rule": "web-secret-files", "service": "nginx", "count": 41, "reason": f"41 secret files asked for in 20 s from {SCANNER}",
        "lines": ('203.0.113.88 - - "GET /.env HTTP/1.1" 404', '203.0.113.88 - - "GET /.git/config HTTP/1.1" 404'),
    }  # fmt: skip
    quiet = {
        "rule": "web-not-found-flood", "service": "nginx", "severity": "medium", "simulated": True, "count": 120,
        "reason": "120 pages that do not exist in a minute from 2001:db8:77:1::5", "lines": (),
    }  # fmt: skip
    entered = {
        "rule": "ssh-success-after-failures", "severity": "critical", "user": "deploy", "count": 1,
        "reason": f"deploy signed in by ssh after 31 failures from {GUESSER}",
    }  # fmt: skip
    return [
        ("web-1", [detection(now - 4000), decision(now - 4000, lasts=86_400)]),
        ("web-2", [detection(now - 900, SCANNER, **probe), decision(now - 900, SCANNER, lasts=3600, rule="web-secret-files", reason="41 secret files asked for in 20 s: ban for 1 h", origin="web-2")]),
        ("web-2", [detection(now - 700, "2001:db8:77:1::5", **quiet), decision(now - 700, CRAWLER, simulated=True, rule="web-not-found-flood", origin="web-2")]),
        ("db-1", [detection(now - 300, GUESSER, **entered)]),
    ]  # fmt: skip


def fill(now: float) -> None:
    """Record a day of it."""
    from vedette.accounts.permissions import SYSTEM
    from vedette.app import wiring
    from vedette.intrusions import service
    from vedette.plumbing.db.sql import transaction

    for host, reports in told(now):
        named = [
            msgspec.structs.replace(one, origin=host) if isinstance(one, Decision) else one for one in reports
        ]
        with transaction():
            wiring.intrusions().accept(host, named, now)
    service.ban(SYSTEM, "203.0.113.200", now + 30 * 86_400, "sent spam to every form", now - 60)
    service.allow(SYSTEM, "192.0.2.128/28", "the office in Bergen", now)
    service.set_mode(SYSTEM, "ssh", "enforce", now)
    service.add_list(SYSTEM, "drop", "https://lists.example/drop.txt", 3600.0, 86_400.0, now)


def main() -> None:
    """Let the day go by."""
    with tools.opened() as ports:
        fill(ports.clock.now())
        tools.tell_server(ports)


if __name__ == "__main__":
    main()
