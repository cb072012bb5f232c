"""Hooks read any JSON by a mapping: what is there is found, what is not is told with its path, and nothing else happens."""

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.wire.alertmanager import PushedAlert
from vedette.wire.hooks import filling, mapping, picking, reading
from vedette.wire.hooks.mapping import AlertMapping
from vedette.wire.hooks.reading import Shaped

NOW = 1_764_000_000.0
ONE = AlertMapping(labels={"alertname": "{name}"})
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=4),
    max_leaves=20,
)


def read(body: object, given: AlertMapping) -> Shaped:
    return reading.read(reading.parsed(msgspec.json.encode(body)), mapping.shape(given), "shop", NOW)


def only(body: object, given: AlertMapping) -> PushedAlert:
    found = read(body, given)
    assert found.faults == ()
    (alert,) = found.alerts
    return alert


def fault(body: object, given: AlertMapping) -> str:
    found = read(body, given)
    assert found.alerts == ()
    return str(found.faults[0])


def with_(**changes: Any) -> AlertMapping:
    return msgspec.structs.replace(ONE, **changes)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", 1), ("l[0].x", "y"), ("l[-1].x", "z"), ("l[*].x", ["y", "z"]), ("l[].x", ["y", "z"]),
        ("l[?x=='z'].n", [2]), ("none || a.b", 1), ("none || 'text'", "text"), ('"odd-name".c', 3), ("@.a.b", 1),
        ("none", None), ("a.b.c", None), ("l[7]", None),
    ],
)  # fmt: skip
def test_a_path_finds(path: str, found: object) -> None:
    body = {"a": {"b": 1}, "l": [{"x": "y"}, {"x": "z", "n": 2}], "odd-name": {"c": 3}, "none": None}
    assert picking.path(path).find(body, {}) == found
    assert picking.path(f"$.{path}").find({}, body) == found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("length(a)", "uses functions"), ("a | b", "uses pipes"), ("[a, b]", "lists made anew"),
        ("{a: b}", "objects made anew"), ("a.*", "every value"), ("a[1:3]", "slices"), ("a..b", "is no path"),
        ("", "is no path"), ("a" * 201, "at most 200"), ("(" * 99 + "a" + ")" * 99, ""),
        (" || ".join(["a"] * 35), "too many parts"),
    ],
)  # fmt: skip
def test_what_could_make_more_of_a_body_than_it_is_is_no_path(path: str, said: str) -> None:
    if not said:  # parentheses leave nothing in the tree; they only must not exhaust the stack
        assert picking.path(path).find({"a": 1}, {}) == 1
        return
    with pytest.raises(Invalid, match=said):
        picking.path(path)


def test_a_text_is_filled_and_braces_can_be_written() -> None:
    text = filling.template("{{{a}}} is {b?}{c.d}")
    assert text.fill({"a": 1.0, "c": {"d": True}}, None) == "{1} is true"
    for broken in ("{a", "a}", "{a {b}}", "{}", "x" * 1_001, "{a}" * 21):
        with pytest.raises(Invalid):
            filling.template(broken)


def test_what_is_missing_is_told_with_what_is_there() -> None:
    given = with_(title="{monitor.nme}")
    told = fault({"name": "x", "monitor": {"name": "Shop", "id": 7}}, given)
    assert told == (
        "Alert 1, title: Nothing is at `monitor.nme`. `monitor` has name, id. Did you mean `monitor.name`?"
        " Write {monitor.nme?} where it may be missing."
    )
    assert "`l` is a list of 1; write [0]" in fault({"name": "x", "l": [1]}, with_(title="{l.x}"))
    assert "`l` is a list, not a text" in fault({"name": "x", "l": [1]}, with_(title="{l}"))
    assert "What was sent is no object." in fault("text", ONE)


