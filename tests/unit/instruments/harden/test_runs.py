"""A run on a host: kept once a new connection came through, else everything is as it was. By the very scripts, on a tmp folder as host."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.netns import until

from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid
from vedette.instruments.harden import asking, scripting, working
from vedette.instruments.harden.shell import Said, Ssh
from vedette.instruments.harden.types import (
    Ended,
    Former,
    HardenPlan,
    Mode,
    Planned,
    Put,
    Run,
    Step,
    Unreached,
    Wanted,
)

SOON, LATER = 1, 600  # seconds until a run takes itself back


class Here:
    """This machine as a host whose runs are kept in a folder of the test."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.env = {
            **os.environ,
            "VEDETTE_BASE": str(base),
            "VEDETTE_LOGIN": "ann",
            "VEDETTE_PEER": "203.0.113.5",
        }

    def run(self, script: str, deadline: float) -> Said:
        path = self.base.parent / "script"
        path.write_text(script)
        done = subprocess.run(
            ["/bin/sh", str(path)],
            env=self.env,
            capture_output=True,
            timeout=deadline,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Said(status=done.returncode, out=done.stdout)

    def words(self, script: str) -> list[str]:
        return [line.partition("\t")[0] for line in self.run(script, 30).out.decode().splitlines()]


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Here]:
    made = Here(tmp_path / "runs")
    yield made
    for disarm in made.base.glob("*/disarm"):
        subprocess.run(["/bin/sh", str(disarm)], check=False, capture_output=True)


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    folder = tmp_path / "etc"
    folder.mkdir()
    (folder / "old").write_text("before\n")
    (folder / "old").chmod(0o644)
    return folder


def plan(*steps: Step, proof: str = "") -> HardenPlan:
    return HardenPlan(planned=(Planned(measure="test", title="a test", steps=steps, proof=proof),), score=0)


def usual(etc: Path) -> tuple[Step, ...]:
    return (
        Put(path=f"{etc}/old", text="after it's $HOME\n", mode=0o600, owner="", group=""),
        Put(path=f"{etc}/new.d/deep/new", text="new\n", owner="", group=""),
        Mode(path=str(etc), most=0o700, owner=""),
        Run(command=f"echo more >>{etc}/ran", touches=(f"{etc}/ran",), told="more"),
    )


def is_before(etc: Path) -> bool:
    names = sorted(path.name for path in etc.iterdir())
    return (
        names == ["old"]
        and (etc / "old").read_text() == "before\n"
        and (etc / "old").stat().st_mode & 0o777 == 0o644
    )


def is_after(etc: Path) -> bool:
    return (
        (etc / "old").read_text() == "after it's $HOME\n"
        and (etc / "new.d/deep/new").is_file()
        and (etc / "old").stat().st_mode & 0o777 == 0o600
    )


def test_what_is_proven_is_kept(here: Here, etc: Path) -> None:
    assert here.words(scripting.applying(plan(*usual(etc)), "run-1", LATER)) == ["armed", "done"]
    assert is_after(etc)
    assert here.words(scripting.asking("run-1")) == ["waits"]
    assert here.words(scripting.proving("run-1")) == ["kept"]
    assert here.words(scripting.proving("run-1")) == ["kept"]
    assert is_after(etc)
    assert not (here.base / "lock").exists()


def test_what_nobody_proves_is_taken_back(here: Here, etc: Path) -> None:
    mode = etc.stat().st_mode
    here.run(scripting.applying(plan(*usual(etc)), "run-1", SOON), 30)
    assert until(lambda: here.words(scripting.asking("run-1")) == ["back"], 15)
    assert is_before(etc)
    assert etc.stat().st_mode == mode
    assert here.words(scripting.proving("run-1")) == ["back"]


@pytest.mark.parametrize(
    "bad",
    [
        Run(command="echo no good >&2; false", touches=(), told="no"),
        Put(path="/proc/nothing/here", text="", owner="", group=""),
        Put(path="/tmp/vedette-nobody", text="", owner="nobody-at-all"),
    ],
)
def test_a_step_that_fails_takes_everything_back_at_once(here: Here, etc: Path, bad: Step) -> None:
    said = here.run(
        scripting.applying(plan(*usual(etc), bad, Put(path=f"{etc}/never", text="")), "run-1", LATER), 30
    )
    assert said.status == 1
    assert b"failed\ttest: " in said.out
    assert is_before(etc)
    assert here.words(scripting.asking("run-1")) == ["back"]
    assert not (here.base / "lock").exists()


def test_a_proof_that_fails_takes_everything_back_at_once(here: Here, etc: Path) -> None:
    said = here.run(
        scripting.applying(plan(*usual(etc), proof="echo line 3: bad; false"), "run-1", LATER), 30
    )
    assert "the proof of “a test” failed: line 3: bad" in said.out.decode()
    assert is_before(etc)


