"""Outside judges of a Debian 12 before and after one run: OpenSCAP by the CIS profile (level 1, server), and Lynis."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import bare_debian, netns, scap
from tests.support.bare_debian import BareDebian, kept_with

from vedette.core.clock import SystemClock
from vedette.instruments.harden import judging, working
from vedette.instruments.harden.types import Ended, Wanted
from vedette.wire.infra import Rule

pytestmark = [
    pytest.mark.deep,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(
        not netns.possible() or not bare_debian.possible(), reason="namespaces and debootstrap are needed"
    ),
]
RULES = (Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0")),)
# Values of the kernel beside `net.*` are this machine's, and stay as they are.
WANTED = Wanted(rules=RULES, live=("net.",))
OF_THIS_MACHINE = {
    "openscap-sysctl_kernel_yama_ptrace_scope",
    "openscap-sysctl_kernel_randomize_va_space",
    "openscap-sysctl_fs_suid_dumpable",
}


@pytest.fixture
def host(tmp_path: Path) -> Iterator[BareDebian]:
    """With a package by which rules know that there is a kernel."""
    with netns.pair() as pair:
        made = BareDebian(tmp_path, pair, kept_with("openscap-scanner", "linux-base"))
        (made.root / "etc/mtab").symlink_to("../proc/self/mounts")
        yield made
        made.close()


def test_what_still_fails_by_cis_is_waived_by_a_reason(host: BareDebian) -> None:
    stream = scap.stream().read_bytes()
    tools = working.Tools(lambda _: True, SystemClock(), lambda seconds: threading.Event().wait(seconds))
    done = judging.beside(
        lambda: working.harden(host.ssh, WANTED, 5, tools),
        lambda judge: judging.judged(host.ssh, judge, 1, stream if judge == "openscap" else b""),
        judging.JUDGES,
    )
    assert done.ended is Ended.KEPT, done.reason
    lynis, openscap = done.judged
    print(lynis, openscap)
    assert openscap.failed_before >= 100
    assert openscap.failed_after <= 15
    assert {name for name, reason in openscap.left.items() if not reason} <= OF_THIS_MACHINE
    assert lynis.after >= lynis.before + 10