def test_a_list_is_looked_for_where_the_mapping_says() -> None:
    given = with_(alerts="data.items")
    assert [a.labels["alertname"] for a in read({"data": {"items": [{"name": "a"}, {"name": "b"}]}}, given).alerts] == ["a", "b"]  # fmt: skip
    assert only({"data": {"items": {"name": "a"}}}, given).labels == {"alertname": "a"}
    assert read({"data": {"items": []}}, given) == Shaped()
    for body, said in (
        ({"data": {"item": []}}, "Nothing is at `data.items`, where the alerts should be. `data` has item. Did you mean `data.item`"),
        ({"data": {"items": 3}}, "No list is at `data.items`"),
        ({"data": {"items": [{"name": "x"}] * 10_001}}, "at most 10000"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=said):
            read(body, given)


@pytest.mark.parametrize(
    ("word", "state"), [("alerting", "firing"), ("OK", "over"), ("firing", "firing"), ("test", "ignored")]
)
def test_words_say_whether_it_fires(word: str, state: str) -> None:
    given = with_(state="{s}", states={"alerting": "firing", "ok": "resolved", "test": "ignore"})
    found = read({"name": "x", "s": word}, given)
    here = "ignored" if found.ignored else "firing" if found.alerts[0].ends > NOW else "over"
    assert here == state
    assert "“odd” is not among the words (alerting, ok, test, firing, resolved)" in fault({"name": "x", "s": "odd"}, given)  # fmt: skip
    assert read({"name": "x", "s": "odd"}, with_(state="{s}", states={"*": "ignore"})).ignored == 1


def test_what_is_ignored_needs_nothing_else() -> None:
    assert read({"s": "test"}, with_(state="{s}", states={"test": "ignore"})).ignored == 1


@pytest.mark.parametrize(
    ("given", "at"),
    [
        ("2025-11-24T15:00:00Z", 1_763_996_400.0), ("2025-11-24T16:00:00+01:00", 1_763_996_400.0),
        (1_763_996_400, 1_763_996_400.0), (1_763_996_400_000, 1_763_996_400.0), ("0001-01-01T00:00:00Z", NOW),
        (NOW + 90, NOW), (0, NOW), ("", NOW),
    ],
)  # fmt: skip
def test_instants_are_read_and_none_begins_in_the_future(given: object, at: float) -> None:
    assert only({"name": "x", "at": given}, with_(starts="{at?}")).starts == at


@pytest.mark.parametrize("given", ["soon", "nan", "-5", "1e400", "2025-13-01T00:00:00Z"])
def test_what_is_no_instant_is_told(given: str) -> None:
    assert "is no instant" in fault({"name": "x", "at": given}, with_(ends="{at}"))


def test_one_that_nobody_says_is_over_goes_on_for_a_while_and_an_end_ends_now() -> None:
    assert only({"name": "x"}, with_(lasts=5)).ends == NOW + 300
    assert only({"name": "x", "e": NOW + 9}, with_(ends="{e}")).ends == NOW + 9
    over = only({"name": "x", "s": NOW - 50, "e": NOW + 9}, with_(state="resolved", starts="{s}", ends="{e}"))
    assert (over.starts, over.ends) == (NOW - 50, NOW)


def test_names_that_labels_cannot_have_are_written_as_they_can() -> None:
    given = AlertMapping(labels={"a": "b"}, labels_from="tags", annotations_from="$.more")
    body = {
        "tags": {"host name": "x", "9lives": 9, "deep": {}, "none": None, "ok": True},
        "more": {"": "e", "ü": "u"},
    }
    alert = only(body, given)
    assert alert.labels == {"a": "b", "host_name": "x", "_9lives": "9", "ok": "true"}
    assert alert.annotations == {"_": "u"}
    assert "is no object" in fault({"tags": [1]}, given)


def test_nothing_is_taken_of_a_body_in_which_anything_is_wrong() -> None:
    found = read({"l": [{"name": "a"}, {}, {"name": "b"}, {"name": ""}]}, with_(alerts="l"))
    assert (found.alerts, [(each.alert, each.field) for each in found.faults]) == ((), [(2, "labels.alertname"), (4, "labels")])  # fmt: skip
    assert len(read({"l": [{}] * 99}, with_(alerts="l")).faults) == reading.MOST_FAULTS


def test_labels_are_bounded_as_at_alertmanagers_door() -> None:
    many = {"name": "x", "t": {f"l{n}": "x" for n in range(70)}}
    assert "at most 64 labels" in fault(many, with_(labels_from="t"))
    assert "at most 8192 characters" in fault({"name": "x" * 9_000}, ONE)
    with pytest.raises(Invalid, match="too long texts"):
        read(
            {"t": "x" * 9_000, "l": [{"name": str(n)} for n in range(3_000)]}, with_(alerts="l", text="{$.t}")
        )


def test_a_body_is_json_and_not_too_deep() -> None:
    for body in (b"", b"{", b"\xff", b"nope", b"[" * 70 + b"]" * 70, b"[" * 100_000):
        with pytest.raises(Invalid):
            reading.parsed(body)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"labels": {}}, "labels"), ({"labels": {"a-b": "x"}}, "labels"), ({"labels": {"a": "{"}}, "labels"),
        ({"title": "{a"}, "title"), ({"alerts": "a..b"}, "alerts"), ({"states": {"x": "gone"}}, "states"),
        ({"severities": {"x": "bad"}}, "severities"), ({"lasts": 0}, "lasts"), ({"labels_from": "a|b"}, "labels_from"),
        ({"annotations": {f"a{n}": "x" for n in range(40)}}, "annotations"),
    ],
)  # fmt: skip
def test_a_wrong_mapping_names_its_field(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        mapping.shape(with_(**changes))
    assert field in caught.value.fields


@given(JSON, JSON)
def test_whatever_is_sent_is_taken_or_told(body: object, other: object) -> None:
    given = AlertMapping(
        alerts="a || b[]", labels={"x": "{a || $.b}", "y": "{c?}"}, labels_from="d", annotations_from="$.c",
        state="{b?}", states={"*": "firing", "1": "resolved"}, starts="{a?}", ends="{$.d?}", severity="{c?}",
    )  # fmt: skip
    with contextlib.suppress(Invalid):
        found = read({"a": body, "b": other}, given)
        assert not (found.alerts and found.faults)
        assert all(alert.labels and alert.starts <= alert.ends for alert in found.alerts)


@given(st.text("ab.[]*?@|'\"{}()&!=`0 $", max_size=30))
def test_any_path_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert isinstance(filling.template(text).fill({"a": [{"b": 1}]}, {"b": 2}), str)
