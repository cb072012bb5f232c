"""The verbs of projects; each change is one transaction with its audit entry and a new revision."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from vedette.accounts.permissions import Actor, Verb, require
from vedette.accounts.service import audit
from vedette.core import ids
from vedette.core.clock import utc_day
from vedette.core.errors import Invalid, NotFound
from vedette.plumbing.db.sql import on_commit, transaction
from vedette.plumbing.disk import folder_size
from vedette.plumbing.ports import ports
from vedette.projects import naming, store
from vedette.projects.types import (
    RETENTION,
    REVISION,
    TOPIC,
    DsnKey,
    Kept,
    LeftOut,
    NotKept,
    OnDelete,
    Platform,
    Project,
    ScrubRules,
    Seen,
    UsageCount,
)

_ON_DELETE: list[OnDelete] = []
MOST_DAYS = 3_650
_MOST_QUOTA = 1_000_000_000


def projects() -> tuple[Project, ...]:
    """Return every project by name."""
    return store.projects()


def project(slug_or_id: str | int) -> Project:
    """Return the project with this slug or id; raises `NotFound`."""
    found = store.find(slug_or_id)
    if found is None:
        raise NotFound(f"There is no project {slug_or_id}; the list is at /settings/projects/.")
    return found


def create_project(actor: Actor, name: str, platform: str, now: float, slug: str = "") -> Project:
    """Make a project with one key; raises `Invalid` for a wrong name, slug or platform, `Conflict` for a taken slug."""
    require(actor, Verb.PROJECT_WRITE)
    name = name.strip()
    _refuse(name=naming.text_problem(name, "A name", 120), platform=_platform_problem(platform))
    if slug:
        _refuse(slug=naming.slug_problem(slug))
    with transaction():
        made = store.add_project(slug or naming.slug_of(name, store.slugs()), name, platform, now)
        audit(actor, "project.create", made.slug, {"platform": platform}, now)
        store.add_key(_fresh_key(made.id, "Default", now))
        _changed(now)
    return made


def update_project(
    actor: Actor, project_id: int, now: float, *, name: str | None = None, platform: str | None = None
) -> Project:
    """Change name or platform; the slug stays, for links and issue keys hold it."""
    require(actor, Verb.PROJECT_WRITE)
    before = project(project_id)
    name, platform = (name or before.name).strip(), platform or before.platform
    _refuse(
        name=naming.text_problem(name, "A name", 120),
        platform="" if platform == before.platform else _platform_problem(platform),
    )
    with transaction():
        store.change_project(project_id, {"name": name, "platform": platform})
        audit(actor, "project.update", before.slug, {"name": name, "platform": platform}, now)
        _changed(now)
    return project(project_id)


def on_delete(act: OnDelete) -> None:
    """Have `act(project_id)` run in the transaction that deletes a project; rooms enter it when they load."""
    if act not in _ON_DELETE:
        _ON_DELETE.append(act)


def delete_project(actor: Actor, project_id: int, confirmed_name: str, now: float) -> None:
    """Delete a project with all its keys, counts and what other rooms hold of it.

    Raises `Invalid` unless `confirmed_name` is the project's name.
    """
    require(actor, Verb.PROJECT_WRITE)
    gone = project(project_id)
    if confirmed_name.strip() != gone.name:
        _refuse(confirm=f"Type {gone.name} to delete it.")
    with transaction():
        for act in _ON_DELETE:
            act(project_id)
        store.delete_project(project_id)
        audit(actor, "project.delete", gone.slug, {"name": gone.name}, now)
        _changed(now)


def keys(project_id: int) -> tuple[DsnKey, ...]:
    """Return a project's keys, oldest first, revoked ones too."""
    return store.keys(project_id)


def key(project_id: int, key_id: int) -> DsnKey:
    """Return one key of a project; raises `NotFound`."""
    found = store.find_key(project_id, key_id)
    if found is None:
        raise NotFound(f"There is no key {key_id} in project {project_id}.")
    return found


def all_keys() -> tuple[DsnKey, ...]:
    """Return every key, revoked ones too: the front door tells "revoked" from "unknown"."""
    return store.keys()


def active_keys() -> tuple[DsnKey, ...]:
    """Return every key that may send."""
    return store.keys(active_only=True)