def test_whoever_is_killed_half_way_leaves_it_to_the_timer(here: Here, etc: Path) -> None:
    script = scripting.applying(
        plan(*usual(etc), Run(command=f"kill -9 $(cat {here.base}/lock/pid)", touches=(), told="")),
        "run-1",
        SOON,
    )
    here.run(script, 30)
    assert until(lambda: is_before(etc), 15)


def kept(here: Here, etc: Path) -> None:
    here.run(scripting.applying(plan(*usual(etc)), "run-1", LATER), 30)
    assert here.words(scripting.proving("run-1")) == ["kept"]


def told(here: Here) -> Former | None:
    return scripting.read_former(here.run(scripting.asking_former(), 30).out)


def test_a_run_that_was_kept_is_taken_back_once_that_is_proven(here: Here, etc: Path) -> None:
    assert told(here) is None
    kept(here, etc)
    found = told(here)
    assert found is not None
    assert found.run == "run-1"
    assert set(found.paths) == {f"{etc}/old", f"{etc}/new.d/deep/new", f"{etc}/ran", str(etc)}
    assert here.words(scripting.undoing("run-1", "run-2", LATER)) == ["armed", "done"]
    assert is_before(etc)
    assert here.words(scripting.proving("run-2")) == ["kept"]
    assert is_before(etc)
    assert told(here) is None
    assert b"taken back since" in here.run(scripting.undoing("run-1", "run-3", LATER), 30).out


def test_what_is_watched_after_taking_back_is_what_was_so_before(here: Here, etc: Path) -> None:
    manifest = here.base / "manifest.json"
    kept(here, etc)
    manifest.write_text("first")
    here.run(
        scripting.applying(plan(Put(path=f"{etc}/more", text="", owner="", group="")), "run-2", LATER), 30
    )
    here.run(scripting.proving("run-2"), 30)
    manifest.write_text("second")
    for number, former, left in ((3, "run-2", "first"), (4, "run-1", None)):
        here.run(scripting.undoing(former, f"run-{number}", LATER), 30)
        assert here.words(scripting.proving(f"run-{number}")) == ["kept"]
        assert (manifest.read_text() if manifest.exists() else None) == left


def test_taking_back_that_nobody_proves_is_taken_back_itself(here: Here, etc: Path) -> None:
    kept(here, etc)
    here.run(scripting.undoing("run-1", "run-2", SOON), 30)
    assert until(lambda: here.words(scripting.asking("run-2")) == ["back"], 15)
    assert is_after(etc)
    assert (etc / "ran").read_text() == "more\n"
    found = told(here)
    assert found is not None
    assert found.run == "run-1"
    assert found.stays == ()


def test_what_somebody_changed_since_stays(here: Here, etc: Path) -> None:
    kept(here, etc)
    (etc / "old").write_text("mine\n")
    found = told(here)
    assert found is not None
    assert found.stays == (f"{etc}/old",)
    here.run(scripting.undoing("run-1", "run-2", LATER), 30)
    assert here.words(scripting.proving("run-2")) == ["kept"]
    assert (etc / "old").read_text() == "mine\n"
    assert not (etc / "new.d").exists()


def test_a_log_of_which_only_the_mode_changes_keeps_its_lines(here: Here, etc: Path) -> None:
    before = (etc / "old").stat()
    steps = (
        Mode(path=f"{etc}/old", most=0o600, owner=""),
        Run(command=f"echo more >>{etc}/old; false", touches=(), told=""),
    )
    here.run(scripting.applying(plan(*steps), "run-1", LATER), 30)
    after = (etc / "old").stat()
    assert (etc / "old").read_text() == "before\nmore\n"
    assert (after.st_mode, after.st_ino) == (before.st_mode, before.st_ino)


def test_two_runs_do_not_meet(here: Here, etc: Path) -> None:
    here.run(scripting.applying(plan(*usual(etc)), "run-1", LATER), 30)
    said = here.run(scripting.applying(plan(Put(path=f"{etc}/other", text="")), "run-2", LATER), 30)
    assert said.status == 3
    assert b"Another run (run-1) waits for its proof" in said.out
    assert not (etc / "other").exists()


def test_a_run_that_was_killed_before_its_timer_was_set_is_taken_back_by_the_next(
    here: Here, etc: Path
) -> None:
    script = (
        scripting.applying(plan(*usual(etc)), "run-1", LATER)
        .replace("arm 600 ||", "true ||")
        .replace("\necho done", "\nkill -9 $$")
    )
    here.run(script, 30)
    assert is_after(etc)
    assert here.words(
        scripting.applying(plan(Put(path=f"{etc}/x", text="", owner="", group="")), "run-2", LATER)
    ) == ["armed", "done"]
    assert (etc / "old").read_text() == "before\n"


