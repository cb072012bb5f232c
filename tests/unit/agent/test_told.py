"""What the server ordered is kept, what is told goes somewhere, and people see how the agent fares."""

import json
import os
from pathlib import Path

import pytest
from tests.support.agent_parts import Eager, Remembering, Words

from vedette.agent import ordered, status
from vedette.agent.config import Config, SetMode, Source
from vedette.agent.following import followers
from vedette.agent.nowhere import Nowhere
from vedette.agent.ordered import Ordered
from vedette.agent.pipeline import Engine, Pipeline
from vedette.cli import agent
from vedette.core.clock import ManualClock
from vedette.instruments.logs.sources.types import Standing
from vedette.wire.agent.types import Detection, Happening, Orders, RuleSetting


def test_what_was_ordered_is_kept_and_changed_by_what_is_ordered_next(tmp_path: Path) -> None:
    assert ordered.read(tmp_path) == Ordered()
    first = Orders(
        revision="1", whole=True, sets={"ssh": RuleSetting(mode="enforce"), "web": RuleSetting(mode="dance")},
        rules=("id = 1",), trusted_proxies=("10.0.0.0/8",),
    )  # fmt: skip
    told = ordered.after(Ordered(), first)
    assert told == Ordered({"ssh": SetMode.ENFORCE}, ("id = 1",), ("10.0.0.0/8",))
    ordered.keep(tmp_path, told)
    assert ordered.read(tmp_path) == told
    assert (tmp_path / ordered.NAME).stat().st_mode & 0o777 == 0o600
    more = ordered.after(told, Orders(revision="2", sets={"web": RuleSetting(mode="off")}))
    assert more == Ordered({"ssh": SetMode.ENFORCE, "web": SetMode.OFF}, ("id = 1",), ("10.0.0.0/8",))
    assert ordered.after(more, Orders(revision="3", whole=True)) == Ordered()
    (tmp_path / ordered.NAME).write_text("{")
    assert ordered.read(tmp_path) == Ordered()


def test_without_a_server_detections_are_said() -> None:
    said: list[str] = []
    nowhere = Nowhere(said.append)
    nowhere.start()
    nowhere.report(
        [
            Detection(id="1", at=1.0, rule="ssh", reason="6 failed", severity="high", service="ssh"),
            Detection(
                id="2", at=1.0, rule="ssh", reason="7 failed", severity="high", service="ssh", simulated=False
            ),
            Happening(at=1.0, kind="log-silent", text="silent"),
        ]
    )
    nowhere.stop()
    assert said[1:] == ["ssh: 6 failed (simulated)", "ssh: 7 failed"]
    assert not nowhere.waiting()


def test_what_follows_which_source(tmp_path: Path) -> None:
    remembering, words = Remembering(), Words()
    clock = ManualClock()
    pipeline = Pipeline(Engine(lambda _: words, Eager()), remembering, remembering, clock, lambda _: None)
    sources = [
        Source(path="/a.log"),
        Source(path="/b.log"),
        Source(units=("a.service",)),
        Source(units=("b.service",)),
    ]
    config = Config(state=tmp_path)
    assert [name for name, _ in followers(config, sources, pipeline, clock)] == ["sources", "journal"]
    assert [name for name, _ in followers(config, sources[:2], pipeline, clock)] == ["sources"]
    assert followers(config, [], pipeline, clock) == []


def test_people_see_how_it_fares(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standing = Standing(
        source="/a\x1b[31m.log", state="followed", since=1.0, last=1_764_000_000.0, lines=3, skipped=1
    )
    found = status.Status(
        pid=os.getpid(), since=1.0, at=2.0, sources=(standing,), waiting={"facts": 2, "measures": 0}
    )
    status.write(tmp_path, found, b"")
    agent.show(state=tmp_path)
    said = capsys.readouterr().out
    assert f"The agent runs (process {os.getpid()}) since 1970-01-01T00:00:01.000Z." in said
    assert "waiting: 2 facts." in said
    assert "/a?[31m.log  followed  3" in said
    assert "\x1b" not in said
    agent.show(state=tmp_path, json=True)
    assert json.loads(capsys.readouterr().out)["running"] is True


def test_the_unit_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "agent.toml"
    config.write_text('state = "/srv/agent"\n[enforce.nginx]\npath = "/etc/nginx/vedette/bans.conf"')
    agent.show_unit(config=config)
    said = capsys.readouterr().out
    assert f"agent run --config {config}" in said
    assert "ReadWritePaths=/srv/agent /etc/nginx/vedette" in said
    assert "CapabilityBoundingSet=CAP_NET_ADMIN CAP_DAC_READ_SEARCH" in said
