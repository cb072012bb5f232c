"""What Vedette is told: by every door, bounded, without blocking or raising, and sent when it can be."""

import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guard.tests.clock import Clock
from guard.tests.doors import Act, Ask, Door, ask_wsgi, environ_of
from guard.tests.vedette import DSN, Taking, Told, settle, telling
from vedette_guard import (
    Guard,
    Limits,
    Policy,
    PolicyError,
    Rate,
    Telemetry,
    WsgiGuard,
    failed,
    failed_sign_in,
    tell,
)
from vedette_guard.background import Worker
from vedette_guard.decisions.detections import KINDS, Detection, route_of
from vedette_guard.decisions.masking import MASK, masked
from vedette_guard.decisions.waiting import pause
from vedette_guard.telemetry.events import Events
from vedette_guard.wire import read_dsn

EVIL = [("origin", "https://evil.example")]


def test_what_is_refused_is_told_once_with_where_and_by_whom(door: Door) -> None:
    told = Told()
    policy = Policy(rates=(Rate("all", limit=3),), limits=Limits(body=5))
    ask = door.open(Act(), policy, clock=Clock(), listener=told)
    assert ask().status == 200
    assert told.heard == []
    assert ask(method="POST", path="/orders/7", headers=EVIL).status == 403
    assert ask(method="POST", path="/orders/7", chunks=[b"x" * 9]).status == 413
    assert ask(path="/orders").status == 429
    assert told.kinds == ["csrf", "limits", "rates"]
    where = {name: told.heard[0][name] for name in ("client", "method", "path")}
    assert where == {"client": "198.51.100.7", "method": "POST", "path": "/orders/7"}


def test_a_body_that_turns_out_too_large_is_told(door: Door) -> None:
    told = Told()
    ask = door.open(Act(), Policy(limits=Limits(body=5)), listener=told)
    assert ask(method="POST", chunks=[b"x" * 9], length=False).status in (411, 413)
    assert told.kinds == ["limits"]
    assert told.errors == []


def test_an_exception_that_leaves_the_application_is_told(door: Door) -> None:
    told = Told()
    ask = door.open(Act(raises=True), listener=told)
    assert ask(path="/orders/7").status == 500
    if door.name in {"flask", "litestar", "quart"}:
        assert told.errors == [], "these answer by themselves: docs/guard/telemetry.md says how they tell"
        return
    (heard,) = told.errors
    assert str(heard["error"]) == "the application fails"
    assert (heard["client"], heard["path"]) == ("198.51.100.7", "/orders/7")


def test_a_wsgi_answer_that_fails_on_its_way_is_told_and_files_stay_files() -> None:
    told = Told()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        yield b"begun"
        raise KeyError("late")

    with pytest.raises(KeyError):
        ask_wsgi(WsgiGuard(app, listener=told), Ask())
    assert repr(told.errors[0]["error"]) == "KeyError('late')"

    class File:
        def __iter__(self) -> Any:
            return iter([b"file"])

    def sends_file(environ: dict[str, Any], start_response: Any) -> Any:
        start_response("200 OK", [])
        return File()

    environ = {**environ_of(Ask()), "wsgi.file_wrapper": File}
    assert isinstance(WsgiGuard(sends_file, listener=told)(environ, lambda *_: None), File)


def test_applications_tell_what_only_they_know() -> None:
    told = Told()

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        failed_sign_in(environ, "ann@shop.example")
        tell(environ, "uploads", "a script that says it is a picture", {"name": "a.gif"})
        failed(environ, ValueError("answered"))
        start_response("200 OK", [])
        return [b""]

    ask_wsgi(WsgiGuard(app, listener=told), Ask(path="/login"))
    sign_in, upload = told.heard
    assert (sign_in["kind"], sign_in["user"], sign_in["path"]) == ("sign-in", "ann@shop.example", "/login")
    assert (upload["kind"], upload["detail"]) == ("uploads", {"name": "a.gif"})
    assert repr(told.errors[0]["error"]) == "ValueError('answered')"


def test_telling_without_a_guard_or_a_listener_does_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="vedette_guard"):
        failed_sign_in({}, "ann")
        tell({}, "inspect", "x")
        failed({}, ValueError())
    assert caplog.text.count("no Guard stands before this request") == 3

    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        failed_sign_in(environ, "ann")
        start_response("200 OK", [])
        return [b""]

    assert ask_wsgi(WsgiGuard(app), Ask()).status == 200


