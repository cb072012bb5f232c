"""Routes: the tree as drawn, tried with labels, and changed by hand without a script."""

import msgspec
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.support.alerting import lead

from vedette.accounts import service as accounts
from vedette.accounts.permissions import SYSTEM, Role
from vedette.alerts import builtin, governing, routing
from vedette.alerts.matching import parse
from vedette.alerts.routes import drawing, editing, forms
from vedette.alerts.routing import Route
from vedette.alerts.types import Receiver
from vedette.core.clock import ManualClock
from vedette.core.errors import Invalid, NotFound
from vedette.notify import service as notify
from vedette.plumbing.testing import MemoryPorts

PAGE = "/alerts/routes/"
EMPTY = {"matchers": "", "receiver": "", "group_by": "", "group_wait": "", "group_interval": "", "repeat_interval": "", "send_resolved": ""}  # fmt: skip


@pytest.fixture
def tree(ports: MemoryPorts, db: None) -> None:
    notify.create_channel(SYSTEM, "webhook", "Hook", {"url": "https://hooks.example/a"}, 1.0)
    lead()


def text(web: Client, path: str) -> str:
    answer = web.get(path, follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


def version() -> str:
    return str(builtin.version())


def test_the_tree_shows_what_is_inherited_and_where_labels_go(web: Client, tree: None) -> None:
    page = text(web, PAGE)
    assert "2 routes lead alerts to people." in page
    assert "<span>waits <b>10 s</b></span>" in page
    assert '<span class="faint">repeats after 4 h</span>' in page
    tried = text(web, f"{PAGE}?labels=team%3Ddb,+cluster%3Da")
    assert "It would go to databases, in the group cluster=a." in tried
    assert tried.count("Takes it") == 1
    assert "team=&quot;web&quot; does not hold" not in tried, (
        "what comes after the one that took it is not looked at"
    )
    assert "Write labels, not conditions" in text(web, f"{PAGE}?labels=team%3D~db")


def test_a_route_is_added_changed_moved_and_deleted(web: Client, reader: Client, tree: None) -> None:
    new = {
        **EMPTY,
        "matchers": "team=ops",
        "receiver": "Hook",
        "group_by": "...",
        "group_wait": "1 min",
        "version": version(),
    }
    assert web.post(f"{PAGE}new/?under=0", new)["Location"] == PAGE
    made = editing.route(governing.routing().tree, (0, 0))
    assert (made.receiver, made.group_by, made.group_wait) == ("Hook", ("...",), 60.0)
    assert 'value="1 min"' in text(web, f"{PAGE}0.0/")
    changed = {**new, "group_by": "-", "send_resolved": "no", "goes_on": "on", "version": version()}
    web.post(f"{PAGE}0.0/", changed)
    made = editing.route(governing.routing().tree, (0, 0))
    assert (made.group_by, made.send_resolved, made.goes_on) == ((), False, True)
    web.post(f"{PAGE}1/move/", {"to": "up", "version": version()})
    assert [str(each.matchers[0]) for each in governing.routing().tree.routes] == ['team="web"', 'team="db"']
    assert reader.post(f"{PAGE}1/delete/", {"version": version()}).status_code == 403
    assert (
        "The route is deleted."
        in web.post(f"{PAGE}1/delete/", {"version": version()}, follow=True).content.decode()
    )
    assert [str(each.matchers[0]) for each in governing.routing().tree.routes] == ['team="web"']
    assert (
        "can be changed, not moved"
        in web.post(f"{PAGE}root/delete/", {"version": version()}, follow=True).content.decode()
    )
    assert web.get(f"{PAGE}7/").status_code == 404


def test_every_route_but_the_first_and_the_last_moves_both_ways(
    web: Client, tree: None, reader: Client
) -> None:
    page = text(web, PAGE)
    ways = {
        (place, to): f'formaction="{PAGE}{place}/move/" name="to" value="{to}"' in page
        for place in ("root", "0", "1")
        for to in ("up", "down")
    }
    assert [way for way, there in ways.items() if there] == [("0", "down"), ("1", "up")]
    assert f'name="version" value="{version()}"' in page
    assert "/move/" not in text(reader, PAGE)


def test_what_somebody_changed_meanwhile_is_not_overwritten(web: Client, tree: None) -> None:
    old = version()
    web.post(f"{PAGE}1/move/", {"to": "up", "version": old})
    answer = web.post(f"{PAGE}0/", {**EMPTY, "matchers": "team=ops", "version": old})
    assert answer.status_code == 422
    assert "Somebody changed the routes meanwhile." in answer.content.decode()
    assert "Somebody changed" in web.post(f"{PAGE}0/delete/", {"version": old}, follow=True).content.decode()
    assert len(governing.routing().tree.routes) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"group_wait": "soon"}, "Write a number and s, min, h or d"),
        ({"repeat_interval": "0"}, "are longer than nothing"),
        ({"receiver": "nobody"}, "Select a valid choice"),
        ({"matchers": "team"}, "comes =, !=, =~ or !~"),
    ],
)
def test_a_wrong_route_changes_nothing(web: Client, tree: None, changes: dict[str, str], said: str) -> None:
    before = governing.routing()
    answer = web.post(f"{PAGE}0/", {**EMPTY, "matchers": "team=db", "version": version(), **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert governing.routing() == before


def test_a_receiver_is_added_renamed_with_its_routes_and_deleted_when_none_names_it(
    web: Client, tree: None, clock: ManualClock
) -> None:
    accounts.create_user(SYSTEM, "Anna", "anna@example.org", "kJ8#vQ2!mZ5x", Role.MEMBER, clock.now())
    given = {"name": "dba", "channels": ["Hook"], "people": ["anna@example.org"], "version": version()}
    web.post("/alerts/receivers/0/", given)
    table = governing.routing()
    assert table.receivers == (Receiver(name="dba", channels=("Hook",), people=("anna@example.org",)),)
    assert table.tree.routes[0].receiver == "dba"
    refused = web.post("/alerts/receivers/0/delete/", {"version": version()}, follow=True).content.decode()
    assert "There is no receiver &#x27;dba&#x27;" in refused
    nobody = web.post("/alerts/receivers/new/", {"name": "none", "version": version()})
    assert "Choose at least one channel, person or policy." in nobody.content.decode()
    web.post("/alerts/receivers/new/", {"name": "ops", "channels": ["Hook"], "version": version()})
    assert [each.name for each in governing.routing().receivers] == ["dba", "ops"]
    web.post("/alerts/receivers/1/delete/", {"version": version()})
    assert [each.name for each in governing.routing().receivers] == ["dba"]
    assert web.get("/alerts/receivers/9/").status_code == 404


def test_who_may_only_read_sees_no_forms(reader: Client, tree: None) -> None:
    page = text(reader, PAGE)
    assert "databases" in page
    assert "/move/" not in page
    assert "/alerts/receivers/new/" not in page
    assert reader.get(f"{PAGE}new/").status_code == 403


LEAVES = st.builds(
    Route,
    matchers=st.sampled_from(["team=a", "team=b", ""]).map(parse),
    receiver=st.sampled_from([None, "x", "y"]),
    goes_on=st.booleans(),
)
TREES = st.recursive(
    LEAVES,
    lambda below: st.tuples(LEAVES, st.lists(below, max_size=3)).map(
        lambda pair: msgspec.structs.replace(pair[0], routes=tuple(pair[1]))
    ),
    max_leaves=8,
).map(lambda tree: msgspec.structs.replace(tree, matchers=()))


@given(TREES, st.data())
def test_editing_changes_one_place_and_can_be_taken_back(tree: Route, data: st.DataObject) -> None:
    under = data.draw(st.sampled_from([editing.place(each.place) for each in drawing.branches(tree)]))
    made = Route(receiver="new")
    bigger = editing.added(tree, under, made)
    at = (*under, len(editing.route(tree, under).routes))
    assert editing.route(bigger, at) == made
    assert editing.removed(bigger, at) == tree
    last = len(editing.route(bigger, under).routes) - 1
    first = editing.moved(bigger, at, -last)
    assert editing.route(first, (*under, 0)) == made
    assert editing.moved(first, (*under, 0), last) == bigger
    assert editing.changed(tree, under, editing.route(tree, under)) == tree
    assert editing.renamed(editing.renamed(tree, "x", "z"), "z", "x") == tree


@given(TREES, st.dictionaries(st.sampled_from(["team"]), st.sampled_from(["a", "b", "c"])))
def test_the_lit_branches_are_where_labels_go(tree: Route, labels: dict[str, str]) -> None:
    lit = [each.place for each in drawing.branches(tree, labels) if each.step and each.step.taken]
    assert lit == sorted(editing.written(each.path) for each in routing.destinations(tree, labels))


@given(st.integers(0, 10**6))
def test_times_are_read_as_they_are_written(length: int) -> None:
    assert editing.seconds(editing.spoken(float(length))) == length


@pytest.mark.parametrize("words", ["", "soon", "-1 s", "1 week", "NaN"])
def test_no_time(words: str) -> None:
    assert editing.seconds(words) is None


@pytest.mark.parametrize("words", ["", "x", "0.-1", "0..1", "²", "99999"])
def test_no_place(words: str) -> None:
    with pytest.raises(NotFound):
        editing.place(words)


def test_labels_are_typed_in() -> None:
    assert forms.labels('team=db, title="a, b"') == {"team": "db", "title": "a, b"}
    with pytest.raises(Invalid, match="Write labels"):
        forms.labels("team!=db")
