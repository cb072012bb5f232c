"""A replay reads the host's own logs, rotated ones too, with the engine of the command, and is a process of its own."""

import gzip
import json
import os
import sys
import threading
from pathlib import Path

import msgspec
import pytest
from tests.support.agent_parts import Remembering

from vedette.agent.config import Config
from vedette.agent.detect.replaying import Replayed
from vedette.agent.replays import past
from vedette.agent.replays.replays import Replays
from vedette.agent.replays.running import Job, replay, told_of
from vedette.core.clock import ManualClock, SystemClock, to_datetime
from vedette.core.errors import Invalid
from vedette.wire.agent.types import ReplayOrder, ReplayReport

NOW = 1_764_000_000.0
DAY = 86_400.0
ATTACKER, INNOCENT, ALLOWED = "198.51.100.7", "203.0.113.9", "192.0.2.55"


def failed(at: float, address: str, n: int = 6, user: str = "root") -> str:
    return "".join(
        line(at + each, f"Failed password for {user} from {address} port 5{each} ssh2") for each in range(n)
    )


def line(at: float, message: str) -> str:
    return f"{to_datetime(at).isoformat()} web1 sshd[7]: {message}\n"


def job(tmp_path: Path, log: Path, **more: object) -> Job:
    config = tmp_path / "agent.toml"
    config.write_text(f'[[sources]]\npath = "{log}"\nzone = "UTC"\n')
    order = ReplayOrder(id="a" * 32, set=str(more.pop("set", "ssh")), seconds=7 * DAY)
    return Job(order=order, file=str(config), state=str(tmp_path), **more)  # type: ignore[arg-type]


def written(path: Path, text: str, at: float) -> None:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    os.utime(path, (at, at))


def test_the_logs_of_seven_days_are_read_in_the_order_of_time_and_innocents_are_named(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    accepted = line(NOW - DAY + 60, f"Accepted password for anna from {INNOCENT} port 9 ssh2")
    written(log, failed(NOW - DAY, INNOCENT, user="anna") + accepted + failed(NOW - DAY, ALLOWED), NOW)
    written(tmp_path / "auth.log.1", failed(NOW - 3 * DAY, ATTACKER), NOW - 2 * DAY)
    written(tmp_path / "auth.log.2.gz", failed(NOW - 8 * DAY, "198.51.100.8") + failed(NOW - 6 * DAY, "198.51.100.9"), NOW - 5 * DAY)  # fmt: skip
    written(tmp_path / "auth.log.3.gz", failed(NOW - 9 * DAY, "198.51.100.10"), NOW - 8 * DAY)
    found = replay(job(tmp_path, log, spared=(f"{ALLOWED}/32",)), NOW)
    assert (found.state, found.files, found.lines, found.would, found.innocents, found.cut) == (
        "done",
        3,
        31,
        3,
        1,
        "",
    )
    assert [(one.address, one.innocent) for one in found.banned] == [
        (INNOCENT, "anna signed in from there"), (ATTACKER, ""), ("198.51.100.9", ""),
    ]  # fmt: skip
    assert (found.banned[1].rules, found.banned[1].lines, found.banned[1].last_at) == (("ssh-bruteforce",), 6, NOW - 3 * DAY + 5)  # fmt: skip
    assert found.spared == (ALLOWED,)
    assert found.by_rule["ssh-bruteforce"] == 4
    with pytest.raises(Invalid, match="no set of rules shop"):
        replay(job(tmp_path, log, set="shop"), NOW)


def test_of_too_much_the_newest_is_read(tmp_path: Path) -> None:
    log = tmp_path / "auth.log"
    written(log, "a\nb\nc\n", NOW)
    written(tmp_path / "auth.log.1", "1\n2\n3\n", NOW - 60)
    (tmp_path / "auth.log.2.zst").write_bytes(b"zstd")
    kept, cut = past.held([str(log)], NOW - DAY, 9)
    assert cut.startswith("only the newest")
    assert [b"".join(past.chunks(one)) for one in kept] == [b"3\n", b"a\nb\nc\n"]
    kept, cut = past.held([str(log)], NOW - DAY)
    assert (len(kept), cut) == (2, "")
    assert past.held([str(log)], NOW + 1) == ([], "")


def test_the_journal_of_a_time_is_read_as_lines(tmp_path: Path) -> None:
    entry = {"__CURSOR": "c", "__REALTIME_TIMESTAMP": str(int(NOW * 1e6)), "MESSAGE": "hallo", "SYSLOG_IDENTIFIER": "shop", "_UID": "7"}  # fmt: skip
    said = tmp_path / "said"
    said.write_text(json.dumps(entry) + "\nrubbish\n")
    script = f"import sys; open({str(tmp_path / 'argv')!r}, 'w').write(' '.join(sys.argv)); sys.stdout.write(open({str(said)!r}).read())"
    found = list(past.journal(["ssh.service"], NOW - DAY, NOW, (sys.executable, "-c", script)))
    assert b"".join(found).endswith(b" localhost shop: hallo\n")
    assert "--since=@1763913600 --until=@1764000000 --unit=ssh.service" in (tmp_path / "argv").read_text()


def test_what_is_sent_is_bounded_whatever_was_found() -> None:
    seen = Replayed(by_rule={f"rule-{n}": n for n in range(200)}, spared=[f"10.0.0.{n}" for n in range(200)])
    found = told_of("a" * 32, seen, NOW)
    assert (len(found.by_rule), len(found.spared)) == (50, 50)


def test_an_order_is_made_once_in_a_process_of_its_own(tmp_path: Path) -> None:
    log, now = tmp_path / "auth.log", SystemClock().now()
    written(log, failed(now - DAY, ATTACKER), now)
    made, reports = job(tmp_path, log), Remembering()
    config = Config(file=Path(made.file), state=tmp_path)
    replays = Replays(config, reports, SystemClock(), lambda: [ALLOWED])
    thread = threading.Thread(target=replays.run)
    thread.start()
    replays.order([made.order])
    replays.order([made.order, msgspec.structs.replace(made.order, id="b" * 32, set="shop")])
    while len(reports.said) < 4:
        thread.join(0.05)
    replays.stop()
    thread.join(5)
    told = [(one.id[0], one.state) for one in reports.said if isinstance(one, ReplayReport)]
    assert told == [("a", "running"), ("a", "done"), ("b", "running"), ("b", "failed")]
    assert [one.address for one in reports.said[1].banned] == [ATTACKER]  # type: ignore[union-attr]


@pytest.mark.parametrize("program", ["import sys; sys.exit(1)", "import time; time.sleep(60)"])
def test_one_that_dies_is_told_and_one_that_goes_on_ends_with_the_agent(program: str) -> None:
    reports = Remembering()
    replays = Replays(Config(), reports, ManualClock(NOW), list, (sys.executable, "-c", program))
    thread = threading.Thread(target=replays.run)
    thread.start()
    replays.order([ReplayOrder(id="a" * 32, set="ssh", seconds=DAY)])
    while len(reports.said) < (2 if "exit" in program else 1):
        thread.join(0.05)
    replays.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert [one.state for one in reports.said if isinstance(one, ReplayReport)] == (["running", "failed"] if "exit" in program else ["running"])  # fmt: skip
