"""Redis: its own snapshot (RDB), taken as a replica takes it, loaded by a Redis in a drill."""

import os
import re
import shutil
from pathlib import Path

import msgspec

from vedette.core import names
from vedette.instruments.backup import program
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import staged
from vedette.instruments.backup.what.putting import putting_into
from vedette.instruments.backup.what.redis import proving
from vedette.instruments.backup.what.redis.settings import Redis, answered, asked
from vedette.wire.backup import Check, Failure, Part, Proposal, Sampled, Table, What

KIND = "redis"
_READ = re.compile(r"\[info\] (\d+) (keys read|expires|already expired)")
_STAY = "keys that do not expire"


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Take a snapshot and count its keys; raises SOURCE_MISSING, SOURCE_EMPTY, PARTIAL for one that broke off."""
    assert isinstance(settings, Redis)  # noqa: S101 - the registry made it
    facts = _facts(settings, tools)
    dump = staging / "dump.rdb"
    staged.told(tools, f"Redis at {settings.place} writes its snapshot")
    done = asked(settings, tools, "--rdb", str(dump))
    if done.code or not dump.exists():
        raise Failed(
            Failure.SOURCE_MISSING,
            f"Redis at {settings.place} gave no snapshot: {done.said[-200:]}",
            done.said,
        )
    counted = _counted(dump, tools)
    keys, expires = counted.get("keys read", 0), counted.get("expires", 0)
    if not keys and not settings.may_be_empty:
        raise Failed(Failure.SOURCE_EMPTY, f"Redis at {settings.place} holds no key.")
    size, written = dump.stat().st_size, names.written(dump)
    part = Part(
        what=KIND, files=1, bytes=size, tables=(Table("keys", keys), Table(_STAY, keys - expires)),
        samples=(Sampled(written, size, staged.sha256(dump)),), facts={staged.DUMP: written, **facts},
    )  # fmt: skip
    return Gathered(part=part, steady=(dump,))


def _facts(settings: Redis, tools: Tools) -> dict[str, str]:
    """Return its version, and where it keeps its own file, if it tells."""
    info = answered(settings, tools, "INFO", "server")
    found = dict(line.strip().split(":", 1) for line in info.splitlines() if ":" in line)
    facts = {"version": found.get("redis_version", "")}
    for name in ("dir", "dbfilename", "appendonly"):
        done = asked(settings, tools, "CONFIG", "GET", name, seconds=30.0)
        if not done.code and len(lines := done.out.splitlines()) >= 2:
            facts[name] = lines[1]
    return facts


def _counted(dump: Path, tools: Tools) -> dict[str, int]:
    """Read the whole snapshot with its checksum, and return what Redis's own check counts."""
    done = program.run(["redis-check-rdb", dump], tools=tools)
    if done.code:
        raise Failed(Failure.PARTIAL, "The snapshot of Redis is not whole.", done.said)
    return {what: int(count) for count, what in _READ.findall(done.out)}


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Compare the snapshot with its hash, and load it: every key that does not expire must be there."""
    del settings
    try:
        dump = staged.dump_of(bench)
        same = staged.same("content", tuple(one.sha256 for one in bench.part.samples), (staged.sha256(dump),))
    except (Failed, OSError) as error:
        return (Check(name="content", passed=False, text=str(error)),)
    return (same, staged.timed(lambda: _loads(bench, dump)))


def _loads(bench: Bench, dump: Path) -> Check:
    try:
        keys, expires = proving.loaded(dump, bench.tools)
    except Failed as error:
        if error.failure is Failure.NO_TOOL:
            raise
        return Check(name="keys", passed=False, text=str(error))
    was = {table.name: table.rows for table in bench.part.tables}
    good = keys - expires == was.get(_STAY, -1) and keys <= was.get("keys", 0)
    text = f"{keys} keys were loaded, {expires} of them expire; {was.get('keys', 0)} were saved, {was.get(_STAY, 0)} for good"
    return Check(name="keys", passed=good, text=f"{text}.")


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the snapshot into a folder, or to where Redis reads it when it starts (None); then it must not run."""
    assert isinstance(settings, Redis)  # noqa: S101
    dump = staged.dump_of(bench)
    home = Path(names.read(settings.file)) if into is None else Path("/dump.rdb")
    came = bench.scratch / "back" / home.name
    came.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(dump, came, follow_symlinks=False)
    came.chmod(0o600)
    if into is None:
        home = _stopped(settings, bench, home)
        found = home.parent.stat()
        os.chown(came, found.st_uid, found.st_gid)
    putting = putting_into(into, bench.tools)
    putting.bring(came, home.relative_to("/"))
    return (putting.put.check(), *_next(bench, into))


def _stopped(settings: Redis, bench: Bench, home: Path) -> Path:
    """Return where Redis reads its file, which must not run; its folder is there, for it keeps it."""
    if not home.is_absolute() or not home.parent.is_dir():
        raise Failed(
            Failure.TARGET_MISSING,
            f"{settings.file} lies in no folder: say where Redis reads its file (`file`).",
        )
    if not asked(settings, bench.tools, "PING", seconds=10.0).code:
        raise Failed(
            Failure.TARGET_MISSING,
            f"Redis at {settings.place} runs, and would write over it when it ends: stop it first.",
        )
    return home.parent.resolve() / home.name


def _next(bench: Bench, into: Path | None) -> tuple[Check, ...]:
    if into is None and bench.part.facts.get("appendonly") == "yes":
        text = "It keeps a log (appendonly), which it reads instead: start it once with `appendonly no`, then CONFIG SET appendonly yes."
        return (Check(name="next", passed=True, text=text),)
    return ()


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose a Redis that was set up by a package."""
    for conf in ("etc/redis/redis.conf", "etc/redis.conf", "etc/valkey/valkey.conf"):
        if (root / conf).is_file():
            dump = root / "var/lib/redis/dump.rdb"
            size = dump.stat().st_size if dump.is_file() else 0
            return (Proposal(what=What(kind=KIND), sentence=f"Redis is set up by /{conf}.", bytes=size),)
    return ()


SOURCE = Source(
    kind=KIND, label="Redis", about="Its snapshot, taken as a replica takes it; a drill loads it into a Redis of its own.",
    settings=Redis, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
