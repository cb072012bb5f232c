"""An action runs once, only what the configuration names, within its time, and what it says is bounded and plain."""

import os
import pwd
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.agent_parts import Remembering

from vedette.agent.actions import deciding, running
from vedette.agent.actions.actions import Actions
from vedette.agent.actions.remembering import Taken
from vedette.agent.config import Action, Config, read
from vedette.core.clock import ManualClock, monotonic
from vedette.core.errors import ConfigError
from vedette.wire.agent.types import ActionOrder, ActionReport, Offer

NOW = 1_764_000_000.0


def python(program: str, **more: object) -> Action:
    return Action(argv=(sys.executable, "-c", program), **more)  # type: ignore[arg-type]


def order(name: str = "hello", number: str = "a", until: float = NOW + 60) -> ActionOrder:
    return ActionOrder(id=number * 32, action=name, until=until)


def ran(tmp_path: Path, orders: list[ActionOrder], n: int, **offered: Action) -> list[ActionReport]:
    """Run orders until so many reports were told, and return those of actions."""
    reports = Remembering()
    actions = Actions(Config(state=tmp_path, actions=offered), reports, ManualClock(NOW))
    thread = threading.Thread(target=actions.run)
    thread.start()
    actions.order(orders)
    actions.order(orders)
    ends = monotonic() + 30
    while len(reports.said) < n + 1 and monotonic() < ends:
        thread.join(0.02)
    actions.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert reports.said[0] == Offer(NOW, tuple(sorted(offered)))
    return [one for one in reports.said if isinstance(one, ActionReport)]


def test_what_may_run() -> None:
    assert deciding.refusal(order(), {"hello"}, NOW) == ""
    assert "offers no such action" in deciding.refusal(order("rm"), {"hello"}, NOW)
    assert "nothing was run" in deciding.refusal(order(), {"hello"}, NOW + 60)
    assert "no known time" in deciding.refusal(order(until=float("nan")), {"hello"}, NOW)


def test_an_order_runs_once_also_over_a_restart_and_others_are_refused(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    hello = python(f"print('hello'); open({str(mark)!r}, 'a').write('x')")
    orders = [order(), order("rm", "b"), order(number="c", until=NOW)]
    told = ran(tmp_path, orders, 4, hello=hello)
    assert [(one.id[0], one.state, one.code) for one in told] == [("a", "running", None), ("a", "done", 0), ("b", "failed", None), ("c", "failed", None)]  # fmt: skip
    assert told[1].output == "hello"
    assert ran(tmp_path, [order(), order("rm", "d")], 1, hello=hello)[0].id == "d" * 32
    assert mark.read_text() == "x"


def test_one_that_was_cut_off_is_told_and_not_begun_anew(tmp_path: Path) -> None:
    Taken(tmp_path).begin("a" * 32)
    (told,) = ran(tmp_path, [order()], 1, hello=python("print(1)"))
    assert (told.state, told.code) == ("failed", None)
    assert "not known" in told.why
    assert ran(tmp_path, [], 0, hello=python("print(1)")) == []


def test_what_cannot_be_noted_is_not_run(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    (told,) = ran(gone, [order()], 1, hello=python(f"open({str(tmp_path / 'ran')!r}, 'w')"))
    assert "nothing was run" in told.why
    assert not (tmp_path / "ran").exists()


def test_a_limit_ends_it_with_all_it_started(tmp_path: Path) -> None:
    child = tmp_path / "child"
    program = f"import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); open({str(child)!r}, 'w').write(str(p.pid)); print('begun', flush=True); time.sleep(60)"  # fmt: skip
    ended = running.run(python(program, seconds=2.0), lambda: False)
    assert (ended.code, ended.output, ended.why) == (None, "begun", "It took longer than 2 s and was ended.")
    assert _gone(int(child.read_text()))


def _gone(pid: int) -> bool:
    """Tell whether a process ended; init reaps it soon."""
    ends = monotonic() + 5
    while monotonic() < ends:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False


def test_the_end_of_the_agent_ends_it() -> None:
    ended = running.run(python("import time; time.sleep(60)"), lambda: True)
    assert (ended.code, ended.why) == (None, running.STOPPED)


def test_the_environment_is_clean_and_nothing_is_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_SECRET", "s3cr3t")
    ended = running.run(
        python("import os, sys; print(sorted(os.environ), os.getcwd(), sys.stdin.read())"), lambda: False
    )
    assert "SECRET" not in ended.output
    assert "'HOME', 'LANG'" in ended.output
    echo = running.run(Action(argv=("/bin/echo", "$HOME; id", "`id`")), lambda: False)
    assert echo.output == "$HOME; id `id`"


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (Action(argv=("/no/such",)), "/no/such cannot be started: No such file"),
        (Action(argv=("/bin/true",), user="nobody-at-all"), "There is no user nobody-at-all"),
        (Action(argv=("/etc/passwd",)), "may not be started"),
    ],
)
def test_what_cannot_be_started_is_told(action: Action, said: str) -> None:
    ended = running.run(action, lambda: False)
    assert ended.code is None
    assert said in ended.why


@pytest.mark.skipif(os.geteuid() != 0, reason="becoming another user takes root")
def test_it_runs_as_the_user_that_is_named() -> None:
    found = running.run(Action(argv=("/usr/bin/id", "-un"), user="nobody"), lambda: False)
    assert found.output == "nobody"
    own = running.run(Action(argv=("/usr/bin/id", "-un")), lambda: False)
    assert own.output == pwd.getpwuid(os.geteuid()).pw_name


def test_of_much_output_the_end_is_told() -> None:
    ended = running.run(
        python("import sys; sys.stdout.write('x' * 3_000_000 + 'end'); sys.exit(3)"), lambda: False
    )
    assert ended.code == 3
    assert ended.output.endswith("xend")
    assert ended.output.startswith("[2,983,619 bytes before this are left out]")
    assert len(ended.output) < deciding.MOST_OUTPUT + 100


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode), st.integers(0, 9))
def test_no_terminal_obeys_what_is_told(output: bytes, dropped: int) -> None:
    found = deciding.told(output, dropped)
    assert all(char.isprintable() or char == "\n" for char in found)
    assert len(found) < deciding.MOST_OUTPUT + 100


def test_escapes_go_whole() -> None:
    assert deciding.told(b"\x1b[31mred\x1b[0m \x1b]0;title\x07done\r\n", 0) == "red done"


def test_the_configuration_alone_says_what_runs() -> None:
    text = '[actions.restart-shop]\nrun = ["/usr/bin/systemctl", "restart", "shop"]\nseconds = 90\nas = "deploy"\n'
    assert read(text).actions == {
        "restart-shop": Action(argv=("/usr/bin/systemctl", "restart", "shop"), seconds=90.0, user="deploy")
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[actions.x]\nrun = ["systemctl"]', r":2: `run` begins with the whole path"),
        ("[actions.x]\nrun = []", r":2: `run` begins with the whole path"),
        ('[actions.x]\nrun = ["/bin/x"]\nseconds = 301', r":3: `seconds` is more than 0 and at most 300"),
        ('[actions.x]\nrun = ["/bin/x"]\nseconds = nan', r":3: `seconds`"),
        ('[actions.X_y]\nrun = ["/bin/x"]', r"no name of an action"),
        ('[actions.x]\nrun = ["/bin/x"]\nas = "a b"', r":3: `as` is the name of a user"),
        ('[actions.x]\nrun = ["/bin/x"]\nshell = true', r"shell"),
        ('[actions.x]\nrun = "/bin/x"', r"run"),
    ],
)
def test_what_is_no_action(text: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(text)
