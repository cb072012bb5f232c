"""How a deploy reads to a person: its line of the story, and what came after it."""

from urllib.parse import quote

from vedette.deploys.types import KIND, ROOM, Deploy, Rollout
from vedette.signals.types import Moment
from vedette.ui import charts, words

NEWS = 7 * 86_400.0  # what happens later is no news of a deploy


def link(version: str, slug: str = "") -> str:
    """Return the path of a version's page, for one project where it is named."""
    return f"/deploys/{quote(version, safe='')}/" + (f"?project={slug}" if slug else "")


def moment(deploy: Deploy, slug: str) -> Moment:
    """Return the line of the story about a deploy."""
    to = f" to {deploy.environment}" if deploy.environment else ""
    return Moment(
        at=deploy.finished, room=ROOM, kind=KIND, subject=deploy.version, text=f"{slug} {deploy.version} went out{to}",
        link=link(deploy.version, slug), project=deploy.project,
    )  # fmt: skip


def mark(told: Moment, start: float, end: float, *, named: bool = False) -> charts.Mark:
    """Return the line that a deploy's moment draws into a chart from `start` to `end`; `named` tells the project too."""
    name = told.text.partition(" went out")[0] if named else told.subject
    return charts.Mark((told.at - start) / (end - start), _shortened(name), note=told.text)


def _shortened(name: str) -> str:
    return name if len(name) <= 24 else f"{name[:23]}…"


def after(rollout: Rollout | None, at: float) -> str:
    """Say how long after a rollout something happened: `3 min after checkout 2026.11.24-3`; empty when it is no news.

    A version known from events alone is `first heard of`, so that nobody takes it for a deploy.
    """
    if rollout is None or at > rollout.at + NEWS:
        return ""
    name = f"{rollout.slug} {rollout.version}"
    if at < rollout.at:
        return f"while {name} went out"
    span = "at once" if at - rollout.at < 1 else words.duration(at - rollout.at)
    return f"{span} after {name}" + ("" if rollout.deployed else " was first heard of")


def before(rollout: Rollout | None, at: float) -> str:
    """Say how long before an instant a version went out: `deployed 14 min before`; empty when it is not known."""
    if rollout is None:
        return ""
    if at < rollout.at:
        return "while it was deployed"
    word = "deployed" if rollout.deployed else "first heard of"
    return (
        f"{word} {words.duration(at - rollout.at)} before" if at - rollout.at >= 1 else f"{word} just before"
    )