def create_key(
    actor: Actor,
    project_id: int,
    label: str,
    now: float,
    *,
    origins: Iterable[str] = ("*",),
    per_minute: int | None = None,
    per_day: int | None = None,
) -> DsnKey:
    """Make a key; raises `Invalid` for a wrong label, origin or quota."""
    require(actor, Verb.KEY_WRITE)
    owner = project(project_id)
    fields = _key_fields(label, origins, per_minute, per_day)
    with transaction():
        made = store.add_key(msgspec.structs.replace(_fresh_key(project_id, "", now), **fields))
        audit(actor, "key.create", owner.slug, {"key": made.public, "label": made.label}, now)
        _changed(now)
    return made


def update_key(
    actor: Actor,
    project_id: int,
    key_id: int,
    now: float,
    *,
    label: str,
    origins: Iterable[str],
    per_minute: int | None,
    per_day: int | None,
) -> DsnKey:
    """Change a key's label, origins and quotas."""
    require(actor, Verb.KEY_WRITE)
    before, owner = key(project_id, key_id), project(project_id)
    fields = _key_fields(label, origins, per_minute, per_day)
    with transaction():
        store.change_key(key_id, {**fields, "origins": list(fields["origins"])})
        audit(actor, "key.update", owner.slug, {"key": before.public, **_shown(fields)}, now)
        _changed(now)
    return key(project_id, key_id)


def revoke_key(actor: Actor, project_id: int, key_id: int, now: float) -> None:
    """Let a key send no more; it stays listed. Saying so twice changes nothing."""
    require(actor, Verb.KEY_WRITE)
    before, owner = key(project_id, key_id), project(project_id)
    if not before.active:
        return
    with transaction():
        store.change_key(key_id, {"active": False})
        audit(actor, "key.revoke", owner.slug, {"key": before.public, "label": before.label}, now)
        _changed(now)


def rotate_key(actor: Actor, project_id: int, key_id: int, now: float) -> DsnKey:
    """Make a new key with the label and limits of an old one; the old one works on until it is revoked."""
    require(actor, Verb.KEY_WRITE)
    old, owner = key(project_id, key_id), project(project_id)
    fresh = msgspec.structs.replace(
        old, public=ids.new_key(), active=True, created_at=now, last_used_at=None, replaced_at=None
    )
    with transaction():
        made = store.add_key(fresh)
        store.change_key(key_id, {"replaced_at": now})
        audit(actor, "key.rotate", owner.slug, {"old": old.public, "new": made.public}, now)
        _changed(now)
    return made


def touch_keys(used: Mapping[str, float]) -> None:
    """Remember when keys (by their public text) were last used."""
    if used:
        store.touch_keys(used)


def dsn(key: DsnKey, base_url: str) -> str:
    """Return the address SDKs are given: `http://KEY@localhost:8700/1`."""
    return naming.dsn(key.public, key.project, base_url)


def script_tag(key: DsnKey, base_url: str) -> str:
    """Return what a web page holds to report with our own client by this key."""
    return naming.script_tag(key.public, base_url)


def scrub_rules(project_id: int) -> ScrubRules:
    """Return what is removed from a project's events; the defaults when the project is gone."""
    return store.scrub_rules(project_id) or ScrubRules()


def set_scrub_rules(actor: Actor, project_id: int, rules: ScrubRules, now: float) -> None:
    """Change what is removed from events that come from now on."""
    require(actor, Verb.PROJECT_WRITE)
    owner = project(project_id)
    fields = msgspec.structs.asdict(rules)
    with transaction():
        store.change_project(
            project_id,
            {
                "extra_keys": list(rules.extra_keys),
                "safe_keys": list(rules.safe_keys),
                "mask_addresses": rules.mask_addresses,
                "scrub_defaults": rules.defaults,
            },
        )
        audit(actor, "project.scrubbing", owner.slug, _shown(fields), now)
        _changed(now)


def see(project_id: int, releases: Iterable[str], environments: Iterable[str], now: float) -> None:
    """Remember releases and environments that events named, in the caller's transaction."""
    store.see(project_id, "release", releases, now)
    store.see(project_id, "environment", environments, now)


def releases(project_id: int | None = None, n: int = 100) -> tuple[Seen, ...]:
    """Return the releases events named, newest first; of every project without `project_id`."""
    return store.seen(project_id, "release", n)


def release(project_id: int, name: str) -> Seen | None:
    """Return a release that events named; None when none did."""
    return store.seen_one(project_id, "release", name)


