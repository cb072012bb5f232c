"""The verbs of projects on core.db."""

import pytest

from vedette.accounts import service as accounts
from vedette.accounts.permissions import ANONYMOUS, SYSTEM, Actor, ActorKind, Role
from vedette.core.clock import ManualClock
from vedette.core.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from vedette.plumbing.testing import MemoryPorts
from vedette.projects import service
from vedette.projects.types import REVISION, TOPIC, ScrubRules, UsageCount
from vedette.web import snippets

pytestmark = pytest.mark.django_db
VIEWER = Actor(kind=ActorKind.USER, id=1, name="Vera", role=Role.VIEWER)


def revision(ports: MemoryPorts) -> int:
    entry = ports.kv.get(REVISION)
    return entry.revision if entry else 0


def actions() -> list[str]:
    return [entry.action for entry in accounts.audit_page().entries]


def test_a_new_project_has_a_key_an_audit_entry_and_a_new_revision(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, " Shop ", "python", 10.0)
    (key,) = service.keys(made.id)
    assert (made.slug, made.name, made.created_at) == ("shop", "Shop", 10.0)
    assert service.dsn(key, "http://localhost:8700") == f"http://{key.public}@localhost:8700/{made.id}"
    assert len(key.public) == 32
    assert key.origins == ("*",)
    assert actions() == ["project.create"]
    assert revision(ports) > 0
    assert service.project("shop") == service.project(made.id) == service.project(str(made.id)) == made


def test_project_ids_are_never_used_twice(ports: MemoryPorts) -> None:
    first = service.create_project(SYSTEM, "One", "python", 1.0)
    service.delete_project(SYSTEM, first.id, "One", 2.0)
    assert service.create_project(SYSTEM, "Two", "python", 3.0).id > first.id


@pytest.mark.parametrize("wanted", ["nothing", "99", "9" * 30, "", "-1", "²"])
def test_an_unknown_project_is_not_found(ports: MemoryPorts, wanted: str) -> None:
    with pytest.raises(NotFound):
        service.project(wanted)


