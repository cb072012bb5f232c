"""Posted alerts are read as Alertmanager 0.25 reads them; what it answered to each body was recorded from the real one."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.wire import alertmanager
from vedette.wire.alertmanager import BadAlerts, PushedAlert

NOW = 1_764_000_000.0


def read(body: object) -> alertmanager.Posted:
    return alertmanager.read(msgspec.json.encode(body), NOW)


def test_an_alert_without_instants_begins_now_and_lasts_five_minutes() -> None:
    [alert] = read([{"labels": {"alertname": "Down", "empty": ""}, "unknown": [{}]}]).alerts
    assert alert == PushedAlert({"alertname": "Down"}, {}, NOW, NOW + 300)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        ("2025-11-24T16:00:00Z", None, (1_764_000_000.0, NOW + 300)),
        (None, "2025-11-24T15:00:00.5Z", (1_763_996_400.5, 1_763_996_400.5)),
        ("2025-11-24T17:00:00+01:00", "0001-01-01T00:00:00Z", (1_764_000_000.0, NOW + 300)),
        ("", "", (NOW, NOW + 300)),
        ("2025-11-24T16:00:00", "9999-12-31T23:59:59-10:00", (1_764_000_000.0, 253_402_300_799.0)),
        ("2025-11-24T16:00:00.123456789Z", None, (1_764_000_000.123456, NOW + 300)),
    ],
)
def test_instants(starts: str | None, ends: str | None, expected: tuple[float, float]) -> None:
    [alert] = read([{"labels": {"a": "b"}, "startsAt": starts, "endsAt": ends}]).alerts
    assert (alert.starts, alert.ends) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        (b"{}", 400, 400, "parsing alerts body"),
        (b"x", 400, 400, "parsing alerts body"),
        (b"", 400, 400, "parsing alerts body"),
        (b"[" * 100_000, 400, 400, "parsing alerts body"),
        (b'[{"x":' + b"[" * 100_000, 400, 400, "parsing alerts body"),
        (b'[{"labels":{"a":"\xff"}}]', 400, 400, "parsing alerts body"),
        (b'[{"labels":{"a":1}}]', 400, 400, "parsing alerts body"),
        (b'[{"labels":{"a":"b"},"startsAt":"junk"}]', 400, 400, "'junk' is no instant"),
        (b"[{}]", 422, 602, "0.labels in body is required"),
        (b"[null]", 400, 400, "parsing alerts body"),
    ],
)
def test_bodies_that_hold_no_alerts(body: bytes, status: int, code: int, says: str) -> None:
    with pytest.raises(BadAlerts) as raised:
        alertmanager.read(body, NOW)
    assert (raised.value.status, raised.value.code) == (status, code)
    assert says in str(raised.value)


def test_what_is_wrong_with_one_keeps_no_other_out() -> None:
    posted = read(
        [
            {"labels": {"a-b": "c"}},
            {"labels": {"z": ""}},
            {"labels": {"a": "b"}, "annotations": {"1a": ""}},
            {"labels": {"a": "b"}, "startsAt": "2023-01-01T00:00:00Z", "endsAt": "2022-01-01T00:00:00Z"},
            {"labels": {"fit": "yes"}},
        ]
    )
    assert [alert.labels for alert in posted.alerts] == [{"fit": "yes"}]
    assert posted.wrong == (
        'invalid label set: invalid name "a-b"',
        "at least one label pair required",
        'invalid annotations: invalid name "1a"',
        "start time must be before end time",
    )


@pytest.mark.parametrize(
    ("alert", "says"),
    [
        ({"labels": {f"l{n}": "x" for n in range(65)}}, "at most 64 labels"),
        ({"labels": {"a": "x" * 9_000}}, "labels of an alert have at most 8192"),
        ({"labels": {"a": "b"}, "annotations": {f"l{n}": "x" for n in range(65)}}, "at most 64 annotations"),
        ({"labels": {"a": "b"}, "annotations": {"a": "x" * 66_000}}, "annotations of an alert have at most"),
        ({"labels": {"a": "b"}, "generatorURL": "http://" + "x" * 2_000}, "generatorURL has at most"),
    ],
)
def test_what_is_too_much_is_said(alert: dict[str, object], says: str) -> None:
    posted = read([alert])
    assert not posted.alerts
    assert says in posted.wrong[0]


def test_more_alerts_than_a_request_may_hold_are_refused() -> None:
    with pytest.raises(BadAlerts, match="at most 10000"):
        read([{"labels": {"a": "b"}}] * 10_001)


@given(st.binary(max_size=200) | st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["labels", "annotations", "startsAt", "endsAt", "generatorURL", "a"]), inner), max_leaves=12).map(msgspec.json.encode))  # fmt: skip
def test_any_body_is_read_or_refused(body: bytes) -> None:
    try:
        posted = alertmanager.read(body, NOW)
    except BadAlerts:
        return
    assert all(alert.labels and alert.starts <= alert.ends for alert in posted.alerts)


@given(
    st.lists(
        st.builds(
            PushedAlert,
            st.dictionaries(st.text(), st.text()),
            st.dictionaries(st.text(), st.text()),
            st.floats(0, 4e9),
            st.floats(0, 4e9),
            st.text(),
        )
    )
)
def test_what_a_delivery_holds_comes_out_as_it_went_in(alerts: list[PushedAlert]) -> None:
    assert alertmanager.decode(alertmanager.encode(alerts)) == tuple(alerts)
