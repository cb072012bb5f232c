"""Reports of browsers at the security doors: each form they come in, and what is left out."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.door import PUBLIC, Door, Reply

from vedette.core.errors import Invalid
from vedette.intake import reports
from vedette.wire import lenient
from vedette.wire import reports as bodies
from vedette.wire.url import host_of, masked, origin_of

PAGE = "https://shop.example/cart"
LEGACY = {
    "document-uri": PAGE,
    "violated-directive": "script-src-elem",
    "effective-directive": "script-src-elem",
    "blocked-uri": "https://evil.example/x.js",
    "disposition": "enforce",
    "status-code": 200,
}
MODERN = {
    "type": "csp-violation",
    "age": 2_000,
    "url": PAGE,
    "user_agent": "Mozilla/5.0 Reporter",
    "body": {
        "documentURL": PAGE,
        "blockedURL": "https://evil.example/x.js",
        "effectiveDirective": "script-src-elem",
        "disposition": "report",
        "sample": "alert(1)",
    },
}


def post(door: Door, sent: Any, path: str = "security/", query: str = "", **options: Any) -> Reply:
    body = sent if isinstance(sent, bytes) else json.dumps(sent).encode()
    query = f"sentry_key={PUBLIC}{query}"
    return door.post(body, path=f"/api/1/{path}", auth=None, query=query, **options)


def kept(door: Door, sent: Any, **options: Any) -> dict[str, Any]:
    assert post(door, sent, **options).status == 200
    [found] = door.deliveries()
    return json.loads(found.payload)  # type: ignore[no-any-return]


@pytest.mark.parametrize("path", ["security/", "csp-report/", "nel/", "security", "/security/"])
@pytest.mark.parametrize("prefix", ["", "/errors", "/"])
def test_a_report_becomes_an_event_at_every_spelling_of_the_doors(door: Door, path: str, prefix: str) -> None:
    body = json.dumps({"csp-report": LEGACY}).encode()
    reply = door.post(body, path=f"{prefix}/api/1/{path}", auth=None, query=f"sentry_key={PUBLIC}")
    [found] = door.deliveries()
    assert reply.json == {"id": found.event_id}
    assert door.counts() == {("event", "accepted"): 1}


def test_the_legacy_form(door: Door) -> None:
    headers = {"content-type": "application/csp-report", "user-agent": "Firefox/140"}
    event = kept(door, {"csp-report": LEGACY}, headers=headers)
    assert event["csp"]["blocked_uri"] == "https://evil.example/x.js"
    assert event["csp"]["effective_directive"] == "script-src-elem"
    assert event["request"] == {"url": PAGE, "headers": [["User-Agent", "Firefox/140"]]}
    assert (event["level"], event["logger"], event["platform"]) == ("error", "csp", "javascript")


def test_the_reporting_api_form_says_when_it_happened_and_in_which_browser(door: Door) -> None:
    headers = {"content-type": "application/reports+json", "user-agent": "another"}
    event = kept(door, [MODERN], headers=headers)
    assert event["csp"]["blocked_uri"] == "https://evil.example/x.js"
    assert event["csp"]["script_sample"] == "alert(1)"
    assert event["request"]["headers"] == [["User-Agent", "Mozilla/5.0 Reporter"]]
    assert event["timestamp"] == door.clock.now() - 2
    assert event["level"] == "warning"


@pytest.mark.parametrize(
    "sent",
    [
        LEGACY,
        {"csp-report": LEGACY, "extra": 1},
        MODERN,
        [None, 7, MODERN, "text"],
        b'\xef\xbb\xbf{"csp-report": {"blocked-uri": "https://evil.example/x.js",},}',
        b'{"csp-report": {"blocked-uri": "https://evil.example/x.js", "a": "\xff"}}',
        [{**MODERN, "age": "soon", "user_agent": 3}],
        [{**MODERN, "age": -5, "url": None}],
    ],
)
def test_other_forms_of_the_same(door: Door, sent: Any) -> None:
    assert kept(door, sent)["csp"]["blocked_uri"] == "https://evil.example/x.js"


def test_a_batch_becomes_one_event_for_each_report(door: Door) -> None:
    kinds = ["deprecation", "intervention", "crash", "permissions-policy-violation"]
    batch = [MODERN, *({"type": kind, "url": PAGE, "body": {"id": "x"}} for kind in kinds)]
    reply = post(door, batch)
    found = [json.loads(one.payload) for one in door.deliveries()]
    assert len(reply.json["events"]) == 5
    assert [one["tags"]["report"] for one in found] == ["csp-violation", *kinds]
    assert [one["level"] for one in found] == ["warning", "warning", "warning", "error", "warning"]
    assert door.counts() == {("event", "accepted"): 5}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ({"expect-ct-report": {"hostname": "shop.example", "scts": [{"a": 1}]}}, "expect-ct"),
        ({"expect-staple-report": {"hostname": "shop.example"}}, "expect-staple"),
        ({"hostname": "shop.example", "known-pins": ["pin-sha256"]}, "hpkp"),
        ([{"type": "COEP", "url": PAGE, "body": {}}], "coep"),
        ([{"type": "feature-policy-violation", "url": PAGE, "body": {}}], "permissions-policy-violation"),
        ([{"type": "<script>", "url": PAGE, "body": []}], "unknown"),
    ],
)
def test_kinds_beside_csp(door: Door, sent: Any, kind: str) -> None:
    assert kept(door, sent)["browser_report"]["type"] == kind


def test_a_network_error(door: Door) -> None:
    body = {"type": "tcp.timed_out", "phase": "connection", "elapsed_time": 45, "status_code": 0}
    event = kept(door, [{"type": "network-error", "url": PAGE, "age": 10, "body": body}], path="nel/")
    assert event["nel"] == {**body, "url": PAGE}


def test_release_and_environment_may_stand_in_the_address(door: Door) -> None:
    event = kept(door, MODERN, query="&sentry_release=shop%401.2&sentry_environment=prod")
    assert (event["release"], event["environment"]) == ("shop@1.2", "prod")


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("blocked-uri", "chrome-extension://abc/x.js", "extension"),
        ("blocked-uri", "moz-extension", "extension"),
        ("blocked-uri", "safari-extension://com.x", "extension"),
        ("blocked-uri", "safari-web-extension://x", "extension"),
        ("source-file", "moz-extension://abc", "extension"),
        ("document-uri", "about:blank", "extension"),
        ("blocked-uri", "about", "extension"),
        ("blocked-uri", "https://www.superfish.com/ws/x.jsp", "injected"),
        ("source-file", "https://tlscdn.com/a.js", "injected"),
    ],
)
def test_what_the_visitors_browser_did_is_counted_and_left_out(
    door: Door, field: str, value: str, why: str
) -> None:
    reply = post(door, {"csp-report": {**LEGACY, field: value}})
    assert reply.status == 200
    assert reply.json["not_kept"] == {"security": 1}
    assert not door.deliveries()
    assert door.counts() == {("security", why): 1}


@pytest.mark.parametrize(
    "value", ["inline", "eval", "data", "blob", "", "https://notsuperfish.com/x", "self"]
)
def test_what_the_page_did_is_kept(door: Door, value: str) -> None:
    kept(door, {"csp-report": {**LEGACY, "blocked-uri": value}})


def test_a_request_that_went_well_is_no_network_error(door: Door) -> None:
    post(door, [{"type": "network-error", "url": PAGE, "body": {"type": "ok"}}], path="nel/")
    assert door.counts() == {("nel", "success"): 1}


def test_pages_of_other_origins_are_counted_and_left_out() -> None:
    door = Door(origins=("https://shop.example",))
    foreign = {**LEGACY, "document-uri": "https://copy.example/"}
    assert post(door, [{"csp-report": LEGACY}, {"csp-report": foreign}]).status == 200
    assert len(door.deliveries()) == 1
    assert door.counts() == {("security", "foreign_origin"): 1, ("event", "accepted"): 1}


def test_credentials_are_taken_out_of_addresses_before_the_journal(door: Door) -> None:
    blocked = "https://ann:hunter2@evil.example/x.js?token=abc123&page=2"
    assert post(door, {"csp-report": {**LEGACY, "blocked-uri": blocked}}).status == 200
    [found] = door.deliveries()
    assert b"hunter2" not in found.payload
    assert b"abc123" not in found.payload
    assert b"https://evil.example/x.js?token=[Filtered: token]&page=2" in found.payload
    assert [note.where for note in found.notes] == ["csp.blocked_uri"]


def test_a_long_address_is_cut_with_a_note(door: Door) -> None:
    post(door, {"csp-report": {**LEGACY, "blocked-uri": "https://evil.example/" + "x" * 8_192}})
    [found] = door.deliveries()
    assert len(json.loads(found.payload)["csp"]["blocked_uri"]) < 2_100
    assert "cut at 2,048 of 8,213" in found.notes[0].what


def test_a_flood_in_one_request_is_bounded(door: Door) -> None:
    assert len(post(door, [MODERN] * 150).json["events"]) == 100
    assert door.counts() == {("security", "dropped"): 50, ("event", "accepted"): 100}


def test_a_report_of_many_fields_is_bounded(door: Door) -> None:
    post(door, {"csp-report": LEGACY | {f"field-{n}": n for n in range(100)}})
    [found] = door.deliveries()
    assert "66 fields" in found.notes[0].what


def test_the_quota_is_asked_before_the_journal() -> None:
    door = Door(per_day=1)
    assert post(door, [MODERN, MODERN]).json["not_kept"] == {"event": 1}
    reply = post(door, MODERN)
    assert (reply.status, len(door.deliveries())) == (429, 1)
    assert "retry-after" in reply.headers


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"[1]", b'"x"', b"\x00", b"<xml>"])
def test_a_body_without_a_report_is_told_so(door: Door, body: bytes) -> None:
    reply = post(door, body)
    assert reply.status == 400
    assert "holds no report" in reply.json["detail"]


def test_who_may_not_send_is_refused(door: Door) -> None:
    for auth, query in ((None, ""), (None, "sentry_key=unknown")):
        reply = door.post(b"{}", path="/api/1/security/", auth=auth, query=query)
        assert reply.status == 403


def test_a_bomb_and_a_large_body_are_refused(door: Door) -> None:
    bomb = gzip.compress(b" " * 3_000_000)
    assert post(door, bomb, headers={"content-encoding": "gzip"}).status == 413
    assert post(door, b" " * 2_000_000).status == 413


def test_a_browser_asks_first_and_gets_the_headers_to_read_the_answer() -> None:
    door = Door(origins=("https://shop.example",))
    headers = {
        "origin": "https://shop.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type",
    }
    path, query = "/api/1/security/", f"sentry_key={PUBLIC}"
    reply = door.post(b"", path=path, query=query, method="OPTIONS", auth=None, headers=headers)
    assert reply.headers["access-control-allow-origin"] == "https://shop.example"
    assert "content-type" in reply.headers["access-control-allow-headers"]
    evil = door.post(
        b"", path=path, query=query, method="OPTIONS", auth=None, headers={"origin": "https://e.example"}
    )
    assert evil.status == 403


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["csp-report", "body", "type", "url", "age", "blocked-uri", "known-pins", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(_JSON, st.text(max_size=30))
def test_whatever_json_comes_is_read_or_refused(sent: Any, query: str) -> None:
    try:
        found = bodies.read(lenient.encode(sent))
    except Invalid:
        return
    sifted = reports.sift(found, ("https://shop.example",))
    assert len(sifted.kept) + sum(sifted.left.values()) == len(found)
    for report in sifted.kept:
        assert isinstance(json.loads(reports.event_of(report, "", query, 1e9)), dict)


@given(st.text(max_size=60), st.text("abc", min_size=8, max_size=20))
def test_no_password_survives(path: str, password: str) -> None:
    assert password not in masked(f"https://user:{password}@host.example/").replace("host.example", "")
    assert host_of(path) is not None
    assert origin_of(path) is not None


@pytest.mark.parametrize(("disposition", "level"), [("enforce", "error"), ("reporting", "warning")])
def test_isolation_says_by_type_what_was_violated(door: Door, disposition: str, level: str) -> None:
    body = {"type": "navigation-to-response", "disposition": disposition}
    event = kept(door, [{"type": "coop", "url": PAGE, "body": body}])
    told = event["browser_report"]
    assert (told["type"], told["violation"], event["level"]) == ("coop", "navigation-to-response", level)
