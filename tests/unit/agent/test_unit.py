"""The unit of the agent: systemd takes it, and finds little to say against it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from vedette.agent.config import BackupText
from vedette.agent.unit import unit

pytestmark = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)


def written(folder: Path) -> Path:
    path = folder / "vedette-agent.service"
    path.write_text(unit(Path("/bin/true"), Path("/etc/vedette/agent.toml"), Path("/var/lib/vedette-agent")))
    return path


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", written(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "vedette-agent" in line]
    assert ours == []


def test_it_may_do_little(tmp_path: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", written(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found, done.stderr
    assert float(found[1]) < 5.0


def test_it_sees_whose_sockets_are_whose_but_traces_nobody(tmp_path: Path) -> None:
    text = written(tmp_path).read_text()
    bound = next(line for line in text.splitlines() if line.startswith("CapabilityBoundingSet="))
    assert set(bound.partition("=")[2].split()) == {"CAP_NET_ADMIN", "CAP_DAC_READ_SEARCH", "CAP_SYS_PTRACE"}
    assert any(
        line.startswith("SystemCallFilter=~") and "@debug" in line.split() for line in text.splitlines()
    )


def test_backups_get_what_they_need_and_only_where_they_are_allowed() -> None:
    places = Path("/usr/bin/vedette"), Path("/etc/vedette/agent.toml"), Path("/var/lib/vedette-agent")
    plain, allowed = unit(*places, backup=BackupText()), unit(*places, backup=BackupText(plans=True))
    assert plain == unit(*places)
    assert "CAP_CHOWN" not in plain
    assert "CAP_CHOWN" in allowed
    assert (
        "ReadWritePaths=/var/lib/vedette-agent -/var/lib/vedette-harden -/var/lib/vedette-restored -/backup\n"
        in allowed
    )
    live = unit(*places, backup=BackupText(plans=True, restore_live=True))
    assert "ReadWritePaths=/var/lib/vedette-agent -/var/lib/vedette-harden /\n" in live