def environments(project_id: int | None = None, n: int = 100) -> tuple[Seen, ...]:
    """Return the environments events named, newest first."""
    return store.seen(project_id, "environment", n)


def add_usage(rows: Sequence[UsageCount]) -> None:
    """Add what was counted since the last call; one transaction."""
    if rows:
        store.add_usage(rows)


def count_thinned(events: Mapping[int, int], now: float) -> None:
    """Count, by project, events whose details were not kept, in the caller's transaction."""
    day = utc_day(now)
    store.add_usage([UsageCount(project, day, "event", "thinned", n) for project, n in events.items()])


def usage(project_id: int | None, since_day: str) -> tuple[UsageCount, ...]:
    """Return counts per day, item type and outcome since a UTC day, newest first."""
    return store.usage(project_id, since_day)


def not_kept(project_id: int, n: int = 200) -> tuple[NotKept, ...]:
    """Return what came and no room keeps, newest day first."""
    return store.not_kept(project_id, n)


def left_out(project_id: int, n: int = 200) -> tuple[LeftOut, ...]:
    """Return what was left out on purpose, with the reason as people read it, newest day first."""
    return store.left_out(project_id, n)


def drop_usage_before(day: str) -> int:
    """Delete counts older than a UTC day; return how many rows went."""
    return store.drop_usage_before(day)


def retention_days() -> int:
    """Return for how many days events are kept: what was chosen in the settings, else `retention_days`."""
    entry = ports().kv.get(RETENTION)
    text = entry.value.decode() if entry and entry.value else ""
    return int(text) if text.isdigit() else ports().settings.retention_days


def set_retention_days(actor: Actor, days: int, now: float) -> None:
    """Choose for how many days events are kept; older days go within the hour."""
    require(actor, Verb.SETTINGS_WRITE)
    if not 1 <= days <= MOST_DAYS:
        _refuse(days=f"Keep events for 1 to {MOST_DAYS} days.")
    with transaction():
        before = retention_days()
        ports().kv.put(RETENTION, str(days).encode())
        audit(actor, "settings.retention", "retention", {"from": str(before), "to": str(days)}, now)


def stored_bytes() -> int:
    """Return the size of everything under `data/telemetry`; files that go meanwhile count nothing."""
    return folder_size(ports().settings.data / "telemetry")


def kept(total_bytes: int, now: float) -> tuple[Kept, ...]:
    """Return what each project takes of `total_bytes`, by its share of the events that are kept; most first."""
    since = utc_day(now - retention_days() * 86_400.0)
    events: Counter[int] = Counter()
    for row in store.usage(None, since):
        if row.item_type == "event" and row.outcome == "accepted":
            events[row.project] += row.count
    whole = max(1, events.total())
    rows = [Kept(p, events[p.id], total_bytes * events[p.id] // whole) for p in store.projects()]
    return tuple(sorted(rows, key=lambda row: -row.events))


def _fresh_key(project_id: int, label: str, now: float) -> DsnKey:
    return DsnKey(
        id=0, project=project_id, public=ids.new_key(), label=label, active=True, origins=("*",),
        per_minute=None, per_day=None, created_at=now,
    )  # fmt: skip


def _key_fields(
    label: str, origins: Iterable[str], per_minute: int | None, per_day: int | None
) -> dict[str, Any]:
    label = label.strip()
    kept, problem = naming.origins_of(origins)
    _refuse(
        label=naming.text_problem(label, "A label", 80),
        origins=problem,
        per_minute=_quota_problem(per_minute),
        per_day=_quota_problem(per_day),
    )
    return {"label": label, "origins": kept, "per_minute": per_minute, "per_day": per_day}


def _quota_problem(quota: int | None) -> str:
    return (
        ""
        if quota is None or 1 <= quota <= _MOST_QUOTA
        else "A quota is at least 1; leave it empty for none."
    )


def _platform_problem(platform: str) -> str:
    known = tuple(Platform)
    return "" if platform in known else f"The platform is one of {', '.join(known)}."


def _refuse(**problems: str) -> None:
    wrong = {field: text for field, text in problems.items() if text}
    if wrong:
        raise Invalid(" ".join(wrong.values()), wrong)


def _shown(fields: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: ", ".join(value) if isinstance(value, tuple) else str(value) for name, value in fields.items()
    }


def _changed(now: float) -> None:
    ports().kv.put(REVISION, repr(now).encode())
    on_commit(_wake)


def _wake() -> None:
    ports().bus.wake(TOPIC)
