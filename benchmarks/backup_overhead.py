"""What a run costs over the bare engine that does the same: store, read back, remove what is old. Time, and memory of ours."""

import functools
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.support.greens import PASSWORD, Place

from benchmarks.report import Figure, finish
from vedette.instruments.backup import program
from vedette.instruments.backup.types import Tools
from vedette.wire.backup import Stage

FILES, SIZE = 250, 4_000_000  # a gigabyte that nothing compresses
TRIES = 2
MIB = 1 << 20


def main() -> None:
    """Save a gigabyte both ways, each twice, and compare the better times."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        _fill(root / "shop")
        places = [Place(root, "borg", at=str(root / f"ours-{n}")) for n in range(TRIES)]
        ours = [_timed(functools.partial(_run, place)) for place in places]
        bare = [_timed(functools.partial(_bare, root, root / f"bare-{n}")) for n in range(TRIES)]
        memory = _memory(root)
    finish([
        Figure("backup", "bare borg: store, read back, prune 1 GB", min(bare), "s"),
        Figure("backup", "a run of the same", min(ours), "s"),
        Figure("backup", "overhead in time", 100 * (min(ours) / min(bare) - 1), "%", "<= 5"),
        Figure("backup", "overhead in memory (the command's own process)", memory, "MiB", "<= 60"),
    ])  # fmt: skip


def _fill(folder: Path) -> None:
    folder.mkdir()
    for number in range(FILES):
        (folder / f"{number}.bin").write_bytes(os.urandom(SIZE))


def _run(place: Place) -> None:
    ended = place.run()
    assert ended.stage is Stage.DONE, ended.sentence


def _bare(root: Path, at: Path) -> None:
    """Do by hand what a run does, with the same niceness."""
    tools = Tools(now=time.time, state=root / "state", deadline=600.0)
    env = {"BORG_PASSPHRASE": PASSWORD, "BORG_BASE_DIR": str(root / "bare-base")}
    for words in (
        ("init", "--encryption", "repokey-blake2", at),
        ("create", "--sparse", "--compression", "zstd,3", f"{at}::one", root / "shop"),
        ("extract", "--dry-run", f"{at}::one"),
        ("prune", "--keep-last", "1", at),
        ("compact", at),
    ):
        done = program.run(["borg", *words], tools=tools, env=env)
        assert done.code == 0, done.said


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _memory(root: Path) -> float:
    """Return the most memory of `vedette backup run` itself, without the engine's, in MiB."""
    script = "import resource, sys; from vedette.cli.backing import APP\ntry: APP(sys.argv[1:], exit_on_error=False)\nexcept SystemExit: pass\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    (root / "password").write_text(PASSWORD)
    flags = [
        "--adhoc",
        "--path",
        root / "shop",
        "--to",
        root / "memory",
        "--password-file",
        root / "password",
        "--state",
        root / "told",
    ]
    argv = [".venv/bin/python", "-c", script, "run", *map(str, flags)]
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return int(out.split()[-1]) * 1_024 / MIB


if __name__ == "__main__":
    main()
