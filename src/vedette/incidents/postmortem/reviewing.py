"""Who may publish a post-mortem, and when is somebody reminded of what follows from one? Pure."""

from vedette.incidents.postmortem.types import ReviewVerdict
from vedette.incidents.types import PostMortem, PostMortemState, Task, TaskKind

WEEK = 7 * 86_400.0
_YES = ReviewVerdict(True)


def may_publish(paper: PostMortem, who: int, people: int, *, reviewed: bool) -> ReviewVerdict:
    """Decide whether a person (a user's id) may publish: somebody else than the author, where there is somebody else."""
    if paper.state is PostMortemState.PUBLISHED:
        return ReviewVerdict(False, "It is published already.")
    if not reviewed or people < 2:
        return _YES
    if paper.state is not PostMortemState.REVIEW:
        return ReviewVerdict(False, "Nobody reviewed it yet: ask for a review first.")
    if paper.facts.get("author") == float(who):
        return ReviewVerdict(False, "Somebody else than its author publishes it: ask a colleague to read it.")
    return _YES


def may_edit(paper: PostMortem) -> ReviewVerdict:
    """Decide whether the text may be changed."""
    if paper.state is PostMortemState.PUBLISHED:
        return ReviewVerdict(
            False, "It is published: take it back first, so that everybody sees that it changes."
        )
    return _YES


def reminds(task: Task, now: float) -> bool:
    """Decide whether who has an action item is reminded: when it is due, and each week after, until it is done."""
    if (
        task.kind is not TaskKind.ACTION
        or task.done_at is not None
        or task.assignee is None
        or task.due_at is None
    ):
        return False
    return task.due_at <= now and (task.reminded_at is None or now - task.reminded_at >= WEEK)