# -- what is said ---------------------------------------------------------------------------------------------------


def test_detections_are_one_issue_for_each_kind_and_route() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock, environment="live", release="shop@1")
    for path in ("/orders/7", "/orders/8", "/basket"):
        events.tell("csrf", "a cross-site page sent it", client="203.0.113.9", method="POST", path=path)
    settle(events, clock, 10)
    assert [event["fingerprint"] for event in taking.events] == [
        ["vedette-guard", "csrf", "/orders/*"],
        ["vedette-guard", "csrf", "/basket"],
    ]
    event = taking.events[0]
    assert (event["level"], event["environment"], event["release"]) == ("warning", "live", "shop@1")
    assert event["message"]["formatted"] == "Refused a request that a foreign page sent: POST /orders/*"
    assert event["user"] == {"ip_address": "203.0.113.9"}
    assert event["contexts"]["guard"]["times"] == 2


def test_limits_are_one_issue_for_each_rule_and_bans_are_one() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    for path in ("/a", "/b"):
        events.tell("rates", "more than 5 requests in 1m (sign-in)", path=path)
        events.tell("banned", "banned", path=path)
    settle(events, clock, 10)
    prints = {tuple(event["fingerprint"]) for event in taking.events}
    assert prints == {
        ("vedette-guard", "rates", "more than 5 requests in 1m (sign-in)"),
        ("vedette-guard", "banned", ""),
    }


