"""The file of bans that a web server includes: what happens to it is told, and never ends the agent."""

import shutil
from pathlib import Path

import pytest

from vedette.instruments.packets.port import EnforceError
from vedette.instruments.packets.snippets import HEAD, Snippet, Told, nginx_deny
from vedette.wire.agent.types import Decision, Measure, Scope

NOW = 1_764_000_000.0


def ban(value: str = "198.51.100.7") -> Decision:
    return Decision(
        id=value, scope=Scope.ADDRESS, value=value, measure=Measure.BAN, at=NOW, until=NOW + 600, reason="r"
    )


def test_a_file_that_cannot_be_brought_back_is_told(tmp_path: Path) -> None:
    """The check refuses, and then the disk does, too."""
    folder = tmp_path / "nginx"
    folder.mkdir()
    check = ("sh", "-c", f"rm -r {folder}; echo no >&2; exit 1")
    snippet = Snippet("nginx", folder / "bans.conf", nginx_deny, Told((), check, every=0))
    snippet.put([ban()], NOW)
    with pytest.raises(
        EnforceError, match=r"sh refuses .*: no; but it is not: .*: No such file or directory"
    ):
        snippet.tick(NOW)
    with pytest.raises(EnforceError, match="No such file"):
        snippet.sync(lambda: [ban()], NOW)
    folder.mkdir()
    with pytest.raises(EnforceError):
        snippet.tick(NOW + 1)
    shutil.rmtree(folder, ignore_errors=True)
    well = Snippet("nginx", tmp_path / "bans.conf", nginx_deny, Told((), ("true",)))
    well.put([ban()], NOW)
    well.tick(NOW)
    assert (tmp_path / "bans.conf").read_text() == f"{HEAD}deny 198.51.100.7/32;\n"
