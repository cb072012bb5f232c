"""Inhibition: a source mutes its targets, and nothing mutes itself."""

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from vedette.alerts.inhibition import Inhibition, Muted, Sources, muted, sources
from vedette.alerts.matching import parse

HOST = Inhibition(source=parse('alertname="HostDown"'), target=parse('kind="service"'), equal=("host",))
WORSE = Inhibition(
    source=parse('severity="critical"'), target=parse('severity=~"critical|low"'), equal=("host",)
)


def standing(rules: Sequence[Inhibition], firing: Mapping[str, Mapping[str, str]]) -> Sources:
    """Return the firing sources as the store would."""
    found = [(name, each) for name, labels in firing.items() for each in sources(rules, labels)]
    return lambda rule, equal: [
        (name, s.two_sided) for name, s in found if (s.rule, s.equal) == (rule, equal)
    ]


def judge(
    rules: Sequence[Inhibition], labels: Mapping[str, str], **firing: Mapping[str, str]
) -> Muted | None:
    return muted(rules, labels, standing(rules, firing))


def test_a_target_is_muted_while_a_source_with_the_same_labels_fires() -> None:
    down = {"alertname": "HostDown", "host": "a"}
    found = judge([HOST], {"kind": "service", "host": "a"}, down=down)
    assert found == Muted("down", 'An alert of alertname="HostDown" fires with the same host.')
    assert judge([HOST], {"kind": "service", "host": "b"}, down=down) is None
    assert judge([HOST], {"kind": "service", "host": "a"}) is None


def test_a_label_that_is_not_there_is_empty_on_both_sides() -> None:
    assert judge([HOST], {"kind": "service"}, down={"alertname": "HostDown"}) is not None
    assert judge([HOST], {"kind": "service", "host": ""}, down={"alertname": "HostDown"}) is not None


def test_what_matches_both_sides_is_not_muted_by_another_that_does_too() -> None:
    critical = {"severity": "critical", "host": "a"}
    assert judge([WORSE], critical, one=critical, other={**critical, "x": "1"}) is None
    assert judge([WORSE], {"severity": "low", "host": "a"}, one=critical) is not None


def test_what_matches_both_sides_is_muted_by_a_source_that_is_no_target() -> None:
    rule = Inhibition(source=parse('a="1"'), target=parse('b="1"'))
    assert judge([rule], {"a": "1", "b": "1"}, one={"a": "1"}) is not None


@given(
    st.dictionaries(
        st.sampled_from(["severity", "host", "alertname", "kind"]),
        st.sampled_from(["critical", "low", "a", "HostDown", "service", ""]),
    )
)
def test_nothing_mutes_itself(labels: dict[str, str]) -> None:
    assert judge([HOST, WORSE], labels, itself=labels) is None or labels.get("alertname") != "HostDown"
    assert judge([WORSE], labels, itself=labels) is None