def test_whoever_asks_for_any_path_does_not_make_an_issue_of_each() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    for n in range(400):
        name = "".join("abcdefghij"[int(digit)] for digit in str(n))
        events.tell("csrf", "a foreign page sent it", path=f"/{name}")
    settle(events, clock, 60)
    assert len({tuple(event["fingerprint"]) for event in taking.events}) == 101


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"), ("/orders/7/lines/12", "/orders/*/lines/*"), ("/reset/" + "a" * 40, "/reset/*"),
        ("/u/ann@shop.example", "/u/*"), ("/a/b/c/d/e/f/g", "/a/b/c/d/e/*"), ("/sign-in", "/sign-in"),
        ("/x\r\ny", "/*"), ("/naïve", "/naïve"), ("", "/"), ("/id_x.html", "/id_x.html"),
        ("/r/qWxYbTzLmNaPcRdEfGhJkV", "/r/*"), ("/r/ForgottenPass", "/r/ForgottenPass"),
    ],
)  # fmt: skip
def test_a_route_has_nothing_that_is_about_one_thing(path: str, route: str) -> None:
    assert route_of(path) == route


def test_users_are_told_as_a_hash_that_other_projects_do_not_share() -> None:
    clock = Clock()
    told = []
    for dsn in (DSN, DSN, DSN.replace("0123", "4567")):
        taking = Taking()
        events = Events(Telemetry(dsn=dsn), transport=taking, clock=clock, wall=clock)
        events._worker.close(0)
        events.tell("sign-in", "wrong", user="ann@shop.example")
        settle(events, clock, 5)
        told.append(taking.events[0]["user"]["id"])
        assert "ann" not in json.dumps(taking.events)
    assert told[0] == told[1] != told[2]


def failing(depth: int) -> None:
    """Fail below `depth` calls, with a cause and a password in the line."""
    if depth:
        failing(depth - 1)
    try:
        raise KeyError("token=abc123")
    except KeyError as error:
        raise ValueError("no connection to postgres://ann:correcthorse@db/shop") from error


def test_a_failure_has_its_causes_and_the_lines_around_without_secrets() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    try:
        failing(80)
    except ValueError as error:
        events.failed(error, client="203.0.113.9", method="GET", path="/orders/7")
    settle(events, clock, 5)
    (event,) = taking.events
    cause, last = event["exception"]["values"]
    assert (cause["type"], last["type"]) == ("KeyError", "ValueError")
    assert last["value"] == f"no connection to postgres://{MASK}@db/shop"
    assert cause["value"] == f"'token={MASK}"
    frames = last["stacktrace"]["frames"]
    assert len(frames) == 50
    assert frames[-1]["function"] == "failing"
    assert frames[-1]["in_app"]
    assert (
        frames[-1]["context_line"].strip()
        == f'raise ValueError("no connection to postgres://{MASK}@db/shop") from error'
    )
    assert len(frames[-1]["pre_context"]) == 5
    assert (event["level"], event["transaction"]) == ("error", "/orders/*")
    assert "correcthorse" not in json.dumps(event)


def test_a_failure_of_the_same_place_is_folded_and_what_cannot_be_said_is_told() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    for _ in range(3):
        events.failed(Mute())
    settle(events, clock, 5)
    assert [event["contexts"]["guard"]["times"] for event in taking.events] == [3]
    assert taking.events[0]["exception"]["values"][0]["value"] == ""


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("password=hunter2 and more", f"password={MASK} and more"),
        ('DB_PASSWORD = "hun ter2"', f"DB_PASSWORD = {MASK}"),
        ("{'api_key': 'abc'}", f"{{'api_key': {MASK}}}"),
        ("Authorization: Bearer abcdef123", f"Authorization: {MASK} {MASK}"),
        ("sent Basic dXNlcjpwYXNz", f"sent Basic {MASK}"),
        ("https://ann:pw@x.example/", f"https://{MASK}@x.example/"),
        ("eyJhbGciOi.eyJzdWIi.sig", MASK),
        ("card 4111 1111 1111 1111!", f"card {MASK}!"),
        ("nothing secret here: 42", "nothing secret here: 42"),
    ],
)
def test_secrets_are_masked(text: str, without: str) -> None:
    assert masked(text) == without


# -- how it is sent --------------------------------------------------------------------------------------------------


def test_a_day_without_vedette_loses_nothing_but_the_oldest_above_the_cap() -> None:
    """By a manual clock: a report a minute for a day, of which 500 may wait."""
    clock, taking = Clock(), Taking()
    taking.always = OSError("unreachable")
    events = telling(taking, clock, queue=500)
    for n in range(24 * 60):
        events.tell("csrf", "a foreign page sent it", client=f"203.0.113.{n % 250}", detail={"n": n})
        settle(events, clock, 60)
        assert len(events.backlog) <= 500
    assert taking.asked < 24 * 3600 / 240, "asked ever more rarely, at least every five minutes and a bit"
    taking.always = (200, None)
    settle(events, clock, 600)
    told = [event["contexts"]["guard"] for event in taking.events]
    assert [guard["n"] for guard in told if guard["kind"] == "csrf"] == [str(n) for n in range(940, 1440)]
    (lost,) = [guard for guard in told if guard["kind"] == "lost"]
    assert (lost["reason"], lost["csrf"]) == ("940 that could not be sent", "940")


def test_what_waits_is_bounded_in_bytes() -> None:
    clock = Clock()
    events = telling(Taking(), clock, queue=1_000_000, queue_bytes=100_000)
    for n in range(500):
        events.tell(
            "inspect", f"{n}" + "x" * 200, client="203.0.113.9", detail={str(k): "y" * 99 for k in range(9)}
        )
    assert events.backlog.bytes <= 100_000
    assert 0 < len(events.backlog) < 100
    assert events.backlog.lost() == {"inspect": 500 - len(events.backlog)}


def test_a_flood_is_one_report_a_minute() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    for _ in range(10_000):
        events.tell("rates", "more than 5 requests in 1m (all)", client="203.0.113.9")
    settle(events, clock, 5)
    assert [event["contexts"]["guard"]["times"] for event in taking.events] == [10_000]


def test_who_asks_for_time_gets_it() -> None:
    for answer, seconds in (
        ((429, "120"), 120),
        ((429, None), 60),
        ((503, "7"), 7),
        ((429, "Fri, 1 Jan 2027 00:00:00 GMT"), 60),
    ):
        clock, taking = Clock(), Taking()
        events = telling(taking, clock)
        taking.answers = [answer]
        events.tell("csrf", "x")
        settle(events, clock, seconds)
        assert (taking.asked, taking.events) == (1, [])
        settle(events, clock, 5)
        assert len(taking.events) == 1


def test_a_batch_that_is_broken_off_goes_on_where_it_was() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    taking.answers = [(200, None), (200, None), OSError("gone")]
    for n in range(5):
        events.tell("csrf", f"reason {n}")
    settle(events, clock, 10)
    assert [event["contexts"]["guard"]["reason"] for event in taking.events] == [
        f"reason {n}" for n in range(5)
    ]


def test_what_the_server_will_never_take_is_counted_and_not_in_the_way() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    taking.answers = [(413, None)]
    events.tell("csrf", "too much")
    events.tell("csrf", "fine")
    settle(events, clock, 10)
    assert [event["contexts"]["guard"]["reason"] for event in taking.events] == [
        "fine",
        "1 that could not be sent",
    ]


def test_waiting_grows_and_is_bounded() -> None:
    assert [pause(n, 0.0) for n in (1, 2, 3, 9, 10, 1000)] == [1, 2, 4, 256, 300, 300]
    assert pause(1, 1.0) == 1.25
    assert pause(3, 0.0, retry_after=1e9) == 3600
    assert pause(3, 0.5, retry_after=-1) == 0.5


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 90), st.booleans())), st.integers(1, 5))
def test_nothing_is_lost_uncounted(said: list[tuple[str, int, bool]], most: int) -> None:
    """Whatever is told while the server comes and goes: it arrives, or is counted as lost."""
    clock, taking = Clock(), Taking()
    events = telling(taking, clock, queue=most)
    for reason, seconds, reachable in said:
        taking.always = (200, None) if reachable else OSError("away")
        events.tell("csrf", reason)
        settle(events, clock, seconds)
    taking.always = (200, None)
    settle(events, clock, 2000)
    guards = [event["contexts"]["guard"] for event in taking.events]
    arrived = sum(guard["times"] for guard in guards if guard["kind"] == "csrf")
    lost = sum(int(guard["csrf"]) for guard in guards if guard["kind"] == "lost")
    assert arrived + lost == len(said)


def test_telling_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    class Bad:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    events = telling(Taking(), Clock())
    events.tell("csrf", "x", detail={"a": Bad()})
    events.tell("csrf", "x", user="\udc80", path="/\udc80")
    events.tell("nonsense", "x")  # type: ignore[arg-type]
    settle(events, Clock(), 5)
    assert "could not tell of csrf" in caplog.text


def test_kinds_and_exceptions_that_are_not_wanted_are_not_told() -> None:
    events = telling(Taking(), Clock(), kinds=("csrf",), exceptions=False)
    events.tell("rates", "x")
    events.failed(ValueError())
    assert len(events.backlog) == 0
    assert "csrf" in KINDS


@pytest.mark.parametrize(
    "dsn",
    ["https://watch.example/1", "ftp://k@watch.example/1", "https://k@watch.example/", "https://k@/1", "https://k@h:x/1",
     "https://k@watch.example/one", "https://k k@watch.example/1", "https://k@watch.example/1?x=1"],
)  # fmt: skip
def test_a_dsn_that_is_none_ends_the_start(dsn: str) -> None:
    assert read_dsn(dsn) is None
    with pytest.raises(PolicyError, match=r"guard\.telemetry\.dsn"):
        Guard(lambda *_: None, Policy(telemetry=Telemetry(dsn=dsn)))  # type: ignore[arg-type, return-value]


def test_a_dsn_says_where_envelopes_go() -> None:
    found = read_dsn("http://abc@127.0.0.1:8000/sub/7")
    assert found is not None
    assert (found.secure, found.host, found.port, found.path, found.key) == (
        False, "127.0.0.1", 8000, "/sub/api/7/envelope/", "abc",
    )  # fmt: skip


def test_a_report_that_cannot_be_written_is_counted_and_not_in_the_way() -> None:
    clock, taking = Clock(), Taking()
    events = telling(taking, clock)
    events.backlog.add(Detection("of no kind", "x", clock.now, clock.now))
    events.tell("csrf", "fine")
    settle(events, clock, 5)
    reasons = [event["contexts"]["guard"]["reason"] for event in taking.events]
    assert reasons == ["fine", "1 that could not be sent"]


def test_a_step_that_fails_is_logged_and_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    def fails() -> float | None:
        raise RuntimeError("a fault of ours")

    assert Worker("tests", fails)._stepped() == 60.0
    assert "a fault of ours" in caplog.text
