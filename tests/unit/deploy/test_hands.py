"""Scripts on another machine, by a real sshd in a network namespace."""

import contextlib
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.support import netns
from tests.support.sshd import Sshd

from vedette.core.errors import Unavailable
from vedette.deploy.attack import switching
from vedette.deploy.hands import Ssh
from vedette.deploy.types import Shield

pytestmark = pytest.mark.skipif(
    not (netns.possible() and Path("/usr/sbin/sshd").exists() and shutil.which("nft", path="/usr/sbin")),
    reason="makes network namespaces, and needs sshd and nft",
)


class Client:
    """Implements `Hands` from the client's namespace."""

    def __init__(self, pair: netns.Pair, folder: Path, *, known: bool = True) -> None:
        host = (folder / "host.pub").read_text().split()[:2]
        (folder / "known").write_text(f"{pair.server4} {' '.join(host)}\n" if known else "")
        options = (
            f"IdentityFile={folder}/operator",
            f"UserKnownHostsFile={folder}/known",
            "IdentitiesOnly=yes",
        )
        self.pair, self.ssh = pair, Ssh("root", options=options)

    def run(self, address: str, script: str, told: Mapping[str, str], timeout: float) -> str:
        with netns.inside(self.pair.client):
            return self.ssh.run(address, script, told, timeout)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[tuple[netns.Pair, Path]]:
    with netns.pair() as pair, contextlib.closing(Sshd(tmp_path, pair)):
        yield pair, tmp_path


def test_over_ssh_a_script_finds_what_is_told_and_its_fault_comes_back(
    place: tuple[netns.Pair, Path],
) -> None:
    pair, folder = place
    client, told = Client(pair, folder), {"VEDETTE_TARGET": "web-1's"}
    assert client.run(pair.server4, 'printf %s "$VEDETTE_TARGET"', told, 20) == "web-1's"
    with pytest.raises(Unavailable, match="ended with 3: no disk"):
        client.run(pair.server4, "echo no disk; exit 3", {}, 20)
    with pytest.raises(Unavailable, match=r"cannot be reached over SSH: .*Host key verification failed"):
        Client(pair, folder, known=False).run(pair.server4, "true", {}, 20)


@pytest.mark.deep
def test_the_switch_leaves_ssh_open(place: tuple[netns.Pair, Path]) -> None:
    pair, folder = place
    client, state = Client(pair, folder), str(folder / "state")
    shield = Shield(front=("192.0.2.9",), only_front=True)
    switching.on(client, pair.server4, shield, seconds=60, folder=state)  # asks over new connections
    assert switching.told(client, pair.server4, shield, state).armed
    switching.off(client, pair.server4, shield, state)
    assert not switching.told(client, pair.server4, shield, state).armed
