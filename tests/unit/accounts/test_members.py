"""Owners are changed by owners; one owner stays; the second factor becomes a duty."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.members import (
    GRACE,
    Target,
    may_add,
    may_change_role,
    may_reset_factor,
    may_set_active,
    second_factor_duty,
)
from vedette.accounts.permissions import SYSTEM, Actor, ActorKind, Role, Scope

NOW = 1_764_000_000.0
roles = st.sampled_from(Role)


def person(role: Role, user_id: int = 1) -> Actor:
    return Actor(kind=ActorKind.USER, id=user_id, name="Ada", role=role)


@given(roles, roles, roles, st.integers(1, 3))
def test_only_owners_touch_owners(mine: Role, theirs: Role, wanted: Role, owners: int) -> None:
    answer = may_change_role(person(mine), Target(2, theirs), wanted, owners)
    if Role.OWNER in {theirs, wanted} and mine is not Role.OWNER:
        assert not answer.allowed
    if mine in {Role.MEMBER, Role.VIEWER}:
        assert not answer.allowed


@given(st.sampled_from([r for r in Role if r is not Role.OWNER]))
def test_the_last_owner_stays(wanted: Role) -> None:
    target = Target(1, Role.OWNER)
    for actor in (person(Role.OWNER), SYSTEM):
        assert not may_change_role(actor, target, wanted, 1).allowed
        assert may_change_role(actor, target, wanted, 2).allowed
    assert not may_set_active(SYSTEM, target, False, 1).allowed


def test_nobody_deactivates_oneself() -> None:
    assert not may_set_active(person(Role.ADMIN), Target(1, Role.ADMIN), False, 3).allowed
    assert may_set_active(person(Role.ADMIN), Target(2, Role.ADMIN), False, 3).allowed


def test_a_token_never_changes_owners() -> None:
    token = Actor(kind=ActorKind.TOKEN, id=1, role=Role.OWNER, scopes=frozenset(Scope), token_id=1)
    assert not may_add(token, Role.OWNER).allowed
    assert not may_change_role(token, Target(2, Role.OWNER), Role.ADMIN, 2).allowed
    assert may_add(token, Role.ADMIN).allowed


def test_a_lost_phone_is_helped_by_somebody_else() -> None:
    assert may_reset_factor(person(Role.ADMIN), Target(2, Role.MEMBER)).allowed
    assert not may_reset_factor(person(Role.ADMIN), Target(1, Role.ADMIN)).allowed
    assert not may_reset_factor(person(Role.ADMIN), Target(2, Role.OWNER)).allowed
    assert may_reset_factor(person(Role.OWNER), Target(2, Role.OWNER)).allowed


@pytest.mark.parametrize(
    ("role", "has", "since", "overdue", "until"),
    [
        (Role.MEMBER, False, NOW - 9 * GRACE, False, None),
        (Role.ADMIN, True, NOW - 9 * GRACE, False, None),
        (Role.ADMIN, False, None, False, NOW + GRACE),
        (Role.ADMIN, False, NOW - GRACE + 1, False, NOW + 1),
        (Role.OWNER, False, NOW - GRACE, True, NOW),
    ],
)
def test_administrators_have_seven_days(
    role: Role, has: bool, since: float | None, overdue: bool, until: float | None
) -> None:
    duty = second_factor_duty(role, has, since, NOW)
    assert (duty.overdue, duty.until) == (overdue, until)