@pytest.mark.parametrize(
    ("name", "platform", "slug", "field"),
    [
        ("", "python", "", "name"),
        ("x" * 121, "python", "", "name"),
        ("Shop", "cobol", "", "platform"),
        ("Shop", "python", "Bad Slug", "slug"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_made(
    ports: MemoryPorts, name: str, platform: str, slug: str, field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        service.create_project(SYSTEM, name, platform, 1.0, slug)
    assert field in caught.value.fields
    assert service.projects() == ()
    assert revision(ports) == 0


def test_the_same_name_gets_another_slug_but_a_chosen_one_conflicts(ports: MemoryPorts) -> None:
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert service.create_project(SYSTEM, "Shop", "python", 1.0).slug == "shop-2"
    with pytest.raises(Conflict):
        service.create_project(SYSTEM, "Other", "python", 1.0, "shop")
    assert len(service.projects()) == 2


@pytest.mark.parametrize(
    ("actor", "error"), [(ANONYMOUS, Unauthenticated), (VIEWER, Forbidden)], ids=["nobody", "viewer"]
)
def test_who_may_not_changes_nothing(ports: MemoryPorts, actor: Actor, error: type[Exception]) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    key = service.keys(made.id)[0]
    before = revision(ports)
    acts = (
        lambda: service.create_project(actor, "X", "python", 1.0),
        lambda: service.update_project(actor, made.id, 1.0, name="Y"),
        lambda: service.delete_project(actor, made.id, "Shop", 1.0),
        lambda: service.create_key(actor, made.id, "k", 1.0),
        lambda: service.update_key(
            actor, made.id, key.id, 1.0, label="k", origins=(), per_minute=None, per_day=None
        ),
        lambda: service.revoke_key(actor, made.id, key.id, 1.0),
        lambda: service.rotate_key(actor, made.id, key.id, 1.0),
        lambda: service.set_scrub_rules(actor, made.id, ScrubRules(), 1.0),
        lambda: service.set_retention_days(actor, 5, 1.0),
    )
    for act in acts:
        with pytest.raises(error):
            act()
    assert revision(ports) == before
    assert service.projects() == (made,)


def test_keys_are_changed_rotated_and_revoked(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    first = service.keys(made.id)[0]
    changed = service.update_key(
        SYSTEM,
        made.id,
        first.id,
        2.0,
        label="Web",
        origins=["https://shop.example"],
        per_minute=5,
        per_day=None,
    )
    assert (changed.label, changed.origins, changed.per_minute) == ("Web", ("https://shop.example",), 5)
    second = service.rotate_key(SYSTEM, made.id, first.id, 3.0)
    assert (second.label, second.origins, second.per_minute) == ("Web", ("https://shop.example",), 5)
    assert second.public != first.public
    assert service.key(made.id, first.id).replaced_at == 3.0
    service.revoke_key(SYSTEM, made.id, first.id, 4.0)
    service.revoke_key(SYSTEM, made.id, first.id, 5.0)
    assert service.active_keys() == (second,)
    assert [key.active for key in service.all_keys()] == [False, True]
    assert actions() == ["key.revoke", "key.rotate", "key.update", "project.create"]


@pytest.mark.parametrize("quota", [0, -1, 10**12])
def test_a_quota_out_of_range_is_refused(ports: MemoryPorts, quota: int) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    with pytest.raises(Invalid) as caught:
        service.create_key(SYSTEM, made.id, "k", 1.0, per_day=quota)
    assert set(caught.value.fields) == {"per_day"}


def test_a_key_of_another_project_is_not_found(ports: MemoryPorts) -> None:
    one = service.create_project(SYSTEM, "One", "python", 1.0)
    two = service.create_project(SYSTEM, "Two", "python", 1.0)
    key = service.keys(one.id)[0]
    for key_id in (key.id, 0, 2**70):
        with pytest.raises(NotFound):
            service.revoke_key(SYSTEM, two.id, key_id, 1.0)


def test_deleting_asks_for_the_name_and_tells_the_other_rooms(ports: MemoryPorts) -> None:
    told: list[int] = []
    service.on_delete(told.append)
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    with pytest.raises(Invalid):
        service.delete_project(SYSTEM, made.id, "shop", 2.0)
    assert told == []
    service.delete_project(SYSTEM, made.id, "Shop", 2.0)
    assert told == [made.id]
    assert service.projects() == ()
    assert service.all_keys() == ()


@pytest.mark.django_db(transaction=True)
def test_a_change_wakes_the_house_after_its_commit(ports: MemoryPorts) -> None:
    heard: list[int] = []
    end = ports.bus.subscribe((TOPIC,), lambda _: heard.append(len(service.projects())))
    service.create_project(SYSTEM, "Shop", "python", 1.0)
    end()
    assert heard == [1]


def test_scrub_rules_are_kept_and_default_for_a_project_that_is_gone(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    assert service.scrub_rules(made.id) == ScrubRules() == service.scrub_rules(999)
    rules = ScrubRules(("pin",), ("token_count",), True, False)
    service.set_scrub_rules(SYSTEM, made.id, rules, 2.0)
    assert service.scrub_rules(made.id) == rules


def test_releases_and_environments_are_remembered_newest_first(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    service.see(made.id, ["1.0"], ["prod"], 100.0)
    service.see(made.id, ["1.1"], ["prod"], 500.0)
    service.see(made.id, ["1.0"], [], 400.0)
    assert [(s.name, s.first_at, s.last_at) for s in service.releases(made.id)] == [
        ("1.1", 500.0, 500.0),
        ("1.0", 100.0, 400.0),
    ]
    assert [s.name for s in service.environments()] == ["prod"]


def test_usage_adds_up_and_forgets_projects_that_are_gone(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    rows = [
        UsageCount(made.id, "2026-11-25", "event", "accepted", 3),
        UsageCount(made.id, "2026-11-25", "session", "not_kept", 7),
        UsageCount(made.id + 1, "2026-11-25", "event", "accepted", 9),
    ]
    service.add_usage(rows)
    service.add_usage(rows[:1])
    service.add_usage([])
    assert {(r.item_type, r.outcome): r.count for r in service.usage(made.id, "2026-11-25")} == {
        ("event", "accepted"): 6,
        ("session", "not_kept"): 7,
    }
    assert service.usage(None, "2026-11-26") == ()
    assert [(n.day, n.item_type, n.count) for n in service.not_kept(made.id)] == [
        ("2026-11-25", "session", 7)
    ]
    assert service.drop_usage_before("2026-11-26") == 2


def test_retention_is_the_setting_until_somebody_chooses(ports: MemoryPorts) -> None:
    assert service.retention_days() == 30
    service.set_retention_days(SYSTEM, 7, 1.0)
    assert service.retention_days() == 7
    with pytest.raises(Invalid):
        service.set_retention_days(SYSTEM, 0, 1.0)
    assert service.retention_days() == 7


def test_what_a_project_takes_goes_by_its_share_of_events(ports: MemoryPorts, clock: ManualClock) -> None:
    one = service.create_project(SYSTEM, "One", "python", 1.0)
    two = service.create_project(SYSTEM, "Two", "python", 1.0)
    day = "2025-11-24"
    service.add_usage(
        [UsageCount(one.id, day, "event", "accepted", 1), UsageCount(two.id, day, "event", "accepted", 3)]
    )
    taken = service.kept(1000, clock.now())
    assert [(k.project.slug, k.events, k.bytes) for k in taken] == [("two", 3, 750), ("one", 1, 250)]


def test_keys_remember_when_they_were_used(ports: MemoryPorts) -> None:
    made = service.create_project(SYSTEM, "Shop", "python", 1.0)
    key = service.keys(made.id)[0]
    service.touch_keys({key.public: 50.0, "unknown": 60.0})
    service.touch_keys({})
    assert service.key(made.id, key.id).last_used_at == 50.0


def test_every_platform_of_the_set_up_can_be_chosen(ports: MemoryPorts) -> None:
    for platform in snippets.PLATFORMS:
        service.create_project(SYSTEM, platform.label, platform.key, 1.0)
