"""A replay tells what would have been: who banned, for how long, and the innocents by name."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.agent.detect.replaying import Replay
from vedette.agent.detect.types import Rule
from vedette.agent.opened import chunks, whole_lines
from vedette.cli import detecting
from vedette.core.errors import ConfigError
from vedette.instruments.logs.types import EntryKind, LogEntry

DAY, WEEK = 86_400.0, 604_800.0


def ssh(kind: EntryKind, at: float, user: str = "root", address: str = "198.51.100.7") -> LogEntry:
    event = "accepted" if kind is EntryKind.LOGIN_OK else "failed"
    return LogEntry(
        parser="sshd", event=event, kind=kind, service="ssh", at=at, address=address, user=user,
        fields={"stage": "attempt", "method": "password"}, line=f"{event} {user}",
    )  # fmt: skip


def failures(at: float, many: int = 6, address: str = "198.51.100.7") -> list[LogEntry]:
    return [ssh(EntryKind.LOGIN_FAILED, at + n, address=address) for n in range(many)]


def replay(rules: tuple[Rule, ...]) -> Replay:
    return Replay([rule for rule in rules if rule.id == "ssh-bruteforce"])


def test_bans_grow_four_times_and_are_forgotten_by_quiet_weeks(shipped: tuple[Rule, ...]) -> None:
    made = replay(shipped)
    at, lengths = 1_000_000.0, []
    for _ in range(3):
        made.take(failures(at))
        (ban,) = made.told().banned
        lengths.append(ban.until - at - 5)
        at = ban.until + 10
    assert lengths == [3_600, 4 * 3_600, 16 * 3_600]
    at += 2 * WEEK
    made.take(failures(at))
    (ban,) = made.told().banned
    assert ban.until - at - 5 == 4 * 3_600
    assert ban.seconds == sum(lengths) + 4 * 3_600


def test_lines_of_who_is_banned_would_not_have_come(shipped: tuple[Rule, ...]) -> None:
    made = replay(shipped)
    made.take(failures(1_000_000.0, 100))
    told = made.told()
    assert (told.entries, told.detected, told.banned[0].kept_away) == (100, 1, 94)


def test_who_signed_in_is_named_and_private_addresses_are_spared(shipped: tuple[Rule, ...]) -> None:
    made = replay(shipped)
    made.take(failures(1_000_000.0))
    made.take(failures(1_000_000.0, address="198.51.100.8"))
    made.take(failures(1_000_000.0, address="10.1.2.3"))
    made.take([ssh(EntryKind.LOGIN_OK, 1_000_020.0, "al\x1bice")])
    told = made.told()
    assert [(ban.address, ban.innocent) for ban in told.banned] == [
        ("198.51.100.7", "al\\x1bice signed in from there"), ("198.51.100.8", ""),
    ]  # fmt: skip
    assert told.spared == ["10.1.2.3"]


def test_a_visitor_with_ordinary_requests_is_perhaps_innocent(shipped: tuple[Rule, ...]) -> None:
    made = replay(shipped)
    made.take(failures(1_000_000.0))
    for status in ("200",) * 27 + ("404",) * 3:
        made.take([LogEntry(parser="access", event="request", kind=EntryKind.REQUEST, service="http", at=1.0, address="198.51.100.7", fields={"status": status})])  # fmt: skip
    assert [ban.innocent for ban in made.told().banned] == ["27 of its 30 requests were ordinary"]


LINES = "".join(f"Sep 30 12:11:{n:02} web1 sshd[227]: Failed password for root from 192.0.2.7 port 5{n} ssh2\n" for n in range(30))  # fmt: skip


def test_files_are_read_oldest_first_gzipped_or_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = tmp_path / "auth.log.1.gz", tmp_path / "auth.log"
    old.write_bytes(gzip.compress("".join(LINES.splitlines(keepends=True)[:3]).encode()))
    new.write_text(
        "".join(LINES.splitlines(keepends=True)[3:]) + "\x1b[2J\x00\xff rubbish\n", errors="surrogateescape"
    )
    written = new.stat().st_mtime - 600
    os.utime(old, (written, written))
    detecting.replay(str(new), str(old), json=True)
    told = json.loads(capsys.readouterr().out)
    assert told["lines"] == 31
    assert [(ban["address"], ban["rules"]) for ban in told["replayed"]["banned"]] == [
        ("192.0.2.7", ["ssh-bruteforce"])
    ]
    detecting.replay(str(new), str(old))
    text = capsys.readouterr().out
    assert text.startswith(
        "1 address would have been banned, 0 perhaps innocent; 1 detections.\n31 lines in "
    )
    assert "\n  192.0.2.7 for 1h by ssh-bruteforce, 24 lines kept away\n" in text
    assert text.isascii()
    assert "\x1b" not in text


def test_explain_tells_parser_fields_and_rules(capsys: pytest.CaptureFixture[str]) -> None:
    detecting.explain(LINES.splitlines()[0])
    text = capsys.readouterr().out
    assert text.startswith("sshd, failed: login-failed of ssh, ")
    assert "  user = root\n" in text
    assert "  rule ssh-bruteforce: a drop for 192.0.2.7, 0.0 of 5 drops before\n" in text
    detecting.explain("nothing \x1b[2J anybody knows", json=True)
    assert json.loads(capsys.readouterr().out)["entry"] is None


def test_the_words_are_there_and_standard_input_is_counted() -> None:
    command = [sys.executable, "-c", "from vedette.cli.main import main; main()", "agent", "explain", "-"]
    told = subprocess.run(command, input=LINES, capture_output=True, text=True, check=True, timeout=60)
    assert "  → 6 failed sign-ins of ssh in 5s from 192.0.2.7. (ssh-bruteforce: ban)\n" in told.stdout


def test_own_rules_are_tried_by_their_examples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = (Path(__file__).parents[4] / "docs/detection.md").read_text().split("```toml\n")[1].split("```")[0]
    (tmp_path / "shop.toml").write_text(rule)
    detecting.try_examples(tmp_path)
    assert capsys.readouterr().out == "1 rules, 2 examples, 0 wrong.\n"
    (tmp_path / "shop.toml").write_text(rule.replace("times = 10 ", "times = 9 "))
    with pytest.raises(SystemExit):
        detecting.try_examples(tmp_path)
    assert (
        "shop-voucher-guessing, example 1: 9 lines do not fill its bucket of 9.\n" in capsys.readouterr().out
    )


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"gone\.log: cannot be read \(No such file"):
        detecting.replay(str(tmp_path / "gone.log"))
    broken = tmp_path / "a.gz"
    broken.write_bytes(gzip.compress(b"x\n" * 9_999)[:-20])
    with pytest.raises(ConfigError, match=r"a\.gz: cannot be read"):
        list(chunks(str(broken)))
    with pytest.raises(ConfigError, match="there is no such time zone; write Europe/Berlin"):
        detecting.explain("x", zone="Nowhere")
    with pytest.raises(ConfigError, match="Which files"):
        detecting.replay()


def test_lines_of_any_length_take_a_bounded_amount_of_memory() -> None:
    data = b"a\n" + b"x" * 5_000_000 + b"\nb\n" + b"y" * 2_000_000 + b"\nc"
    found = list(whole_lines(io.BytesIO(data)))
    assert b"".join(found).splitlines() == [b"a", b"b", b"c"]
    assert all(len(each) <= 2 << 20 for each in found)
