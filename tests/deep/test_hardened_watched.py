"""A real Debian 12 that was hardened over its own sshd, watched as its agent does, and put back from its own manifest."""

import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import bare_debian, netns
from tests.support.bare_debian import BareDebian
from tests.support.netns import Pair, inside

from vedette.core.clock import SystemClock
from vedette.instruments.harden import manifesting, proving, working
from vedette.instruments.harden.proving import Doors
from vedette.instruments.harden.shell import Said
from vedette.instruments.harden.types import Ended, Wanted
from vedette.instruments.hardened.types import MANIFEST, HardeningManifest, key_of, read
from vedette.instruments.hardened.watching import Watch
from vedette.instruments.live.host import HostLive
from vedette.wire.infra import Rule

pytestmark = [
    pytest.mark.deep,
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not netns.possible() or not bare_debian.possible(), reason="namespaces and debootstrap are needed"
    ),
]
SSHD = "/etc/ssh/sshd_config.d/00-vedette.conf"
# Other values of the kernel are this machine's, not the namespace's.
WANTED = Wanted(rules=(Rule(protocol="tcp", port="22", peers=("0.0.0.0/0", "::/0")),), live=("net.",))
RULESET, VALUE = "ruleset:inet vedette_host", "sysctl:net.ipv4.conf.all.accept_redirects"


@pytest.fixture
def host(tmp_path: Path) -> Iterator[BareDebian]:
    with netns.pair() as pair:
        made = BareDebian(tmp_path, pair)
        yield made
        made.close()


class Within:
    """Implements `Shell` as an agent on the host does: by no connection."""

    def __init__(self, host: BareDebian) -> None:
        parent = host._process.pid
        child = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()[0]
        self._script = host.root / "root/hardening.sh"
        words = ("nsenter", "--target", child, "--mount", "--pid", "--net", "chroot", str(host.root))
        self._words = [*words, "/bin/sh", "/root/hardening.sh"]

    def run(self, script: str, deadline: float) -> Said:
        self._script.write_text(script)
        done = subprocess.run(
            self._words, capture_output=True, stdin=subprocess.DEVNULL, timeout=deadline, check=False
        )
        return Said(status=done.returncode, out=done.stdout)


def hardened(host: BareDebian) -> Ended:
    tools = working.Tools(lambda _: True, SystemClock(), lambda seconds: threading.Event().wait(seconds))
    return working.harden(host.ssh, WANTED, 2, tools).ended


def drifting(watch: Watch, pair: Pair, at: float) -> set[str]:
    """Look twice, and return what drifts."""
    with inside(pair.server):
        watch.look(at)
        watch.look(at + 1)
    return set(watch.drifting())


def put_back(
    host: BareDebian, manifest: HardeningManifest, keys: set[str], people: tuple[str, ...]
) -> tuple[Ended, str]:
    """Put back by the very scripts, and prove it as the agent does; its sshd stands in the server's namespace."""
    plan = manifesting.putting_back([one for one in manifest.standards if key_of(one) in keys])
    doors = Doors(answering=((host.pair.server4, 22),), people=people)

    def let_in() -> str:
        with inside(host.pair.server):
            return proving.why_not(doors, HostLive(time.time(), host.root), rules_changed=RULESET in keys)

    return working.put_back(Within(host), plan, 2, let_in)


def test_what_drifts_on_a_hardened_debian_is_seen_put_back_and_never_locks_out(
    host: BareDebian, tmp_path: Path
) -> None:
    pair = host.pair
    assert hardened(host) is Ended.KEPT
    text = host.text(MANIFEST)
    manifest = read(text)
    assert len(manifest.standards) > 100
    assert hardened(host) is Ended.UNCHANGED
    assert host.text(MANIFEST) == text, "the second run changes nothing"
    with inside(pair.server):
        watch = Watch(tmp_path / "kept.json", lambda *_: "", root=host.root)
    now = time.time()
    assert drifting(watch, pair, now) == set()
    host.ssh_says(
        f"echo PermitRootLogin yes >{SSHD}; chmod 644 {SSHD}; echo 1 >/proc/sys/net/ipv4/conf/all/accept_redirects"
    )
    pair.nft("insert", "rule", "inet", "vedette_host", "allowed", "tcp", "dport", "6379", "accept")
    drifted = {f"file:{SSHD}", RULESET}  # the host's own /proc is out of sight from here
    assert drifting(watch, pair, now + 10) == drifted
    assert VALUE in map(key_of, manifest.standards)
    stranger = put_back(host, manifest, {*drifted, VALUE}, ("192.0.2.9", pair.clients4[0]))
    assert stranger[0] is Ended.KEPT, stranger[1]
    watch.again()
    assert drifting(watch, pair, now + 20) == set()
    assert host.ssh_says("cat /proc/sys/net/ipv4/conf/all/accept_redirects") == (0, "0")
    assert hardened(host) is Ended.UNCHANGED

    # A manifest whose rules would shut out who is signed in is not put in force.
    shut = read(text.replace("tcp dport 22 accept", "tcp dport 2222 accept"))
    before = pair.nft("list", "table", "inet", "vedette_host")
    ended, why = put_back(host, shut, {RULESET}, (pair.clients4[0],))
    assert ended is Ended.REVERTED
    assert pair.clients4[0] in why
    assert pair.nft("list", "table", "inet", "vedette_host") == before
    assert host.answers()
    watch.close()
