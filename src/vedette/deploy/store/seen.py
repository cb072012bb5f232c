"""SQL of what was last read of projects."""

import contextlib
from typing import TypeVar

import msgspec

from vedette.deploy.models import SeenRow
from vedette.deploy.types import CloudSeen, Memory, Planned
from vedette.wire.infra import Judged, Live

T = TypeVar("T")
_JSON = msgspec.json.Encoder().encode


def find(project: int, name: str) -> CloudSeen | None:
    """Return what was last read of a project; what an older version wrote otherwise counts as not read."""
    row = SeenRow.objects.filter(project=project).first()
    if row is None:
        return None
    with contextlib.suppress(msgspec.DecodeError):
        return CloudSeen(
            project=project, live=_read(row.live, Live), memory=_read(row.memory, Memory),
            judged=_read(row.judged, tuple[Judged, ...]), planned=_read(row.plan, Planned) if row.plan else None,
            broken=tuple(row.broken),
        )  # fmt: skip
    return CloudSeen(
        project=project, live=Live(at=row.at, things=(), unread={"*": "an older version wrote it"}), memory=Memory(project=name)
    )  # fmt: skip


def read() -> dict[int, float]:
    """Return when each project was read last, by number."""
    return dict(SeenRow.objects.values_list("project", "at"))


def put(seen: CloudSeen) -> None:
    """Keep what was read, in the place of what was read before."""
    SeenRow.objects.update_or_create(
        project=seen.project,
        defaults={
            "at": seen.live.at, "live": _JSON(seen.live), "memory": _JSON(seen.memory), "judged": _JSON(seen.judged),
            "broken": list(seen.broken),
            "plan": _JSON(seen.planned) if seen.planned else b"",
        },
    )  # fmt: skip


def broken() -> dict[int, tuple[str, ...]]:
    """Return which intents people know as broken, by project."""
    return {number: tuple(texts) for number, texts in SeenRow.objects.values_list("project", "broken")}


def _read(blob: bytes | memoryview, kind: type[T]) -> T:
    return msgspec.json.decode(bytes(blob), type=kind)
