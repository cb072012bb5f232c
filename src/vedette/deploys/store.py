"""The only SQL of deploys."""

from collections.abc import Sequence

from django.db import IntegrityError
from django.db.models import Min, Q, QuerySet
from django.db.models.functions import Coalesce

from vedette.deploys.models import DeployRow, HookRow
from vedette.deploys.types import Deploy, DeployDraft, HookRef
from vedette.plumbing.db.sql import transaction

_ORDER = ("-finished_at", "-id")
Place = tuple[float, int]


def add(project: int, draft: DeployDraft, finished: float, key: str, now: float) -> Deploy | None:
    """Insert a deploy; None when one of this key is there already."""
    try:
        with transaction():
            row = DeployRow.objects.create(
                project=project, key=key, version=draft.version, environment=draft.environment, url=draft.url,
                commit=draft.commit, by=draft.by, source=str(draft.source), started_at=draft.started,
                finished_at=finished, recorded_at=now,
            )  # fmt: skip
    except IntegrityError:
        return None
    return _deploy(row)


def by_key(project: int, key: str) -> Deploy | None:
    """Return the deploy of a key."""
    row = DeployRow.objects.filter(project=project, key=key).first()
    return _deploy(row) if row else None


def page(project: int | None, before: Place | None, n: int) -> tuple[Deploy, ...]:
    """Return up to `n` deploys that come after a place, newest first."""
    rows = _of(project)
    if before is not None:
        at, last = before
        rows = rows.filter(Q(finished_at__lt=at) | Q(finished_at=at, id__lt=last))
    return tuple(_deploy(row) for row in rows.order_by(*_ORDER)[:n])


def of_version(version: str, n: int) -> tuple[Deploy, ...]:
    """Return the deploys of a version, in whatever project, newest first."""
    rows = DeployRow.objects.filter(version=version).order_by(*_ORDER)
    return tuple(_deploy(row) for row in rows[:n])


def last(project: int, at: float, versions: Sequence[str], environment: str) -> Deploy | None:
    """Return the last deploy that had begun by an instant; of these versions and for an environment when they are named."""
    rows = _of(project).annotate(begun=Coalesce("started_at", "finished_at")).filter(begun__lte=at)
    if versions:
        rows = rows.filter(version__in=versions)
    if environment:
        rows = rows.filter(environment__in=("", environment))
    row = rows.order_by(*_ORDER).first()
    return _deploy(row) if row else None


def first(project: int, versions: Sequence[str]) -> float | None:
    """Return when the first deploy of these versions began."""
    begun = Min(Coalesce("started_at", "finished_at"))
    found: float | None = _of(project).filter(version__in=versions).aggregate(at=begun)["at"]
    return found


def following(deploy: Deploy) -> Deploy | None:
    """Return the deploy of another version that took a deploy's place."""
    rows = _of(deploy.project).filter(finished_at__gt=deploy.finished).exclude(version=deploy.version)
    if deploy.environment:
        rows = rows.filter(environment__in=("", deploy.environment))
    row = rows.order_by("finished_at", "id").first()
    return _deploy(row) if row else None


def versions(project: int, among: tuple[str, ...]) -> frozenset[str]:
    """Return those versions of which a deploy is recorded."""
    return frozenset(_of(project).filter(version__in=among).values_list("version", flat=True))


def trim(project: int, keep: int) -> int:
    """Delete all but the newest `keep` deploys of a project; return how many went."""
    old = _of(project).order_by(*_ORDER).values_list("id", flat=True)[keep : keep + 100]
    return DeployRow.objects.filter(id__in=list(old)).delete()[0]


def forget_project(project: int) -> None:
    """Delete a project's deploys and its hook, in the caller's transaction."""
    DeployRow.objects.filter(project=project).delete()
    HookRow.objects.filter(project=project).delete()


def hook(project: int) -> HookRef | None:
    """Return a project's hook without its secret."""
    row = HookRow.objects.filter(project=project).first()
    return HookRef(row.project, row.made_at, row.last_used_at) if row else None


def sealed_secret(project: int) -> str:
    """Return the sealed secret of a project's hook, empty when it has none."""
    return HookRow.objects.filter(project=project).values_list("secret", flat=True).first() or ""


def set_hook(project: int, sealed: str, now: float) -> None:
    """Give a project's hook a secret; an older one stops working."""
    fresh = {"secret": sealed, "made_at": now, "last_used_at": None}
    HookRow.objects.update_or_create(project=project, defaults=fresh)


def drop_hook(project: int) -> bool:
    """Take a project's hook away; False when there was none."""
    return HookRow.objects.filter(project=project).delete()[0] > 0


def touch_hook(project: int, now: float) -> None:
    """Remember when a hook was last used."""
    HookRow.objects.filter(project=project).update(last_used_at=now)


def _of(project: int | None) -> "QuerySet[DeployRow]":
    return DeployRow.objects.all() if project is None else DeployRow.objects.filter(project=project)


def _deploy(row: DeployRow) -> Deploy:
    return Deploy(
        id=row.id, project=row.project, key=row.key, version=row.version, environment=row.environment, url=row.url,
        commit=row.commit, by=row.by, source=row.source, started=row.started_at, finished=row.finished_at,
        recorded=row.recorded_at,
    )  # fmt: skip