def test_looking_changes_nothing_and_is_read(here: Here) -> None:
    facts = asking.read(here.run(asking.script(), 120).out)
    assert facts.login == "ann"
    assert facts.peer == "203.0.113.5"
    assert facts.files["/etc/passwd"].mode == 0o644
    assert "root:" in facts.text("/etc/passwd")
    assert not facts.text("/etc/shadow")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"file\t644",
        b"file\tx\t0\t0\t0\tL2E=\tYQ==\nfinished\n",
        b"says\t!\t!\nfinished\n",
        b"finished\n",
    ],
)
def test_an_answer_that_broke_off_is_refused(answer: bytes) -> None:
    with pytest.raises(Unreached, match="nothing was changed"):
        asking.read(answer)


class Scripted:
    """A host that answers as a test says; what is an error is raised."""

    def __init__(self, *answers: Said | Unreached) -> None:
        self.answers, self.asked = list(answers), 0

    def run(self, script: str, deadline: float) -> Said:
        self.asked += 1
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Unreached):
            raise answer
        return answer


LOOK = Said(status=0, out=b"host\tlogin\troot\nhost\tat\t1764000000\nfinished\n")
OUT = Unreached("web-1 cannot be signed in to: Connection refused")


def said(text: str, status: int = 0) -> Said:
    return Said(status=status, out=text.encode())


def tools(clock: ManualClock, agree: Callable[[HardenPlan], bool] = lambda _: True) -> working.Tools:
    return working.Tools(agree, clock, clock.forward)


@pytest.mark.parametrize(
    ("answers", "ended", "reason"),
    [
        ([LOOK, said("armed\tx\ndone\n"), said("kept\n"), LOOK], Ended.KEPT, "A new connection came through."),
        ([LOOK, said("armed\tx\ndone\n"), OUT, OUT, said("kept\n"), LOOK], Ended.KEPT, "A new connection"),
        ([LOOK, said("done\n"), OUT, said("back\n")], Ended.REVERTED, "no new connection came through in time (web-1 cannot be signed in"),
        ([LOOK, OUT, said("back\n")], Ended.REVERTED, "the connection broke off on the way"),
        ([LOOK, OUT, said("unknown\n", 1)], Ended.REVERTED, "knows nothing of this run"),
        ([LOOK, said("done\n"), OUT], Ended.UNKNOWN, "Nobody gets in to look"),
        ([LOOK, said("failed\tssh: bad\nback\n", 1)], Ended.REVERTED, "ssh: bad Everything is as it was"),
        ([LOOK, said("armed\tx\n", 1)], Ended.REVERTED, "broke off half-way"),
        ([LOOK, said("busy\tAnother run (x) waits.\n", 3)], Ended.UNCHANGED, "Another run (x) waits."),
    ],
)  # fmt: skip
def test_how_a_run_ends(answers: list[Said | Unreached], ended: Ended, reason: str) -> None:
    clock = ManualClock()
    hardened = working.harden(Scripted(*answers), Wanted(), 1, tools(clock))
    assert hardened.ended is ended
    assert reason in hardened.reason
    assert bool(hardened.changed) is (ended is Ended.KEPT)


def test_nothing_is_done_without_agreement() -> None:
    host = Scripted(LOOK)
    assert (
        working.harden(host, Wanted(), 1, tools(ManualClock(), lambda _: False)).reason == "Nothing was done."
    )
    assert host.asked == 1


def test_a_host_that_cannot_be_looked_at_is_told() -> None:
    with pytest.raises(Unreached, match="nothing was changed"):
        working.harden(Scripted(said("", 1)), Wanted(), 1, tools(ManualClock()))


def test_ssh_that_is_not_there_or_says_nothing_is_told() -> None:
    with pytest.raises(Unreached, match="ssh cannot be started"):
        Ssh("web-1", program=("/nowhere/ssh",)).run("", 1)
    with pytest.raises(Unreached, match="did not answer within"):
        Ssh("web-1", program=("/bin/sh", "-c", "sleep 5")).run("", 0.1)
    with pytest.raises(Unreached, match="cannot be signed in to: no way"):
        Ssh("web-1", program=("/bin/sh", "-c", "echo no way >&2; exit 255")).run("", 5)
    with pytest.raises(Unreached, match="as root: sudo: a password is required"):
        Ssh("web-1", program=("/bin/sh", "-c", "echo sudo: a password is required >&2; exit 1")).run("", 5)
    with pytest.raises(Invalid):
        Ssh("-oProxyCommand=touch /tmp/x")
