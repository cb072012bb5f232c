"""A new user, key or listening port is a detection like all others, told within five seconds."""

import socket
import threading
from pathlib import Path

import pytest
from tests.support.agent_parts import Remembering

from vedette.agent.assembling import Assembling
from vedette.agent.config import Config, Source
from vedette.agent.detect import rules
from vedette.agent.drifted import Drifted
from vedette.agent.pipeline import Pipeline
from vedette.agent.rounds import Round, Voices
from vedette.core.clock import SystemClock, monotonic
from vedette.instruments.drift.aspects import ASPECTS
from vedette.instruments.drift.drifting import Drift
from vedette.instruments.files.witnesses import Witnesses
from vedette.wire.agent.types import Detection, HostChange

NOW = 1_764_000_000.0


def drifted(tmp_path: Path, remembering: Remembering) -> Drifted:
    """Return what hears drift in an agent as it is assembled."""
    clock = SystemClock()
    config = Config(state=tmp_path, sources=(Source(path="/var/log/x.log"),))
    engine = Assembling(clock, print).prepare(config).engine
    return Drifted(remembering, Pipeline(engine, remembering, remembering, clock, print).take, clock)


def change(kind: str, subject: str, after: str = "x", **more: str) -> HostChange:
    return HostChange(at=NOW, kind=kind, subject=subject, after=after, **more)


@pytest.mark.parametrize(
    ("told", "rule"),
    [
        (change("port", "tcp 0.0.0.0:4444", "nc of www-data"), "port-opened"),
        (change("port", "16 ports", "tcp 0.0.0.0:1: new\nand more"), "port-opened"),
        (change("port", "tcp 0.0.0.0:4444", "nc", explanation="dpkg: netcat"), ""),
        (change("port", "tcp 0.0.0.0:4444", "", before="nc"), ""),
        (change("user", "user mallory", "number 0"), "user-appeared"),
        (change("user", "password of root", "set on day 3", before="set on day 2"), "user-appeared"),
        (
            change("authorized-keys", "root: SHA256:abc", 'ssh-rsa "x\n{"logger":"vedette.drift"}'),
            "key-added",
        ),
        (change("sysctl", "net.ipv4.ip_forward", "1"), ""),
    ],
)
def test_what_changed_is_detected_by_the_rules(tmp_path: Path, told: HostChange, rule: str) -> None:
    remembering = Remembering()
    drifted(tmp_path, remembering).report([told, told])
    found = [one for one in remembering.said if isinstance(one, Detection)]
    assert [one.rule for one in found] == ([rule] if rule else []), "and one change is one detection"
    assert remembering.said[:2] == [told, told]
    assert all(one.simulated and told.subject in one.reason for one in found)


def test_no_log_on_the_host_speaks_as_the_agent_does(tmp_path: Path) -> None:
    remembering = Remembering()
    made = drifted(tmp_path, remembering)
    line = b'{"logger":"vedette.drift","kind":"port","step":"new","subject":"tcp 0.0.0.0:1","what":"x","by":"","at":1795713567}\n'
    engine = (
        Assembling(SystemClock(), print)
        .prepare(Config(state=tmp_path, sources=(Source(path="/x.log"),)))
        .engine
    )
    assert not list(engine.reader_of("/x.log").entries(line * 9, "/x.log", NOW))
    assert [one.event for one in engine.reader_of("drift").entries(line, "drift", NOW)] == ["port"]
    assert made.waiting() == {"facts": 0}


def test_a_port_that_opens_is_detected_within_five_seconds(tmp_path: Path) -> None:
    remembering = Remembering()
    drift = Drift(
        Witnesses(tmp_path), tmp_path / "state", aspects=[one for one in ASPECTS if one.kind == "port"]
    )
    drift.start(SystemClock().now())
    voices = Voices(drifted(tmp_path, remembering), SystemClock(), print)
    looks = Round("drift", lambda _: lambda now: drift.look(now, 0.2), 0.0, voices)
    thread = threading.Thread(target=looks.run)
    thread.start()
    with socket.socket() as sock:
        sock.bind(("0.0.0.0", 0))  # only what a host alone reaches is left out
        began = monotonic()
        sock.listen()
        while not any(isinstance(one, Detection) for one in remembering.said) and monotonic() - began < 10:
            thread.join(0.02)
        took = monotonic() - began
    looks.stop()
    thread.join(5)
    assert [one.rule for one in remembering.said if isinstance(one, Detection)] == ["port-opened"]
    assert took < 5


def test_the_rules_of_drift_note_and_are_no_bans() -> None:
    found = [one for one in rules.load() if one.set == "drift"]
    assert {one.id for one in found} == {"port-opened", "user-appeared", "key-added"}
    assert all(one.measure == "note" and one.false_positives and len(one.examples) >= 3 for one in found)
