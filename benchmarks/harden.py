"""How long hardening a bare Debian 12 over its own sshd takes, and looking again afterwards. Targets: 60 and 15 seconds.

The host is a root of debootstrap in a network namespace; as root alone.
"""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.support import netns
from tests.support.bare_debian import BareDebian

from benchmarks.report import Figure, finish
from vedette.core.clock import SystemClock
from vedette.instruments.harden import working
from vedette.instruments.harden.types import Ended, Run, Wanted
from vedette.wire.infra import Rule

BENCH = "harden"
# Other values of the kernel are this machine's, not the namespace's.
WANTED = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0")),), live=("net.",))


def hardened(host: BareDebian) -> Run:
    """Harden a host, and return how that went."""
    tools = working.Tools(lambda _: True, SystemClock(), lambda seconds: threading.Event().wait(seconds))
    return working.harden(host.ssh, WANTED, 2, tools)


def main() -> None:
    """Harden it twice, measure, print."""
    with TemporaryDirectory() as folder, netns.pair() as pair:
        host = BareDebian(Path(folder), pair)
        try:
            first, second = hardened(host), hardened(host)
        finally:
            host.close()
    if (first.ended, second.ended) != (Ended.KEPT, Ended.UNCHANGED):
        raise SystemExit(f"It was not hardened: {first.reason} {second.reason}")
    finish(
        [
            Figure(BENCH, "a bare host", first.seconds, "s", "<= 60"),
            Figure(BENCH, "the same host again", second.seconds, "s", "<= 15"),
        ]
    )


if __name__ == "__main__":
    main()
