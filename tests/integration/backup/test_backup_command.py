"""`vedette backup` from end to end, on a real repository: exit codes, what is printed, what is remembered."""

import contextlib
import os
import pty
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest
from tests.support.greens import filled, tree
from tests.support.papers import by_hand

from vedette.cli import backing
from vedette.cli.backup_state import State
from vedette.core.errors import VedetteError

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("backup-command")]


class Shop:
    """A folder, and the command that saves it."""

    def __init__(self, root: Path) -> None:
        self.root, self.folder = root, filled(root / "shop", files=3)
        self.password = root / "password"
        self.password.write_text("correct horse battery staple\n")

    def flags(self) -> list[str]:
        where = ["--adhoc", "--path", self.folder, "--to", self.root / "repository", "--engine", "restic"]
        return [*map(str, where), "--password-file", str(self.password), "--state", str(self.root / "state")]

    def call(self, *said: str) -> int:
        try:
            backing.APP([*said, *self.flags()], exit_on_error=False, print_error=False)
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    made = Shop(tmp_path_factory.mktemp("shop"))
    assert made.call("run", "--json") == 0
    return made


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [
        msgspec.json.decode(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")
    ]


def test_a_good_run_a_drill_and_a_restore_exit_0(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.call("runs", "--json") == 0
    run = lines(capsys)[-1]
    assert (run["stage"], run["verified"]) == ("done", True)
    assert run["signature"]
    assert shop.call("drill") == 0
    assert "checks passed" in capsys.readouterr().out
    assert shop.call("restore", "--into", str(shop.root / "back"), "--yes") == 0
    assert tree(shop.root / "back" / str(shop.folder).lstrip("/")) == tree(shop.folder)
    assert shop.call("plans") == 0
    assert "never" not in capsys.readouterr().out


def test_what_failed_exits_1_and_is_remembered(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    kept = shop.folder.rename(shop.root / "moved")
    try:
        assert shop.call("run", "--json") == 1
        (run,) = lines(capsys)
        assert (run["stage"], run["failure"]) == ("failed", "source-missing")
    finally:
        kept.rename(shop.folder)
    assert shop.call("runs", "--failed") == 0
    assert "source-missing" in capsys.readouterr().out


def test_a_restore_says_what_it_would_do(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    one = f"{shop.folder}/deep/0.bin"
    assert shop.call("restore", "--into", str(shop.root / "dry"), "--dry-run", "--file", one) == 0
    told = capsys.readouterr().out
    assert "60 KB, about" in told
    assert "Nothing was done" in told
    assert not (shop.root / "dry").exists()
    assert shop.call("restore", "--live", "--yes") == 1
    assert "type adhoc-" in capsys.readouterr().out


def test_snapshots_and_what_lies_in_them_are_listed(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    assert shop.call("list", "--below", f"{shop.folder}/deep") == 0
    assert "0.bin" in capsys.readouterr().out
    with pytest.raises(VedetteError, match="not in the repository"):
        shop.call("list", "--snapshot", "ffffffff", "--below", "/")


def test_the_sheet_restores_with_the_bare_engine_alone(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    page = shop.root / "sheet.html"
    assert shop.call("sheet", "--html", str(page), "--output", str(shop.root / "sheet.txt")) == 0
    assert page.stat().st_mode & 0o077 == 0
    assert page.read_text().count("<svg") == 1
    assert capsys.readouterr().out == ""
    bare = shop.root / "bare"
    bare.mkdir()
    by_hand((shop.root / "sheet.txt").read_text(), bare)
    assert tree(bare / "restored" / str(shop.folder).lstrip("/")) == tree(shop.folder)


@pytest.mark.deep
def test_a_wizard_asks_a_person_at_a_terminal(shop: Shop) -> None:
    """By a real terminal: the second moment does not matter, Enter takes what is usual."""
    into = shop.root / "asked"
    code, said = _typed(["restore", *shop.flags()], "1\n1\n1\n" + f"{into}\nyes\n")
    assert code == 0, said
    assert "To which moment" in said
    assert tree(into / str(shop.folder).lstrip("/")) == tree(shop.folder)


def test_the_password_is_typed_from_the_sheet(shop: Shop) -> None:
    """Where none is known, at a real terminal."""
    flags = [word for word in shop.flags() if word not in {"--password-file", str(shop.password)}]
    code, said = _typed(["list", "--quiet", *flags], "correct horse battery staple\n", "it is not shown")
    assert code == 0, said
    assert "battery" not in said


def _typed(said: list[str], text: str, after: str = "") -> tuple[int, str]:
    """Type it at once, or when it was asked for: what is typed before a password is asked for is thrown away."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [".venv/bin/vedette", "backup", *said],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    out = b""
    while after.encode() not in out:
        out += os.read(ours, 65_536)
    os.write(ours, text.encode())
    with contextlib.suppress(OSError):  # the terminal is gone with the program
        while chunk := os.read(ours, 65_536):
            out += chunk
    os.close(ours)
    return child.wait(), out.decode(errors="replace")


def test_an_ended_run_gives_its_lock_back_and_says_so(shop: Shop) -> None:
    """SIGTERM, as a service manager sends it."""
    filled(shop.root / "shop/more", files=20, size=3_000_000)
    child = subprocess.Popen(
        [".venv/bin/vedette", "backup", "run", *shop.flags(), "--json"], stdout=subprocess.PIPE, text=True
    )
    acts = shop.root / "state/under-way"
    while not list(acts.rglob("*.msgpack")) and child.poll() is None:
        os.sched_yield()
    child.terminate()
    out, _ = child.communicate()
    shutil.rmtree(shop.root / "shop/more")
    assert child.returncode == 1, out
    assert '"failure":"interrupted"' in out
    assert not list(acts.rglob("*.msgpack"))
    assert State(shop.root / "state")
