import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.intake.paths import Door, Route, match


@pytest.mark.parametrize(
    "path",
    [
        "/api/1/envelope/",
        "/api/1/envelope",
        "//api/1/envelope/",
        "/api//1/envelope/",
        "/api/1//envelope//",
        "/prefix/api/1/envelope/",
        "/a/b/api/1/envelope",
        "/prefix//api/1/envelope/",
        "/api/api/1/envelope/",
        "/api/001/envelope/",
    ],
)
def test_the_envelope_door_is_found_in_every_spelling(path: str) -> None:
    assert match(path) == Route(1, Door.ENVELOPE)


@pytest.mark.parametrize(
    ("rest", "name"),
    [
        ("", ""), ("/", ""), ("/start", "start"), ("/fail/", "fail"), ("/log", "log"), ("/0", "0"), ("/255", "255"),
        ("/256", None), ("/-1", None), ("/begin", None), ("/start/7", None), ("0", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["01234567-89ab-cdef-0123-456789abcdef", "0123456789ABCDEF0123456789abcdef"])
def test_heartbeats_are_found_by_their_key(key: str, rest: str, name: str | None) -> None:
    route = Route(0, Door.PING, "ping", "0123456789abcdef0123456789abcdef", name or "")
    assert match(f"/ping/{key}{rest}") == (None if name is None else route)


@pytest.mark.parametrize(
    ("rest", "route"),
    [
        ("store/", Route(7, Door.STORE)),
        ("security/", Route(7, Door.REPORTS, "security")),
        ("csp-report/", Route(7, Door.REPORTS, "security")),
        ("nel/", Route(7, Door.REPORTS, "nel")),
        ("minidump/", Route(7, Door.MINIDUMP, "attachment")),
        ("events/abc/attachments/", Route(7, Door.ATTACHMENTS, "attachment", name="abc")),
        ("user-feedback/", Route(7, Door.FEEDBACK, "user_report")),
        ("cron/nightly/", Route(7, Door.CRON, "check_in", name="nightly")),
        ("cron/nightly/0123/", Route(7, Door.CRON, "check_in", "0123", "nightly")),
        ("integration/otlp/v1/logs", Route(7, Door.OTLP, "log")),
        ("integration/otlp/v1/traces/", Route(7, Door.OTLP, "span")),
    ],
)
def test_every_door_of_the_protocol_is_known(rest: str, route: Route) -> None:
    assert match(f"/api/7/{rest}") == route


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api/1",
        "/api/1/",
        "/api/v1/issues",
        "/api/one/envelope/",
        "/api/²/envelope/",
        "/api/1/envelope/more",
        "/api/1/elsewhere/",
        "/api/1234567890123456789/envelope/",
        "/apix/1/envelope/",
        "/issues/1/",
        "/api/1/cron/",
    ],
)
def test_other_paths_are_not_ours(path: str) -> None:
    assert match(path) is None


@given(st.text(max_size=60))
def test_any_path_is_answered(path: str) -> None:
    match("/api/" + path)


@pytest.mark.parametrize(
    ("rest", "part"),
    [
        (".js", ""),
        (".min.js", ""),
        (".vitals.js", "vitals"),
        (".feedback.js", "feedback"),
        (".vitals.min.js", "vitals"),
    ],
)
@pytest.mark.parametrize("prefix", ["", "/prefix", "/"])
def test_the_loader_is_a_door_of_no_project(prefix: str, rest: str, part: str) -> None:
    assert match(f"{prefix}/js/{'0a' * 16}{rest}") == Route(0, Door.LOADER, key="0a" * 16, name=part)


@pytest.mark.parametrize(
    "path",
    [
        "/static/js/app.js",
        "/js/app.js",
        f"/js/{'a' * 32}.css",
        f"/js/{'a' * 32}.sources.js",
        f"/js/{'a' * 32}.js.map",
    ],
)
def test_other_scripts_are_not_ours(path: str) -> None:
    assert match(path) is None
