"""The verbs of deploys: record one, find the one that something came after, hear a hook."""

from collections.abc import Mapping

from vedette.accounts.permissions import Actor, ActorKind, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.errors import Forbidden, Invalid
from vedette.deploys import checking, hooks, signal, store
from vedette.deploys.types import KIND, ROOM, Deploy, DeployDraft, DeployPage, HookRef, Recorded, Rollout
from vedette.plumbing.db.sql import transaction
from vedette.plumbing.ports import ports
from vedette.projects import service as projects
from vedette.projects.types import Project
from vedette.signals import service as signals
from vedette.ui import charts, pager

KEPT = 5_000  # deploys of one project; more than anybody rolls out in years
HOOK = Actor(kind=ActorKind.SYSTEM, name="deploy hook")
_PURPOSE = "deploys.hook"
_REFUSED = "The message is not signed with the secret of this project's deploy hook; see /settings/projects/."
_VERSIONS = 50


def record(actor: Actor, project: Project, draft: DeployDraft, now: float) -> Recorded:
    """Record a deploy with its moment; one that is known already changes nothing. Raises `Invalid` by field."""
    require(actor, Verb.DEPLOY_WRITE)
    draft = checking.tidied(draft)
    wrong = checking.problems(draft, now)
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)
    key = checking.key_of(draft) or f"once:{ids.new_id()}"
    with transaction():
        made = store.add(project.id, draft, now if draft.finished is None else draft.finished, key, now)
        if made is not None:
            _follow_up(actor, project, made, now)
    known = made or store.by_key(project.id, key)
    if known is None:
        raise Invalid("The deploy was deleted meanwhile; send it again.")
    return Recorded(known, made is not None)


def _follow_up(actor: Actor, project: Project, made: Deploy, now: float) -> None:
    """Write, in the transaction, what else a deploy leaves: the moment, the audit entry, room for it."""
    signals.record([signal.moment(made, project.slug)])
    detail = {"version": made.version, "environment": made.environment, "source": made.source}
    audit(actor, "deploy.record", project.slug, detail, now)
    store.trim(project.id, KEPT)


def deploys(project_id: int | None = None, cursor: str | None = None, n: int = 25) -> DeployPage:
    """Return a page of deploys, newest first; raises `Invalid` for a cursor nobody gave out."""
    place = pager.decode(cursor, tuple[float, int]) if cursor else None
    found = store.page(project_id, place, n + 1)
    last = found[n - 1] if len(found) > n else None
    return DeployPage(found[:n], pager.encode(last.finished, last.id) if last else None)


def marks(start: float, end: float, project_id: int | None = None, n: int = 12) -> tuple[charts.Mark, ...]:
    """Return the lines of the newest deploys in a chart from `start` to `end`; they name the project when it is open."""
    told = signals.moments(start, end, project=project_id, room=ROOM, kind=KIND, n=n)
    return tuple(signal.mark(one, start, end, named=project_id is None) for one in told)


def of_version(version: str) -> tuple[Deploy, ...]:
    """Return the newest deploys of a version, in whatever project."""
    return store.of_version(version, _VERSIONS)


def first(project_id: int, release: str) -> float | None:
    """Return when a release went out first; None when no deploy of it is recorded."""
    return store.first(project_id, checking.names_of(release))


def following(deploy: Deploy) -> Deploy | None:
    """Return the deploy of another version that took a deploy's place; None while it is the last."""
    return store.following(deploy)


def undeployed(project: Project, n: int = 20) -> tuple[Rollout, ...]:
    """Return the versions that events named and no deploy did, as rollouts, newest first."""
    seen = projects.releases(project.id, n)
    names = {release.name: checking.names_of(release.name) for release in seen}
    told = store.versions(project.id, tuple(name for each in names.values() for name in each))
    heard = [_heard(project, one.name, one.first_at) for one in seen if told.isdisjoint(names[one.name])]
    return tuple(sorted(heard, key=lambda rollout: -rollout.at))


def before(project: Project, at: float, release: str = "", environment: str = "") -> Rollout | None:
    """Return the rollout that something at an instant came after; None when none is known.

    A release that is named is looked for alone: as a deploy, else as events first named it. Without one it is
    the last deploy to that environment.
    """
    deploy = store.last(project.id, at, checking.names_of(release), environment)
    if deploy is not None:
        return rollout_of(deploy, project)
    seen = projects.release(project.id, release) if release else None
    return _heard(project, release, seen.first_at) if seen and seen.first_at <= at else None


def rollout_of(deploy: Deploy, project: Project) -> Rollout:
    """Return a deploy as a rollout."""
    began = deploy.finished if deploy.started is None else deploy.started
    return Rollout(
        project=project.id, slug=project.slug, version=deploy.version, environment=deploy.environment,
        began=began, at=deploy.finished, deployed=True,
    )  # fmt: skip


def _heard(project: Project, release: str, at: float) -> Rollout:
    return Rollout(
        project=project.id,
        slug=project.slug,
        version=release,
        environment="",
        began=at,
        at=at,
        deployed=False,
    )


def hook(project_id: int) -> HookRef | None:
    """Return a project's hook; None when it has none."""
    return store.hook(project_id)


def make_hook(actor: Actor, project: Project, now: float) -> str:
    """Make a secret for a project's hook and return it: it is shown once. An older one stops working."""
    require(actor, Verb.PROJECT_WRITE)
    secret = ids.new_secret()
    with transaction():
        store.set_hook(project.id, ports().seal.seal(secret, _PURPOSE), now)
        audit(actor, "deploy.hook", project.slug, {"what": "a new secret"}, now)
    return secret


def drop_hook(actor: Actor, project: Project, now: float) -> None:
    """Take a project's hook away: nothing can be told by it any more."""
    require(actor, Verb.PROJECT_WRITE)
    with transaction():
        if store.drop_hook(project.id):
            audit(actor, "deploy.hook", project.slug, {"what": "taken away"}, now)


def receive(slug: str, body: bytes, headers: Mapping[str, str], now: float) -> tuple[Recorded | None, str]:
    """Record what a hook's message tells; return it (None when it tells of no deploy) and the reason.

    Raises `Forbidden` for an unknown project, one without a hook, and a wrong secret alike; `Invalid` for a message
    that cannot be used.
    """
    project = next((one for one in projects.projects() if one.slug == slug), None)
    sealed = store.sealed_secret(project.id) if project else ""
    secret = ports().seal.open(sealed, _PURPOSE) if sealed else ids.new_secret()
    if not hooks.proves(secret, body, headers) or project is None:
        raise Forbidden(_REFUSED)
    heard = hooks.hear(body, headers)
    store.touch_hook(project.id, now)
    if heard.draft is None:
        return None, heard.reason
    done = record(HOOK, project, heard.draft, now)
    return done, heard.reason if done.is_new else "It was recorded before."


projects.on_delete(store.forget_project)
