"""The only SQL of post-mortems and of the reminders of what follows from them."""

import msgspec

from vedette.incidents.models import PostMortemRow, TaskRow
from vedette.incidents.postmortem.types import PostMortemLine
from vedette.incidents.types import PostMortem, PostMortemState, Task, TaskKind
from vedette.plumbing.db.faults import guarded


@guarded()
def find(incident: int) -> PostMortem | None:
    """Return the post-mortem of an incident."""
    row = PostMortemRow.objects.filter(pk=incident).first()
    return _paper(row) if row else None


@guarded()
def listed(n: int) -> tuple[PostMortemLine, ...]:
    """Return the `n` post-mortems that changed last, those that are not published first."""
    rows = PostMortemRow.objects.select_related("incident").order_by("published_at", "-updated_at")
    unpublished = rows.filter(published_at=None)[:n]
    published = (
        PostMortemRow.objects.select_related("incident")
        .exclude(published_at=None)
        .order_by("-published_at")[:n]
    )
    return tuple(_line(row) for row in [*unpublished, *published][:n])


def add(paper: PostMortem) -> bool:
    """Insert a post-mortem; False when the incident has one."""
    _, made = PostMortemRow.objects.get_or_create(incident_id=paper.incident, defaults=_columns(paper))
    return made


def save(paper: PostMortem, before: float) -> bool:
    """Overwrite a post-mortem that was last changed at `before`; False when somebody was faster."""
    return bool(PostMortemRow.objects.filter(pk=paper.incident, updated_at=before).update(**_columns(paper)))


@guarded()
def due(now: float, n: int) -> tuple[Task, ...]:
    """Return up to `n` action items that are due and not done, the longest first."""
    rows = TaskRow.objects.filter(kind=TaskKind.ACTION.value, done_at=None, due_at__lte=now).exclude(
        assignee=None
    )
    return tuple(_task(row) for row in rows.order_by("due_at", "id")[:n])


def reminded(task: int, at: float) -> None:
    """Note when somebody was reminded of an action item."""
    TaskRow.objects.filter(pk=task).update(reminded_at=at)


def _columns(paper: PostMortem) -> dict[str, object]:
    return {
        "state": paper.state.value, "text": paper.text, "author": paper.author, "reviewer": paper.reviewer,
        "facts": msgspec.to_builtins(paper.facts), "updated_at": paper.updated_at, "published_at": paper.published_at,
    }  # fmt: skip


def _paper(row: PostMortemRow) -> PostMortem:
    return PostMortem(
        incident=row.incident_id, state=PostMortemState(row.state), text=row.text, author=row.author,
        reviewer=row.reviewer, updated_at=row.updated_at, published_at=row.published_at, facts=row.facts,
    )  # fmt: skip


def _line(row: PostMortemRow) -> PostMortemLine:
    return PostMortemLine(
        incident=row.incident_id, title=row.incident.title, state=row.state, author=row.author,
        updated_at=row.updated_at, published_at=row.published_at,
    )  # fmt: skip


def _task(row: TaskRow) -> Task:
    return Task(
        id=row.pk, incident=row.incident_id, kind=TaskKind(row.kind), text=row.text, assignee=row.assignee,
        due_at=row.due_at, done_at=row.done_at, done_by=row.done_by, created_at=row.created_at,
        reminded_at=row.reminded_at,
    )  # fmt: skip
