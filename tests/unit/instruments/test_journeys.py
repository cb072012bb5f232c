"""The decisions of journeys: scripts that can never work, what drivers tell, and what becomes of it in words."""

import base64

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.core.errors import Invalid
from vedette.core.settings import Settings
from vedette.instruments.probe.journey import ability, telling
from vedette.instruments.probe.journey.options import EXAMPLE, MOST_SCRIPT
from vedette.instruments.probe.journey.proxying import asked_of
from vedette.instruments.probe.journey.reporting import Ending, Failure, Look, Report, Taken
from vedette.instruments.probe.journey.undertaking import Course
from vedette.instruments.probe.multi.probe import PROBE as MULTI
from vedette.instruments.probe.registry import kinds
from vedette.instruments.probe.types import Cause, Failed, JourneyRules, Request

GOOD = "async def journey(page, step):\n    pass\n"


def checked(**options: object) -> None:
    kinds()["journey"].check(Request(url="journey://buy", options={"script": GOOD, **options}))


def test_what_can_work_is_taken() -> None:
    checked(variables={"user": "anna"}, secrets={"password": "x" * 8_192})
    checked(script=EXAMPLE)
    checked(script="import re\n" + GOOD.replace("page, step", "page, step, /"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"script": ""}, "script: write one that begins with async def journey(page, step):."),
        ({"script": "x ="}, "script: line 1: invalid syntax."),
        ({"script": "def journey(page, step): pass"}, "script: it has no async def journey(page, step):."),
        ({"script": "async def journey(page): pass"}, "script: line 1: write async def journey(page, step):."),
        ({"script": "async def other(page, step): pass"}, "script: it has no async def journey(page, step):."),
        ({"script": "x\0"}, "script: "),
        ({"script": "(" * 3_000}, "script: "),
        ({"script": "-" * 60_000 + "x"}, "script: "),
        ({"script": "#" * (MOST_SCRIPT + 1)}, "script: 61,440 bytes are the most."),
        ({"variables": {"No": "x"}}, "variables: 'No' is no name; write lower-case letters, digits and _."),
        ({"secrets": {"class": "x"}}, "secrets: 'class' is no name; write lower-case letters, digits and _."),
        ({"secrets": {"x": "x" * 8_193}}, "secrets: x is longer than 8,192 characters."),
        ({"variables": {f"v{n}": "" for n in range(51)}}, "variables: 50 at most."),
        ({"wait": 3}, "wait: there is no such option; there are script, variables, secrets."),
    ],
)  # fmt: skip
def test_what_can_never_work_is_refused(options: dict[str, object], told: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(**options)
    assert str(refused.value).startswith(told)


def test_pins_are_refused_and_a_suite_holds_no_journey() -> None:
    probe = kinds()["journey"]
    with pytest.raises(Invalid, match="takes no pins"):
        probe.check(Request(url="journey://buy", pins=("192.0.2.1",), options={"script": GOOD}))
    with pytest.raises(Invalid, match="has a name"):
        probe.check(Request(url="journey://", options={"script": GOOD}))
    step = {"url": "journey://buy", "options": {"script": GOOD}}
    with pytest.raises(Invalid, match="no suites and no journeys"):
        MULTI.check(Request(url="multi://buy", options={"steps": [step]}))


def reported(failed: Failure | None = None, steps: int = 2, open_step: bool = True) -> Report:
    report = Report()
    for n, name in enumerate(("open", "pay")[:steps], 1):
        report.take(msgspec.json.encode({"begins": name, "n": n}))
        if name == "open" or not open_step:
            report.take(msgspec.json.encode({"over": 12.5, "n": n}))
    report.failed = failed
    return report


WAITED = 'Page.click: Timeout 5000ms exceeded.\nCall log:\n  - waiting for locator("[name=pay]")\n'
DISABLED = (
    f"{WAITED}  -   locator resolved to <button disabled>Pay</button>\n  -   - element is not enabled\n"
)
VISIT = 'Page.goto: Timeout 3000ms exceeded.\nCall log:\n  - navigating to "https://shop.example/?token=abc", waiting until "load"\n'


@pytest.mark.parametrize(
    ("kind", "message", "cause", "told"),
    [
        ("TimeoutError", WAITED, Cause.NO_ELEMENT, "no element [name=pay] within 5 s."),
        ("TimeoutError", DISABLED, Cause.STEP_FAILED, "the element [name=pay] could not be used within 5 s: element is not enabled."),
        ("TimeoutError", WAITED.replace('locator("[name=pay]")', 'get_by_role("button")'), Cause.NO_ELEMENT, 'no element get_by_role("button") within 5 s.'),
        ("TimeoutError", VISIT, Cause.TIMEOUT_IN_TRANSFER, "https://shop.example/?token=•••• was not loaded within 3 s."),
        ("TimeoutError", "Page.wait_for_event: Timeout 10ms exceeded.", Cause.STEP_FAILED, "Page.wait_for_event was not over within 10 ms."),
        ("Error", "Page.goto: net::ERR_TOO_MANY_REDIRECTS at http://a.example/", Cause.TOO_MANY_REDIRECTS, "http://a.example/ could not be opened: its redirects go on and on."),
        ("Error", "Page.goto: net::ERR_CERT_DATE_INVALID at https://a.example/", Cause.TLS_EXPIRED, "https://a.example/ could not be opened: its certificate has expired or is not valid yet."),
        ("Error", "Page.goto: net::ERR_TUNNEL_CONNECTION_FAILED at https://a.example/x", Cause.BLOCKED_ADDRESS, "in.example was not asked."),
        ("Error", "Page.goto: net::ERR_EMPTY_RESPONSE at http://a.example/", Cause.CLOSED_EARLY, "http://a.example/ could not be opened: it closed the connection without an answer."),
        ("Error", "Page.goto: net::ERR_EMPTY_RESPONSE at http://in.example/x", Cause.BLOCKED_ADDRESS, "in.example was not asked."),
        ("Error", "Page.goto: net::ERR_QUITE_NEW at http://a.example/", Cause.STEP_FAILED, "http://a.example/ could not be opened: ERR_QUITE_NEW."),
        ("AssertionError", "Locator expected to have text 'Thanks'\nActual value: Sorry\nCall log:\n", Cause.STEP_FAILED, "locator expected to have text 'Thanks', and it was Sorry."),
        ("AssertionError", "", Cause.STEP_FAILED, "line 7: assert done does not hold."),
        ("KeyError", "'user'", Cause.SCRIPT_FAILED, "line 7: KeyError: 'user'."),
        ("TimeoutError", "x: Timeout 1.2.3ms exceeded.", Cause.SCRIPT_FAILED, "line 7: TimeoutError: x: Timeout 1.2.3ms exceeded."),
        ("Refused", "file:///etc/passwd", Cause.BAD_REDIRECT, "it came to file:///etc/passwd, and a journey opens http and https alone."),
    ],
)  # fmt: skip
def test_failures_in_words(kind: str, message: str, cause: Cause, told: str) -> None:
    refused = {"in.example": Failed(Cause.BLOCKED_ADDRESS, "in.example was not asked.")}
    report = reported(Failure(kind=kind, message=message, line=7, source="assert done", step=2))
    found = telling.failure(report, refused)
    assert found is not None
    assert (found.cause, str(found)) == (cause, f"Step 2, “pay”, failed: {told}")


def test_what_fails_between_the_steps_is_the_script() -> None:
    found = telling.failure(reported(Failure(kind="KeyError", message="1", line=3), open_step=False), {})
    assert str(found) == "The script failed: line 3: KeyError: 1."
    assert telling.failure(reported(), {}) is None


def test_an_error_that_is_caught_closes_the_step_that_it_left() -> None:
    report = Report()
    for line in (
        b'{"begins": "a", "n": 1}',
        b'{"begins": "b", "n": 2}',
        b'{"left": true, "n": 2}',
        b'{"over": 9, "n": 1}',
    ):
        report.take(line)
    assert (report.steps, report.open_step) == ([Taken("a", 9), Taken("b", None, True)], 0)
    report.take(b'{"begins": "c", "n": 3}')
    assert report.open_step == 3
    report.take(b'{"over": 1, "n": 99}')
    assert report.open_step == 3
    report.failed = Failure(kind="KeyError", message="1", line=3, step=99)
    assert str(telling.failure(report, {})) == "The script failed: line 3: KeyError: 1."


def test_what_is_printed_shows_no_half_of_a_secret() -> None:
    course = Course()
    course.printed.extend(b"x" * 8_188 + b"plan")
    assert course.shown({"planted"}) == "x" * 8_188


def test_ends_in_words() -> None:
    in_step, between = reported(), reported(steps=0)
    assert (
        str(telling.out_of_time(in_step, 20))
        == "Step 2, “pay”, was not over when the 20 s of the check were."
    )
    assert (
        str(telling.out_of_time(between, 20)) == "The journey was not over when the 20 s of the check were."
    )
    told = telling.over_limit(in_step, Ending(why="memory"), 512, 9)
    assert str(told) == "Step 2, “pay”, used more than 512 MB of memory and was ended."
    assert (
        str(telling.over_limit(between, Ending(why="processes"), 512, 9))
        == "The journey started too many processes and was ended."
    )
    assert telling.over_limit(between, Ending(why="exit"), 512, 9) is None
    lost = telling.broken(between, Ending(status=-9), "one\nno chromium\n\n")
    assert (lost.cause, str(lost)) == (Cause.NO_PERMISSION, "The browser could not be started: no chromium.")
    in_step.began = between.began = True
    assert (
        str(telling.broken(in_step, Ending(status=3), ""))
        == "Step 2, “pay”, ended before it was over (status 3)."
    )
    assert (
        str(telling.broken(between, Ending(status=3), "gone"))
        == "The script ended before it was over (status 3): gone."
    )


def test_a_report_is_taken_line_by_line() -> None:
    report = Report()
    picture = b"\xff\xd8\xff" + b"x" * 9
    for line in (b'{"began": true}', b'{"seen": {"url": "http://a", "title": "A", "status": 200, "console": ["x"]}}',
                 msgspec.json.encode({"picture": base64.b64encode(picture).decode()}), b'{"ms": 3}', b'{"ended": true}'):  # fmt: skip
        report.take(line)
    assert (report.began, report.ended, report.ms, report.picture) == (True, True, 3, picture)
    assert report.seen == Look(url="http://a", title="A", status=200, console=("x",))
    report.take(b'{"picture": "R0lGODlh"}')
    assert report.picture == picture


def test_a_report_is_bounded() -> None:
    report = Report()
    for _ in range(1_000):
        report.take(msgspec.json.encode({"begins": "x" * 1_000}))
    report.take(b'{"picture": "' + b"A" * 200_000 + b'"}')
    assert (len(report.steps), len(report.steps[0].name), report.picture) == (100, 200, b"")


@given(st.lists(st.binary(max_size=200)))
def test_whatever_is_told_breaks_nothing(lines: list[bytes]) -> None:
    report = Report()
    for line in lines:
        report.take(line)
    telling.failure(report, {})


@pytest.mark.parametrize(
    ("head", "host", "port", "sent"),
    [
        (b"CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example:443\r\n\r\n", "shop.example", 443, b""),
        (b"CONNECT [2001:db8::1]:8443 HTTP/1.1\r\n\r\n", "2001:db8::1", 8443, b""),
        (
            b"GET http://shop.example/a?b HTTP/1.1\r\nHost: shop.example\r\nProxy-Connection: keep-alive\r\nConnection: x\r\nA: b\r\n\r\n",
            "shop.example", 80, b"GET /a?b HTTP/1.1\r\nConnection: close\r\nHost: shop.example\r\nA: b\r\n\r\n",
        ),
        (b"GET http://shop.example HTTP/1.1\r\n\r\n", "shop.example", 80, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
    ],
)  # fmt: skip
def test_what_a_browser_asks_a_proxy_for(head: bytes, host: str, port: int, sent: bytes) -> None:
    found = asked_of(head)
    assert found is not None
    assert (found.target.host, found.target.port, found.head) == (host, port, sent)


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n", b"GET ftp://a.example/ HTTP/1.1\r\n\r\n", b"CONNECT 127.1:80 HTTP/1.1\r\n\r\n", b"nonsense\r\n\r\n",
        b"GET https://a.example/ HTTP/1.1\r\n\r\n", b"GET http://2130706433/ HTTP/1.1\r\n\r\n",
    ],
)  # fmt: skip
def test_what_no_proxy_serves(head: bytes) -> None:
    assert asked_of(head) is None


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        (JourneyRules(), "an administrator names the system user"),
        (JourneyRules(user="root"), "never run as root"),
        (JourneyRules(user="no-such-user"), "useradd --system --no-create-home no-such-user"),
    ],
)
def test_without_a_user_nothing_runs(rules: JourneyRules, told: str) -> None:
    with pytest.raises(Failed, match=told) as refused:
        ability.able(rules)
    assert refused.value.cause is Cause.NO_PERMISSION


def test_settings_become_rules() -> None:
    found = ability.rules_of(
        Settings(journey_user="walker", journeys_at_once=2, chromium_path="/opt/chromium")
    )
    assert (found.user, found.most, found.chromium) == ("walker", 2, "/opt/chromium")
    assert found.folder.endswith("/data/journeys")
