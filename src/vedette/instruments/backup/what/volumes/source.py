"""Docker's named volumes: the folders behind them, found by asking Docker."""

from collections.abc import Mapping
from pathlib import Path, PurePath

import msgspec

from vedette.core import names
from vedette.instruments.backup import program
from vedette.instruments.backup.types import Bench, Failed, Gathered, Source, Tools
from vedette.instruments.backup.what import offering, staged
from vedette.instruments.backup.what.paths import gathering, proving
from vedette.instruments.backup.what.paths.settings import Paths
from vedette.instruments.backup.what.putting import putting_into
from vedette.wire.backup import Check, Failure, Proposal, What

KIND = "volumes"
VOLUMES = "volumes"
_ANONYMOUS = 64  # hex digits of a volume that nobody named


class Volumes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Volumes by name (none: all that have one), with patterns of what is left out. `engine` is docker or podman."""

    volumes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    restless: tuple[str, ...] = ()
    engine: str = "docker"


class Volume(msgspec.Struct, frozen=True):
    """What Docker tells of a volume."""

    name: str = msgspec.field(name="Name")
    mountpoint: str = msgspec.field(name="Mountpoint", default="")
    driver: str = msgspec.field(name="Driver", default="local")


def gather(settings: msgspec.Struct, staging: Path, tools: Tools) -> Gathered:
    """Return the folders behind the volumes with their witness; raises SOURCE_MISSING, SOURCE_EMPTY."""
    assert isinstance(settings, Volumes)  # noqa: S101 - the registry made it
    found = _inspected(settings, settings.volumes or _named(settings, tools), tools)
    asked = _paths(settings, tuple(names.written(volume.mountpoint) for volume in found))
    gathered = gathering.gather(asked, staging, tools, KIND)
    if not gathered.part.bytes:
        raise Failed(Failure.SOURCE_EMPTY, f"{len(found)} volumes hold nothing.")
    behind = msgspec.json.encode({names.written(v.mountpoint): v.name for v in found}).decode()
    part = msgspec.structs.replace(gathered.part, facts={**gathered.part.facts, VOLUMES: behind})
    return msgspec.structs.replace(gathered, part=part)


def _paths(settings: Volumes, paths: tuple[str, ...]) -> Paths:
    """A volume that was named must hold something; of all there are, some may be empty."""
    return Paths(
        paths=paths, excludes=settings.excludes, restless=settings.restless, may_be_empty=not settings.volumes
    )


def _named(settings: Volumes, tools: Tools) -> tuple[str, ...]:
    listed = _docker(settings, tools, "volume", "ls", "--format", "{{.Name}}").split()
    found = tuple(name for name in listed if len(name) != _ANONYMOUS)
    if not found:
        raise Failed(Failure.SOURCE_MISSING, f"{settings.engine} has no volume with a name.")
    return found


def _inspected(settings: Volumes, wanted: tuple[str, ...], tools: Tools) -> tuple[Volume, ...]:
    for name in wanted:
        if name.startswith("-") or not name.strip():
            raise Failed(Failure.SOURCE_MISSING, f"{name!r} is no name of a volume.")
    try:
        found = msgspec.json.decode(
            _docker(settings, tools, "volume", "inspect", *wanted), type=tuple[Volume, ...]
        )
    except msgspec.DecodeError as error:
        raise Failed(
            Failure.SOURCE_MISSING, f"{settings.engine} tells nothing that can be read: {error}."
        ) from None
    apart = [volume.name for volume in found if not volume.mountpoint.startswith("/")]
    if apart:
        raise Failed(Failure.SOURCE_MISSING, f"{', '.join(apart)}: its driver keeps no folder on this host.")
    return found


def _docker(settings: Volumes, tools: Tools, *words: str) -> str:
    if settings.engine not in {"docker", "podman"}:
        raise Failed(Failure.SOURCE_MISSING, f"{settings.engine!r} is neither docker nor podman.")
    done = program.run([settings.engine, *words], tools=tools, seconds=60.0)
    if done.code:
        raise Failed(Failure.SOURCE_MISSING, f"{settings.engine} says: {done.said[-200:]}", done.said)
    return done.out


def prove(settings: msgspec.Struct, bench: Bench) -> tuple[Check, ...]:
    """Hold what came back against the list and the hashes that were taken."""
    assert isinstance(settings, Volumes)  # noqa: S101
    return proving.prove(_paths(settings, ()), bench)


def put_back(settings: msgspec.Struct, bench: Bench, into: Path | None) -> tuple[Check, ...]:
    """Bring the volumes back as folders by their names, or into volumes of this host (None), made where they are not there."""
    assert isinstance(settings, Volumes)  # noqa: S101
    checks: list[Check] = []
    for mountpoint, name in sorted(_behind(bench).items(), key=lambda one: one[1]):
        if "/" in name or name in {"", ".", ".."}:
            raise Failed(Failure.NOT_PROVEN, f"{name!r} is no name of a volume.")
        source = staged.came_back(bench, mountpoint)
        if source.is_dir():
            target = _volume(settings, name, bench.tools) if into is None else PurePath(name)
            putting = putting_into(into, bench.tools)
            putting.bring(source, target)
            checks.append(msgspec.structs.replace(putting.put.check(), name=name))
    return tuple(checks) or (Check(name="restored", passed=False, text="No volume came back."),)


def _behind(bench: Bench) -> Mapping[str, str]:
    try:
        return msgspec.json.decode(bench.part.facts.get(VOLUMES, "{}"), type=dict[str, str])
    except msgspec.DecodeError:
        return {}


def _volume(settings: Volumes, name: str, tools: Tools) -> PurePath:
    """Return the folder of a volume that nobody uses, from /; it is made where it is not there."""
    users = _docker(settings, tools, "ps", "--filter", f"volume={name}", "--format", "{{.Names}}").split()
    if users:
        raise Failed(Failure.TARGET_MISSING, f"{name} is used by {', '.join(users[:5])}: stop that first.")
    listed = _docker(settings, tools, "volume", "ls", "--format", "{{.Name}}").split()
    if name not in listed:
        _docker(settings, tools, "volume", "create", name)
    (found,) = _inspected(settings, (name,), tools)
    return Path(found.mountpoint).resolve().relative_to("/")


def propose(root: Path) -> tuple[Proposal, ...]:
    """Propose each named volume whose folder is there."""
    folder = root / "var/lib/docker/volumes"
    found = []
    for data in sorted(folder.glob("*/_data"))[:50] if folder.is_dir() else ():
        count, size, more = offering.measured(data)
        if count and len(data.parent.name) != _ANONYMOUS:
            what = What(kind=KIND, name=data.parent.name, settings={"volumes": [data.parent.name]})
            sentence = f"Docker's volume {names.written(data.parent.name)}: {offering.spoken(count, size, more=more)}."
            found.append(Proposal(what=what, sentence=sentence, bytes=size))
    return tuple(found)


SOURCE = Source(
    kind=KIND, label="Docker volumes", about="Named volumes with their files and rights; a database in one is better saved by its own dump.",
    settings=Volumes, gather=gather, prove=prove, put_back=put_back, propose=propose,
)  # fmt: skip
