"""What a program writes to its output: dumps of whatever has a program of its own for that."""

import functools
from pathlib import Path, PurePath

import msgspec

from vedette.core import names
from vedette.instruments.backup import program
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.putting import putting_into
from vedette.wire.backup import Check, Failure, Hook, Part, Proposal, Sampled

KIND = "command"


class Command(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program (whole path and words, no shell) whose output is saved as `file`; it runs as `user` for `seconds` at most.

    It must end with 0 and write `least` bytes. `check` runs a program that reads the output in a drill and must end with 0.
    """

    run: tuple[str, ...]
    file: str = "output"
    user: str = ""
    seconds: float = 3_600.0
    least: int = 1
    check: Hook | None = None


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Run the program; raises SOURCE_MISSING when it fails, SOURCE_EMPTY when it writes too little, TIMEOUT."""
    assert isinstance(settings, Command)  # noqa: S101 - the registry made it
    _sound(settings)
    staged.told(tools, f"Running {PurePath(settings.run[0]).name}")
    target = staging / settings.file
    done = program.run(
        settings.run,
        tools=tools,
        to=target,
        user=settings.user,
        seconds=settings.seconds,
        on_tick=lambda: staged.told(
            tools, f"Running {PurePath(settings.run[0]).name}", size=target.stat().st_size
        ),
    )
    if done.code:
        raise Failed(
            Failure.SOURCE_MISSING,
            f"{settings.run[0]} ended with {done.code}: what it wrote is not saved.",
            done.said,
        )
    size = target.stat().st_size
    if size < settings.least:
        raise Failed(
            Failure.SOURCE_EMPTY,
            f"{settings.run[0]} wrote {size} bytes; {settings.least} are the least.",
            done.said,
        )
    written = names.written(target)
    part = Part(
        what=KIND,
        files=1,
        bytes=size,
        samples=(Sampled(written, size, staged.sha256(target)),),
        facts={staged.DUMP: written},
    )
    return Gathered(part=part, steady=(target,))


def _sound(settings: Command) -> None:
    argvs = [settings.run, *([settings.check.run] if settings.check else [])]
    for argv in argvs:
        if not argv or not argv[0].startswith("/"):
            raise Failed(
                Failure.SOURCE_MISSING, f"{' '.join(argv)!r} does not begin with the whole path of a program."
            )
    if not settings.file or settings.file in {".", ".."} or "/" in settings.file or "\0" in settings.file:
        raise Failed(Failure.SOURCE_MISSING, f"{settings.file!r} is no name of a file.")


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Compare the output with its hash, and let the plan's program read it."""
    assert isinstance(settings, Command)  # noqa: S101
    checks = [staged.timed(lambda: _content(bench))]
    if settings.check and checks[0].passed:
        checks.append(staged.timed(functools.partial(_read, settings.check, settings.user, bench)))
    return tuple(checks)


def _content(bench: Bench) -> Check:
    try:
        found = staged.sha256(staged.dump_of(bench))
    except (Failed, OSError) as error:
        return Check(name="content", passed=False, text=str(error))
    (was,) = bench.part.samples or (Sampled("", 0, ""),)
    good = found == was.sha256
    return Check(
        name="content",
        passed=good,
        text=f"{was.size} bytes, as they were" if good else "It is not what was saved.",
    )


def _read(asked: Hook, user: str, bench: Bench) -> Check:
    name = f"{PurePath(asked.run[0]).name} reads it"
    try:
        done = program.run(
            asked.run, tools=bench.tools, stdin=staged.dump_of(bench), user=user, seconds=asked.seconds
        )
    except Failed as error:
        return Check(name=name, passed=False, text=str(error))
    return Check(
        name=name,
        passed=not done.code,
        text=f"It ended with {done.code}: {done.said[-300:]}" if done.code else "It ended with 0.",
    )


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the output back as a file of a folder; where it belongs only its program knows (None is refused)."""
    assert isinstance(settings, Command)  # noqa: S101
    if into is None:
        raise Failed(
            Failure.TARGET_MISSING, "Name a folder: the output of a program has no place where it was."
        )
    putting = putting_into(into, bench.tools)
    dump = staged.dump_of(bench)
    putting.bring(dump, PurePath(dump.name))
    return (putting.put.check(),)


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose nothing: which programs are to be run is said by a person."""
    del root
    return ()


SOURCE = Source(
    kind=KIND, label="A command's output", about="What a program writes, saved as a file; it counts only when the program ended with 0.",
    settings=Command, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
