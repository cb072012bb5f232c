"""What an agent is assembled of reads all that each of its parts wants, and each of them hears it."""

from pathlib import Path

import pytest

from vedette.agent.assembling import Assembling, Prepared
from vedette.agent.config import Config, Source
from vedette.core.clock import ManualClock
from vedette.instruments.logs.types import EntryKind
from vedette.instruments.logs.wanting import Wanted, both
from vedette.wire.agent.types import Detection

NOW = 1_764_000_000.0
SUDO = b"Nov 24 16:00:00 web1 sudo:    ada : TTY=pts/0 ; PWD=/home/ada ; USER=root ; COMMAND=/usr/bin/vi /etc/motd\n"
ACCESS = b'192.0.2.7 - - [24/Nov/2025:16:00:00 +0000] "GET /odd-tool/x HTTP/1.1" 200 12 "-" "Mozilla/5.0"\n'
RULE = """
title: An odd tool is asked for
id: 7c6d9b2e-2d4c-4a5e-9d0b-0c1f6a0e9a11
logsource: {category: webserver}
detection:
  selection: {cs-uri-query|contains: /odd-tool/}
  condition: selection
level: high
"""


def prepared(state: Path, said: list[str], **more: object) -> Prepared:
    config = Config(state=state, sources=(Source(path="/var/log/x.log"),), **more)  # type: ignore[arg-type]
    return Assembling(ManualClock(NOW), said.append).prepare(config)


def met(made: Prepared, line: bytes) -> list[Detection]:
    entries = made.engine.reader_of("/var/log/x.log").entries(line, "/var/log/x.log", NOW)
    return [found for entry in entries for found in made.engine.detector.pour(entry, NOW)]


def test_any_command_of_sudo_is_read_for_what_may_change_by_it(tmp_path: Path) -> None:
    made = prepared(tmp_path, [])
    (entry,) = made.engine.reader_of("/var/log/x.log").entries(SUDO, "/var/log/x.log", NOW)
    assert (entry.kind, entry.user, entry.fields["command"]) == (
        EntryKind.COMMAND,
        "ada",
        "/usr/bin/vi /etc/motd",
    )


def test_rules_in_sigmas_format_are_evaluated_beside_our_own(tmp_path: Path) -> None:
    folder, said = tmp_path / "sigma", list[str]()
    folder.mkdir()
    (folder / "odd.yml").write_text(RULE)
    (folder / "wrong.yml").write_text("title: [")
    assert not met(prepared(tmp_path / "without", said), ACCESS)
    (found,) = met(prepared(tmp_path / "with", said, sigma=folder), ACCESS)
    assert (found.rule, found.address, found.simulated) == (
        "sigma:7c6d9b2e-2d4c-4a5e-9d0b-0c1f6a0e9a11",
        "192.0.2.7",
        True,
    )
    assert len([one for one in said if "wrong.yml" in one]) == 1


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Wanted(frozenset({EntryKind.COMMAND}), lines={EntryKind.COMMAND: ("rm",)}), Wanted(frozenset({EntryKind.COMMAND})), {}),
        (
            Wanted(frozenset({EntryKind.COMMAND}), lines={EntryKind.COMMAND: ("rm",)}),
            Wanted(frozenset({EntryKind.COMMAND}), lines={EntryKind.COMMAND: ("nc", "rm")}),
            {EntryKind.COMMAND: ("rm", "nc")},
        ),
        (Wanted(frozenset({EntryKind.REQUEST}), ("a",)), Wanted(frozenset({EntryKind.PROBE})), {EntryKind.REQUEST: ("a",)}),
        (Wanted(frozenset({EntryKind.REQUEST}), ("a",)), Wanted(frozenset({EntryKind.REQUEST})), {}),
    ],
)  # fmt: skip
def test_what_two_want_is_enough_for_each(
    one: Wanted, other: Wanted, expected: dict[EntryKind, tuple[str, ...]]
) -> None:
    for found in (both(one, other), both(other, one)):
        assert {kind: set(patterns) for kind, patterns in found.patterns().items()} == {
            kind: set(patterns) for kind, patterns in expected.items()
        }
        assert found.kinds == one.kinds | other.kinds
    assert both(
        Wanted(one.kinds, fields=frozenset({"a"})), Wanted(other.kinds, fields=frozenset({"b"}))
    ).fields == {"a", "b"}
    assert both(Wanted(one.kinds, fields=frozenset({"a"})), other).fields is None
