"""`vedette agent audit` on a scratch host: words, exit codes, waivers and JSON."""

import json
from pathlib import Path
from typing import Any

import pytest

from vedette.cli.auditing import audit
from vedette.core.errors import ConfigError, VedetteError


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    (tmp_path / "etc").mkdir()
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/mounts").write_text("tmpfs /tmp tmpfs rw,nosuid,nodev 0 0\n")
    (tmp_path / "agent.toml").write_text("")
    return tmp_path


def ended(only: str, root: Path, *, fail_on: str = "medium", json: bool = False) -> int:
    with pytest.raises(SystemExit) as ending:
        audit(only=only, root=root, config=root / "agent.toml", fail_on=fail_on, json=json)
    assert isinstance(ending.value.code, int)
    return ending.value.code


def test_it_says_what_is_wrong_worst_first(scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("mounts", scratch, fail_on="low") == 1
    out = capsys.readouterr().out
    assert out.splitlines()[0].endswith("of 100: 5 checks failed (5 low).")
    assert "/tmp is mounted without noexec" in out
    assert "Fix: Add noexec" in out
    assert ended("mounts", scratch, fail_on="high") == 0


def test_json_is_an_audit_and_waivers_count(scratch: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (scratch / "agent.toml").write_text(
        '[audit.waive]\nmount-tmp-noexec = { reason = "builds", until = 2090-01-01 }\n'
    )
    ended("mounts", scratch, json=True)
    told = json.loads(capsys.readouterr().out)
    states = {one["check"]: one["state"] for one in told["findings"]}
    assert states["mount-tmp-noexec"] == "waived"
    assert states["mount-tmp-nosuid"] == "passed"
    assert told["type"] == "audit"


def test_what_cannot_be_told_ends_with_two(scratch: Path) -> None:
    (scratch / "etc/passwd").mkdir()
    assert ended("accounts", scratch, fail_on="critical") == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"fail_on": "dreadful"}, "--fail-on dreadful: it is one of low"),
        ({"only": "shh"}, "did you mean ssh"),
        ({"config": Path("/nowhere/agent.toml")}, "/nowhere/agent.toml: "),
    ],
)
def test_wrong_words_are_told(words: dict[str, Any], said: str) -> None:
    with pytest.raises(VedetteError, match=said):
        audit(**words)


def test_a_wrong_waiver_is_told(scratch: Path) -> None:
    (scratch / "agent.toml").write_text(
        "[audit.waive]\nmount-tmp-noexek = { reason = 'x', until = 2090-01-01 }\n"
    )
    with pytest.raises(ConfigError, match="did you mean mount-tmp-noexec"):
        audit(config=scratch / "agent.toml")
