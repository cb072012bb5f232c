"""Paths that stand still while they are saved: a planned snapshot is taken, bound over them for us alone, and dropped."""

import contextlib
import ctypes
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup import program, snapshotting
from vedette.instruments.backup.snapshotting import Argv, Mount, Taking
from vedette.instruments.backup.types import Failed, Tools
from vedette.instruments.backup.what.paths.settings import Paths, tops_of
from vedette.wire.backup import Failure, Plan

_NEW_MOUNTS = 0x00020000  # CLONE_NEWNS (unshare(2))
_SECONDS = 120.0
_OURS = Path("/run")  # in no path that is saved, and gone after a restart


@contextlib.contextmanager
def held(
    plan: Plan, tools: Tools, kept: Sequence[Path] = (), mounts: Sequence[Mount] | None = None
) -> Iterator[tuple[str, ...]]:
    """Let the files of a plan stand still for the block, as it says; yield their written names (none: it asks for no snapshot).

    Databases have a moment of their own. `mounts` are those of this host where none are handed in. `kept` (a repository on this host) and our own state go on as they are. For one
    thread: what it starts sees the snapshot, other threads do not. Raises `Failed`.
    """
    if not plan.snapshot:
        yield ()
        return
    wanted = [
        path
        for what in plan.what
        if what.kind == "paths"
        for path in msgspec.convert(what.settings, Paths).paths
    ]
    paths = [str(top) for top in tops_of(tuple(wanted))] if wanted else []
    with _folder() as folder:
        aside = [str(path.resolve()) for path in (tools.state, *kept)]
        takings = snapshotting.planned(
            plan.snapshot,
            paths,
            aside,
            _mounts() if mounts is None else mounts,
            name=plan.name,
            folder=str(folder),
        )
        with contextlib.ExitStack() as dropped, _apart(tools):
            for taking in takings:
                _take(taking, tools, dropped)
            for taking in takings:
                _bind(taking, tools)
            yield tuple(names.written(path) for path in paths)


def _mounts() -> tuple[Mount, ...]:
    return snapshotting.mounts_in(Path("/proc/self/mountinfo").read_text(errors="surrogateescape"))


def _take(taking: Taking, tools: Tools, dropped: contextlib.ExitStack) -> None:
    """Take one snapshot; it is dropped when all is over, after our view of it is gone."""
    for folder in taking.folders:
        Path(folder).mkdir(mode=0o700)
    for argv in taking.first:
        program.run(argv, tools=tools, seconds=_SECONDS)
    for argv in taking.drop:
        dropped.callback(_drop, argv, tools)
    for argv in taking.take:
        _ran(argv, tools)


def _bind(taking: Taking, tools: Tools) -> None:
    for bind in taking.binds:
        if not os.path.lexists(bind.source):
            raise Failed(Failure.SOURCE_MISSING, f"{names.written(bind.target)} is not in its snapshot.")
        _ran(("mount", "--bind", bind.source, bind.target), tools)


def _ran(argv: Argv, tools: Tools) -> None:
    done = program.run(argv, tools=tools, seconds=_SECONDS)
    if done.code:
        raise Failed(
            Failure.SOURCE_MISSING,
            f"No snapshot: {argv[0]} ended with {done.code}: {done.said[-200:]}",
            done.said,
        )


def _drop(argv: Argv, tools: Tools) -> None:
    """Drop a snapshot; one that is left is removed by the next run, and a full one costs no data."""
    with contextlib.suppress(Failed):
        program.run(argv, tools=tools, seconds=_SECONDS)


@contextlib.contextmanager
def _apart(tools: Tools) -> Iterator[None]:
    """Give this thread a mount namespace of its own for the block; nothing that is mounted there is seen elsewhere."""
    libc = ctypes.CDLL(None, use_errno=True)
    here = os.open("/proc/thread-self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
    try:
        if libc.unshare(_NEW_MOUNTS) != 0:
            raise Failed(
                Failure.SOURCE_MISSING,
                f"No snapshot: {os.strerror(ctypes.get_errno())} (root alone may mount).",
            )
        try:
            _ran(("mount", "--make-rprivate", "/"), tools)
            yield
        finally:
            if libc.setns(here, _NEW_MOUNTS) != 0:
                raise Failed(
                    Failure.ENGINE, f"The way back from a snapshot failed: {os.strerror(ctypes.get_errno())}."
                )
            os.chdir("/")
    finally:
        os.close(here)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="vedette-still-", dir=_OURS if os.access(_OURS, os.W_OK) else None))
    try:
        yield folder
    finally:
        for inner in sorted(folder.glob("*")):
            with contextlib.suppress(OSError):
                inner.rmdir()
        with contextlib.suppress(OSError):
            folder.rmdir()
