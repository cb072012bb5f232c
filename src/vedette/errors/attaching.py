"""The files of events: found, opened, and let go when their time or their room is over."""

from collections.abc import Sequence
from typing import BinaryIO

from vedette.core.clock import day_start
from vedette.core.errors import NotFound
from vedette.errors.store import beside as store
from vedette.errors.types import Attached, Event, Said
from vedette.plumbing.db import sql
from vedette.plumbing.ports import ports

_AT_ONCE = 100
_FULL, _ENOUGH = 0.95, 0.9  # of the budget: where making room begins, and where it ends
GONE = "This attachment is no longer kept: older ones go first when attachments_max_bytes is used up."


def attachments(event: Event) -> Sequence[Attached]:
    """Return an event's files; see `service.attachments`."""
    return store.files(event.project, event.id)


def feedback(event: Event) -> Sequence[Said]:
    """Return what users wrote about an event; see `service.feedback`."""
    return store.feedback(event.project, event.id)


def opened(event: Event, attachment_id: int) -> tuple[Attached, BinaryIO]:
    """Return one file of an event and its bytes; raises `NotFound`."""
    found = next((one for one in attachments(event) if one.id == attachment_id), None)
    if found is None:
        raise NotFound(f"The event {event.id} has no attachment {attachment_id}.")
    file = ports().files.open(found.file)
    if file is None:
        raise NotFound(GONE)
    return found, file


def make_room(max_bytes: int) -> int:
    """Let the oldest files go until the budget has some room again; return how many went."""
    used, gone = ports().files.used(), 0
    if used <= max_bytes * _FULL:
        return 0
    while used > max_bytes * _ENOUGH:
        oldest = store.oldest_files(_AT_ONCE)
        if not oldest:
            break
        leaving = _leaving(oldest, used - int(max_bytes * _ENOUGH))
        store.forget_files([one.id for one in leaving])
        ports().files.delete([one.file for one in leaving])
        used, gone = used - sum(one.size for one in leaving), gone + len(leaving)
    return gone


def _leaving(oldest: Sequence[Attached], excess: int) -> list[Attached]:
    """Return as many of the oldest files as free `excess` bytes."""
    leaving: list[Attached] = []
    for one in oldest:
        if excess <= 0:
            break
        leaving.append(one)
        excess -= one.size
    return leaving


def drop_before(day: str) -> None:
    """Drop the files and feedback older than a UTC day."""
    store.forget_before(day_start(day))
    ports().files.drop_before(day)


def forget_project(project: int) -> None:
    """Delete a project's feedback and files, in the caller's transaction; the bytes go once it has committed."""
    names = store.forget_project(project)
    if names:
        sql.on_commit(lambda: ports().files.delete(names))
