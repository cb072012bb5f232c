"""The table of roles and verbs, spelled out: a change of who may do what changes this test."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.accounts.permissions import (
    ANONYMOUS,
    SYSTEM,
    Actor,
    ActorKind,
    Role,
    Scope,
    Verb,
    actor_of,
    may,
    needs,
    require,
)
from vedette.core.errors import Forbidden, Unauthenticated

# verb: owner, admin, member, viewer | token of an owner with scope read, write, admin
TABLE = """
overview.read   o a m v | r w a
project.read    o a m v | r w a
project.write   o a - - | - w a
key.read        o a m - | r w a
key.write       o a - - | - w a
issue.read      o a m v | r w a
issue.write     o a m - | - w a
event.read      o a m v | r w a
search.own      o a m v | - w a
event.send      o a m - | - w a
deploy.read     o a m v | r w a
deploy.write    o a m - | - w a
monitor.read    o a m v | r w a
monitor.write   o a m - | - w a
journey.write   o a - - | - - a
location.write  o a - - | - - a
probe.run       - - - - | - - -
host.read       o a m - | r w a
host.write      o a - - | - - a
agent.run       - - - - | - - -
ban.read        o a m - | r w a
ban.write       o a m - | - w a
status.read     o a m v | r w a
status.write    o a m - | - w a
alert.write     o a m - | - w a
user.read       o a m v | r w a
user.write      o a - - | - - a
owner.write     o - - - | - - -
account.own     o a m v | - - -
token.own       o a m v | - - a
token.all       o a - - | - - a
channel.read    o a m v | r w a
channel.write   o a - - | - w a
notify.own      o a m v | - w a
rule.read       o a m v | r w a
rule.write      o a - - | - w a
oncall.read     o a m v | r w a
oncall.cover    o a m - | - w a
oncall.write    o a - - | - w a
incident.read   o a m v | r w a
incident.write  o a m - | - w a
runbook.write   o a - - | - - a
report.read     o a m v | r w a
finding.read    o a m - | r w a
finding.write   o a m - | - w a
scan.write      o a - - | - w a
backup.read     o a m - | r w a
backup.run      o a m - | - w a
backup.write    o a - - | - - a
backup.restore  o a - - | - - a
backup.sheet    o a - - | - - a
infra.read      o a m - | r w a
infra.look      o a m - | - w a
infra.write     o a - - | - - a
infra.apply     o a - - | - - a
settings.read   o a m v | r w a
settings.write  o a - - | - w a
audit.read      o a - - | r w a
privacy.erase   o a - - | - - a
metrics.read    o a m v | r w a
"""
ROWS = {line.split()[0]: line.replace("|", "").split()[1:] for line in TABLE.strip().splitlines()}


def person(role: Role) -> Actor:
    return Actor(kind=ActorKind.USER, id=1, name="Ada", role=role)


def token(role: Role, *scopes: Scope) -> Actor:
    return Actor(kind=ActorKind.TOKEN, id=1, name="ci", role=role, scopes=frozenset(scopes), token_id=7)


def test_every_verb_is_in_the_table() -> None:
    assert set(ROWS) == {verb.value for verb in Verb}


@pytest.mark.parametrize("verb", list(Verb))
def test_roles_may_what_the_table_says(verb: Verb) -> None:
    marks = ROWS[verb.value][:4]
    assert [may(person(role), verb).allowed for role in Role] == [mark != "-" for mark in marks]


@pytest.mark.parametrize("verb", list(Verb))
def test_scopes_may_what_the_table_says(verb: Verb) -> None:
    marks = ROWS[verb.value][4:]
    assert [may(token(Role.OWNER, scope), verb).allowed for scope in Scope] == [m != "-" for m in marks]


@given(st.sampled_from(Role), st.sets(st.sampled_from(Scope)), st.sampled_from(Verb))
def test_a_token_never_exceeds_its_owner(role: Role, scopes: set[Scope], verb: Verb) -> None:
    if may(token(role, *scopes), verb).allowed:
        assert may(person(role), verb).allowed


@given(st.sampled_from(Verb))
def test_each_role_includes_the_next(verb: Verb) -> None:
    answers = [may(person(role), verb).allowed for role in Role]
    assert answers == sorted(answers, reverse=True)


@given(st.sampled_from(Verb))
def test_nobody_may_nothing_and_the_system_everything(verb: Verb) -> None:
    assert not may(ANONYMOUS, verb).allowed
    assert may(SYSTEM, verb).allowed


def test_refusals_tell_nobody_from_somebody() -> None:
    with pytest.raises(Unauthenticated):
        require(ANONYMOUS, Verb.ISSUE_READ)
    with pytest.raises(Forbidden, match=r"role viewer does not include issue\.write"):
        require(person(Role.VIEWER), Verb.ISSUE_WRITE)


def test_a_guarded_view_runs_only_for_those_who_may() -> None:
    class Request:
        actor: object = person(Role.MEMBER)

    @needs(Verb.ISSUE_WRITE)
    def view(request: Request, key: str) -> str:
        return key

    request = Request()
    assert view(request, key="SHOP-1") == "SHOP-1"
    assert view.needs_verb is Verb.ISSUE_WRITE  # type: ignore[attr-defined]
    request.actor = "a string is nobody"
    with pytest.raises(Unauthenticated):
        view(request, key="SHOP-1")
    assert actor_of(object()) is ANONYMOUS
