"""Whatever a client sends becomes an event, with a note where something could not be kept."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.errors.conftest import ID, delivery, error

from vedette.core.clock import iso
from vedette.errors import grouping
from vedette.errors.normalize import instant_of, normalize
from vedette.errors.scrubbing import Scrubber, scrubber
from vedette.errors.types import Event, Level
from vedette.projects.types import ScrubRules
from vedette.wire.delivery import Delivery, Note

NOW = 1_764_000_000.0


@pytest.fixture
def read(scrub: Scrubber):
    def read(sent: object = None, **changes: object) -> Event:
        return normalize(delivery(sent, **changes), scrub).event

    return read


def noted(event: Event, where: str) -> str:
    return " ".join(note.what for note in event.notes if note.where == where)


def test_an_event_of_an_sdk_needs_no_note_and_is_kept_byte_for_byte(scrub: Scrubber) -> None:
    sent = delivery(
        error(timestamp=NOW - 1, level="error", tags={"a": "b"}, breadcrumbs={"values": [{"message": "x"}]})
    )
    made = normalize(sent, scrub)
    assert made.event.notes == ()
    assert made.raw == sent.payload


@pytest.mark.parametrize(
    ("sent", "title", "note"),
    [
        ([error()], "ValueError: no", "came inside a list"),
        ("it broke", "it broke", "bare value"),
        (17, "17", "bare value"),
        ([], "<unlabeled event>", "should be an object, not a list"),
        (None, "<unlabeled event>", "should be an object"),
        (True, "<unlabeled event>", "should be an object, not true or false"),
    ],
)
def test_an_event_that_is_no_object(read, sent: object, title: str, note: str) -> None:
    event = read(sent)
    assert event.title == title
    assert note in noted(event, "")


@pytest.mark.parametrize(
    "payload", [b"", b"\xff\xfe\x00", b"not json", b"{", b"[" * 5_000, b"\x00" * 100, b"\xef\xbb\xbf"]
)
def test_a_payload_that_is_no_json(read, payload: bytes) -> None:
    event = read(payload=payload)
    assert event.notes
    assert event.id == ID


def test_notes_of_the_envelope_stay_with_the_event(read) -> None:
    assert read(error(), notes=(Note("sent_at", "bad"),)).notes == (Note("sent_at", "bad"),)


@pytest.mark.parametrize(
    "exception",
    [
        {"values": [{"type": "ValueError", "value": "no"}]},
        [{"type": "ValueError", "value": "no"}],
        {"type": "ValueError", "value": "no"},
        {"values": {"type": "ValueError", "value": "no"}},
        {"values": {"0": {"type": "ValueError", "value": "no"}}},
        {"values": [None, {"type": "ValueError", "value": "no"}, None]},
        {"values": ["stranger", {"type": "ValueError", "value": "no"}]},
    ],
)
def test_exceptions_in_every_form(read, exception: object) -> None:
    event = read({"exception": exception})
    assert (event.kind, event.message, event.title) == ("ValueError", "no", "ValueError: no")
    assert event.data["exception"] == {"values": [{"type": "ValueError", "value": "no"}]}


def test_exceptions_that_are_nothing(read) -> None:
    assert read({"exception": [], "message": "m"}).title == "m"
    assert read({"exception": {"values": None}, "message": "m"}).title == "m"
    event = read({"exception": "boom", "message": "m"})
    assert event.title == "m"
    assert "not a text; it was dropped" in noted(event, "exception")
    assert (
        noted(read({"exception": {"values": ["a", 3]}}), "exception")
        == "2 of its members were no objects and were dropped."
    )


def test_an_exception_without_a_type_is_called_by_its_value(read) -> None:
    assert read({"exception": [{"value": "only this"}]}).title == "only this"
    assert read({"exception": [{"type": "OnlyThis"}]}).title == "OnlyThis"


@pytest.mark.parametrize(
    "stack", [[{"function": "f"}], {"frames": {"function": "f"}}, {"frames": [None, {"function": "f"}]}]
)
def test_stacks_in_every_form(read, stack: object) -> None:
    event = read({"exception": [{"type": "E", "stacktrace": stack}]})
    assert event.culprit == "? in f"


def test_frames_need_no_file_and_strangers_are_dropped(read) -> None:
    event = read(
        {"exception": [{"type": "E", "stacktrace": {"frames": [1, {"lineno": "x"}, {"filename": None}]}}]}
    )
    assert noted(event, "exception.0.stacktrace") == "1 frames were no objects and were dropped."
    assert noted(
        read({"exception": [{"type": "E", "stacktrace": "text"}]}), "exception.0.stacktrace"
    ).startswith("A stack should")


def test_a_recursion_keeps_its_ends(read) -> None:
    frames = [{"function": f"f{n}"} for n in range(1_000)]
    event = read({"exception": [{"type": "E", "stacktrace": {"frames": frames}}]})
    kept = event.data["exception"]["values"][0]["stacktrace"]["frames"]  # type: ignore[index,call-overload]
    assert [frame["function"] for frame in kept] == [f"f{n}" for n in (*range(50), *range(800, 1_000))]
    assert "750 frames in the middle were dropped" in noted(event, "exception.0.stacktrace")


@pytest.mark.parametrize(
    "tags",
    [
        {"a": 1, "b": "x"},
        [["a", 1], ["b", "x"]],
        [{"key": "a", "value": 1}, {"key": "b", "value": "x"}],
        [{"a": 1}, {"b": "x"}],
    ],
)
def test_tags_in_every_form(read, tags: object) -> None:
    found = dict(read({"tags": tags}).tags)
    assert (found["a"], found["b"]) == ("1", "x")


def test_tags_that_are_no_texts(read) -> None:
    event = read({"tags": {"yes": True, "none": None, "deep": {"x": 1}, "": "no name", "f": 1.5}})
    assert dict(event.tags) == {"yes": "True", "f": "1.5", "level": "error"}
    assert noted(event, "tags").startswith("2 tags could not be kept")
    assert noted(read({"tags": "text"}), "tags").startswith("1 tags")


def test_a_hundred_thousand_tags_leave_a_hundred(read) -> None:
    event = read({"tags": {f"t{n}": n for n in range(100_000)}})
    assert len(event.tags) == 101
    assert noted(event, "tags").startswith("99900 tags could not be kept")


def test_long_texts_are_cut_with_a_mark(read) -> None:
    event = read({"extra": {"big": "x" * 200_000}, "message": "y" * 20_000, "tags": {"t": "z" * 500}})
    assert event.data["extra"] == {"big": "x" * 65_536 + "… [cut]"}
    assert (len(event.message), len(event.title), len(dict(event.tags)["t"])) == (8_192, 100, 200)
    assert "1 texts were cut" in noted(event, "")


def test_what_is_nested_too_deep_is_cut(read) -> None:
    deep: object = "end"
    for _ in range(300):
        deep = {"d": deep}
    event = read({"extra": deep, "message": "still here"})
    assert event.title == "still here"
    assert any("nested deeper" in note.what for note in event.notes)


@pytest.mark.parametrize(
    ("sent", "at"),
    [
        (NOW - 5, NOW - 5),
        ((NOW - 5) * 1_000, NOW - 5),
        ((NOW - 5) * 1_000_000, NOW - 5),
        (str(NOW - 5), NOW - 5),
        (iso(NOW - 5), NOW - 5),
        ("2025-11-24T15:59:55", NOW - 5),
        ("2025-11-24T15:59:55.123456789Z", NOW - 5 + 0.123456),
        (None, NOW),
    ],
)
def test_timestamps_in_every_form(read, sent: object, at: float) -> None:
    event = read({"timestamp": sent})
    assert event.at == pytest.approx(at, abs=1e-5)
    assert event.notes == ()


@pytest.mark.parametrize(
    "sent", ["soon", -1, 0, True, {}, [], "", "0001-01-01T00:00:00", "9999-99-99", 1e300, NOW + 3_600]
)
def test_timestamps_that_are_none(read, sent: object) -> None:
    event = read({"timestamp": sent})
    assert event.at == NOW
    assert noted(event, "timestamp")


@pytest.mark.parametrize(("drift", "moved"), [(54 * 60, 0), (55 * 60, 55 * 60), (-86_400, -86_400)])
def test_a_clock_that_is_far_off_is_corrected(read, drift: float, moved: float) -> None:
    event = read({"timestamp": NOW - drift - 10}, sent_at=NOW - drift)
    assert event.at == (NOW - drift - 10 + moved if moved > 0 or not moved else NOW - 10)
    assert ("clock" in noted(event, "timestamp")) is bool(moved)


@pytest.mark.parametrize(
    ("sent", "level"),
    [
        ("fatal", Level.FATAL),
        ("critical", Level.FATAL),
        ("WARN", Level.WARNING),
        (40, Level.ERROR),
        ("log", Level.INFO),
        (None, Level.ERROR),
    ],
)
def test_levels(read, sent: object, level: Level) -> None:
    event = read({"level": sent})
    assert event.level is level
    assert not event.notes


def test_what_is_unknown_is_said(read) -> None:
    event = read({"level": "bad", "platform": "basic", "release": ["x"], "environment": 3})
    assert (event.level, event.platform, event.environment) == (Level.ERROR, "other", "3")
    assert [note.where for note in event.notes] == ["release", "platform", "level"]


@pytest.mark.parametrize(
    ("event", "message"),
    [
        ({"message": "plain"}, "plain"),
        ({"logentry": "plain"}, "plain"),
        ({"logentry": {"message": "hi %s, %d", "params": ["anna", 3]}}, "hi anna, 3"),
        ({"logentry": {"message": "hi %(who)s", "params": {"who": "anna"}}}, "hi anna"),
        ({"message": {"message": "hi {} {0}", "params": ["anna"]}}, "hi anna anna"),
        ({"logentry": {"message": "hi %999999999d", "params": [1]}}, "hi %999999999d"),
        ({"logentry": {"message": "hi %s %s", "params": ["a"]}}, "hi a %s"),
        ({"logentry": {"formatted": "done", "message": "x"}}, "done"),
        ({"message": ["a", 1, {}]}, "a 1"),
        ({"message": 5}, "5"),
        ({"sentry.interfaces.Message": {"message": "old"}}, "old"),
    ],
)
def test_messages_in_every_form(read, event: object, message: str) -> None:
    assert read(event).message == message


def test_users_requests_and_contexts_in_every_form(read) -> None:
    event = read(
        {
            "user": "anna",
            "request": [["url", "http://x/"]],
            "contexts": [["os", {"name": "Linux"}]],
            "extra": [1],
        }
    )
    assert event.user == "id:anna"
    assert dict(event.tags)["url"] == "http://x/"
    assert dict(event.tags)["os.name"] == "Linux"
    assert event.data["extra"] == {"extra": [1]}
    other = read({"user": ["a", "b"], "request": "x", "contexts": {"os": "Linux", "n": None}})
    assert {note.where for note in other.notes} == {"user", "request"}
    assert other.data["contexts"] == {"os": {"value": "Linux"}, "n": None}


def test_the_address_is_filled_in_where_it_is_asked_for(read) -> None:
    assert read({"user": {"ip_address": "{{auto}}"}}, address="1.2.3.4").user == "ip:1.2.3.4"
    assert read({"user": {"ip_address": "{{auto}}"}}).user == ""
    assert read({"platform": "javascript"}, address="1.2.3.4").user == "ip:1.2.3.4"
    assert read({"platform": "python"}, address="1.2.3.4").user == ""
    never = {"platform": "javascript", "sdk": {"settings": {"infer_ip": "never"}}}
    assert read(never, address="1.2.3.4").user == ""
    env = read({"request": {"env": {"REMOTE_ADDR": "{{auto}}"}}}, address="1.2.3.4")
    assert env.data["request"] == {"env": {"REMOTE_ADDR": "1.2.3.4"}}


def test_headers_as_pairs_or_lists_name_the_browser(read) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.1.2 Safari/537.36"
    for headers in ({"User-Agent": agent}, [["user-agent", agent]], {"User-Agent": [agent]}):
        tags = dict(read({"request": {"headers": headers}}).tags)
        assert (tags["browser"], tags["os"]) == ("Chrome 128.0.1", "Windows 10")


@pytest.mark.parametrize(
    ("value", "at"), [("1764000000", NOW), (NOW * 1e9, NOW), ("x", None), (float("inf"), None)]
)
def test_instants(value: object, at: float | None) -> None:
    assert instant_of(value) == at


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip
KEYS = st.sampled_from(
    [
        "exception",
        "threads",
        "stacktrace",
        "breadcrumbs",
        "request",
        "user",
        "contexts",
        "tags",
        "extra",
        "message",
        "logentry",
        "level",
        "platform",
        "timestamp",
        "fingerprint",
        "template",
        "csp",
        "sdk",
        "release",
        "environment",
        "transaction",
        "modules",
        "values",
        "frames",
        "type",
        "value",
        "ip_address",
        "headers",
    ]
)
EVENTS = st.dictionaries(
    KEYS, JSON | st.dictionaries(KEYS, JSON | st.lists(st.dictionaries(KEYS, JSON)), max_size=4), max_size=8
)


@settings(max_examples=60, deadline=None)
@given(sent=EVENTS)
def test_any_event_becomes_one_that_can_be_stored_grouped_and_read(sent: dict[str, object]) -> None:
    made = normalize(delivery(sent), scrubber(ScrubRules()))
    stored = msgspec.json.decode(msgspec.json.encode(made.event), type=Event)
    assert stored.title
    assert len(grouping.fingerprint(made.event).hash) == 16
    assert grouping.fingerprint(stored) == grouping.fingerprint(made.event)


@settings(max_examples=100, deadline=None)
@given(
    payload=st.binary(max_size=200)
    | st.text(max_size=100).map(lambda text: json.dumps({"message": text}).encode()[:-3])
)
def test_any_bytes_become_an_event(payload: bytes) -> None:
    sent = Delivery(project=1, event_id=ID, received=NOW, payload=payload)
    assert normalize(sent, scrubber(ScrubRules())).event.title
