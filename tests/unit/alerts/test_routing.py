"""Routes: depth first, first match unless it goes on, children inherit."""

from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.matching import parse
from vedette.alerts.routing import Route, destinations, every, group_key, group_labels, trace

TREE = Route(
    receiver="all",
    group_by=("alertname",),
    routes=(
        Route(
            matchers=parse('team="db"'),
            receiver="db",
            group_wait=10.0,
            routes=(
                Route(matchers=parse('severity="critical"'), receiver="db-pager", goes_on=True),
                Route(matchers=parse('severity=~"critical|high"'), group_by=("...",)),
            ),
        ),
        Route(matchers=parse('log="1"'), receiver="log", goes_on=True, repeat_interval=60.0),
        Route(matchers=parse('team="web"'), receiver="web", send_resolved=False),
    ),
)


def whom(**labels: str) -> list[str]:
    return [each.receiver for each in destinations(TREE, labels)]


def test_the_first_child_that_matches_takes_it() -> None:
    assert whom(team="db") == ["db"]
    assert whom(team="web") == ["web"]


def test_what_no_child_takes_stays() -> None:
    assert whom(team="other") == ["all"]


def test_a_route_that_goes_on_lets_the_next_one_look() -> None:
    assert whom(team="db", severity="critical") == ["db-pager", "db"]
    assert whom(team="web", log="1") == ["log", "web"]
    assert whom(log="1") == ["log"]


def test_children_inherit() -> None:
    (found,) = destinations(TREE, {"team": "db", "severity": "high"})
    assert (found.receiver, found.timing.wait, found.group_by) == ("db", 10.0, ("...",))
    assert found.key == '{}/{team="db"}/{severity=~"critical|high"}'
    assert group_key(found, group_labels(found, {"b": "2", "a": '"'})).endswith(':{a="\\"", b="2"}')


def test_labels_that_are_not_there_are_left_out_of_the_groups_name() -> None:
    (found,) = destinations(TREE, {"team": "x"})
    assert group_key(found, group_labels(found, {"team": "x"})) == "{}:{}"


@given(
    st.dictionaries(
        st.sampled_from(["team", "severity", "log"]), st.sampled_from(["db", "web", "critical", "high", "1"])
    )
)
def test_the_trace_says_what_is_done(labels: dict[str, str]) -> None:
    taken = [step.key for step in trace(TREE, labels) if step.taken]
    assert sorted(taken) == sorted(each.key for each in destinations(TREE, labels))
    assert taken, "nothing falls out of the tree"


def test_every_route_has_a_name_of_its_own() -> None:
    keys = [each.key for each in every(TREE)]
    assert len(set(keys)) == len(keys) == 6
